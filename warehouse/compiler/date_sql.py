"""Steps and truncations of dates in SQL, out of which the calendars are made."""

from __future__ import annotations

from sqlglot import exp

from warehouse.compiler.calendar_math import MONTHS
from warehouse.query import Grain


def truncated(value: exp.Expr, unit: str) -> exp.Expr:
    """The start of the civil unit that holds the value; weeks start on Monday."""
    return exp.TimestampTrunc(this=value, unit=exp.var(unit.upper()))


def plus(value: exp.Expr, n: int, unit: str) -> exp.Expr:
    """The time n units later."""
    if not n:
        return value
    interval = exp.Interval(this=exp.Literal.string(str(abs(n))), unit=exp.var(unit))
    kind = exp.Add if n > 0 else exp.Sub
    return kind(this=value, expression=interval)


def week_start(moment: exp.Expr, first_weekday: int) -> exp.Expr:
    """The first day of the week that holds the moment; weeks start on `first_weekday`, 0 for Monday to 6 for Sunday."""
    shift = first_weekday if first_weekday <= 3 else first_weekday - 7
    return exp.cast(plus(truncated(plus(moment, -shift, "DAY"), "week"), shift, "DAY"), "date")


def fiscal_start(moment: exp.Expr, grain: Grain, first_month: int) -> exp.Expr:
    """The first day of the day, month, quarter or year that holds the moment; years start in `first_month`."""
    shift = (first_month - 1) % MONTHS.get(grain, 1)
    return exp.cast(plus(truncated(plus(moment, -shift, "MONTH"), grain), shift, "MONTH"), "date")
