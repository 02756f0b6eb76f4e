"""One fact aggregated alone: the SELECT that every figure of a table comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from warehouse.compiler.bands import banded
from warehouse.compiler.build import OFFSET, Build, Key
from warehouse.compiler.conditions import conditions, where_text
from warehouse.compiler.fanout import Spread, spread
from warehouse.compiler.metrics import Atom, Source, atom_column
from warehouse.compiler.scope import Scope, aliased, column, time_kind
from warehouse.compiler.time_sql import bucket, offset_minutes, part, within
from warehouse.model.schema import ValueType

OTHERS = "Other"
_ZERO = exp.Literal.number(0)


@dataclass(frozen=True)
class Range:
    """Which time a leaf covers: fixed bounds, or the ranges of a table of periods (`against`)."""

    start: datetime | None = None
    end: datetime | None = None
    against: str | None = None


@dataclass(frozen=True)
class Fold:
    """Which groups stay: those listed in the subquery `kept`; the `keys` of all others become “Other”."""

    kept: str
    keys: frozenset[str]


@dataclass(frozen=True)
class Shape:
    """What a leaf gives: aggregations by `keys` in columns `__m0` … (or `__p0` … for the prior period).

    `alone` says that no other branch will be added, so that what a missing value means is decided here.
    """

    keys: Sequence[Key]
    prefix: str = "__m"
    alone: bool = False
    fold: Fold | None = None


@dataclass
class Draft:
    """A leaf in the making: its FROM clause, the value of every key, and the conditions on its rows."""

    build: Build
    source: Source
    covers: Range
    shape: Shape
    scope: Scope
    spread: Spread
    groups: dict[str, exp.Expr]
    where: list[exp.Expr]

    @property
    def wanted(self) -> list[tuple[int, Atom]]:
        """The aggregations of this source with their numbers."""
        return [(i, a) for i, a in enumerate(self.build.atoms.found) if a.source == self.source]

    def rows(self, items: dict[str, exp.Expr], joins: Sequence[exp.Join] = ()) -> exp.Select:
        """SELECT `items` over the rows of the leaf, not grouped."""
        query = exp.select(*(aliased(v, n) for n, v in items.items())).from_(self.scope.source(), copy=False)
        for join in (*self.scope.joins, *self.spread.joins):
            query.join(join, copy=False)
        if self.covers.against is not None:
            query.join(_periods_join(self.build, self.scope, self.source.table, self.covers.against), copy=False)
        if self.shape.fold is not None:
            query.join(self._fold_join(self.shape.fold), copy=False)
        for join in joins:
            query.join(join, copy=False)
        return query.where(*self.where, copy=False)

    def shown_groups(self) -> dict[str, exp.Expr]:
        """The keys as they are grouped by: what is not kept under one name."""
        fold = self.shape.fold
        if fold is None:
            return {n: v.copy() for n, v in self.groups.items()}
        kept = exp.Not(this=exp.Is(this=column(fold.kept, "__rank"), expression=exp.Null()))

        def shown(name: str, value: exp.Expr) -> exp.Expr:
            if name not in fold.keys:
                return value.copy()
            return exp.Case(ifs=[exp.If(this=kept.copy(), true=value.copy())], default=exp.Literal.string(OTHERS))

        return {n: shown(n, v) for n, v in self.groups.items()}

    def _fold_join(self, fold: Fold) -> exp.Join:
        named = [k.internal for k in self.shape.keys if k.ref is not None]
        same = [exp.NullSafeEQ(this=self.groups[n].copy(), expression=column(fold.kept, n)) for n in named]
        return exp.Join(this=exp.Table(this=exp.to_identifier(fold.kept, quoted=True)), side="LEFT", on=exp.and_(*same))


def draft(build: Build, source: Source, covers: Range, shape: Shape) -> Draft:
    """The FROM clause of a leaf with all that grouping and filtering it takes."""
    scope = Scope(build.catalog, build.record, source.table)
    where = conditions(scope, build.query.filters)
    over = spread(scope, shape.keys, build.query)
    groups = {k.internal: over.values.get(k.internal) or _key_value(build, scope, k, covers) for k in shape.keys}
    if over.values:
        build.spread[source] = over.weight is None
    where += _when(build, scope, source.table, covers)
    return Draft(build, source, covers, shape, scope, over, groups, where)


def plain_leaf(made: Draft) -> exp.Select:
    """The aggregations of a table by the keys, one row a group."""
    build, shape = made.build, made.shape
    figures = {i: aggregation(made, i, a) for i, a in made.wanted}
    if shape.alone:
        figures = {i: settled(build, build.atoms.found[i], f, bool(shape.keys)) for i, f in figures.items()}
    groups = made.shown_groups()
    query = made.rows(groups | {atom_column(i, shape.prefix).name: v for i, v in figures.items()})
    return grouped(query, groups, shape)


def grouped(query: exp.Select, groups: dict[str, exp.Expr], shape: Shape) -> exp.Select:
    """`query` grouped by the keys; a branch without keys and rows gives none, so that it adds no empty row."""
    if groups:
        query.group_by(*(v.copy() for v in groups.values()), copy=False)
    elif not shape.alone:
        query.having(exp.GT(this=exp.Count(this=exp.Star()), expression=_ZERO.copy()), copy=False)
    return query


def _key_value(build: Build, scope: Scope, key: Key, covers: Range) -> exp.Expr:
    if key.ref is not None:
        return key_value(scope, key, scope.root)
    if covers.against is not None:
        return column(covers.against, "__t")
    field = build.times[scope.root]
    if key.internal == OFFSET:
        return offset_minutes(scope.value(field), time_kind(field), build.rules)
    assert key.grain is not None  # a key without a reference is the query's own grain
    return bucket(scope.value(field), key.grain, time_kind(field), build.rules)


def key_value(scope: Scope, key: Key, root: str) -> exp.Expr:
    """The value of a dimension key for each row of `scope`."""
    assert key.ref is not None  # only the query's own grain has none
    field = scope.catalog.field(key.ref, root)
    value = scope.value(field)
    if key.grain is not None:
        return bucket(value, key.grain, time_kind(field), scope.model.calendar)
    if key.part is not None:
        return part(value, key.part, time_kind(field), scope.model.calendar)
    return value if key.band is None else banded(value, key.band, field.dimension.type)


def _when(build: Build, scope: Scope, fact: str, covers: Range) -> list[exp.Expr]:
    field = build.times.get(fact)
    if field is None:
        return []
    value = scope.value(field)
    build.record.filters.update(dict.fromkeys(scope.reads(value)))
    return within(value, covers.start, covers.end, time_kind(field), build.rules)


def _periods_join(build: Build, scope: Scope, fact: str, periods: str) -> exp.Join:
    value = scope.value(build.times[fact])
    on = exp.and_(
        exp.GTE(this=value, expression=column(periods, "__start")),
        exp.LT(this=value.copy(), expression=column(periods, "__end")),
    )
    return exp.Join(this=exp.Table(this=exp.to_identifier(periods, quoted=True)), on=on)


def aggregation(made: Draft, number: int, atom: Atom) -> exp.Expr:
    """The bare aggregation, empty where nothing matches."""
    build, scope = made.build, made.scope
    tests = [where_text(scope, text, scope.alias) for text in (atom.measure.where, *atom.wheres) if text]
    tests += conditions(scope, atom.filters)
    value = scope.expression(atom.measure.expr, scope.alias) if atom.measure.expr else None
    kind: ValueType = scope.type_of(value) if value is not None else "integer"
    if value is not None and atom.measure.agg == "sum" and made.spread.weight is not None:
        value = exp.Mul(this=exp.paren(value), expression=made.spread.weight.copy())
        kind = "float" if kind == "float" or made.spread.float_weight else "decimal"
    chosen = _chosen(value, tests)
    if atom.measure.weight is not None:
        weight = _chosen(scope.expression(atom.measure.weight, scope.alias), tests)
        assert chosen is not None and weight is not None  # an average has an expression
        build.types[number], result = "float", _weighted(chosen, weight)
    else:
        build.types[number], result = _function(atom, chosen, kind)
    build.reads[number] = scope.reads(result) or tuple(
        f"{atom.table}.{c}" for c in build.catalog.model.tables[atom.table].key
    )
    return result


def _chosen(value: exp.Expr | None, tests: list[exp.Expr]) -> exp.Expr | None:
    if not tests:
        return value
    one = value if value is not None else exp.Literal.number(1)
    return exp.Case(ifs=[exp.If(this=exp.and_(*(t.copy() for t in tests)), true=one)])


def _weighted(value: exp.Expr, weight: exp.Expr) -> exp.Expr:
    """The average of values by weight, over the rows that have both."""
    total = exp.Sum(this=exp.Mul(this=exp.cast(value, "double"), expression=exp.cast(weight, "double")))
    some = exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))
    counted = exp.Case(ifs=[exp.If(this=some, true=exp.cast(weight.copy(), "double"))])
    return exp.Div(this=total, expression=exp.Nullif(this=exp.Sum(this=counted), expression=_ZERO.copy()))


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


def settled(build: Build, atom: Atom, made: exp.Expr, grouped: bool) -> exp.Expr:
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
