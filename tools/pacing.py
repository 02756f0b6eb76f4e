"""The tool for “are we on track?”: what is done, what is usual by now, where it will end, how likely the goal is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from pydantic import Field, model_validator

from store.errors import InvalidRequest, NotEnough
from tools.conditions import filter_params
from tools.evidence import Caveat, Evidence
from tools.fitting import fit
from tools.forecasting.engine import Outcome
from tools.periods import Periods
from tools.registry import ToolContext, tool
from tools.series import PER_YEAR, Series, SeriesArgs, load

PeriodName = Literal["week", "month", "quarter", "year"]
LEAST_PAST = 3
_NAMESAKES = 2
_MOST_EMPTY = 0.5
_TESTED_PAST = 6
_LEAST_DAYS = 10
_EIGHTY = 1.2816
_FORECAST_DAYS = 30
_LONGEST = 120


class PacingArgs(SeriesArgs):
    """A figure that adds up and its goal for the running period: a number, or a growth on the same period last year."""

    goal: float | None = Field(None, gt=0)
    growth: float | None = Field(None, gt=-1, le=10, description="0.05 = 5 % more than the same period a year before")
    period: PeriodName = "month"

    @model_validator(mode="after")
    def _one_goal(self) -> PacingArgs:
        if (self.goal is None) == (self.growth is None):
            raise ValueError("give one goal: `goal` or `growth`")
        return self


@dataclass(frozen=True)
class Course:
    """The share usually done after each day (0 at the start), from how many past periods, and how far ends told from
    it were off in those (as a share of the end; None with fewer than three)."""

    shares: list[float]
    past: int
    off: float | None


@dataclass
class Pace:
    """A period under way: its days, what is done, the usual course, the end as expected and the goal."""

    args: PacingArgs
    series: Series
    start: date
    end: date
    goal: float
    done: float
    course: Course
    projected: float
    low: float
    high: float
    tested: bool
    best: float | None
    error: float | None = None
    periods: Periods = field(default_factory=Periods)

    @property
    def elapsed(self) -> int:
        """Days of the period that are over."""
        return (self.series.end - self.start).days

    @property
    def left(self) -> int:
        """Days still to come."""
        return (self.end - self.series.end).days

    @property
    def usual(self) -> float:
        """The share of a period that is usually done by now, 0-1."""
        return self.course.shares[self.elapsed]

    @property
    def chance(self) -> float:
        """How likely the goal is reached; for figures that are better low, that it is not exceeded."""
        from math import erfc, sqrt

        spread = max((self.high - self.low) / 2 / _EIGHTY, 1e-9 * max(abs(self.projected), 1.0))
        above = 0.5 * erfc((self.goal - self.projected) / spread / sqrt(2))
        return 1 - above if self.series.measure.good == "down" else above


@tool("pacing", example="Are we on track for $6M revenue this month?",
      needs="a total or a count by day, a goal, and three earlier periods of the same kind")  # fmt: skip
def pacing(context: ToolContext, args: PacingArgs) -> Evidence:
    """Tell whether a total or a count will reach its goal in the running period, and what it takes. Holding it to plan.

    Main table: one row a day of the period: what was done by then, what is expected, its range, the plan. Raises
    `NotEnough` with the code `too_little_history`, `no_parts` (averages, rates) or `no_time`.
    """
    from tools.paced import evidence

    args = args.settled(context)
    series = load(context, args.model_copy(update={"by": None}), "day")
    if not series.adds_up:
        raise NotEnough(
            f"{series.measure.label} does not add up day by day, so there is no pace to tell.", code="no_parts",
            hint="Ask about a total or a count.",
        )  # fmt: skip
    found = _paced(context, args, series)
    return evidence(context, found, filter_params(args.filters))


def _paced(context: ToolContext, args: PacingArgs, series: Series) -> Pace:
    values = series.values[None] if None in series.values else next(iter(series.values.values()))
    if len(values) < _LEAST_DAYS:
        raise NotEnough(
            f"I have only {len(values)} days of {series.measure.label.lower()}: too few to speak of a pace.",
            code="too_little_history",
        )
    recent = values[-365:]
    if sum(v == 0 for v in recent) > _MOST_EMPTY * len(recent):
        raise NotEnough(
            f"{series.measure.label} comes in on few days only, so a pace would mean little.", code="too_few_rows",
            hint="Ask how much it was, or hold it against last year.",
        )  # fmt: skip
    start, end = _running(series, args.period, context)
    done = sum(v for s, v in zip(series.starts, values, strict=True) if s >= start)
    periods = Periods(context.model.calendar)
    course = usual_course(series.starts, values, (start, end), args.period, (series.end - start).days, periods)
    goal = (
        args.goal
        if args.goal is not None
        else _year_before(series, values, (start, end), periods) * (1 + (args.growth or 0.0))
    )
    found = Pace(args, series, start, end, goal, done, course, done, done, done, True, best_week(values),
                 periods=periods)  # fmt: skip
    if found.left:
        project(found, values)
    return found


def _running(series: Series, unit: str, context: ToolContext) -> tuple[date, date]:
    """The period that holds the last day with data; a period that is over is told as over."""
    periods = Periods(context.model.calendar)
    last = series.end - timedelta(days=1)
    if (context.as_of.date() - last).days > 8:
        text = f"The data end on {last:%b} {last.day}, {last.year}; I tell the pace as of then."
        series.caveats.append(Caveat(code="anchored", message=text))
    start = periods.floor(last, unit)
    return start, periods.next(start, unit)


def usual_course(
    starts: list[date], values: list[float], period: tuple[date, date], unit: str, elapsed: int,
    periods: Periods | None = None,
) -> Course:  # fmt: skip
    """The median of past periods, each stretched to this one's length; a straight line with fewer than three.

    Those of the same name (November, Q4) count alone when there are two.
    """
    from statistics import median

    length = (period[1] - period[0]).days
    shapes, namesakes = _past_shapes(starts, values, period, unit, periods or Periods())
    if len(shapes) < LEAST_PAST:
        return Course([k / length for k in range(length + 1)], len(shapes), None)
    chosen = namesakes if len(namesakes) >= _NAMESAKES else shapes
    shares = [median(s[k] for s in chosen) for k in range(length + 1)]
    rising = [max(shares[: k + 1]) for k in range(length + 1)]
    return Course(rising, len(shapes), _off(shapes, elapsed))


def _past_shapes(
    starts: list[date], values: list[float], period: tuple[date, date], unit: str, periods: Periods
) -> tuple[list[list[float]], list[list[float]]]:
    """Of every past period in the data its cumulative shares by day; and those of the same name."""
    length, by_day = (period[1] - period[0]).days, dict(zip(starts, values, strict=True))
    shapes: list[list[float]] = []
    namesakes: list[list[float]] = []
    start, name = periods.before(period[0], unit), periods.name(period[0], unit)[0]
    while start >= starts[0]:
        days = (periods.next(start, unit) - start).days
        done = [0.0]
        for k in range(days):
            done.append(done[-1] + by_day.get(start + timedelta(days=k), 0.0))
        if done[-1] > 0:
            shapes.append([done[round(k * days / length)] / done[-1] for k in range(length + 1)])
            if unit in ("month", "quarter") and periods.name(start, unit)[0] == name:
                namesakes.append(shapes[-1])
        start = periods.before(start, unit)
    return shapes, namesakes


def _off(shapes: list[list[float]], elapsed: int) -> float | None:
    """How far the end of each past period, told from the others' shares on this day, was off: root mean square."""
    seen = [s[elapsed] for s in shapes]
    if min(seen) <= 0:
        return None
    misses = [s / ((sum(seen) - s) / (len(seen) - 1)) - 1 for s in seen]
    return float((sum(m * m for m in misses) / len(misses)) ** 0.5)


def project(found: Pace, values: list[float]) -> None:
    """The end of the period from a forecast of the days left and from the usual course, mixed by how sure each is."""
    outcome = _forecast(found, values)
    ahead = None
    if outcome is not None:
        half = (outcome.total_high["80"] - outcome.total_low["80"]) / 2
        ahead = (found.done + outcome.total, half / _EIGHTY)
        found.tested, found.error = outcome.tested, outcome.figures.get("total_error")
    else:
        found.tested = found.course.off is not None and found.course.past >= _TESTED_PAST
    found.projected, spread = mixed(found.done, found.usual, found.course.off, ahead)
    found.low, found.high = found.projected - _EIGHTY * spread, found.projected + _EIGHTY * spread
    if min(values) >= 0:
        found.low = max(found.low, found.done)


def mixed(done: float, usual: float, off: float | None, ahead: tuple[float, float] | None) -> tuple[float, float]:
    """Expected end and its spread from a forecast (end, spread) and from the share usually done (its relative `off`).

    Weights by inverse variance; half of their errors counts as shared, and where the two disagree, the spread holds
    both.
    """
    shaped = (done / usual, off * done / usual) if usual > 0 and off is not None and done > 0 else None
    if ahead is None:
        if shaped is None:
            end = done / usual if usual > 0 else done
            return end, 0.4 * abs(end - done)
        return shaped
    if shaped is None:
        return ahead
    one, other = (1 / max(s, 1e-9) ** 2 for _, s in (ahead, shaped))
    weight = one / (one + other)
    end = weight * ahead[0] + (1 - weight) * shaped[0]
    apart = weight * (1 - weight) * (ahead[0] - shaped[0]) ** 2
    own, rest = weight * ahead[1], (1 - weight) * shaped[1]
    return end, (own**2 + rest**2 + own * rest + apart) ** 0.5


def _forecast(found: Pace, values: list[float]) -> Outcome | None:
    """None when the history is too short to try a forecast of so many days on itself."""
    series, left = found.series, found.left
    if left > _LONGEST or len(values) < max(_FORECAST_DAYS, 2 * left + series.season + 4) or max(values) == min(values):
        return None
    days = [*series.starts, *(series.end + timedelta(days=k) for k in range(left))]
    request = {
        "series": [values], "days": [d.isoformat() for d in days], "season": series.season, "year": PER_YEAR["day"],
        "horizon": left, "first": 0, "adds_up": True, "slow": False,
    }  # fmt: skip
    outcome = Outcome(**fit("forecast", request)["outcomes"][0])
    return None if outcome.problem else outcome


def best_week(values: list[float]) -> float | None:
    """The best seven days in a row of the past year, a day."""
    recent = values[-365:]
    if len(recent) < 14:
        return None
    return max(sum(recent[k : k + 7]) for k in range(len(recent) - 6)) / 7


def _year_before(series: Series, values: list[float], span: tuple[date, date], periods: Periods) -> float:
    """The same period a year before. Raises `InvalidRequest` when the data do not hold all of it."""
    start, end = span
    back = timedelta(days=364) if (end - start).days == 7 else None
    first, last = (start - back, end - back) if back else (periods.year_before(start), periods.year_before(end))
    if first < series.starts[0]:
        raise InvalidRequest(
            "The data do not reach back to the same period last year.", code="no_goal",
            hint="Give the goal as a number.",
        )  # fmt: skip
    total = sum(v for s, v in zip(series.starts, values, strict=True) if first <= s < last)
    if total <= 0:
        raise InvalidRequest("There was nothing in the same period last year.", hint="Give the goal as a number.")
    return total
