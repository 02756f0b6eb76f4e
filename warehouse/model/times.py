"""Chooses which date a question means when it names none; a birthday or an audit stamp would be the wrong one."""

from __future__ import annotations

from typing import Literal

from warehouse.model.bags import bag
from warehouse.model.reading import ReadColumn, ReadTable
from warehouse.model.schema import TimeColumn, TimeSpec

_KINDS: dict[str, Literal["date", "timestamp", "instant"]] = {
    "date": "date", "timestamp": "timestamp", "instant": "instant"
}  # fmt: skip
_EVENTS = bag(
    "order ordered sale sold transaction purchase purchased payment paid event invoice booking booked signup visit "
    "posted snapshot opened open charge shipped reported placed issued admission admit treatment occurrence activity"
)
_STARTS = bag("join joined hire hired registered registration start started begin effective release first")
_AUDIT = bag("created updated modified inserted loaded changed deleted sys etl")
_LATER = bag(
    "due end ended expiry expiration close closed resolved solved completed finished settlement termination "
    "terminated until cancelled reopen last left departed processed shipped delivery delivered"
)
_LIFE = bag("birth birthday born death dod")
_MADE = bag("created creation")


def spec(table: ReadTable) -> TimeSpec | None:
    """The time columns of a table with the default one, or None when it has no dates."""
    columns = [c for c in table.columns.values() if c.temporal]
    if not columns:
        return None
    default = max(columns, key=lambda c: _fitness(table, c))
    return TimeSpec(default=default.name, columns={c.name: _time_column(table, c) for c in columns})


def sure(table: ReadTable, time: TimeSpec) -> bool:
    """Whether the default stands out: the only date, or clearly ahead of the others by name."""
    default = table.columns[time.default]
    others = [_fitness(table, table.columns[name]) for name in time.columns if name != time.default]
    return _fitness(table, default) > max(others, default=-10) + 0.5 and not _LIFE.intersection(default.words)


def _time_column(table: ReadTable, column: ReadColumn) -> TimeColumn:
    return TimeColumn(
        kind=_KINDS[column.kind], label=table.label(column), description=column.profile.comment, confidence=0.9
    )


def _fitness(table: ReadTable, column: ReadColumn) -> float:
    named = set(column.words)
    score = 2 * column.filled
    score += 3 * bool(named & set(table.record))
    score += 2 * bool(named & _EVENTS)
    score += 1.5 * bool(named & _STARTS)
    score += 1 * (named <= {"date", "time", "day", "timestamp", "datetime"})
    score -= 1 * bool(named & _LATER)
    score -= 2 * (bool(named & _AUDIT) and not _begins(table, column))
    score -= 4 * bool(named & _LIFE)
    return score


def _begins(table: ReadTable, column: ReadColumn) -> bool:
    """Whether `created at` is when the thing itself began: no other date says that, all tell what came later."""
    others = [set(c.words) for c in table.columns.values() if c.temporal and c is not column]
    return bool(_MADE & set(column.words)) and bool(others) and all(named & (_LATER | _AUDIT) for named in others)
