"""Calendar arithmetic on local wall-clock time, so that windows, spines and comparisons count days the same way."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta

from store.errors import InvalidRequest
from warehouse.compiler import week_years
from warehouse.model.schema import Calendar
from warehouse.query import Grain

DAY = timedelta(days=1)
MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}


@contextmanager
def within_calendar() -> Iterator[None]:
    """Arithmetic that may leave the years 1 to 9999: its `OverflowError` becomes an `InvalidRequest` for the asker."""
    try:
        yield
    except OverflowError as error:
        raise InvalidRequest(
            "That time lies outside the calendar, which goes from the year 1 to the year 9999.",
            code="no_such_time",
            hint="Ask for a time nearer to the data.",
        ) from error


def midnight(value: date | datetime) -> datetime:
    """A date as its first moment; a datetime stays."""
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)


def add_months(value: datetime, months: int) -> datetime | None:
    """The same day and time `months` later; None when that month has no such day. Raises `OverflowError`."""
    year, month = divmod(value.year * 12 + value.month - 1 + months, 12)
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError("the month lies outside the calendar")
    if value.day > calendar.monthrange(year, month + 1)[1]:
        return None
    return value.replace(year=year, month=month + 1)


def add_months_or_next(value: datetime, months: int) -> datetime:
    """The same day and time `months` later; a day that does not exist becomes the first of the next month."""
    found = add_months(value, months)
    if found is not None:
        return found
    first = add_months(value.replace(day=1), months + 1)
    assert first is not None  # every month has a first day
    return datetime(first.year, first.month, 1)


def truncate(value: datetime, grain: Grain, rules: Calendar) -> datetime:
    """The first moment of the hour, day, week, month, (fiscal) quarter or (fiscal) year that holds `value`."""
    if grain == "hour":
        return value.replace(minute=0, second=0, microsecond=0)
    day = datetime(value.year, value.month, value.day)
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=(day.weekday() - rules.first_weekday) % 7)
    if rules.weekly is not None:
        return week_years.truncate(day, grain, rules.weekly)
    size = MONTHS[grain]
    back = (day.month - rules.first_month) % size
    return add_months_or_next(day.replace(day=1), -back)


def step(value: datetime, grain: Grain, rules: Calendar, n: int = 1) -> datetime:
    """The start of the bucket `n` buckets after the one that starts at `value`."""
    if grain == "hour":
        return value + timedelta(hours=n)
    if grain in ("day", "week"):
        return value + timedelta(days=n * (7 if grain == "week" else 1))
    if rules.weekly is not None:
        return week_years.step(value, grain, n, rules.weekly)
    return add_months_or_next(value, n * MONTHS[grain])


def whole_unit(start: datetime, end: datetime, rules: Calendar) -> tuple[Grain, int] | None:
    """The largest calendar unit that [start, end) is a whole number of, with that number; None when days remain.

    Several weeks or days are no calendar unit: moving by their length says the same.
    """
    for unit in ("year", "quarter", "month"):
        grain: Grain = unit
        if truncate(start, grain, rules) != start:
            continue
        n = _count(start, end, grain, rules)
        if n is not None:
            return grain, n
    if truncate(start, "week", rules) == start and end - start == 7 * DAY:
        return "week", 1
    return ("day", 1) if start == midnight(start.date()) and end - start == DAY else None


def _count(start: datetime, end: datetime, grain: Grain, rules: Calendar) -> int | None:
    """How many units of `grain` [start, end) is; None when days remain."""
    n = 1
    try:
        while (at := step(start, grain, rules, n)) < end:
            n += 1
    except OverflowError:
        return None
    return n if at == end else None
