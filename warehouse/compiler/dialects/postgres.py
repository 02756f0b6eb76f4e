"""What Postgres must be told: whole numbers divide whole, names sort by language, and periods of dates have zones."""

from __future__ import annotations

from sqlglot import exp

from warehouse.compiler.dialects.lowering import (
    EPOCH_WEEK_SHIFT,
    Lower,
    PeriodNumber,
    Rule,
    Rules,
    call,
    double,
    number,
    refusal,
)
from warehouse.compiler.dialects.marks import byte_ordered, null_kind
from warehouse.model.schema import ValueType

_NULLS: dict[ValueType, str] = {
    "integer": "bigint",
    "decimal": "decimal",
    "float": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
    "time": "time",
    "text": "text",
}


def _series(node: exp.Expr, _: Lower) -> exp.Expr:
    """Postgres returns the rows of generate_series itself; unnest wants an array."""
    rows: exp.Expr = node.this
    return rows


def _null(node: exp.Expr, _: Lower) -> exp.Expr:
    """A bare NULL in the first branches of a union is taken for text."""
    kind = null_kind(node) if isinstance(node, exp.Null) else None
    return exp.cast(node.copy(), _NULLS[kind]) if kind is not None else node


def _by_bytes(node: exp.Expr, _: Lower) -> exp.Expr:
    """Text sorts by the database's language unless told otherwise, and then tops and ties differ."""
    found = byte_ordered(node.this)
    if found is not None:
        node.set("this", exp.Collate(this=found, expression=exp.to_identifier("C", quoted=True)))
    return node


def _group(node: exp.Expr, _: Lower) -> exp.Expr:
    """A bare text in GROUP BY is refused; one that says its type is a value like any other."""
    named = [exp.cast(e, "text") if isinstance(e, exp.Literal) else e for e in node.expressions]
    node.set("expressions", named)
    return node


def _truncate(node: exp.Expr, _: Lower) -> exp.Expr:
    """date_trunc of a date goes through the session's zone; of a plain timestamp it does not."""
    return exp.TimestampTrunc(this=exp.cast(node.this, "timestamp"), unit=node.args["unit"])


def _part(name: str) -> Rule:
    def rule(node: exp.Expr, _: Lower) -> exp.Expr:
        return exp.cast(exp.Extract(this=exp.var(name), expression=node.this), "int")

    return rule


def _median(node: exp.Expr, _: Lower) -> exp.Expr:
    return _quantile(node.this, 0.5)


def _percentile(node: exp.Expr, work: Lower) -> exp.Expr:
    if not isinstance(node.expression, exp.Literal):
        raise refusal("a computed quantile", work.dialect)
    return _quantile(double(node.this, work), float(node.expression.this))


def _quantile(value: exp.Expr, share: float) -> exp.Expr:
    order = exp.Order(expressions=[exp.Ordered(this=value)])
    return exp.WithinGroup(this=exp.PercentileCont(this=number(share)), expression=order)


def _contains(node: exp.Expr, _: Lower) -> exp.Expr:
    return exp.Paren(this=exp.GT(this=call("STRPOS", node.this, node.expression), expression=number(0)))


def _starts(node: exp.Expr, _: Lower) -> exp.Expr:
    return call("STARTS_WITH", node.this, node.expression)


def _ends(node: exp.Expr, _: Lower) -> exp.Expr:
    tail = exp.Right(this=node.this, expression=exp.Length(this=node.expression.copy()))
    return exp.Paren(this=exp.EQ(this=tail, expression=node.expression))


_SECONDS = {"HOUR": 3600, "MINUTE": 60}


def _period_number(node: exp.Expr, _: Lower) -> exp.Expr:
    unit, value = node.text("unit"), node.this
    if unit in _SECONDS:
        seconds = exp.Extract(this=exp.var("EPOCH"), expression=exp.cast(value, "timestamp"))
        return exp.cast(exp.Floor(this=exp.Div(this=seconds, expression=number(_SECONDS[unit]))), "bigint")
    epoch = exp.cast(exp.Literal.string("1970-01-01"), "date")
    days = exp.Paren(this=exp.Sub(this=exp.cast(value, "date"), expression=epoch))
    if unit == "DAY":
        return days
    shifted = exp.Paren(this=exp.Add(this=days, expression=number(EPOCH_WEEK_SHIFT)))
    return exp.cast(exp.Floor(this=exp.Div(this=exp.cast(shifted, "double"), expression=number(7))), "bigint")


MACROS: Rules = {exp.Explode: _series}

RULES: Rules = {
    PeriodNumber: _period_number,
    exp.Null: _null,
    exp.Ordered: _by_bytes,
    exp.Group: _group,
    exp.TimestampTrunc: _truncate,
    exp.DateTrunc: _truncate,
    exp.Year: _part("YEAR"),
    exp.Quarter: _part("QUARTER"),
    exp.Month: _part("MONTH"),
    exp.Week: _part("WEEK"),
    exp.Day: _part("DAY"),
    exp.Hour: _part("HOUR"),
    exp.Minute: _part("MINUTE"),
    exp.DayOfWeekIso: _part("ISODOW"),
    exp.DayOfYear: _part("DOY"),
    exp.Median: _median,
    exp.PercentileCont: _percentile,
    exp.Contains: _contains,
    exp.StartsWith: _starts,
    exp.EndsWith: _ends,
}
