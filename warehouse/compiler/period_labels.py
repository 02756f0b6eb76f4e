"""Names of periods as a person would say them: "October 2026", "Q3 2026", "last 30 days (Oct 22 – Nov 20, 2026)"."""

from __future__ import annotations

from calendar import month_name
from datetime import date, datetime

from warehouse.compiler import week_years
from warehouse.compiler.calendar_math import DAY, MONTHS, midnight, whole_unit
from warehouse.model.schema import Calendar, WeekYear
from warehouse.query import Grain, Span

_WEEKLY = {"iso": "ISO", "retail": "retail"}


def iso(value: datetime | None) -> str | None:
    """A date when the time is midnight, else date and time."""
    if value is None:
        return None
    return value.date().isoformat() if value == midnight(value.date()) else value.isoformat()


def range_label(start: datetime | None, end: datetime | None, rules: Calendar) -> str:
    """The name of [start, end): a unit of the calendar where it is one, else its first and last day."""
    if start is None and end is None:
        return "all time"
    if start is None:
        assert end is not None
        return f"up to {day_label(end - DAY)}"
    if end is None:
        return f"since {day_label(start)}"
    if start == midnight(start.date()) and end == midnight(end.date()):
        unit = whole_unit(start, end, rules)
        if unit is not None and unit[1] == 1:
            return bucket_label(start, unit[0], rules)
        if unit is not None and unit[0] in ("quarter", "year"):
            return f"{_plain_bucket(start, unit[0], rules)} – {_plain_bucket(end - DAY, unit[0], rules)}"
        return days_label(start, end - DAY)
    return f"{_moment(start)} – {_moment(end)}"


def bucket_label(start: datetime, grain: Grain, rules: Calendar) -> str:
    """The name of the bucket that starts at `start`."""
    if grain == "hour":
        return _moment(start)
    if grain == "day":
        return day_label(start)
    if grain == "week" and rules.weekly is None:
        return f"week of {day_label(start)}"
    return _plain_bucket(start, grain, rules)


def _plain_bucket(moment: datetime, grain: Grain, rules: Calendar) -> str:
    if rules.weekly is not None:
        return _weekly_bucket(moment.date(), grain, rules, rules.weekly)
    if grain == "month":
        return f"{moment:%B} {moment.year}"
    year = fiscal_year(moment, rules)
    name = str(year) if rules.first_month == 1 else f"FY{year}"
    if grain == "year":
        return name
    return f"Q{(moment.month - rules.first_month) % 12 // 3 + 1} {name}"


def _weekly_bucket(day: date, grain: Grain, rules: Calendar, weekly: WeekYear) -> str:
    """ "P3 FY2026", "week 12 of FY2026"; ISO's have their months' names: "January 2026 (ISO weeks)"."""
    iso_weeks = rules.default == "iso"
    number = week_years.year_name(week_years.year_of(day, weekly), weekly)
    year = str(number) if iso_weeks else f"FY{number}"
    if grain == "week":
        return f"week {week_years.week_number(day, weekly)} of {year}"
    index = week_years.place(day, grain, weekly)[1]
    if grain == "year":
        name = year
    elif grain == "quarter":
        name = f"Q{index + 1} {year}"
    else:
        name = f"{month_name[index + 1]} {year}" if iso_weeks else f"P{index + 1} {year}"
    return f"{name} (ISO weeks)" if iso_weeks else name


def fiscal_year(moment: datetime, rules: Calendar) -> int:
    """The year a fiscal calendar counts `moment` to, named by the year it starts or ends in."""
    starts_in = moment.year if moment.month >= rules.first_month else moment.year - 1
    return starts_in + (1 if rules.fiscal_label == "end_year" and rules.first_month > 1 else 0)


def day_label(day: datetime) -> str:
    """ "Nov 20, 2026"."""
    return f"{day:%b} {day.day}, {day.year}"


def days_label(first: datetime, last: datetime) -> str:
    """ "Oct 22 – Nov 20, 2026"; a whole-month range reads "August – October 2026"."""
    next_day = last + DAY
    if first.day == 1 and next_day.day == 1:
        years = "" if first.year == last.year else f" {first.year}"
        return f"{first:%B}{years} – {last:%B} {last.year}"
    if first.year != last.year:
        return f"{day_label(first)} – {day_label(last)}"
    return f"{first:%b} {first.day} – {day_label(last)}"


def span_label(span: Span, start: datetime, end: datetime, rules: Calendar) -> str:
    """ "last 30 days (Oct 22 – Nov 20, 2026)"; a single complete unit has a name of its own."""
    if span.n == 1 and span.complete:
        return range_label(start, end, rules)
    unit = f"{_WEEKLY[rules.default]} {span.unit}" if rules.weekly and span.unit in MONTHS else span.unit
    plural = unit if span.n == 1 else f"{span.n} {unit}s"
    running = "" if span.complete else ", the running one included"
    inside = f"{_moment(start)} – {_moment(end)}" if span.unit == "hour" else days_label(start, end - DAY)
    return f"last {plural} ({inside}{running})"


def _moment(value: datetime) -> str:
    return f"{day_label(value)} {value:%H:%M}"
