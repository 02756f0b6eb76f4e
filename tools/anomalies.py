"""The tool for “what is odd?”: what stands out of its usual course, since when, by how much, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from pydantic import Field

from store.errors import NotEnough
from tools.anomaly import report
from tools.anomaly.judged import Judged, is_usual, width
from tools.conditions import filter_params
from tools.evidence import Caveat, Evidence
from tools.fitting import fit
from tools.happenings import Happening, columns, known
from tools.registry import ToolContext, tool
from tools.rhythm import Rhythm
from tools.series import SEASONS, Series, SeriesArgs, SeriesGrain, beat_of, bounds, day_of, load, moment, step
from warehouse.compiler import window as resolved
from warehouse.model.schema import Metric
from warehouse.query import MetricRef, TimeWindow

_FEWEST = 14
_TRUSTED = 28
_DEFAULT_DAYS = 28
_LEAST_EVENTS = 30
_CAUSE = 0.7
_NEWS = 14
_SHORT = 3
_LOST_SHARE = (0.2, 0.5)
_YEARS_BACK = {"hour": 168, "day": 364, "week": 52, "month": 12, "quarter": 4, "year": 0}
_DEFAULT_PERIODS = {"week": 8, "month": 6, "quarter": 4, "year": 3}


class AnomaliesArgs(SeriesArgs):
    """A metric and when to look; without `time` the last four weeks with data."""

    time: TimeWindow | None = Field(None, description="where to look; the history before it says what is usual")
    judged: tuple[Judged, ...] = Field((), max_length=200, description="what people said of earlier findings")


@dataclass(frozen=True)
class Found:
    """An episode with its figures: sums over its periods when the metric adds up, means when not.

    `cause` is the member that explains most of it.
    """

    member: Any
    start: int
    end: int
    kind: str
    up: bool
    surprise: float
    actual: float
    expected: float
    low: float
    high: float
    severity: str
    cause: Any = None
    event: str = ""


@dataclass
class Scanned:
    """The looked-at series with expectations and ranges by member, the window as positions, and what was found."""

    args: AnomaliesArgs
    series: Series
    scans: dict[Any, dict[str, Any]]
    first: int
    last: int
    label: str
    found: list[Found]
    happenings: list[Happening] = field(default_factory=list)


@tool(
    "anomalies",
    example="Is anything unusual in orders this week?",
    needs="a figure with dates: 14 periods, 28 for a full judgement",
)
def anomalies(context: ToolContext, args: AnomaliesArgs) -> Evidence:
    """Find what is unusual in a metric: spikes, dips, outages and lasting changes of level. Looking for what is odd.

    Main table: one row per episode: from, to, kind, actual, expected, usual range, severity. Raises `NotEnough` with
    code `too_little_history` below 14 periods, or `no_time`.
    """
    args = args.settled(context)
    beat = beat_of(context, args)
    first, last = bounds(context, args, beat)
    series = load(context, args, args.grain or _grain(first, last, beat), beat=beat)
    start, end, label = _window(context, args, series)
    _refuse(series, start)
    happenings = _happenings(context, args, series)
    scans = _scans(context, args, series, happenings)
    edges = (moment(start), moment(end)) if series.grain == "hour" else (start, end)
    inside = [k for k, s in enumerate(series.starts) if step(s, series.grain) > edges[0] and s < edges[1]]
    found = Scanned(args, series, scans, inside[0], inside[-1], label, [], happenings)
    found.found = _unjudged(found, _episodes(found))
    return report.evidence(context, found, filter_params(args.filters))


def _grain(first: date, last: date, beat: Rhythm) -> SeriesGrain:
    if beat.grain != "day":
        return beat.grain
    return "day" if (last - first).days >= _FEWEST else "month"


def _latest(series: Series) -> tuple[date, date, str]:
    """The last four weeks of days or hours, a few of the coarser periods."""
    end = day_of(series.end)
    if series.grain in _DEFAULT_PERIODS:
        count = min(_DEFAULT_PERIODS[series.grain], len(series.starts))
        return series.starts[-count], end, f"the last {count} {series.grain}s"
    start = max(day_of(series.starts[0]), end - timedelta(days=_DEFAULT_DAYS))
    return start, end, f"the {(end - start).days} days to {report.short(end)}"


def _window(context: ToolContext, args: AnomaliesArgs, series: Series) -> tuple[date, date, str]:
    """The asked days as far as there are data, and how to call them."""
    if args.time is None:
        return _latest(series)
    period = resolved(args.time, context.as_of, context.model.calendar)
    start = date.fromisoformat(period.start[:10]) if period.start else day_of(series.starts[0])
    end = date.fromisoformat(period.end[:10]) if period.end else day_of(series.end)
    if start >= day_of(series.end):
        late = series.late is not None and start <= series.late
        text = f"{report.short(start)} is still filling, so it is too early to judge."
        raise NotEnough(
            text if late else f"There is no complete {series.grain} of data in {period.label} yet.",
            code="late_data" if late else "too_little_history",
            hint="Ask again when the data have arrived, or ask about an earlier day.",
        )
    if end > day_of(series.end):
        last = report.short(day_of(series.end) - timedelta(days=1))
        series.caveats.append(Caveat(code="partial_period", message=f"I looked at the days through {last}."))
    return start, end, period.label


def _refuse(series: Series, start: date) -> None:
    have = len(series.starts)
    if have < _FEWEST:
        raise NotEnough(
            f"I have only {have} {series.grain}s: too little data to know what is normal. I need at least {_FEWEST}.",
            code="too_little_history",
        )
    if day_of(step(series.starts[0], series.grain, _FEWEST)) > start and day_of(series.starts[0]) >= start:
        return
    values = [v for member in series.values.values() for v in member]
    if max(values) == min(values):
        raise NotEnough(
            f"The {series.measure.label.lower()} never changed: nothing can stand out.", code="no_variation"
        )


def _happenings(context: ToolContext, args: AnomaliesArgs, series: Series) -> list[Happening]:
    """Holidays and known events over the days of the series."""
    return known(context.model, args.ref.metric, (day_of(series.starts[0]), day_of(series.end)))


def _scans(
    context: ToolContext, args: AnomaliesArgs, series: Series, happenings: list[Happening]
) -> dict[Any, dict[str, Any]]:
    rows: dict[Any, list[float]] = {}
    if series.adds_up or not args.by:
        rows[None] = [sum(column) for column in zip(*series.values.values(), strict=True)]
    if args.by:
        rows |= {m if m is not None else "(none)": v for m, v in series.values.items()}
    skip = _thin(context, args, series)
    request = {
        "series": list(rows.values()), "season": SEASONS[series.grain] if series.season > 1 else 1,
        "year": _YEARS_BACK[series.grain], "counts": series.measure.type == "integer",
        "skip": [skip for _ in rows], "marks": _marked(series, happenings), "width": width(args.judged),
    }  # fmt: skip
    return dict(zip(rows, fit("anomalies", request)["scans"], strict=True))


def _marked(series: Series, happenings: list[Happening]) -> list[list[int]]:
    """The periods of each happening; by the hour holidays say too little."""
    if series.grain == "hour":
        return []
    found = columns(happenings, series.starts, series.end).values()
    return [[k for k, days in enumerate(column) if days] for column in found]


def _thin(context: ToolContext, args: AnomaliesArgs, series: Series) -> list[int]:
    """Periods in which a ratio has too small a denominator to mean anything."""
    metric: Metric | None = context.model.metrics.get(args.ref.metric)
    if metric is None or metric.kind != "ratio" or metric.denominator is None:
        return []
    below = args.model_copy(update={"metric": MetricRef(metric=metric.denominator), "by": None})
    events = load(context, below, series.grain)
    counted = dict(zip(events.starts, events.values.get(None, []), strict=False))
    return [k for k, s in enumerate(series.starts) if counted.get(s, 0.0) < _LEAST_EVENTS]


def _episodes(scanned: Scanned) -> list[Found]:
    """What overlaps the window, worst first; what one member explains is told once, with that member as its cause."""
    whole = [_measured(scanned, None, e) for e in _inside(scanned, None)]
    parts = [_measured(scanned, m, e) for m in scanned.scans if m is not None for e in _inside(scanned, m)]
    told: list[Found] = []
    taken: set[int] = set()
    for episode in whole:
        cause = _cause(scanned, episode)
        for at, part in enumerate(parts):
            if part.start <= episode.end and part.end >= episode.start and part.up == episode.up:
                taken.add(at)
        told.append(Found(**{**vars(episode), "cause": cause}))
    told += [p for at, p in enumerate(parts) if at not in taken]
    told = [replace(f, event=_event(scanned, f)) for f in told]
    order = {"critical": 0, "warning": 1, "info": 2}
    return sorted(told, key=lambda f: (order[f.severity], -f.surprise))


def _unjudged(scanned: Scanned, found: list[Found]) -> list[Found]:
    """Findings without those that somebody called usual; a note says which were left out."""
    series = scanned.series
    left: list[Found] = []
    for one in found:
        last = day_of(step(series.starts[one.end], series.grain)) - timedelta(days=1)
        days = (day_of(series.starts[one.start]), last)
        if not is_usual(scanned.args.judged, one.member, days):
            left.append(one)
            continue
        told = report.short(days[0]) if days[0] >= days[1] else f"{report.short(days[0])} – {report.short(days[1])}"
        of = "" if one.member is None else f" ({one.member})"
        series.caveats.append(Caveat(code="judged_usual", message=f"{told}{of} is left out: you called it usual."))
    return left


def _event(scanned: Scanned, found: Found) -> str:
    """The known event that was on in an episode; public holidays only in short ones."""
    series = scanned.series
    start, end = day_of(series.starts[found.start]), day_of(step(series.starts[found.end], series.grain))
    on = [h for h in scanned.happenings if h.days_in(start, end) and (not h.public or (end - start).days <= _SHORT)]
    return max(on, key=lambda h: (not h.public, h.days_in(start, end))).name if on else ""


def _inside(scanned: Scanned, member: Any) -> list[dict[str, Any]]:
    scan = scanned.scans.get(member)
    found = [e for e in scan["episodes"] if e["end"] >= scanned.first and e["start"] <= scanned.last] if scan else []
    return [e for e in found if e["kind"] != "level_shift" or e["start"] >= scanned.first - _NEWS]


def _measured(scanned: Scanned, member: Any, episode: dict[str, Any]) -> Found:
    series, scan = scanned.series, scanned.scans[member]
    span = range(episode["start"], min(episode["end"], len(series.starts) - 1) + 1)
    values = report.values_of(scanned, member)
    figures = [sum(v[k] for k in span) for v in (values, scan["expected"], scan["low"], scan["high"])]
    if not series.adds_up:
        figures = [f / len(span) for f in figures]
    share = abs(figures[0] - figures[1]) / max(abs(figures[1]), 1e-12)
    severity = "critical" if share > _LOST_SHARE[1] or (len(span) >= 3 and share > 0.35) else "warning"
    severity = severity if share > _LOST_SHARE[0] else "info"
    actual, expected, low, high = figures
    return Found(
        member=member, start=episode["start"], end=span[-1], kind=episode["kind"], up=episode["up"],
        surprise=episode["surprise"], actual=actual, expected=expected, low=low, high=high, severity=severity,
    )  # fmt: skip


def _cause(scanned: Scanned, episode: Found) -> Any:
    """The member whose own deviation makes up more than 70 % of the whole's."""
    gap = episode.actual - episode.expected
    for member, scan in scanned.scans.items():
        if member is None or not gap or not scan["expected"]:
            continue
        values, span = report.values_of(scanned, member), range(episode.start, episode.end + 1)
        own = sum(values[k] - scan["expected"][k] for k in span)
        if own / gap > _CAUSE:
            return member
    return None
