"""Whether two readings of a question come to the same figures: the cheapest test there is of a model's plan."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from tools.derive import number
from tools.evidence import Evidence, ResultTable

_DIGITS = Decimal("1e-9")


def same_figures(one: Evidence, other: Evidence) -> bool:
    """Whether all figures of the finding that has fewer columns are columns of the other, row order aside.

    Findings without figures agree when their rows do.
    """
    left, right = one.main(), other.main()
    if left is None or right is None:
        return False
    ours, theirs = _columns(left), _columns(right)
    if not ours or not theirs:
        return _rows(left) == _rows(right)
    few, many = sorted((ours, theirs), key=len)
    return all(any(_close(a, b) for b in many) for a in few)


def _columns(table: ResultTable) -> list[list[Decimal | None]]:
    found = [i for i, c in enumerate(table.columns) if c.role == "measure"]
    return [sorted((number(r[i]) for r in table.rows), key=_order) for i in found]


def _order(value: Decimal | None) -> tuple[bool, Decimal]:
    return value is None, value or Decimal(0)


def _close(one: Sequence[Decimal | None], other: Sequence[Decimal | None]) -> bool:
    if len(one) != len(other):
        return False
    return all(_equal(a, b) for a, b in zip(one, other, strict=True))


def _equal(one: Decimal | None, other: Decimal | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= _DIGITS * max(abs(one), abs(other), Decimal(1))


def _rows(table: ResultTable) -> set[tuple[Any, ...]]:
    return {tuple(map(str, row)) for row in table.rows}
