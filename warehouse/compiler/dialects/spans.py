"""The rows of a spine, counted in Python, for engines that cannot step through months themselves."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlglot import exp


class Series(NamedTuple):
    """Periods from `start`, `length` of them, each `step` `unit`s after the one before."""

    start: datetime
    last: datetime
    step: int
    unit: str

    @property
    def length(self) -> int:
        if self.unit == "MONTH" or self.unit == "YEAR":
            months = (self.last.year - self.start.year) * 12 + self.last.month - self.start.month
            return months // (self.step * (12 if self.unit == "YEAR" else 1)) + 1
        length = {"HOUR": timedelta(hours=1), "DAY": timedelta(days=1), "WEEK": timedelta(weeks=1)}[self.unit]
        return (self.last - self.start) // (length * self.step) + 1


def series_of(node: exp.Explode) -> Series:
    """What an UNNEST of GENERATE_SERIES over typed literals steps through."""
    made = node.this
    step = made.args["step"]
    return Series(
        _moment(made.args["start"]), _moment(made.args["end"]), int(step.this.name), step.text("unit").upper()
    )


def _moment(literal: exp.Expr) -> datetime:
    return datetime.fromisoformat(literal.this.name)
