"""The tool for “what next?”: a forecast tried on the user's own past, with ranges and a word on how good it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import Field

from store.errors import InvalidRequest, NotEnough
from tools.conditions import filter_params
from tools.evidence import Caveat, Evidence
from tools.fitting import fit
from tools.forecasting import horizon as horizons
from tools.forecasting import report
from tools.forecasting.engine import Outcome
from tools.forecasting.horizon import Target
from tools.forecasting.segments import reconcile, shift_ranges
from tools.happenings import columns, known
from tools.registry import ToolContext, tool
from tools.rhythm import Rhythm
from tools.series import PER_YEAR, Series, SeriesArgs, SeriesGrain, beat_of, bounds, day_of, load, moment, step
from warehouse.model.happenings import KnownEvent
from warehouse.model.schema import Calendar, HolidayCode

_NEEDED: dict[str, tuple[int, str]] = {
    "hour": (72, "hours"), "day": (30, "days"), "week": (26, "weeks"), "month": (24, "months"),
    "quarter": (12, "quarters"), "year": (8, "years"),
}  # fmt: skip
_RANKS = {grain: rank for rank, grain in enumerate(_NEEDED)}
_HOURS_DAYS = 14
_BEYOND = {"month": 6, "quarter": 4, "year": 2}
_MOST_STEPS = 400
_LONG_DAYS = 100
_STALE_DAYS = 7
_USELESS = 0.6


class ForecastArgs(SeriesArgs):
    """A metric and how far ahead, in words or in days; `start` and `end` (half-open) replace the words."""

    horizon: str | int = Field(
        "next 30 days", description="“next month”, “until the end of the quarter”; a number counts periods of the grain"
    )
    start: date | None = None
    end: date | None = None
    holidays: tuple[HolidayCode, ...] = Field((), max_length=8, description="beside the model's own: `US`, `DE-BY`")
    events: tuple[KnownEvent, ...] = Field((), max_length=50, description="known events beside the model's own")
    quick: bool = Field(False, description="leave the slow candidate out: for forecasts that are looked at every day")


@dataclass
class Forecast:
    """A finished forecast on its way to evidence: `whole` is everything, `parts` by member, `done` what already is."""

    args: ForecastArgs
    target: Target
    series: Series
    first: int
    steps: list[date]
    whole: Outcome
    parts: dict[Any, Outcome]
    done: float = 0.0
    done_until: date | None = None

    @property
    def asked_steps(self) -> list[date]:
        return self.steps[self.first :]


@tool(
    "forecast",
    example="What will revenue be next month?",
    needs="a figure with dates: 30 days, 26 weeks or 24 months of it",
)
def forecast(context: ToolContext, args: ForecastArgs) -> Evidence:
    """Forecast a metric for the next days, weeks or months, with ranges checked on its own past. Looking ahead.

    Main table: one row per future period (and member): forecast, low_80, high_80, low_95, high_95. Raises `NotEnough`
    with the code `too_little_history`, `no_time` or `no_variation` when the past cannot carry it.
    """
    args = args.settled(context)
    beat = beat_of(context, args)
    first, last = bounds(context, args, beat)
    today = context.as_of.date()
    anchored = (today - last).days > _STALE_DAYS + 1
    asked = _counted(args, beat)
    rules = context.model.calendar
    target = _target(asked, last + timedelta(days=1) if anchored else today, rules, fresh=anchored)
    grain = asked.grain or _grain(target, (first, last), beat, hours="hour" in str(asked.horizon))
    series = load(context, args, grain, beat=beat)
    if grain == "hour":
        target = horizons.hours(str(asked.horizon), series.end) or target
    if anchored:
        said = horizons.label(last, last + timedelta(days=1))
        series.caveats.append(Caveat(code="anchored", message=f"The data end on {said}, so I look ahead from there."))
    found = _fitted(context, args, series, target)
    return report.evidence(context, found, filter_params(args.filters))


def _counted(args: ForecastArgs, beat: Rhythm) -> ForecastArgs:
    """A bare number of periods in words: of the grain that was asked for, or that the figures come in."""
    text = str(args.horizon).strip()
    if not text.isdigit():
        return args
    grain: SeriesGrain = args.grain or (beat.grain if beat.single else "day")
    return args.model_copy(
        update={"horizon": f"next {text} {grain}s", "grain": grain if grain != "day" else args.grain}
    )


def _target(args: ForecastArgs, today: date, rules: Calendar, *, fresh: bool) -> Target:
    if args.start is None and args.end is None:
        target = horizons.read(str(args.horizon), today, fresh=fresh, rules=rules)
    else:
        start = args.start or today
        if args.end is None or args.end <= start:
            raise InvalidRequest("`end` must lie after `start`.", details={"field": "end"})
        target = Target(start, args.end, horizons.label(start, args.end))
    if target.end <= today:
        raise InvalidRequest(
            f"{target.label} is over: there is nothing to forecast.", hint="Ask for the figure itself instead."
        )
    return target


def _grain(target: Target, span: tuple[date, date], beat: Rhythm, *, hours: bool) -> SeriesGrain:
    """The grain the figures come in, days at the finest; hours when they are asked for or the stretch is short.

    Whole months when the stretch is long, made of whole months, and there are years of months to learn from.
    """
    first, last = span
    if beat.grain == "hour" and (hours or (target.end - target.start).days <= _HOURS_DAYS):
        return "hour"
    aligned = target.start.day == 1 and target.end.day == 1
    months = (last - first).days / 30.44
    long = aligned and (target.end - last).days > _LONG_DAYS and months >= _NEEDED["month"][0]
    coarse: SeriesGrain = "month" if long else "day"
    own: SeriesGrain = "day" if beat.grain == "hour" else beat.grain
    return own if _RANKS[own] > _RANKS[coarse] else coarse


def _fitted(context: ToolContext, args: ForecastArgs, series: Series, target: Target) -> Forecast:
    steps = _steps(series, target)
    _refuse_short(series, len(steps))
    start = moment(target.start) if series.grain == "hour" else target.start
    first = next(i for i, s in enumerate(steps) if step(s, series.grain) > start)
    members = list(series.values) if args.by else []
    rows = [series.values[m] for m in members]
    whole: list[float] = [sum(column) for column in zip(*series.values.values(), strict=True)]
    together = series.adds_up or not args.by
    marks = _marks(context, args, series, steps)
    outcomes = _outcomes(series, steps, first, ([whole] if together else []) + rows, marks, slow=not args.quick)
    total = outcomes[0]
    parts = dict(zip(members, outcomes[1:] if together else outcomes, strict=True))
    if parts and series.adds_up:
        _agree(total, parts)
    found = Forecast(args, target, series, first, steps, total, parts)
    _add_done(found, whole)
    return found


def _steps(series: Series, target: Target) -> list[date]:
    steps: list[date] = []
    at, end = series.end, moment(target.end) if series.grain == "hour" else target.end
    while at < end and len(steps) <= _MOST_STEPS:
        steps.append(at)
        at = step(at, series.grain)
    if len(steps) > _MOST_STEPS:
        raise InvalidRequest(
            "That is too far ahead for this data.", code="too_far", hint="Ask for at most a year, or by month."
        )
    return steps


def _refuse_short(series: Series, horizon: int) -> None:
    least, words = _NEEDED[series.grain]
    have = len(series.starts)
    label = series.measure.label.lower()
    few = _BEYOND.get(series.grain)
    needed = max(least, 2 * horizon + series.season + 4 if few is None else horizon + few)
    if have < needed:
        ahead = f"{horizon} {words if horizon > 1 else words[:-1]}"
        most = (have - series.season - 4) // 2 if few is None else have - few
        enough = f"Ask for the next {most} {words}." if have >= least and most > 1 else None
        raise NotEnough(
            f"I have only {have} {words} of {label}. I need about {needed} to forecast {ahead} and check myself.",
            code="too_little_history", hint=enough,
        )  # fmt: skip
    values = [v for member in series.values.values() for v in member]
    if max(values) == min(values):
        raise NotEnough(f"The {label} never changed in {have} {words}: there is nothing to learn.", code="no_variation")


def _marks(context: ToolContext, args: ForecastArgs, series: Series, steps: list[date]) -> dict[str, list[float]]:
    """Days of holidays and known events by period, history and future; none by the hour."""
    if series.grain == "hour":
        return {}
    starts, end = [*series.starts, *steps], step(steps[-1], series.grain)
    found = known(context.model, args.ref.metric, (starts[0], end), args.holidays, args.events)
    return columns(found, starts, end)


def _outcomes(
    series: Series,
    steps: list[date],
    first: int,
    rows: list[list[float]],
    marks: dict[str, list[float]],
    *,
    slow: bool = True,
) -> list[Outcome]:
    days = [*series.starts, *steps]
    request = {
        "series": rows, "days": [day_of(d).isoformat() for d in days], "season": series.season,
        "year": PER_YEAR[series.grain], "horizon": len(steps), "first": first, "adds_up": series.adds_up,
        "brief": series.grain in _BEYOND, "marks": marks, "slow": slow,
    }  # fmt: skip
    outcomes = [Outcome(**o) for o in fit("forecast", request)["outcomes"]]
    if outcomes[0].problem:
        words = _NEEDED[series.grain][1]
        text = f"{len(series.starts)} {words} of history are too few to check a forecast {len(steps)} {words} ahead."
        raise NotEnough(text, code="too_little_history", hint="Ask for a shorter stretch.")
    _refuse_useless(series, outcomes[0], rows[0])
    return outcomes


def _refuse_useless(series: Series, outcome: Outcome, history: list[float]) -> None:
    if min(outcome.figures["total_error"], outcome.figures["wape"]) <= _USELESS or min(history) < 0:
        return
    ordered = sorted(history)
    low, high = (ordered[int(q * (len(ordered) - 1))] for q in (0.1, 0.9))
    raise NotEnough(
        f"These numbers jump too much to forecast usefully: old forecasts were off by {outcome.figures['wape']:.0%}. "
        f"A usual {series.grain} lies between {low:,.0f} and {high:,.0f}.",
        code="not_better_than_baseline",
    )


def _agree(total: Outcome, parts: dict[Any, Outcome]) -> None:
    """Make parts and total sum up, step by step and over the stretch."""
    before = [list(o.ahead) for o in (total, *parts.values())]
    reconcile(total, list(parts.values()))
    for outcome, old in zip((total, *parts.values()), before, strict=True):
        asked, moved = outcome.ahead, sum(outcome.ahead) - sum(old)
        shift_ranges(outcome, old)
        outcome.total = sum(asked)
        for limits in (outcome.total_low, outcome.total_high):
            for level in limits:
                limits[level] = max(0.0, limits[level] + moved) if min(asked) >= 0 else limits[level] + moved


def _add_done(found: Forecast, history: list[float]) -> None:
    """What already happened inside the target counts towards its total."""
    series = found.series
    if isinstance(found.target.start, datetime):
        return
    inside = [v for s, v in zip(series.starts, history, strict=True) if day_of(s) >= found.target.start]
    if not inside or not series.adds_up:
        return
    found.done, found.done_until = sum(inside), day_of(series.end) - timedelta(days=1)
