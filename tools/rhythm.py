"""How often figures come in: a sales table has many rows a day, a file of readings one an hour, month or year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal

from store.errors import PlainsayError
from tools.registry import ToolContext
from tools.run import fetch
from warehouse.compiler import compile_query
from warehouse.model.adhoc import adhoc_name
from warehouse.query import Condition, MetricQuery, MetricRef, TimeWindow

RhythmGrain = Literal["hour", "day", "week", "month", "quarter", "year"]
_REGULAR = 0.8
_ONE_A_DAY = 0.9
_HOURS_OF_DAY = 8
_LATEST_DAYS = 60
_GAPS: tuple[tuple[int, int, RhythmGrain], ...] = (
    (6, 8, "week"), (28, 31, "month"), (89, 92, "quarter"), (365, 366, "year"),
)  # fmt: skip
_FEWEST = 4


@dataclass(frozen=True)
class Rhythm:
    """The finest grain that carries figures; `single` when each of its periods has at most one row.

    `repeated` counts the periods with more than one row where nearly all have one.
    """

    grain: RhythmGrain
    single: bool
    repeated: int = 0


_PLAIN = Rhythm("day", False)


def rhythm(context: ToolContext, column: str, filters: tuple[Condition, ...] = ()) -> Rhythm:
    """How the rows of the table of `column` (`table.column`) are spread over time."""
    rows = _rows(context, column, filters, "day")
    days = sorted(rows)
    if len(days) < _FEWEST:
        return _PLAIN
    counted = [rows[d] for d in days]
    gaps = [(b - a).days for a, b in pairwise(days)]
    several = sum(c > 1 for c in counted)
    if median(gaps) == 1:
        if _HOURS_OF_DAY <= median(counted) <= 24 and _hourly(context, column, filters, days[-1]):
            return Rhythm("hour", True)
        single = several <= (1 - _ONE_A_DAY) * len(days)
        return Rhythm("day", single, several if single else 0)
    for least, most, grain in _GAPS:
        regular = sum(_fits(g, least, most) for g in gaps) >= _REGULAR * len(gaps)
        if regular and least <= median(gaps) <= most:
            return Rhythm(grain, several <= (1 - _ONE_A_DAY) * len(days), several)
    return _PLAIN


def _fits(gap: int, least: int, most: int) -> bool:
    """Whether a gap is one period, or two or three where some are missing."""
    return any(n * least <= gap <= n * most + 1 for n in (1, 2, 3))


def _hourly(context: ToolContext, column: str, filters: tuple[Condition, ...], last: date) -> bool:
    """Whether the latest days have one row an hour."""
    hours = _rows(context, column, filters, "hour", last - timedelta(days=_LATEST_DAYS))
    return len(hours) >= 2 * 24 and sum(c == 1 for c in hours.values()) >= _ONE_A_DAY * len(hours)


def _rows(
    context: ToolContext, column: str, filters: tuple[Condition, ...], grain: Literal["day", "hour"],
    start: date | None = None,
) -> dict[date, float]:  # fmt: skip
    """Rows by day or hour, periods without any left out; empty where they cannot be counted."""
    table, name = column.split(".", 1)
    counted = MetricRef(metric=adhoc_name("count", table, name))
    window = TimeWindow(column=column, grain=grain, calendar="civil", start=start, fill=False)
    query = MetricQuery(metrics=(counted,), filters=filters, time=window, limit=50_000)
    try:
        compiled = compile_query(
            context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
        )
        found = fetch(context, compiled).table
    except PlainsayError:
        return {}
    at = next(i for i, c in enumerate(compiled.columns) if c.role == "time")
    value = next(i for i, c in enumerate(compiled.columns) if c.role == "measure")
    cells = zip(found.column(at).to_pylist(), found.column(value).to_pylist(), strict=True)
    return {_moment(t, grain): float(c) for t, c in cells if t is not None and c}


def _moment(cell: date, grain: str) -> date:
    return cell.date() if isinstance(cell, datetime) and grain == "day" else cell
