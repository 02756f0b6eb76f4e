"""Time in SQL: exact bounds against the raw column, and local calendar buckets, whatever way the column stores time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlglot import exp

from warehouse.compiler.calendar_math import MONTHS, midnight
from warehouse.compiler.date_sql import fiscal_start, plus, truncated, week_start
from warehouse.compiler.week_year_sql import period_number, period_start, year_number
from warehouse.model.schema import Calendar, TimeColumn
from warehouse.query import Grain, Part

_TYPES = exp.DataType.Type
_PART_TYPES: dict[Part, type[exp.Expr]] = {
    "weekday": exp.DayOfWeekIso,
    "hour_of_day": exp.Hour,
    "month_of_year": exp.Month,
}


def literal(value: date | datetime | str | int | float | bool | object) -> exp.Expr:
    """A Python value as a typed literal."""
    if isinstance(value, datetime):
        return _typed(value.isoformat(sep=" "), _TYPES.TIMESTAMP if value.tzinfo is None else _TYPES.TIMESTAMPTZ)
    if isinstance(value, date):
        return _typed(value.isoformat(), _TYPES.DATE)
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, str):
        return exp.Literal.string(value)
    return exp.Literal.number(format(value, "f") if not isinstance(value, int) else value)


def _typed(text: str, kind: exp.DType) -> exp.Expr:
    """Made by hand: a comparison over years has hundreds of these, and `exp.cast` would parse each one's type."""
    return exp.Cast(this=exp.Literal.string(text), to=exp.DataType(this=kind))


def bound(moment: datetime, kind: TimeColumn, rules: Calendar) -> exp.Expr:
    """A moment on the business clock as a literal to compare the raw column with, so that pruning works."""
    if kind.kind == "date":
        return literal(moment.date())
    if kind.kind == "timestamp" and kind.stored_tz == rules.timezone:
        return literal(moment)
    instant = moment.replace(tzinfo=ZoneInfo(rules.timezone))
    if kind.kind == "instant":
        return literal(instant.astimezone(UTC))
    return literal(instant.astimezone(ZoneInfo(kind.stored_tz)).replace(tzinfo=None))


def within(
    value: exp.Expr, start: datetime | None, end: datetime | None, kind: TimeColumn, rules: Calendar
) -> list[exp.Expr]:
    """Conditions that keep `value` in [start, end). A date has no hours: a bound within a day counts the whole day."""
    found: list[exp.Expr] = []
    if start is not None:
        found.append(exp.GTE(this=value.copy(), expression=bound(start, kind, rules)))
    if end is not None:
        up_to = end
        if kind.kind == "date" and end != midnight(end.date()):
            up_to = midnight(end.date()) + timedelta(days=1)
        found.append(exp.LT(this=value.copy(), expression=bound(up_to, kind, rules)))
    return found


def local(value: exp.Expr, kind: TimeColumn, rules: Calendar) -> exp.Expr:
    """The value on the business clock."""
    if kind.kind == "date" or (kind.kind == "timestamp" and kind.stored_tz == rules.timezone):
        return value
    moved = value
    if kind.kind == "timestamp":
        moved = exp.AtTimeZone(this=moved, zone=exp.Literal.string(kind.stored_tz))
    return exp.Paren(this=exp.AtTimeZone(this=moved, zone=exp.Literal.string(rules.timezone)))


def bucket(value: exp.Expr, grain: Grain, kind: TimeColumn, rules: Calendar) -> exp.Expr:
    """The first day (or hour) of the period that holds the value, on the business calendar."""
    moment = local(value, kind, rules)
    if grain == "hour":
        return truncated(exp.cast(moment, "timestamp") if kind.kind == "date" else moment, "hour")
    if grain == "week":
        return week_start(moment, rules.first_weekday)
    if rules.weekly is not None and grain in MONTHS:
        return period_start(moment, grain, rules.weekly)
    return fiscal_start(moment, grain, rules.first_month)


def clock_changes(zone: str, start: datetime, end: datetime) -> bool:
    """Whether clocks of `zone` go forward or back between two local times; looked at day by day, at most for years."""
    where, at = ZoneInfo(zone), start
    first = at.replace(tzinfo=where).utcoffset()
    while at < end:
        at = min(at + timedelta(days=7), end)
        if at.replace(tzinfo=where).utcoffset() != first:
            return True
        if at - start > timedelta(days=400):
            return False
    return False


def offset_minutes(value: exp.Expr, kind: TimeColumn, rules: Calendar) -> exp.Expr:
    """How far the business clock is ahead of UTC at the value: what tells the two 01:00 of an autumn night apart."""
    utc = rules.model_copy(update={"timezone": "UTC"})
    here, there = (exp.cast(local(value.copy(), kind, r), "timestamp") for r in (rules, utc))
    return exp.DateDiff(this=here, expression=there, unit=exp.var("MINUTE"))


def instants(start: datetime, last: datetime, rules: Calendar) -> exp.Expr:
    """The UTC hours from local `start` to the later one of local `last`, as an UNNEST."""
    zone = ZoneInfo(rules.timezone)
    first = start.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
    until = last.replace(tzinfo=zone, fold=1).astimezone(UTC).replace(tzinfo=None)
    return series(first, until, "hour", rules)


def part(value: exp.Expr, wanted: Part, kind: TimeColumn, rules: Calendar) -> exp.Expr:
    """What repeats: weekday 1-7 from Monday, weekend true or false, hour, month; quarter and year of the calendar."""
    moment = local(value, kind, rules)
    if wanted in ("month_of_year", "quarter_of_year") and rules.weekly is not None:
        return period_number(moment, "quarter" if wanted == "quarter_of_year" else "month", rules.weekly)
    if wanted == "quarter_of_year":
        return exp.Quarter(this=plus(moment, 1 - rules.first_month, "MONTH"))
    if wanted == "year":
        return year_number(moment, rules.weekly) if rules.weekly is not None else _fiscal_year(moment, rules)
    if wanted == "weekend":
        return exp.Paren(this=exp.GTE(this=exp.DayOfWeekIso(this=moment), expression=exp.Literal.number(6)))
    if wanted == "hour_of_day" and kind.kind == "date":
        moment = exp.cast(moment, "timestamp")
    return _PART_TYPES[wanted](this=moment)


def _fiscal_year(moment: exp.Expr, rules: Calendar) -> exp.Expr:
    year = exp.Year(this=plus(moment, 1 - rules.first_month, "MONTH"))
    ahead = rules.fiscal_label == "end_year" and rules.first_month > 1
    return exp.paren(exp.Add(this=year, expression=exp.Literal.number(1))) if ahead else year


def series(start: datetime, last: datetime, grain: Grain, rules: Calendar) -> exp.Expr:
    """The starts of all periods from the one at `start` to the one at `last`, one row each, as an UNNEST."""
    n, unit = (3, "MONTH") if grain == "quarter" else (1, grain.upper())
    as_time = exp.func(
        "GENERATE_SERIES",
        literal(start),
        literal(last),
        exp.Interval(this=exp.Literal.string(str(n)), unit=exp.var(unit)),
    )
    unnested = exp.Explode(this=as_time)
    return unnested if grain == "hour" else exp.cast(unnested, "date")


def period_key(start: datetime, grain: Grain) -> exp.Expr:
    """The literal that a bucket of `grain` starting at `start` has in SQL."""
    return literal(start if grain == "hour" else start.date())
