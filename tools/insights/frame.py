"""The periods that are compared: the one asked about and those before it, each cut to as many days as it has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from store.errors import NotEnough
from tools.periods import Periods
from tools.series import SeriesGrain, step
from warehouse.compiler.period_labels import range_label
from warehouse.model.schema import Calendar
from warehouse.query import AnyOf, Condition, DimRef, Filter

MOST = {"day": 57, "week": 61, "month": 37, "quarter": 17}
BASE = {"day": 6, "week": 4, "month": 3, "quarter": 2}
SEASON = {"day": 0, "week": 52, "month": 12, "quarter": 4}
LEAST = 9
_UNITS = {"day": "same weekdays", "week": "weeks", "month": "months", "quarter": "quarters"}
_WORDS = ("no", "one", "two", "three", "four", "five", "six")


@dataclass(frozen=True)
class Frame:
    """`starts` of the periods, the last one asked about; each counts its first `days` days (None: all of it)."""

    grain: SeriesGrain
    starts: tuple[date, ...]
    days: int | None
    label: str

    @property
    def base(self) -> int:
        """How many periods before one make up what it is held against."""
        return BASE[self.grain]

    @property
    def season(self) -> int:
        """Periods in a year, 0 when a year is not looked back on."""
        return SEASON[self.grain]

    @property
    def end(self) -> date:
        """The first day after the period asked about."""
        last = self.starts[-1]
        return last + timedelta(days=self.days) if self.days else step(last, self.grain)

    @property
    def before(self) -> str:
        """The periods it is held against, in words."""
        return f"the average of the {_WORDS[self.base]} {_UNITS[self.grain]} before"

    def year_before(self, calendar: Calendar) -> str:
        """The same period a year earlier, in words."""
        start = self.starts[-1 - self.season]
        return _label(start, self._until(start), calendar)

    def _until(self, start: date) -> date:
        return start + timedelta(days=self.days) if self.days else step(start, self.grain)

    def condition(self, column: str) -> tuple[Condition, ...]:
        """The filter that leaves only the days that count; nothing when whole periods are compared."""
        field = DimRef(field=column)
        if self.grain == "day":
            weekday = self.starts[-1].isoweekday()
            return (Filter(field=DimRef(field=column, part="weekday"), values=(weekday,)),)
        if self.days is None:
            return ()
        spans = [(s, min(step(s, self.grain), self._until(s)) - timedelta(days=1)) for s in self.starts]
        return (AnyOf(any_of=tuple(Filter(field=field, op="between", values=span) for span in spans)),)


def alike(calendar: Calendar) -> Calendar:
    """The calendar in use where its months and quarters are of like lengths; years of weeks have some of five weeks,
    which would look like news, so that their periods are the civil ones."""
    return calendar if calendar.weekly is None else calendar.civil


def frame(grain: SeriesGrain, span: tuple[date, date], calendar: Calendar, *, running: bool) -> Frame:
    """The last complete period of the data (or the running one) and as many before it as there are.

    `span` is the first and last day with data. Raises `NotEnough` with fewer than nine periods.
    """
    first, last = span
    after = last + timedelta(days=1)
    at = Periods(alike(calendar)).floor(last, grain)
    days: int | None = None
    if step(at, grain) > after:
        if running and grain != "day":
            days = (after - at).days
        else:
            at = step(at, grain, -1)
    by = 7 if grain == "day" else 1
    starts = [at]
    while len(starts) < MOST[grain] and step(starts[0], grain, -by) >= first:
        starts.insert(0, step(starts[0], grain, -by))
    if len(starts) < LEAST:
        raise NotEnough(
            f"I have only {len(starts)} {_UNITS[grain]} of data: too few to know what is usual. I need {LEAST}.",
            code="too_little_history", hint="Ask by week or by day, or ask for the figures themselves.",
        )  # fmt: skip
    end = at + timedelta(days=days) if days else step(at, grain)
    return Frame(grain, tuple(starts), days, _label(at, end, calendar))


def _label(start: date, end: date, calendar: Calendar) -> str:
    """ "in October 2026", "from Nov 16 to Nov 20, 2026", "on Nov 20, 2026"."""
    label = range_label(_midnight(start), _midnight(end), calendar)
    if (end - start).days == 1:
        return f"on {label}"
    if "–" not in label:
        return f"in the {label}" if label.startswith("week") else f"in {label}"
    return f"from {label.replace(' – ', ' to ')}"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
