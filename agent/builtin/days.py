"""Calendar arithmetic in one place, so that "last quarter" means the same days in every part of the grammar."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

Unit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")
MONTHS = {name.casefold(): n for n, name in enumerate(calendar.month_name) if name}
MONTHS |= {name.casefold(): n for n, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}


@dataclass(frozen=True)
class Period:
    """Half-open days [start, end); either side may be open. `unit` is set for one whole calendar unit."""

    start: date | None
    end: date | None
    unit: Unit | None = None


def floor(day: date, unit: Unit, week_start: int = 0) -> date:
    """First day of the calendar unit that holds `day`; `week_start` 0 is Monday, 6 Sunday."""
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=(day.weekday() - week_start) % 7)
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return date(day.year, 1, 1)


def add(day: date, n: int, unit: Unit) -> date:
    """`day` moved by n units; a month that is too short gives its last day. Raises `OverflowError` beyond year 9999."""
    if unit in ("day", "week"):
        return day + timedelta(days=n * (7 if unit == "week" else 1))
    months = day.year * 12 + day.month - 1 + n * {"month": 1, "quarter": 3, "year": 12}[unit]
    year, month = divmod(months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError("the date lies outside the calendar")
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def unit_at(day: date, unit: Unit, week_start: int = 0) -> Period:
    """The whole calendar unit that holds `day`."""
    start = floor(day, unit, week_start)
    return Period(start, add(start, 1, unit), unit)


def one_day(day: date) -> Period:
    """The day as a period."""
    return Period(day, add(day, 1, "day"), "day")


def month(year: int, number: int) -> Period:
    """A calendar month, 1-12."""
    return unit_at(date(year, number, 1), "month")


def quarter(year: int, number: int) -> Period:
    """A calendar quarter, 1-4."""
    return unit_at(date(year, 3 * number - 2, 1), "quarter")


def describe(period: Period) -> str:
    """A period as a person writes it: `March 2023`, `Q1 2023`, `2023`, `Apr 1, 2023 – Apr 4, 2023`."""
    if period.start is None and period.end is None:
        return "all time"
    if period.start is None or period.end is None:
        edge = f"since {day_label(period.start)}" if period.start else ""
        return edge or f"before {day_label(period.end or date.max)}"
    first, last = period.start, period.end - timedelta(days=1)
    if first == last:
        return day_label(first)
    for unit, label in (("month", f"{first:%B} {first.year}"), ("quarter", f"Q{(first.month + 2) // 3} {first.year}")):
        if unit_at(first, unit) == Period(first, period.end, unit):  # type: ignore[arg-type]
            return label
    if unit_at(first, "year") == Period(first, period.end, "year"):
        return str(first.year)
    return f"{day_label(first)} – {day_label(last)}"


def day_label(day: date) -> str:
    """`Apr 4, 2023`, as answers write it."""
    return f"{day:%b} {day.day}, {day.year}"
