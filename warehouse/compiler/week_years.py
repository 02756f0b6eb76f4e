"""Years made of whole weeks, retail 4-4-5 and ISO: no shift of months expresses them, so their weeks are counted."""

from __future__ import annotations

from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from itertools import accumulate

from warehouse.model.schema import WeekYear
from warehouse.query import Grain

_AHEAD = {"first": 0, "nearest": 3, "last": 6}
_WEEK = timedelta(days=7)
PER_YEAR: dict[Grain, int] = {"year": 1, "quarter": 4, "month": 12}


def deciding_day(rules: WeekYear) -> int:
    """How many days after its first day a week's year is decided: Thursday for ISO, whose years hold most of a week."""
    return _AHEAD[rules.year_starts]


def week_of(day: date, rules: WeekYear) -> date:
    """The first day of the week that holds `day`."""
    return day - timedelta(days=(day.weekday() - rules.first_weekday) % 7)


def year_of(day: date, rules: WeekYear) -> int:
    """The calendar year in which the year of `day` is meant to start."""
    decides = week_of(day, rules) + timedelta(days=deciding_day(rules))
    return decides.year if decides.month >= rules.start_month else decides.year - 1


def starts(year: int, grain: Grain, rules: WeekYear) -> list[date]:
    """The first days of the year's only, 4 or 12 periods."""
    if rules.periods == "calendar":
        months = range(0, 12, 12 // PER_YEAR[grain])
        return [_first_week(year, rules.start_month + m, rules) for m in months]
    first = _first_week(year, rules.start_month, rules)
    return [first + n * _WEEK for n in weeks_before(grain, rules)]


def weeks_before(grain: Grain, rules: WeekYear) -> list[int]:
    """How many weeks of the year lie before each of its periods; the last one takes the 53rd week, if there is one."""
    lengths = [int(n) for n in rules.periods.split("-")] * 4
    before = [0, *accumulate(lengths)][:-1]
    return before[:: 12 // PER_YEAR[grain]]


def _first_week(year: int, month: int, rules: WeekYear) -> date:
    """The first week whose deciding day lies in the month or after it; months count on beyond 12."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError("the year lies outside the calendar")
    begins = date(year, month, 1)
    return week_of(begins + timedelta(days=6 - deciding_day(rules)), rules)


def place(day: date, grain: Grain, rules: WeekYear) -> tuple[int, int]:
    """(year, index from 0) of the period that holds `day`."""
    year = year_of(day, rules)
    found = starts(year, grain, rules)
    return year, sum(start <= day for start in found) - 1


def start_of(year: int, index: int, grain: Grain, rules: WeekYear) -> date:
    """The first day of a period; an index before or after the year's own counts on into other years."""
    years, index = divmod(index, PER_YEAR[grain])
    return starts(year + years, grain, rules)[index]


def truncate(day: datetime, grain: Grain, rules: WeekYear) -> datetime:
    """The first moment of the period that holds `day`."""
    return _midnight(start_of(*place(day.date(), grain, rules), grain, rules))


def step(value: datetime, grain: Grain, n: int, rules: WeekYear) -> datetime:
    """As far into the period `n` further on; one that is shorter ends the count."""
    year, index = place(value.date(), grain, rules)
    begins = _midnight(start_of(year, index, grain, rules))
    moved = _midnight(start_of(year, index + n, grain, rules)) + (value - begins)
    return min(moved, _midnight(start_of(year, index + n + 1, grain, rules)))


def same_place(value: datetime, years: int, rules: WeekYear) -> datetime | None:
    """The same weekday of the same week of the year `years` later; None when that year has no such week."""
    year = year_of(value.date(), rules)
    moved = _midnight(start_of(year + years, 0, "year", rules)) + (value - _midnight(start_of(year, 0, "year", rules)))
    return moved if moved < _midnight(start_of(year + years + 1, 0, "year", rules)) else None


def week_number(day: date, rules: WeekYear) -> int:
    """Which week of its year holds `day`, from 1."""
    return (day - start_of(year_of(day, rules), 0, "year", rules)).days // 7 + 1


def weeks_in(year: int, rules: WeekYear) -> int:
    """52 or 53."""
    return (start_of(year + 1, 0, "year", rules) - start_of(year, 0, "year", rules)).days // 7


def year_name(year: int, rules: WeekYear) -> int:
    """The number people give the year that is meant to start in the calendar year `year`."""
    return year + 1 if rules.year_label == "end_year" and rules.start_month > 1 else year


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
