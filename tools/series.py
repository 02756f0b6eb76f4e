"""One way from a metric to a clean series for every tool that looks along time: whole periods, no invented data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from store.errors import NotEnough
from tools.derive import number
from tools.evidence import Caveat, Column
from tools.meant import meant
from tools.registry import ToolContext
from tools.rhythm import Rhythm, rhythm
from tools.run import Ran, run
from warehouse.compiled import Compiled
from warehouse.compiler import compile_query
from warehouse.model.adhoc import adhoc_name
from warehouse.query import Condition, DimRef, MetricQuery, MetricRef, TimeWindow, TopN

SeriesGrain = Literal["hour", "day", "week", "month", "quarter", "year"]
SEASONS: dict[str, int] = {"hour": 24, "day": 7, "week": 52, "month": 12, "quarter": 4, "year": 1}
PER_YEAR: dict[str, float] = {"hour": 168.0, "day": 365.25, "week": 52.18, "month": 12.0, "quarter": 4.0, "year": 0.0}
"""Periods in the longer cycle: the year, of hours the week; 0 where there is none."""
_KEPT: dict[str, int] = {"hour": 1_344, "day": 1_095, "week": 312, "month": 180, "quarter": 80, "year": 80}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_CLOSED = 0.8
_MOST_ROWS = 20_000
_MOST_MISSING = 0.25
_MOST_GAPS = 0.05
_LATE = 0.6
_LATE_LOOKBACK = 5
MOST_SEGMENTS = 8


class SeriesArgs(BaseModel):
    """What to look at along time: a metric, perhaps for some rows only, and the date column that counts."""

    model_config = ConfigDict(extra="forbid")

    metric: str | MetricRef | None = Field(None, description="may be left out where there is only one figure")
    filters: tuple[Condition, ...] = Field((), max_length=100)
    by: DimRef | None = Field(None, description="one series per value, the largest first")
    time_column: str | None = Field(None, description="`table.column`; the default is the fact table's own")
    grain: SeriesGrain | None = Field(None, description="chosen from the data when not given")

    @property
    def ref(self) -> MetricRef:
        return self.metric if isinstance(self.metric, MetricRef) else MetricRef(metric=self.metric or "")

    def settled(self, context: ToolContext) -> Self:
        """The same with the metric that is meant. Raises `NotEnough` when several could be."""
        return self.model_copy(update={"metric": meant(context.model, self.metric)})


@dataclass
class Series:
    """Whole periods of one metric: `starts` the first day of each, `values` by member (None is everything).

    `adds_up` says whether periods sum to the figure of the whole stretch. `late` is set when the last day was cut
    because it is still filling.
    """

    grain: SeriesGrain
    starts: list[date]
    values: dict[Any, list[float]]
    measure: Column
    dimension: Column | None
    adds_up: bool
    compiled: Compiled
    sql: list[str] = field(default_factory=list)
    ms: float = 0.0
    caveats: list[Caveat] = field(default_factory=list)
    late: date | None = None

    @property
    def season(self) -> int:
        """Periods in a season that this history is long enough to show; 1 when there is none."""
        m = SEASONS[self.grain]
        return m if len(self.starts) >= 2.4 * m else 1

    @property
    def year(self) -> float:
        return PER_YEAR[self.grain]

    @property
    def end(self) -> date:
        """The first day after the last period."""
        return step(self.starts[-1], self.grain)


def step(start: date, grain: str, n: int = 1) -> date:
    """The start of the period `n` further on."""
    if grain in _MONTHS:
        months = start.year * 12 + start.month - 1 + n * _MONTHS[grain]
        return date(months // 12, months % 12 + 1, 1)
    if grain == "hour":
        return moment(start) + timedelta(hours=n)
    return start + timedelta(days=n * (7 if grain == "week" else 1))


def moment(day: date) -> datetime:
    """A day as its first moment; a moment as it is."""
    return day if isinstance(day, datetime) else datetime.combine(day, time())


def day_of(start: date) -> date:
    """The day that a period starts on."""
    return start.date() if isinstance(start, datetime) else start


def floor(day: date, grain: str, week_start: int = 0) -> date:
    """The first day of the period that holds `day`."""
    if grain == "week":
        return day - timedelta(days=(day.weekday() - week_start) % 7)
    if grain == "month":
        return day.replace(day=1)
    if grain == "quarter":
        return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    if grain == "year":
        return date(day.year, 1, 1)
    return moment(day).replace(minute=0, second=0, microsecond=0) if grain == "hour" else day


def bounds(context: ToolContext, args: SeriesArgs, beat: Rhythm | None = None) -> tuple[date, date]:
    """First and last day with data, today cut off. Raises `NotEnough` when the metric has no date.

    Where there is one row a week, month, quarter or year (`beat`), it stands for all days of its period.
    """
    table, name = time_column(context, args).split(".", 1)
    first, last = context.profile.bounds(table, name)
    if first is None or last is None:
        raise NotEnough(f"I know no dates for {args.ref.metric}, so I cannot look along time.", code="no_time")
    yesterday = context.as_of.date() - timedelta(days=1)
    if beat is not None and beat.single and beat.grain not in ("hour", "day"):
        week_start = context.model.calendar.civil.first_weekday
        last_day = step(floor(last, beat.grain, week_start), beat.grain) - timedelta(days=1)
        return floor(first, beat.grain, week_start), last_day if last_day <= yesterday else min(last, yesterday)
    return first, min(last, yesterday)


def beat_of(context: ToolContext, args: SeriesArgs) -> Rhythm:
    """How often the figure comes in. Raises `NotEnough` when it has no date."""
    return rhythm(context, time_column(context, args), args.filters)


def time_column(context: ToolContext, args: SeriesArgs) -> str:
    """The date that counts, as `table.column`. Raises `NotEnough` when the metric has none."""
    probe = MetricQuery(metrics=(args.ref,), filters=args.filters, time=TimeWindow(column=args.time_column))
    return args.time_column or _time_column(context, _compile(context, probe))


def _time_column(context: ToolContext, compiled: Compiled) -> str:
    if compiled.period is not None and compiled.period.column:
        return compiled.period.column
    for table in compiled.tables:
        spec = context.model.tables[table].time if table in context.model.tables else None
        if spec is not None:
            return f"{table}.{spec.default}"
    raise NotEnough("This figure has no date, so there is no past to learn from.", code="no_time")


def load(
    context: ToolContext, args: SeriesArgs, grain: SeriesGrain, *, until: date | None = None, beat: Rhythm | None = None
) -> Series:
    """Whole periods of `grain` up to the last day with data (or the day before `until`).

    Absent periods are 0 for figures that add up; others, and readings that come one a period (`beat`), are filled from
    their neighbours, with a caveat above 5 %. Raises `NotEnough` when nothing is left.
    """
    first, last = bounds(context, args, beat)
    week_start = context.model.calendar.civil.first_weekday
    end = floor(min(last + timedelta(days=1), until or date.max), grain, week_start)
    rare = beat is not None and beat.single
    late = _late_day(context, args, last) if grain == "day" and until is None and not rare else None
    end = min(end, late) if late else end
    start = max(floor(first, grain, week_start), step(end, grain, -_KEPT[grain]))
    if day_of(start) < first:
        start = step(start, grain)
    if end <= start:
        raise NotEnough("There is not one complete period of data yet.", code="too_little_history")
    days = day_of(start), day_of(end)
    window = TimeWindow(column=args.time_column, grain=grain, calendar="civil", start=days[0], end=days[1], fill=False)
    ran = _run(context, _query(args, window))
    series = _shaped(ran, args, grain, (start, end), late, readings=rare)
    if beat is not None and beat.repeated and beat.grain == grain:
        of_all = f"the figure of such a {grain} is of all of them"
        joined = "their values were added up" if series.measure.additive else of_all
        text = f"{beat.repeated} {grain}s have more than one row; {joined}."
        series.caveats.append(Caveat(code="repeated_dates", message=text))
    _add_up(context, args, series, TimeWindow(column=args.time_column, start=days[0], end=days[1]))
    return series


def _query(args: SeriesArgs, window: TimeWindow) -> MetricQuery:
    dimensions = (args.by,) if args.by else ()
    top = TopN(n=MOST_SEGMENTS, by=args.ref.column, others=True) if args.by else None
    return MetricQuery(
        metrics=(args.ref,),
        dimensions=dimensions,
        filters=args.filters,
        time=window,
        top=top,
        limit=50_000 if window.grain == "hour" else 10_000,
    )


def _compile(context: ToolContext, query: MetricQuery) -> Compiled:
    return compile_query(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )


def _run(context: ToolContext, query: MetricQuery) -> Ran:
    return run(context, _compile(context, query), table_id="series", title="", limit=query.limit)


def _shaped(
    ran: Ran, args: SeriesArgs, grain: SeriesGrain, window: tuple[date, date], late: date | None, *, readings: bool
) -> Series:
    table = ran.table
    time = next(c for c in table.columns if c.role == "time")
    measure = next(c for c in table.columns if c.role == "measure")
    dimension = next((c for c in table.columns if c.role == "dimension"), None)
    at, value = table.column_index(time.name), table.column_index(measure.name)
    who = table.column_index(dimension.name) if dimension else None
    cells: dict[Any, dict[date, float]] = {}
    for row in table.rows:
        found = number(row[value])
        if found is not None and row[at] is not None:
            cells.setdefault(row[who] if who is not None else None, {})[_start(row[at], grain)] = float(found)
    starts = _periods(window, grain)
    seen = [d for member in cells.values() for d in member]
    if not seen:
        raise NotEnough("No data matches, so there is no past to learn from.", code="too_few_rows")
    starts = [s for s in starts if s >= min(seen) and (grain != "hour" or s <= max(seen))]
    series = Series(
        grain, starts, {}, measure, dimension, measure.additive, ran.compiled, [ran.compiled.sql], ran.result.ms
    )  # fmt: skip
    series.late = late
    zero = measure.additive or measure.type == "integer"
    if zero and readings and _missed(starts, set(seen), grain):
        zero = False
    for member, found_cells in cells.items():
        series.values[member] = _filled(series, found_cells, zero)
    return series


def _missed(starts: list[date], seen: set[date], grain: str) -> bool:
    """Whether absent periods of readings are gaps in the record: few, and not always the same closed weekday."""
    absent = [s for s in starts if s not in seen]
    if not absent or len(absent) > _MOST_MISSING * len(starts):
        return False
    if grain != "day":
        return True
    often = {k: sum(s.weekday() == k for s in absent) for k in range(7)}
    closed = [k for k, n in often.items() if n >= _CLOSED * sum(s.weekday() == k for s in starts)]
    return not closed or sum(often[k] for k in closed) < _CLOSED * len(absent)


def _periods(window: tuple[date, date], grain: str) -> list[date]:
    found, at = [], window[0]
    while at < window[1]:
        found.append(at)
        at = step(at, grain)
    return found


def _filled(series: Series, cells: dict[date, float], zero: bool) -> list[float]:
    if zero:
        return [cells.get(s, 0.0) for s in series.starts]
    known = [(i, cells[s]) for i, s in enumerate(series.starts) if s in cells]
    gaps = len(series.starts) - len(known)
    if gaps > _MOST_GAPS * len(series.starts):
        text = f"{gaps} of {len(series.starts)} periods have no figure; the neighbours' was taken for them."
        series.caveats.append(Caveat(code="gaps", message=text))
    return [_between(known, i) for i in range(len(series.starts))]


def _between(known: list[tuple[int, float]], at: int) -> float:
    """Straight line between the known neighbours, flat beyond the ends."""
    before = max((k for k in known if k[0] <= at), default=known[0])
    after = min((k for k in known if k[0] >= at), default=known[-1])
    if before[0] == after[0]:
        return before[1]
    return before[1] + (after[1] - before[1]) * (at - before[0]) / (after[0] - before[0])


def _add_up(context: ToolContext, args: SeriesArgs, series: Series, window: TimeWindow) -> None:
    """Counts of different things may or may not add up over periods: the data say which."""
    if series.adds_up or series.measure.type != "integer" or args.ref.combined:
        return
    whole = _run(context, MetricQuery(metrics=(args.ref,), filters=args.filters, time=window))
    found = number(whole.table.rows[0][whole.table.column_index(series.measure.name)]) if whole.table.rows else None
    parts = sum(sum(v) for v in series.values.values())
    series.adds_up = found is not None and abs(float(found) - parts) <= 1e-9 * max(1.0, abs(parts))


def _late_day(context: ToolContext, args: SeriesArgs, last: date) -> date | None:
    """The last day when it has fewer than 60 % of the rows of the same weekday before: still filling."""
    if last < context.as_of.date() - timedelta(days=1):
        return None
    rows = _row_counts(context, args, last)
    usual = sorted(rows.get(last - timedelta(days=7 * k), 0.0) for k in range(1, _LATE_LOOKBACK + 1))
    middle = usual[len(usual) // 2]
    return last if middle >= 10 and rows.get(last, 0.0) < _LATE * middle else None


def _row_counts(context: ToolContext, args: SeriesArgs, last: date) -> dict[date, float]:
    """Rows of the fact table by day over the last weeks, whatever the filters."""
    start = last - timedelta(days=7 * _LATE_LOOKBACK)
    window = TimeWindow(column=args.time_column, grain="day", start=start, end=last + timedelta(days=1))
    fact = _compile(context, MetricQuery(metrics=(args.ref,), time=window)).tables[0]
    dated, column = time_column(context, args).split(".", 1)
    if dated != fact or fact not in context.model.tables:
        return {}
    ran = _run(context, MetricQuery(metrics=(MetricRef(metric=adhoc_name("count", fact, column)),), time=window))
    return {_day(r[0]): float(number(r[1]) or 0) for r in ran.table.rows}


def _start(cell: Any, grain: str) -> date:
    return datetime.fromisoformat(str(cell)[:19]) if grain == "hour" else _day(cell)


def _day(cell: Any) -> date:
    return date.fromisoformat(str(cell)[:10])
