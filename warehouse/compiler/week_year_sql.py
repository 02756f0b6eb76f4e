"""Periods of years made of whole weeks, in SQL that every engine reads alike: no engine knows more than ISO's weeks."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from warehouse.compiler.date_sql import fiscal_start, plus, week_start
from warehouse.compiler.week_years import deciding_day, weeks_before
from warehouse.model.schema import WeekYear
from warehouse.query import Grain


def period_start(moment: exp.Expr, grain: Grain, rules: WeekYear) -> exp.Expr:
    """The first day of the month, quarter or year that holds the moment."""
    if grain == "year" or rules.periods == "calendar":
        return _first_week(moment, grain, rules)
    year = _first_week(moment.copy(), "year", rules)
    starts = [exp.cast(plus(year.copy(), 7 * weeks, "DAY"), "date") for weeks in weeks_before(grain, rules)]
    return _by_week(moment, starts, grain, rules)


def period_number(moment: exp.Expr, grain: Grain, rules: WeekYear) -> exp.Expr:
    """Which quarter (1-4) or month (by its calendar number, 1-12) of its year holds the moment."""
    if rules.periods == "calendar":
        decides = exp.cast(_deciding(moment, rules), "date")
        if grain == "month":
            return exp.Month(this=decides)
        return exp.Quarter(this=plus(decides, 1 - rules.start_month, "MONTH"))
    first = rules.start_month - 1 if grain == "month" else 0
    numbers = [exp.Literal.number((first + n) % 12 + 1) for n in range(len(weeks_before(grain, rules)))]
    return _by_week(moment, numbers, grain, rules)


def year_number(moment: exp.Expr, rules: WeekYear) -> exp.Expr:
    """The year that holds the moment, by the number people give it."""
    begins = exp.Year(this=plus(exp.cast(_deciding(moment, rules), "date"), 1 - rules.start_month, "MONTH"))
    ahead = rules.year_label == "end_year" and rules.start_month > 1
    return exp.paren(exp.Add(this=begins, expression=exp.Literal.number(1))) if ahead else begins


def _deciding(moment: exp.Expr, rules: WeekYear) -> exp.Expr:
    """The day of the moment's week that says to which year the week belongs."""
    return plus(week_start(moment, rules.first_weekday), deciding_day(rules), "DAY")


def _first_week(moment: exp.Expr, grain: Grain, rules: WeekYear) -> exp.Expr:
    """The first week whose deciding day lies in the same month, quarter or year as that of the moment's week."""
    begins = fiscal_start(_deciding(moment, rules), grain, rules.start_month)
    return week_start(plus(begins, 6 - deciding_day(rules), "DAY"), rules.first_weekday)


def _by_week(moment: exp.Expr, values: Sequence[exp.Expr], grain: Grain, rules: WeekYear) -> exp.Expr:
    """The value of the period that holds the moment, chosen by how many weeks the year is old."""
    week, year = week_start(moment.copy(), rules.first_weekday), _first_week(moment, "year", rules)
    ends = weeks_before(grain, rules)[1:]
    cases = [
        exp.If(
            this=exp.LT(this=week.copy(), expression=exp.cast(plus(year.copy(), 7 * weeks, "DAY"), "date")), true=value
        )
        for weeks, value in zip(ends, values, strict=False)
    ]
    return exp.Case(ifs=cases, default=values[-1])
