"""Adds up runs of rows column by column and tells whether one row repeats the sums of others."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_RELATIVE = 1e-9
_ROUNDED = 0.001
_Values = tuple[float | None, ...]


@dataclass(frozen=True)
class Sums:
    """How many rows there are and, per number column, sum, lowest and highest value (None without any)."""

    rows: int
    sums: _Values
    lows: _Values
    highs: _Values

    def __add__(self, other: Sums) -> Sums:
        """Both runs of rows taken together."""

        return Sums(
            self.rows + other.rows,
            _merged(self.sums, other.sums, operator.add),
            _merged(self.lows, other.lows, min),
            _merged(self.highs, other.highs, max),
        )


def _merged(mine: _Values, theirs: _Values, combine: Callable[[float, float], float]) -> _Values:
    pairs = zip(mine, theirs, strict=True)
    return tuple(b if a is None else a if b is None else combine(a, b) for a, b in pairs)


def compare(row: Sums, over: Sums, decimals: Sequence[int]) -> tuple[int, int]:
    """(numbers of the one `row` that are the sums `over` the other rows, numbers that can be no summary of them).

    A number that is no sum but lies among the values summed (an average, a year) speaks neither for nor against.
    """
    same = other = 0
    for value, total, low, high, places in zip(row.sums, over.sums, over.lows, over.highs, decimals, strict=True):
        if value is None:
            continue
        if total is not None and abs(value - total) <= _tolerance(total, over.rows, places):
            same += value != 0
        elif low is None or high is None or not low <= value <= high:
            other += 1
    return same, other


def _tolerance(total: float, rows: int, decimals: int) -> float:
    """How far a sum may be off because its parts were rounded: a thousandth at most."""
    rounding: float = 0.5 * 10.0**-decimals * (rows + 1)
    return min(rounding, _ROUNDED * abs(total)) + _RELATIVE * max(1.0, abs(total))
