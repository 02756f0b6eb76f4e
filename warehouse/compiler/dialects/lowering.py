"""From DuckDB's tree to another engine's: rewriting, node by node, whatever the two would understand differently."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlglot import exp

from store.errors import InvalidRequest

Rule = Callable[[exp.Expr, "Lower"], exp.Expr]
Rules = dict[type, Rule]


class Lower:
    """The rules of one dialect, for rules that build on others."""

    def __init__(self, dialect: str, rules: Rules) -> None:
        self.dialect = dialect
        self._rules = rules

    def one(self, node: exp.Expr) -> exp.Expr:
        """`node` said the dialect's way; what is below it has been dealt with. Raises `InvalidRequest`."""
        rule = self._rules.get(type(node))
        if rule is not None:
            return rule(node, self)
        if isinstance(node, exp.Func) and type(node) not in _ALIKE:
            raise refusal(type(node).__name__.lower(), self.dialect)
        return node

    def period_number(self, value: exp.Expr, unit: str) -> exp.Expr:
        """Which day, week, hour or minute since the epoch holds `value`."""
        rule = self._rules.get(PeriodNumber)
        if rule is None:
            raise refusal(f"a count of {unit.lower()}s", self.dialect)
        return rule(exp.TimestampTrunc(this=value, unit=exp.var(unit)), self)


def lower(tree: exp.Expr, dialect: str, rules: Rules, macros: Rules) -> exp.Expr:
    """`tree`, rewritten in place. Macros see a node before its parts are rewritten, rules see it after."""
    work = Lower(dialect, rules)
    tree = _each(tree, lambda node: macros[type(node)](node, work) if type(node) in macros else node, deep_first=False)
    return _each(tree, work.one, deep_first=True)


def _each(tree: exp.Expr, change: Callable[[exp.Expr], exp.Expr], *, deep_first: bool) -> exp.Expr:
    nodes = list(tree.walk())
    for node in reversed(nodes) if deep_first else nodes:
        made = change(node)
        if made is not node:
            if node is tree:
                tree = made
            else:
                node.replace(made)
    return tree


def refusal(what: str, dialect: str) -> InvalidRequest:
    """The refusal of something that has no proven equal on the engine."""
    return InvalidRequest(
        f"“{what}” cannot be asked of {dialect} with the same meaning.",
        code="dialect_construct",
        hint="Express it with arithmetic, comparisons, CASE and plain functions.",
        details={"construct": what, "dialect": dialect},
    )


def call(name: str, *args: exp.Expr) -> exp.Anonymous:
    """A call of a function by the engine's own name."""
    return exp.Anonymous(this=name, expressions=list(args))


def number(value: int | float) -> exp.Expr:
    """A number as a literal."""
    return exp.Literal.number(value)


def double(value: exp.Expr, work: Lower) -> exp.Expr:
    """`value` as a double."""
    return work.one(exp.cast(value, "double"))


def is_text(cast: exp.Cast) -> bool:
    """Whether a cast is a typed literal, such as DATE '2025-01-01'."""
    return isinstance(cast.this, exp.Literal) and cast.this.is_string


NAIVE = (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ, exp.DataType.Type.DATETIME)
INSTANT = (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPLTZ)


def _divide(node: exp.Expr, work: Lower) -> exp.Expr:
    """DuckDB divides as doubles; others keep whole numbers or scales, and stop at zero."""
    return exp.Div(this=double(node.this, work), expression=_not_zero(node.expression))


def _modulo(node: exp.Expr, _: Lower) -> exp.Expr:
    return exp.Mod(this=node.this, expression=_not_zero(node.expression))


def _not_zero(divisor: exp.Expr) -> exp.Expr:
    bare = divisor.unnest()
    if isinstance(bare, exp.Nullif) or (isinstance(bare, exp.Literal) and float(bare.this)):
        return divisor
    return exp.Nullif(this=divisor, expression=number(0))


def _average(node: exp.Expr, work: Lower) -> exp.Expr:
    return exp.Avg(this=double(node.this, work))


def _round(node: exp.Expr, work: Lower) -> exp.Expr:
    """Half away from zero, as DuckDB does: engines disagree on round(2.5)."""
    places = node.args.get("decimals")
    if places is not None and not (isinstance(places, exp.Literal) and places.is_int):
        raise refusal("round to a computed number of places", work.dialect)
    scale = 10 ** int(places.this) if places is not None else 1
    size = exp.Mul(this=exp.Abs(this=node.this.copy()), expression=number(scale))
    up = exp.Floor(this=exp.Add(this=size, expression=number(0.5)))
    whole = exp.Mul(this=exp.Sign(this=node.this), expression=up)
    return exp.Paren(this=exp.Div(this=whole, expression=number(scale))) if scale > 1 else exp.Paren(this=whole)


def _concat(node: exp.Expr, work: Lower) -> exp.Expr:
    """DuckDB's concat skips what is empty."""
    texts = [work.one(exp.cast(part, "text")) for part in node.expressions]
    filled = [exp.Coalesce(this=text, expressions=[exp.Literal.string("")]) for text in texts]
    joined: exp.Expr = filled[0]
    for text in filled[1:]:
        joined = exp.DPipe(this=joined, expression=text)
    return exp.Paren(this=joined)


def _day_of_week(node: exp.Expr, work: Lower) -> exp.Expr:
    """DuckDB counts from Sunday = 0."""
    return exp.Paren(this=exp.Mod(this=work.one(exp.DayOfWeekIso(this=node.this)), expression=number(7)))


def _no_equal(node: exp.Expr, work: Lower) -> exp.Expr:
    """Engines differ in what they take for a number, and in where whole division rounds to."""
    raise refusal("try_cast" if isinstance(node, exp.TryCast) else "//", work.dialect)


_FIELDS: dict[str, type[exp.Expr]] = {
    "year": exp.Year, "quarter": exp.Quarter, "month": exp.Month, "week": exp.Week, "day": exp.Day,
    "hour": exp.Hour, "minute": exp.Minute, "dow": exp.DayOfWeek, "isodow": exp.DayOfWeekIso, "doy": exp.DayOfYear,
}  # fmt: skip


def _extract(node: exp.Expr, work: Lower) -> exp.Expr:
    named = node.this.name.lower()
    if named not in _FIELDS:
        raise refusal(f"extract {named}", work.dialect)
    return work.one(_FIELDS[named](this=node.expression))


_MONTHS = {"YEAR": 12, "QUARTER": 3, "MONTH": 1}


def _date_diff(node: exp.Expr, work: Lower) -> exp.Expr:
    """How many borders of the unit lie between two moments, which is how DuckDB counts."""
    unit = node.text("unit").upper()
    count = partial(_borders, unit=unit, work=work)
    if unit not in (*_MONTHS, "DAY", "WEEK", "HOUR", "MINUTE"):
        raise refusal(f"date_diff in {unit.lower()}", work.dialect)
    return exp.Paren(this=exp.Sub(this=count(node.this), expression=count(node.expression)))


def _borders(value: exp.Expr, *, unit: str, work: Lower) -> exp.Expr:
    """The number of the period that holds `value`, counted from anywhere."""
    if unit in _MONTHS:
        part = exp.Month if unit == "MONTH" else exp.Quarter if unit == "QUARTER" else exp.Year
        year = exp.Mul(this=work.one(exp.Year(this=value.copy())), expression=number(12 // _MONTHS[unit]))
        return exp.Paren(this=year if unit == "YEAR" else exp.Add(this=year, expression=work.one(part(this=value))))
    return work.period_number(value, unit)


class PeriodNumber:
    """Names the rule for how many days, weeks (from Monday), hours or minutes lie between the epoch and a moment."""


EPOCH_WEEK_SHIFT = 3
"""1970-01-01 was a Thursday: three days after the Monday that starts its week."""

COMMON: Rules = {
    exp.Div: _divide,
    exp.Mod: _modulo,
    exp.Avg: _average,
    exp.Round: _round,
    exp.Concat: _concat,
    exp.DayOfWeek: _day_of_week,
    exp.Extract: _extract,
    exp.DateDiff: _date_diff,
    exp.TryCast: _no_equal,
    exp.IntDiv: _no_equal,
}

_ALIKE = frozenset(
    {
        exp.Abs, exp.And, exp.Or, exp.Case, exp.Cast, exp.Ceil, exp.Coalesce, exp.Count, exp.DenseRank, exp.Exists,
        exp.Explode, exp.FirstValue, exp.Floor, exp.GenerateSeries, exp.Greatest, exp.If, exp.Least, exp.Left,
        exp.Length, exp.Lower, exp.Max, exp.Min, exp.Nullif, exp.Rank, exp.Replace, exp.Right, exp.RowNumber, exp.Sign,
        exp.StartsWith, exp.Substring, exp.Sum, exp.Trim, exp.Upper, exp.Anonymous, exp.ParameterizedAgg,
    }
)  # fmt: skip
"""Functions that mean the same on every engine, as the case list shows; all others need a rule."""
