"""What building a demo reports, in a module of its own so that the command line reads it without loading an engine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class DemoReport:
    """Rows by table, the last day with data, and the wall-clock seconds it took."""

    workspace: str
    tables: dict[str, int]
    last_day: date
    seconds: float
