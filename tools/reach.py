"""The tool for “when will we get there?”: the day or month in which a goal is likely reached, or that it is not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, sqrt
from typing import Literal

from pydantic import Field

from store.errors import InvalidRequest, NotEnough
from tools.conditions import filter_params
from tools.evidence import Evidence
from tools.fitting import fit
from tools.forecasting.engine import Outcome
from tools.periods import Periods
from tools.registry import ToolContext, tool
from tools.rhythm import Rhythm
from tools.series import PER_YEAR, Series, SeriesArgs, SeriesGrain, beat_of, day_of, floor, load, step

Since = Literal["week", "month", "quarter", "year", "start"]
_LEAST = {"day": 30, "week": 26, "month": 24, "quarter": 12, "year": 8}
_MOST = {"day": 180, "week": 78, "month": 36, "quarter": 12, "year": 8}
_RECENT = {"day": 28, "week": 8, "month": 6, "quarter": 4, "year": 3}
_RANKS = {grain: rank for rank, grain in enumerate(_LEAST)}
_ROOM = 1.5


class ReachArgs(SeriesArgs):
    """A figure and the goal: a running total `since` the start of a period, or with `per` a single period's figure.

    `below` asks when a single period's figure falls to the goal.
    """

    goal: float
    since: Since | None = Field(None, description="adds up from there; this year when not given, `start` of the data")
    per: SeriesGrain | None = Field(None, description="when one day, week, month, quarter or year reaches the goal")
    below: bool = False


@dataclass
class Reached:
    """The course towards a goal. `line` is (period, figure, low, high), the first `known` of them facts.

    `at`, `early` and `late` are positions in it (None: not within what can be looked ahead).
    """

    args: ReachArgs
    series: Series
    total: bool
    since: date
    until: date | None
    line: list[tuple[date, float, float, float]]
    known: int
    at: int | None
    early: int | None
    late: int | None
    tested: bool = True
    error: float | None = None


@tool("reach", example="When will revenue reach $50M this year?",
      needs="a figure with dates and a goal: 30 days, 26 weeks or 24 months of history")  # fmt: skip
def reach(context: ToolContext, args: ReachArgs) -> Evidence:
    """Tell when a figure will reach a goal, as a date with a range, or that it will not within sight. Finding the day.

    Main table: one row a period: the running total (or the figure), lower and upper end of its 80 % range. Raises
    `NotEnough` with the code `too_little_history`, `no_time` or `no_parts`.
    """
    from tools.reached import evidence

    args = args.settled(context).model_copy(update={"by": None})
    beat = beat_of(context, args)
    found = _level(context, args, beat) if args.per or args.below else _total(context, args, beat)
    return evidence(context, found, filter_params(args.filters))


def _grain(beat: Rhythm, least: SeriesGrain) -> SeriesGrain:
    own: SeriesGrain = "day" if beat.grain == "hour" else beat.grain
    return own if _RANKS[own] > _RANKS[least] else least


def _total(context: ToolContext, args: ReachArgs, beat: Rhythm) -> Reached:
    """The running total since the start of the period, by day, or by month where the goal is far."""
    series = load(context, args, _grain(beat, "day"), beat=beat)
    if not series.adds_up:
        return _level(context, args, beat)
    if args.below or args.goal <= 0:
        raise InvalidRequest("A running total only grows, so it reaches no lower goal.", details={"field": "goal"})
    since, until = _span(context, args, series)
    values = next(iter(series.values.values()))
    inside = [(s, v) for s, v in zip(series.starts, values, strict=True) if day_of(s) >= since]
    done = sum(v for _, v in inside)
    wanted = _periods_to(series, values, args.goal - done, until)
    if done < args.goal and wanted > _affordable(series) and series.grain == "day":
        coarse = load(context, args, "month", beat=beat)
        if len(coarse.starts) >= _LEAST["month"]:
            return _summed(args, coarse, since, until)
    return _summed(args, series, since, until)


def _summed(args: ReachArgs, series: Series, since: date, until: date | None) -> Reached:
    values = next(iter(series.values.values()))
    line: list[tuple[date, float, float, float]] = []
    done = 0.0
    for start, value in zip(series.starts, values, strict=True):
        if day_of(start) >= floor(since, series.grain):
            done += value
            line.append((start, done, done, done))
    found = Reached(args, series, True, since, until, line, len(line), None, None, None)
    found.at = next((k for k, row in enumerate(line) if row[1] >= args.goal), None)
    if found.at is None:
        count = min(_periods_to(series, values, args.goal - done, until), _affordable(series))
        outcome = _ahead(series, values, count)
        half = (outcome.total_high["80"] - outcome.total_low["80"]) / 2
        for k, value in enumerate(outcome.ahead, start=1):
            done, width = done + value, half * sqrt(k / count)
            line.append((step(series.end, series.grain, k - 1), done, done - width, done + width))
        _place(found, outcome)
    return found


def _span(context: ToolContext, args: ReachArgs, series: Series) -> tuple[date, date | None]:
    """Where the total starts, and where it would start anew."""
    if args.since == "start":
        return day_of(series.starts[0]), None
    unit = args.since or "year"
    periods = Periods(context.model.calendar)
    first = periods.floor(day_of(series.end) - timedelta(days=1), unit)
    return first, periods.next(first, unit)


def _periods_to(series: Series, values: list[float], missing: float, until: date | None) -> int:
    """How many periods the rest would take at the recent pace, with room; no further than where the total ends."""
    recent = values[-_RECENT[series.grain] :]
    pace = sum(recent) / len(recent)
    count = ceil(_ROOM * missing / pace) + series.season if pace > 0 else _MOST[series.grain]
    if until is not None:
        left = 0
        while day_of(step(series.end, series.grain, left)) < until:
            left += 1
        count = min(count, left)
    return max(1, count)


def _affordable(series: Series) -> int:
    """How far ahead the history can be tried on itself."""
    return max(1, min(_MOST[series.grain], (len(series.starts) - series.season - 4) // 2))


def _level(context: ToolContext, args: ReachArgs, beat: Rhythm) -> Reached:
    """The figure of single periods, by month when nothing else is said."""
    per: SeriesGrain = "month" if args.per is None or args.per == "hour" else args.per
    series = load(context, args, _grain(beat, per), beat=beat)
    values = next(iter(series.values.values()))
    shown = min(len(values), 2 * _RECENT[series.grain])
    line = [(s, v, v, v) for s, v in list(zip(series.starts, values, strict=True))[-shown:]]
    found = Reached(args, series, False, day_of(line[0][0]), None, line, len(line), None, None, None)
    if _there(args, values[-1]):
        found.at = next(k for k in range(len(line)) if all(_there(args, row[1]) for row in line[k:]))
        return found
    outcome = _ahead(series, values, _affordable(series))
    for k, value in enumerate(outcome.ahead):
        line.append((step(series.end, series.grain, k), value, outcome.low["80"][k], outcome.high["80"][k]))
    _place(found, outcome)
    return found


def _there(args: ReachArgs, value: float) -> bool:
    return value <= args.goal if args.below else value >= args.goal


def _place(found: Reached, outcome: Outcome) -> None:
    """Where the middle, the quicker and the slower end of the range get there."""
    ahead = range(found.known, len(found.line))
    quick, slow = (1, 2) if found.args.below else (2, 1)

    def first(column: int) -> int | None:
        return next((k for k in ahead if _there(found.args, found.line[k][1:][column])), None)

    found.at, found.early, found.late = first(0), first(quick), first(slow)
    found.tested, found.error = outcome.tested, outcome.figures.get("total_error")


def _ahead(series: Series, values: list[float], count: int) -> Outcome:
    have, least = len(values), _LEAST[series.grain]
    label = series.measure.label.lower()
    if have < least:
        raise NotEnough(
            f"I have only {have} {series.grain}s of {label}. I need {least} to look ahead.", code="too_little_history"
        )
    if max(values) == min(values):
        raise NotEnough(f"The {label} never changed, so it will not get there by itself.", code="no_variation")
    days = [*series.starts, *(step(series.end, series.grain, k) for k in range(count))]
    request = {
        "series": [values], "days": [day_of(d).isoformat() for d in days], "season": series.season,
        "year": PER_YEAR[series.grain], "horizon": count, "first": 0, "adds_up": series.adds_up, "slow": False,
        "brief": True,
    }  # fmt: skip
    outcome = Outcome(**fit("forecast", request)["outcomes"][0])
    if outcome.problem:
        raise NotEnough(f"{have} {series.grain}s are too few to look that far ahead.", code="too_little_history")
    return outcome
