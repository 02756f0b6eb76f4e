"""Who did one thing and then another in time: counted per person and period, never per event."""

from __future__ import annotations

from sqlglot import exp

from warehouse.compiler.conditions import conditions, where_text
from warehouse.compiler.date_sql import plus
from warehouse.compiler.leaf import Draft, grouped
from warehouse.compiler.metrics import Conversion, atom_column
from warehouse.compiler.paths import route_or_none
from warehouse.compiler.resolve import Field
from warehouse.compiler.scope import Scope, aliased, column, time_kind
from warehouse.compiler.time_sql import local
from warehouse.query import DimRef

_FIRST, _THEN = "__first", "__then"


def conversion_leaf(made: Draft) -> exp.Select:
    """Entities with a base event, and those of them that converted, by the keys; the first event of each counts."""
    rule = made.source.conversion
    assert rule is not None  # only conversions come here
    names = list(made.groups)
    done = _converted(made, rule, names)
    figures: dict[str, exp.Expr] = {}
    for number, atom in made.wanted:
        counted = exp.Count(this=exp.Star())
        converted = exp.cast(exp.Sum(this=column(None, "__done")), "bigint")
        figures[atom_column(number, made.shape.prefix).name] = counted if atom.name == rule.base else converted
        made.build.types[number] = "integer"
        entity = _entity(made.scope, rule)
        made.build.reads[number] = made.scope.reads(made.scope.value(entity))
    items = (aliased(v, n) for n, v in figures.items())
    query = exp.select(*(column(None, n) for n in names), *items).from_(_sub(done, "__who"))
    return grouped(query, {n: column(None, n) for n in names}, made.shape)


def _converted(made: Draft, rule: Conversion, names: list[str]) -> exp.Select:
    """One row for each entity in each group, with whether it converted."""
    first, then = _first(made, rule), _then(made, rule)
    at = column(_FIRST, "__at")
    unit, n = rule.within.unit, rule.within.n
    late = plus(exp.cast(at.copy(), "timestamp"), 3 * n if unit == "quarter" else n, _unit(unit))
    seen = column(_THEN, "__at")
    in_time = exp.and_(exp.GTE(this=seen, expression=at), exp.LT(this=seen.copy(), expression=late))
    one = exp.Case(ifs=[exp.If(this=in_time, true=exp.Literal.number(1))], default=exp.Literal.number(0))
    keys = [column(_FIRST, n) for n in names]
    query = exp.select(*keys, column(_FIRST, "__entity"), aliased(exp.Max(this=one), "__done"))
    same = exp.EQ(this=column(_THEN, "__entity"), expression=column(_FIRST, "__entity"))
    query = query.from_(_sub(first, _FIRST)).join(exp.Join(this=_sub(then, _THEN), side="LEFT", on=same))
    return query.group_by(*(k.copy() for k in keys), column(_FIRST, "__entity"))


def _unit(unit: str) -> str:
    return "MONTH" if unit == "quarter" else unit.upper()


def _first(made: Draft, rule: Conversion) -> exp.Select:
    scope, build = made.scope, made.build
    measure = build.catalog.measure(rule.base)[1]
    atom = made.wanted[0][1]
    made.where += [where_text(scope, t, scope.alias) for t in (measure.where, *atom.wheres) if t]
    made.where += conditions(scope, atom.filters)
    who = scope.value(_entity(scope, rule))
    made.where.append(exp.Not(this=exp.Is(this=who.copy(), expression=exp.Null())))
    groups = made.shown_groups() | {"__entity": who}
    query = made.rows(groups | {"__at": exp.Min(this=_moment(scope, build.times[scope.root]))})
    return query.group_by(*(v.copy() for v in groups.values()), copy=False)


def _then(made: Draft, rule: Conversion) -> exp.Select:
    table, measure = made.build.catalog.measure(rule.then)
    scope = made.scope.child(table)
    tests = [where_text(scope, measure.where, scope.alias)] if measure.where else []
    items = {"__entity": scope.value(_entity(scope, rule)), "__at": _moment(scope, scope.default_time())}
    query = exp.select(*(aliased(v, n) for n, v in items.items())).from_(scope.source(), copy=False)
    for join in scope.joins:
        query.join(join, copy=False)
    return query.where(*tests, copy=False)


def _moment(scope: Scope, field: Field) -> exp.Expr:
    """Both events on the business clock, so that columns stored in different zones can be compared."""
    return exp.cast(local(scope.value(field), time_kind(field), scope.model.calendar), "timestamp")


def _entity(scope: Scope, rule: Conversion) -> Field:
    """Who an event is about; in a table that does not lead to the entity's own, the column of that name."""
    field = scope.catalog.field(DimRef(field=rule.entity), scope.root)
    if field.table != scope.root and route_or_none(scope.model, scope.root, field.table) is None:
        return scope.catalog.field_of(scope.root, field.name)
    return field


def _sub(query: exp.Query, alias: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
