"""What people said of earlier findings: what was called usual is told no more, and the range of the usual follows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import Field

from warehouse.model.strict import Strict

_WIDER, _NARROWER = 1.08, 0.95
_LEAST, _MOST = 0.8, 1.6


class Judged(Strict):
    """A verdict on days of a metric, for one member of a split or (`of` None) for the whole."""

    start: date
    end: date
    of: str | None = Field(None, max_length=200)
    verdict: Literal["usual", "odd"] = "usual"


def width(judged: Sequence[Judged]) -> float:
    """How far the usual range reaches, 1.0 as measured: each false alarm widens it a little, each miss narrows it."""
    factor = 1.0
    for one in judged:
        factor *= _WIDER if one.verdict == "usual" else _NARROWER
    return max(_LEAST, min(_MOST, factor))


def is_usual(judged: Sequence[Judged], member: object, days: tuple[date, date]) -> bool:
    """Whether somebody called these very days usual; days that go beyond the judged ones are news again."""
    of = None if member is None else str(member)
    return any(j.verdict == "usual" and j.of == of and j.start <= days[0] and days[1] <= j.end for j in judged)
