"""What Spark must be told: a moment without a zone is TIMESTAMP_NTZ, everywhere, or the session's zone joins in."""

from __future__ import annotations

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
    number,
    refusal,
)
from warehouse.compiler.dialects.spans import series_of

_NTZ = exp.DataType.Type.TIMESTAMPNTZ


def _cast(node: exp.Expr, _: Lower) -> exp.Expr:
    assert isinstance(node, exp.Cast)
    if node.to.this in NAIVE:
        return exp.Cast(this=node.this, to=exp.DataType(this=_NTZ))
    if node.to.this in INSTANT:
        return exp.Cast(this=node.this, to=exp.DataType(this=exp.DataType.Type.TIMESTAMPTZ))
    return node


def _naive(value: exp.Expr) -> exp.Expr:
    return exp.Cast(this=value, to=exp.DataType(this=_NTZ))


def _clock(node: exp.Expr, _: Lower) -> exp.Expr:
    """From the stored zone's wall clock (an instant's is UTC, the session's zone) to the wanted one's."""
    if isinstance(node.parent, exp.AtTimeZone):
        return node  # the outer one takes it along
    value, stored = node.this, exp.Literal.string("UTC")
    if isinstance(value, exp.AtTimeZone):
        value, stored = value.this, value.args["zone"]
    return call("CONVERT_TIMEZONE", stored, node.args["zone"], _naive(value))


def _truncate(node: exp.Expr, _: Lower) -> exp.Expr:
    unit = exp.Literal.string(node.text("unit").upper())
    return _naive(call("DATE_TRUNC", unit, node.this))


def _named(name: str) -> Rule:
    def rule(node: exp.Expr, _: Lower) -> exp.Expr:
        return call(name, node.this)

    return rule


def _weekday(node: exp.Expr, _: Lower) -> exp.Expr:
    return exp.Paren(this=exp.Add(this=call("WEEKDAY", node.this), expression=number(1)))


def _percentile(node: exp.Expr, work: Lower) -> exp.Expr:
    if not isinstance(node.expression, exp.Literal):
        raise refusal("a computed quantile", work.dialect)
    return call("PERCENTILE", double(node.this, work), node.expression)


def _two(name: str) -> Rule:
    def rule(node: exp.Expr, _: Lower) -> exp.Expr:
        return call(name, node.this, node.expression)

    return rule


def _period_number(node: exp.Expr, _: Lower) -> exp.Expr:
    unit, value = node.text("unit"), node.this
    if unit in ("HOUR", "MINUTE"):
        instant = exp.Cast(this=_naive(value), to=exp.DataType(this=exp.DataType.Type.TIMESTAMPTZ))
        length = number(3600 if unit == "HOUR" else 60)
        return exp.Floor(this=exp.Div(this=call("UNIX_SECONDS", instant), expression=length))
    days = call("UNIX_DATE", exp.cast(value, "date"))
    if unit == "DAY":
        return days
    shifted = exp.Paren(this=exp.Add(this=days, expression=number(EPOCH_WEEK_SHIFT)))
    return exp.Floor(this=exp.Div(this=shifted, expression=number(7)))


def _series(node: exp.Expr, work: Lower) -> exp.Expr:
    """A generator may not stand inside a cast, so the sequence itself is of the wanted type."""
    assert isinstance(node, (exp.Cast, exp.Explode))
    inner = node.this if isinstance(node, exp.Cast) else node
    if not isinstance(inner, exp.Explode) or isinstance(node.parent, exp.Cast):
        return node
    made, kind = series_of(inner), "date" if isinstance(node, exp.Cast) else "timestamp"
    ends = [exp.cast(exp.Literal.string(m.isoformat(sep=" ")), kind) for m in (made.start, made.last)]
    interval = exp.Interval(this=exp.Literal.string(str(made.step)), unit=exp.var(made.unit))
    return call("EXPLODE", call("SEQUENCE", *ends, interval))


MACROS: Rules = {exp.Cast: _series, exp.Explode: _series, exp.AtTimeZone: _clock}

RULES: Rules = {
    PeriodNumber: _period_number,
    exp.Cast: _cast,
    exp.TimestampTrunc: _truncate,
    exp.DateTrunc: _truncate,
    exp.Year: _named("YEAR"),
    exp.Quarter: _named("QUARTER"),
    exp.Month: _named("MONTH"),
    exp.Week: _named("WEEKOFYEAR"),
    exp.Day: _named("DAY"),
    exp.Hour: _named("HOUR"),
    exp.Minute: _named("MINUTE"),
    exp.DayOfWeekIso: _weekday,
    exp.DayOfYear: _named("DAYOFYEAR"),
    exp.Median: _named("MEDIAN"),
    exp.PercentileCont: _percentile,
    exp.Contains: _two("CONTAINS"),
    exp.StartsWith: _two("STARTSWITH"),
    exp.EndsWith: _two("ENDSWITH"),
}
