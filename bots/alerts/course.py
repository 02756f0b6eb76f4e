"""The last periods of a watched figure, and which can be judged: late data is no alarm, a closed day neither."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any

from bots.alerts.rule import Grain
from bots.digests.gather import Reader
from store.errors import NotEnough
from tools import registry
from tools.derive import number
from tools.evidence import Column, ResultTable
from tools.happenings import known
from tools.meant import meant
from tools.series import SeriesArgs, day_of, floor, step, time_column
from warehouse.model.adhoc import adhoc_name
from warehouse.query import Condition

PERIODS = 60
MOST_SEGMENTS = 50
_WEEKS = 5
_FULL = 0.6
_LEAST_ROWS = 10
_HELD = 0.5


@dataclass(frozen=True)
class Target:
    """What is followed: a metric, perhaps of some rows, perhaps by segment, at a grain."""

    metric: str
    filters: tuple[Condition, ...] = ()
    by: str | None = None
    grain: Grain = "day"


@dataclass
class Course:
    """Values by segment ("" is the whole) over `starts`; None where a segment has no figure.

    `judged` are positions of periods that can be judged now, oldest first; `waiting` says why the last one cannot.
    """

    target: Target
    starts: list[date]
    values: dict[str, list[float | None]]
    measure: Column
    dimension: str
    judged: list[int] = field(default_factory=list)
    waiting: str = ""

    def end(self, at: int) -> date:
        """The last day of a period."""
        return day_of(step(self.starts[at], self.target.grain)) - timedelta(days=1)


def course(reader: Reader, target: Target, periods: int = PERIODS) -> Course:
    """The last complete periods before the moment. Raises what the compiler and the engine raise, and `NotEnough`."""
    context = reader.tools()
    ref = meant(context.model, target.metric)
    column = time_column(context, SeriesArgs(metric=ref, filters=target.filters))
    week_start = context.model.calendar.civil.first_weekday
    end = day_of(floor(reader.wall.date(), target.grain, week_start))
    start = day_of(step(end, target.grain, -periods))
    table = _table(reader, ref.metric, target, column, (start, end))
    found = _shaped(table, target, start, end)
    if not any(v is not None for values in found.values.values() for v in values):
        raise NotEnough("There is no data for this figure yet.", code="too_few_rows")
    _judge(reader, found, column, ref.metric)
    return found


def _table(reader: Reader, metric: str, target: Target, column: str, span: tuple[date, date]) -> ResultTable:
    query: dict[str, Any] = {
        "metrics": [{"metric": metric}], "filters": list(target.filters), "limit": 10_000,
        "time": {"column": column, "grain": target.grain, "calendar": "civil", "start": span[0].isoformat(),
                 "end": span[1].isoformat(), "fill": False},
    }  # fmt: skip
    if target.by:
        query["dimensions"] = [{"field": target.by}]
    found = registry.get("query_metrics").run(reader.tools(), {"query": query}).main()
    if found is None:
        raise NotEnough("There is no data for this figure yet.", code="too_few_rows")
    return found


def _shaped(table: ResultTable, target: Target, start: date, end: date) -> Course:
    time = next(i for i, c in enumerate(table.columns) if c.role == "time")
    value = next(i for i, c in enumerate(table.columns) if c.role == "measure")
    who = next((i for i, c in enumerate(table.columns) if c.role == "dimension"), None)
    measure = table.columns[value]
    starts = _starts(start, end, target.grain)
    cells: dict[str, dict[date, float]] = {}
    for row in table.rows:
        figure = number(row[value])
        if figure is not None and row[time] is not None and (who is None or row[who] is not None):
            member = str(row[who]) if who is not None else ""
            cells.setdefault(member, {})[date.fromisoformat(str(row[time])[:10])] = float(figure)
    zero = 0.0 if measure.additive or measure.type == "integer" else None
    began = min((day for known in cells.values() for day in known), default=start)  # before it nothing was, not nought
    kept = sorted(cells, key=lambda m: -sum(abs(v) for v in cells[m].values()))[:MOST_SEGMENTS]
    values = {
        m: [cells[m].get(s, zero if s >= began else None) for s in starts]
        for m in kept
        if _lasting(cells[m], starts, target)
    }
    label = table.columns[who].label if who is not None else ""
    return Course(target, starts, values, measure, label)


def _lasting(cells: dict[date, float], starts: list[date], target: Target) -> bool:
    """Whether a segment is there often enough for its absence to mean something; the whole always is."""
    recent = [s for s in starts[-28:] if s >= min(cells)]
    return not target.by or sum(s in cells for s in recent) >= _HELD * len(recent)


def _starts(start: date, end: date, grain: Grain) -> list[date]:
    found, at = [], start
    while at < end:
        found.append(at)
        at = day_of(step(at, grain))
    return found


def _judge(reader: Reader, found: Course, column: str, metric: str) -> None:
    """Say which periods can be judged: the last one when its data is in, and before it a day that came in late."""
    rows = row_counts(reader, column, found.end(-1))
    last = found.end(-1)
    grain = found.target.grain
    if not any(day > last - timedelta(days=28) for day in rows):
        found.waiting = "No new data has come for weeks."
        return
    closed = _holidays(reader, metric, last)
    before = last - timedelta(days=1)
    came_late = grain == "day" and rows.get(last) and looks_late(rows, before)
    if came_late and (rows.get(before) or before not in closed):
        found.judged.append(len(found.starts) - 2)
    if looks_late(rows, last) and last not in closed:
        found.waiting = "The data of the last day is not all in yet."
        if not rows.get(last):
            newest = max(rows)
            found.waiting = f"There is no data of the last day yet: it ends on {newest:%B} {newest.day}, {newest.year}."
    elif grain == "day" and not rows.get(last):
        found.waiting = "There usually is no data for that day."
    else:
        found.judged.append(len(found.starts) - 1)


def row_counts(reader: Reader, column: str, last: date) -> dict[date, int]:
    """Stored rows by day over the weeks up to a day, whatever the filters; days without any are left out."""
    table, _, name = column.rpartition(".")
    first = last - timedelta(days=7 * _WEEKS + 1)
    query = {
        "metrics": [{"metric": adhoc_name("count", table, name)}], "limit": 10_000,
        "time": {"column": column, "grain": "day", "calendar": "civil", "start": first.isoformat(),
                 "end": (last + timedelta(days=1)).isoformat(), "fill": False},
    }  # fmt: skip
    found = registry.get("query_metrics").run(reader.tools(), {"query": query}).main()
    return {date.fromisoformat(str(r[0])[:10]): int(number(r[1]) or 0) for r in found.rows} if found else {}


def looks_late(rows: dict[date, int], day: date) -> bool:
    """Whether a day has far fewer rows than its weekday usually has: it may still be filling."""
    usual = usual_rows(rows, day)
    return usual >= 1 and rows.get(day, 0) < _FULL * usual and (usual >= _LEAST_ROWS or not rows.get(day))


def usual_rows(rows: dict[date, int], day: date) -> float:
    """The middle of the rows on the same weekday in the weeks before."""
    return float(median(rows.get(day - timedelta(days=7 * k), 0) for k in range(1, _WEEKS + 1)))


def _holidays(reader: Reader, metric: str, last: date) -> set[date]:
    span = (last - timedelta(days=2), last + timedelta(days=1))
    found = [h for h in known(reader.view.model, metric, span) if h.public]
    days = [span[0] + timedelta(days=k) for k in range(3)]
    return {d for d in days for h in found if h.days_in(d, d + timedelta(days=1))}
