"""Conditions that hold a row against other rows: what belongs to it, the average, the values of another field.

All of them are IN or a single value over a query of its own, never a join, so that no row is counted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from sqlglot import exp

from store.errors import InvalidRequest
from warehouse.compiler.paths import Path
from warehouse.compiler.resolve import Field
from warehouse.compiler.scope import Scope, column
from warehouse.compiler.time_sql import literal
from warehouse.model.schema import SemanticModel
from warehouse.query import Condition, Filter, Has

Inner = Callable[[Scope], list[exp.Expr]]
Conditions = Callable[[Scope, Sequence[Condition]], list[exp.Expr]]
_NUMERIC = ("integer", "decimal", "float")
_ORDERED = (*_NUMERIC, "date", "datetime")
_COMPARED: dict[str, type[exp.Binary]] = {
    "=": exp.EQ, "!=": exp.NEQ, "<": exp.LT, "<=": exp.LTE, ">": exp.GT, ">=": exp.GTE,
}  # fmt: skip


def marker(model: SemanticModel, table: str) -> str:
    """A column of `table` that every row of it has a value in: its key, else what others join to it by."""
    key = model.tables[table].key
    joins = (j for t in model.tables.values() for j in t.joins if j.to == table)
    return key[0] if key else next(iter(next(joins).on.values()))


def having_among(scope: Scope, child: str, up: Path, wanted: Has, inner: Inner) -> exp.Expr:
    """Whether the rows of `child` that lead up to a row of the scope have the wanted figure.

    A row to which nothing belongs is in no group: where zero is wanted, the groups that fail are left out instead.
    """
    assert wanted.op is not None  # without one the question is only whether there are any
    if wanted.op in ("most", "fewest"):
        best = exp.Max if wanted.op == "most" else exp.Min
        whole, _, figure = _grouped(scope, child, up, wanted, inner)
        whole.select(exp.alias_(figure, "__n", quoted=True), append=False, copy=False)
        figures = exp.Subquery(this=whole, alias=exp.TableAlias(this=exp.to_identifier("__figures", quoted=True)))
        most = exp.select(best(this=column(None, "__n"))).from_(figures)
        query, here, figure = _grouped(scope, child, up, wanted, inner)
        return _inside(here, query.having(exp.EQ(this=figure, expression=exp.Subquery(this=most)), copy=False))
    query, here, figure = _grouped(scope, child, up, wanted, inner)
    test = _compare(wanted.op, figure, literal(wanted.value))
    empty = wanted.agg in ("count", "sum") and _holds(wanted.op, Decimal(0), wanted.value)
    found = _inside(here, query.having(exp.Not(this=exp.paren(test)) if empty else test, copy=False))
    return exp.Not(this=found) if empty else found


def _grouped(
    scope: Scope, child: str, up: Path, wanted: Has, inner: Inner
) -> tuple[exp.Select, list[exp.Expr], exp.Expr]:
    """Rows of `child` grouped by what they belong to: the query, the same keys of the scope, the figure."""
    sub = scope.child(child)
    pairs = up[-1].join(scope.model).on.items()
    at = sub.join(up[:-1])
    kinds = [(scope.catalog.column_type(up[-1].source, a), scope.catalog.column_type(scope.root, b)) for a, b in pairs]
    alike = all(a == b or (a in _NUMERIC and b in _NUMERIC) for a, b in kinds)
    own: list[exp.Expr] = [column(at, a) if alike else exp.cast(column(at, a), "text") for a, _ in pairs]
    where = [exp.Not(this=exp.Is(this=c.copy(), expression=exp.Null())) for c in own] + inner(sub)
    figure = _figure(sub, wanted)
    query = _query(sub, own, where).group_by(*(c.copy() for c in own), copy=False)
    here: list[exp.Expr] = [
        column(scope.alias, b) if alike else exp.cast(column(scope.alias, b), "text") for _, b in pairs
    ]
    return query, here, figure


def _inside(here: list[exp.Expr], query: exp.Select) -> exp.In:
    row = here[0] if len(here) == 1 else exp.Tuple(expressions=here)
    return exp.In(this=row, query=exp.Subquery(this=query))


def held_against(scope: Scope, condition: Filter, conditions: Conditions) -> exp.Expr:
    """A field compared with its average, lowest or highest. Raises `InvalidRequest` for a field without such."""
    assert condition.field is not None and condition.than is not None
    than = condition.than
    field = scope.catalog.field(condition.field, scope.root)
    _check_kind(field, _NUMERIC if than.agg == "avg" else _ORDERED)
    sub = scope.child(than.table or field.table)
    value = sub.value(scope.catalog.field(condition.field, sub.root))
    figure = {"avg": exp.Avg, "min": exp.Min, "max": exp.Max}[than.agg](this=value)
    query = _query(sub, [figure], conditions(sub, than.filters))
    return _compare(condition.op, scope.value(field), exp.Subquery(this=query))


def values_among(scope: Scope, condition: Filter, conditions: Conditions) -> exp.Expr:
    """A field whose value is (or is not) a value of another field. Raises `InvalidRequest` when their types differ."""
    assert condition.field is not None and condition.among is not None
    field = scope.catalog.field(condition.field, scope.root)
    other = scope.catalog.field(condition.among.field, None)
    if (field.dimension.type in _NUMERIC) != (other.dimension.type in _NUMERIC):
        raise _misfit(field)
    sub = scope.child(other.table)
    value = sub.value(other)
    known = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
    query = _query(sub, [value], [known, *conditions(sub, condition.among.filters)])
    found = exp.In(this=scope.value(field), query=exp.Subquery(this=query))
    return found if condition.op == "in" else exp.Not(this=found)


def _figure(sub: Scope, wanted: Has) -> exp.Expr:
    if wanted.of is None:
        if sub.root == wanted.has:
            return exp.Count(this=exp.Star())
        once = column(sub.reach(wanted.has), marker(sub.model, wanted.has))
        return exp.Count(this=exp.Distinct(expressions=[once]))
    field = sub.catalog.field(wanted.of, sub.root)
    _check_kind(field, _NUMERIC)
    made = {"sum": exp.Sum, "avg": exp.Avg, "min": exp.Min, "max": exp.Max}[wanted.agg](this=sub.value(field))
    return exp.Coalesce(this=made, expressions=[exp.Literal.number(0)]) if wanted.agg == "sum" else made


def _query(sub: Scope, items: Sequence[exp.Expr], where: list[exp.Expr]) -> exp.Select:
    """SELECT over the rows of a scope; made last, when all joins are known."""
    query = exp.select(*items).from_(sub.source(), copy=False)
    for join in sub.joins:
        query.join(join, copy=False)
    return query.where(*where, copy=False)


def _compare(op: str, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return _COMPARED[op](this=left, expression=right)


def _holds(op: str, left: Decimal, right: Decimal) -> bool:
    return {
        "=": left == right, "!=": left != right, "<": left < right,
        "<=": left <= right, ">": left > right, ">=": left >= right,
    }[op]  # fmt: skip


def _check_kind(field: Field, kinds: Sequence[str]) -> None:
    if field.dimension.type not in kinds:
        raise _misfit(field)


def _misfit(field: Field) -> InvalidRequest:
    return InvalidRequest(
        f"“{field.label}” cannot be compared like this.",
        code="invalid_value",
        hint="Compare it with a number or a date of its own kind.",
        details={"field": field.qualified},
    )
