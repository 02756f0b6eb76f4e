"""A throw-away home with the full demo at a fixed day, so that every run of a suite meets the same data."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

LAST_DAY = date(2026, 11, 20)
AS_OF = datetime(2026, 11, 21, 9, 0)
WORKSPACE = "demo-retail"


@contextmanager
def demo_home(scale: float = 1.0) -> Iterator[Path]:
    """A home folder that holds the retail demo through `LAST_DAY`; removed at the end."""
    from ingestion.demo import build_demo
    from warehouse.workspace import named

    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as folder:
        home = Path(folder)
        build_demo("retail", named(WORKSPACE, home), last_day=LAST_DAY, scale=scale)
        yield home
