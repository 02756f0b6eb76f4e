"""What ClickHouse must be told: every moment has a zone, texts are bytes, and results of a comparison are numbers.

A time of day without a zone, as DuckDB has it, is held as the same wall clock in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlglot import exp

from warehouse.compiler.dialects.lowering import (
    EPOCH_WEEK_SHIFT,
    INSTANT,
    NAIVE,
    Lower,
    PeriodNumber,
    Rule,
    Rules,
    call,
    double,
    is_text,
    number,
    refusal,
)
from warehouse.compiler.dialects.semijoin import membership
from warehouse.compiler.dialects.spans import series_of

_TYPES = exp.DataType.Type
_UTC = exp.Literal.string("UTC")
_WHOLE = (_TYPES.INT, _TYPES.BIGINT, _TYPES.SMALLINT, _TYPES.TINYINT)
_REAL = (_TYPES.DOUBLE, _TYPES.FLOAT)
_TEXT = (_TYPES.TEXT, _TYPES.VARCHAR)
_STARTS = {
    "YEAR": "toStartOfYear",
    "QUARTER": "toStartOfQuarter",
    "MONTH": "toStartOfMonth",
    "DAY": "toStartOfDay",
    "HOUR": "toStartOfHour",
}
_STEPS = {"HOUR": "addHours", "DAY": "addDays", "WEEK": "addWeeks", "MONTH": "addMonths", "YEAR": "addYears"}


def _cast(node: exp.Expr, work: Lower) -> exp.Expr:
    assert isinstance(node, exp.Cast)
    kind, value = node.to.this, node.this
    if kind == _TYPES.DATE:
        return call("toDate32", value)
    if kind in NAIVE:
        return call("toDateTime64", value, number(6), _UTC.copy())
    if kind in INSTANT:
        if not is_text(node):
            raise refusal("a cast to an instant", work.dialect)
        moment = datetime.fromisoformat(value.name).astimezone(UTC).replace(tzinfo=None)
        return call("toDateTime64", exp.Literal.string(moment.isoformat(sep=" ")), number(6), _UTC.copy())
    if kind in _TEXT:
        return call("toString", value)
    if kind in _WHOLE:
        return _nullable(value, "Nullable(Int64)")
    if kind in _REAL:
        return _nullable(value, "Nullable(Float64)")
    if kind == _TYPES.BOOLEAN:
        return _nullable(value, "Nullable(Bool)")
    if kind == _TYPES.DECIMAL:
        size = ", ".join(p.name for p in node.to.expressions) or "18, 3"
        return _nullable(value, f"Nullable(Decimal({size}))")
    raise refusal(f"a cast to {node.to.sql()}", work.dialect)


def _nullable(value: exp.Expr, kind: str) -> exp.Expr:
    return call("CAST", value, exp.Literal.string(kind))


def _clock(node: exp.Expr, work: Lower) -> exp.Expr:
    """The wall clock of a zone, held as UTC: the instant moved by the zone's offset at that instant."""
    if isinstance(node.parent, exp.AtTimeZone):
        return node  # the outer one takes it along
    zone, value = node.args["zone"], node.this
    if isinstance(value, exp.AtTimeZone):
        stored = value.args["zone"]
        value = value.this
        if stored.name != "UTC":
            value = call("toDateTime64", call("toString", value), number(6), stored)
    offset = call("timezoneOffset", call("toTimeZone", value.copy(), zone))
    return call("addSeconds", call("toTimeZone", value, _UTC.copy()), offset)


def _truncate(node: exp.Expr, work: Lower) -> exp.Expr:
    unit = node.text("unit").upper()
    if unit == "WEEK":
        return call("toStartOfWeek", node.this, number(1))
    if unit not in _STARTS:
        raise refusal(f"truncation to {unit.lower()}", work.dialect)
    return call(_STARTS[unit], node.this)


def _named(name: str) -> Rule:
    def rule(node: exp.Expr, _: Lower) -> exp.Expr:
        return call(name, *_arguments(node))

    return rule


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    """The parts of a call in the order they are written."""
    parts = [node.args.get(key) for key in ("this", "expression", "start", "length")]
    return [part for part in parts if isinstance(part, exp.Expr)]


def _median(node: exp.Expr, _: Lower) -> exp.Expr:
    return _quantile(node.this, number(0.5))


def _percentile(node: exp.Expr, work: Lower) -> exp.Expr:
    return _quantile(double(node.this, work), node.expression)


def _quantile(value: exp.Expr, share: exp.Expr) -> exp.Expr:
    """The plain `median` and `quantile` look at a sample only."""
    return exp.ParameterizedAgg(this="quantileExactInclusive", expressions=[share], params=[value])


def _contains(node: exp.Expr, _: Lower) -> exp.Expr:
    return exp.Paren(this=exp.GT(this=call("position", node.this, node.expression), expression=number(0)))


def _escape(node: exp.Expr, work: Lower) -> exp.Expr:
    """A backslash escapes anyway, and there is no word to choose another."""
    if node.expression.name != "\\":
        raise refusal("another escape than a backslash", work.dialect)
    like: exp.Expr = node.this
    return like


def _period_number(node: exp.Expr, work: Lower) -> exp.Expr:
    unit, value = node.text("unit"), node.this
    if unit in ("HOUR", "MINUTE"):
        seconds = call("toUnixTimestamp64Micro", call("toDateTime64", value, number(6), _UTC.copy()))
        length = number((3600 if unit == "HOUR" else 60) * 1_000_000)
        return call("toInt64", exp.Floor(this=exp.Div(this=seconds, expression=length)))
    days = call("toInt64", call("toInt32", call("toDate32", value)))
    if unit == "DAY":
        return days
    shifted = exp.Paren(this=exp.Add(this=days, expression=number(EPOCH_WEEK_SHIFT)))
    return call("toInt64", exp.Floor(this=exp.Div(this=shifted, expression=number(7))))


def _series(node: exp.Expr, work: Lower) -> exp.Expr:
    """One row for each number of steps from the start."""
    assert isinstance(node, exp.Explode)
    made = series_of(node)
    start = exp.cast(exp.Literal.string(made.start.isoformat(sep=" ")), "timestamp")
    steps = call("range", number(made.length))
    step = exp.Mul(this=exp.column("i"), expression=number(made.step)) if made.step != 1 else exp.column("i")
    each = exp.Lambda(this=call(_STEPS[made.unit], start, step), expressions=[exp.to_identifier("i")])
    return call("arrayJoin", call("arrayMap", each, steps))


def _values(node: exp.Expr, _: Lower) -> exp.Expr:
    """A table of literal rows, as an array of tuples taken apart."""
    alias = node.args["alias"]
    names = [column.name for column in alias.columns]
    rows = [call("tuple", *row.expressions) for row in node.expressions]
    source = exp.select(exp.alias_(call("arrayJoin", exp.Array(expressions=rows)), "__row", quoted=True))
    row = exp.column("__row", quoted=True)
    items = [
        exp.alias_(call("tupleElement", row.copy(), number(place)), name, quoted=True)
        for place, name in enumerate(names, start=1)
    ]
    inner = exp.select(*items).from_(source.subquery(exp.to_identifier("__listed", quoted=True)))
    return exp.Subquery(this=inner, alias=exp.TableAlias(this=alias.this.copy()))


MACROS: Rules = {
    exp.Explode: _series,
    exp.Values: _values,
    exp.AtTimeZone: _clock,
    exp.Exists: membership,
}

RULES: Rules = {
    PeriodNumber: _period_number,
    exp.Array: lambda node, _: node,
    exp.Cast: _cast,
    exp.TimestampTrunc: _truncate,
    exp.DateTrunc: _truncate,
    exp.Year: _named("toYear"),
    exp.Quarter: _named("toQuarter"),
    exp.Month: _named("toMonth"),
    exp.Week: _named("toISOWeek"),
    exp.Day: _named("toDayOfMonth"),
    exp.Hour: _named("toHour"),
    exp.Minute: _named("toMinute"),
    exp.DayOfWeekIso: _named("toDayOfWeek"),
    exp.DayOfYear: _named("toDayOfYear"),
    exp.Median: _median,
    exp.PercentileCont: _percentile,
    exp.Lower: _named("lowerUTF8"),
    exp.Upper: _named("upperUTF8"),
    exp.Length: _named("lengthUTF8"),
    exp.Substring: _named("substringUTF8"),
    exp.Left: _named("leftUTF8"),
    exp.Right: _named("rightUTF8"),
    exp.Contains: _contains,
    exp.StartsWith: _named("startsWith"),
    exp.EndsWith: _named("endsWith"),
    exp.Escape: _escape,
    exp.FirstValue: _named("first_value_respect_nulls"),
}
