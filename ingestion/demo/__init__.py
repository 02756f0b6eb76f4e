"""Demo workspaces, so that a stranger can ask good questions before connecting any data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from ingestion.demo.report import DemoReport
from store.errors import unknown
from warehouse.workspace import Workspace

INDUSTRIES = ("retail", "restaurant", "automotive", "healthcare", "financial")
Progress = Callable[[str, float | None], None]


def build_demo(
    industry: str,
    workspace: Workspace,
    progress: Progress | None = None,
    *,
    last_day: date | None = None,
    scale: float = 1.0,
) -> DemoReport:
    """Fill `workspace` with the demo of `industry`, data through `last_day` (yesterday when None) at `scale` 0-1.

    Replaces a demo that is already there. Raises `UnknownName` for an industry without a demo.
    """
    if industry not in INDUSTRIES:
        raise unknown("demo", industry, INDUSTRIES)
    from ingestion.demo import grown, retail

    if industry == "retail":
        return retail.build(workspace, progress=progress, last_day=last_day, scale=scale)
    return grown.build(industry, workspace, progress=progress, last_day=last_day, scale=scale)
