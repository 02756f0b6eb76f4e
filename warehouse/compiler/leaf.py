"""One fact aggregated alone: the SELECT that every figure of a table comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from warehouse.compiler.build import Build, Key
from warehouse.compiler.conditions import conditions, where_text
from warehouse.compiler.metrics import Atom, atom_column
from warehouse.compiler.scope import Scope, column, time_kind
from warehouse.compiler.time_sql import bucket, part, within
from warehouse.model.schema import ValueType

_ZERO = exp.Literal.number(0)


@dataclass(frozen=True)
class Range:
    """Which time a leaf covers: fixed bounds, or the ranges of a table of periods (`against`)."""

    start: datetime | None = None
    end: datetime | None = None
    against: str | None = None


def leaf(build: Build, fact: str, covers: Range, *, prefix: str = "__m", alone: bool, keys: list[Key]) -> exp.Select:
    """The aggregations of `fact` by `keys`, in columns `__m0` … (or `__p0` … for the prior period).

    `alone` says that no other branch will be added, so that what a missing value means is decided here.
    """
    scope = Scope(build.catalog, build.record, fact)
    where = conditions(scope, build.query.filters)
    groups = {k.internal: _key_value(build, scope, fact, k, covers) for k in keys}
    wanted = [(i, a) for i, a in enumerate(build.atoms.found) if a.table == fact]
    figures = {i: _aggregate(build, scope, i, a) for i, a in wanted}
    if alone:
        figures = {i: _settled(build, build.atoms.found[i], f, bool(keys)) for i, f in figures.items()}
    when = _when(build, scope, fact, covers)
    query = exp.select(*(_aliased(v, name) for name, v in groups.items()))
    query = query.select(*(_aliased(v, atom_column(i, prefix).name) for i, v in figures.items()), copy=False)
    query = query.from_(scope.source(), copy=False)
    for join in scope.joins:
        query.join(join, copy=False)
    if covers.against is not None:
        _join_periods(build, scope, query, fact, covers.against)
    query.where(*when, *where, copy=False)
    if groups:
        query.group_by(*(v.copy() for v in groups.values()), copy=False)
    elif not alone:
        query.having(exp.GT(this=exp.Count(this=exp.Star()), expression=_ZERO.copy()), copy=False)
    return query


def _aliased(value: exp.Expr, name: str) -> exp.Expr:
    return exp.alias_(value, name, quoted=True)


def _key_value(build: Build, scope: Scope, fact: str, key: Key, covers: Range) -> exp.Expr:
    if key.ref is None:
        if covers.against is not None:
            return column(covers.against, "__t")
        field = build.times[fact]
        assert key.grain is not None  # a key without a reference is the query's own grain
        return bucket(scope.value(field), key.grain, time_kind(field), build.rules)
    return key_value(scope, key, fact)


def key_value(scope: Scope, key: Key, root: str) -> exp.Expr:
    """The value of a dimension key for each row of `scope`."""
    assert key.ref is not None  # only the query's own grain has none
    field = scope.catalog.field(key.ref, root)
    value = scope.value(field)
    if key.grain is not None:
        return bucket(value, key.grain, time_kind(field), scope.model.calendar)
    if key.part is not None:
        return part(value, key.part, time_kind(field), scope.model.calendar)
    return value


def _when(build: Build, scope: Scope, fact: str, covers: Range) -> list[exp.Expr]:
    field = build.times.get(fact)
    if field is None:
        return []
    value = scope.value(field)
    build.record.filters.update(dict.fromkeys(scope.reads(value)))
    return within(value, covers.start, covers.end, time_kind(field), build.rules)


def _join_periods(build: Build, scope: Scope, query: exp.Select, fact: str, periods: str) -> None:
    value = scope.value(build.times[fact])
    on = exp.and_(
        exp.GTE(this=value, expression=column(periods, "__start")),
        exp.LT(this=value.copy(), expression=column(periods, "__end")),
    )
    query.join(exp.Join(this=exp.Table(this=exp.to_identifier(periods, quoted=True)), on=on), copy=False)


def _aggregate(build: Build, scope: Scope, number: int, atom: Atom) -> exp.Expr:
    """The bare aggregation, empty where nothing matches."""
    tests = [where_text(scope, text, scope.alias) for text in (atom.measure.where, *atom.wheres) if text]
    tests += conditions(scope, atom.filters)
    value = scope.expression(atom.measure.expr, scope.alias) if atom.measure.expr else None
    kind: ValueType = scope.type_of(value) if value is not None else "integer"
    shown = value
    if tests:
        chosen = value if value is not None else exp.Literal.number(1)
        shown = exp.Case(ifs=[exp.If(this=exp.and_(*tests), true=chosen)])
    build.types[number], made = _function(atom, shown, kind)
    build.reads[number] = scope.reads(made) or tuple(
        f"{atom.table}.{c}" for c in build.catalog.model.tables[atom.table].key
    )
    return made


def _function(atom: Atom, value: exp.Expr | None, kind: ValueType) -> tuple[ValueType, exp.Expr]:
    agg = atom.measure.agg
    if agg == "count":
        return "integer", exp.Count(this=value if value is not None else exp.Star())
    assert value is not None  # the model checks that every other aggregation has an expression
    if agg == "count_distinct":
        return "integer", exp.Count(this=exp.Distinct(expressions=[value]))
    if agg == "sum":
        total = exp.Sum(this=value)
        return kind, exp.cast(total, "bigint") if kind == "integer" else total
    if agg == "avg":
        return "float", exp.Avg(this=value)
    if agg == "median":
        return "float", exp.Median(this=exp.cast(value, "double"))
    return kind, exp.Min(this=value) if agg == "min" else exp.Max(this=value)


def _settled(build: Build, atom: Atom, made: exp.Expr, grouped: bool) -> exp.Expr:
    """Zero for sums and counts of a group that exists. When no row matched at all a sum is nothing; a count is zero
    where there is data for the period, and nothing where there is none.
    """
    if not atom.fills_with_zero:
        return made
    counted = atom.measure.agg != "sum"
    if grouped:
        return made if counted else exp.Coalesce(this=made, expressions=[_ZERO.copy()])
    if counted and build.covered:
        return made
    if made == exp.Count(this=exp.Star()):
        return exp.Nullif(this=made, expression=_ZERO.copy())
    if not counted and not (made.find(exp.Case)):
        return made
    rows = exp.GT(this=exp.Count(this=exp.Star()), expression=_ZERO.copy())
    value = made if counted else exp.Coalesce(this=made, expressions=[_ZERO.copy()])
    return exp.Case(ifs=[exp.If(this=rows, true=value)])
