"""A demo as a company would meet it after installing its industry's pack, so that all doors show the same workspace."""

from __future__ import annotations

from datetime import date

from ingestion.demo import Progress, build_demo
from ingestion.demo.report import DemoReport
from knowledge.packs import load
from tools.binding import install, shelf
from warehouse.workspace import Workspace

AUTHORED = ("retail",)
"""Demos whose whole model was written by hand; older ones of them lack the pack and are left as they are."""


def make(
    industry: str,
    workspace: Workspace,
    progress: Progress | None = None,
    *,
    last_day: date | None = None,
    scale: float = 1.0,
) -> DemoReport:
    """Fill `workspace` with the demo of `industry` through `last_day` (yesterday when None) and bind its pack to it.

    Replaces a demo that is already there. Raises `UnknownName` for an industry without a demo.
    """
    report = build_demo(industry, workspace, progress, last_day=last_day, scale=scale)
    install.install(workspace, load.find(industry), by="demo", today=report.last_day)
    return report


def is_ready(industry: str, workspace: Workspace) -> bool:
    """Whether the demo was made to its end, so that it need not be made anew."""
    return workspace.model_file.exists() and (industry in AUTHORED or industry in shelf.names(workspace))
