"""Stock and balances: what was there at a date, added up across everything but dates."""

from __future__ import annotations

from sqlglot import exp

from warehouse.compiler.leaf import Draft, aggregation, grouped
from warehouse.compiler.metrics import atom_column
from warehouse.compiler.scope import Scope, aliased, column, time_kind
from warehouse.compiler.time_sql import bucket, within
from warehouse.model.schema import SemiAdditive

_SNAP = "__snapshots"
_OUTER: dict[str, type[exp.AggFunc]] = {"min": exp.Min, "max": exp.Max}


def level_leaf(made: Draft) -> exp.Select:
    """The level of each group in each period, by the rule of its measure. Only its own dates decide which date counts:
    the window and the policies do, what the asker filters by does not.
    """
    semi = made.source.semi
    assert semi is not None  # only levels come here
    if semi.take in ("first", "last"):
        return _at_a_date(made, semi)
    if semi.take == "avg" and semi.per == "table":
        return _average(made, semi)
    return _over_dates(made, semi)


def _at_a_date(made: Draft, semi: SemiAdditive) -> exp.Select:
    groups = made.shown_groups()
    figures = {atom_column(i, made.shape.prefix).name: aggregation(made, i, a) for i, a in made.wanted}
    entity = _entity(semi)
    on: list[exp.Expr] = [exp.EQ(this=column(made.scope.alias, semi.over), expression=column(_SNAP, "__at"))]
    on += [exp.EQ(this=column(made.scope.alias, e), expression=column(_SNAP, e)) for e in entity]
    at = exp.Max if semi.take == "last" else exp.Min
    query, periods = snapshots(made, {e: e for e in entity}, semi, at)
    on += _same_period(made, periods, semi)
    return grouped(made.rows(groups | figures, [_join(query, on)]), groups, made.shape)


def _average(made: Draft, semi: SemiAdditive) -> exp.Select:
    groups = made.shown_groups()
    query, periods = snapshots(made, {}, semi, None)
    dates = exp.Max(this=column(_SNAP, "__dates"))
    figures: dict[str, exp.Expr] = {}
    for number, atom in made.wanted:
        total = exp.cast(aggregation(made, number, atom), "double")
        figures[atom_column(number, made.shape.prefix).name] = exp.Div(this=total, expression=dates.copy())
        made.build.types[number] = "float"
    joined = [_join(query, _same_period(made, periods, semi, always=True))]
    return grouped(made.rows(groups | figures, joined), groups, made.shape)


def _over_dates(made: Draft, semi: SemiAdditive) -> exp.Select:
    """Two steps: per date and group (or per entity), then the lowest, highest or sum of those."""
    groups = made.shown_groups()
    parts = [semi.over] if semi.per == "table" else list(_entity(semi))
    extra: dict[str, exp.Expr] = {f"__part{n}": column(made.scope.alias, c) for n, c in enumerate(parts)}
    figures: dict[str, exp.Expr] = {}
    for number, atom in made.wanted:
        figures[f"__x{number}"] = _inner(semi, aggregation(made, number, atom))
        if semi.take == "avg":
            made.build.types[number] = "float"
    inner = made.rows(groups | extra | figures)
    inner.group_by(*(v.copy() for v in (groups | extra).values()), copy=False)
    outer = _OUTER[semi.take] if semi.per == "table" else exp.Sum
    items = [column(None, n) for n in groups]
    made_up = (
        aliased(outer(this=column(None, f"__x{i}")), atom_column(i, made.shape.prefix).name) for i, _ in made.wanted
    )
    query = exp.select(*items, *made_up).from_(_sub(inner, "__parts"))
    return grouped(query, {n: column(None, n) for n in groups}, made.shape)


def _inner(semi: SemiAdditive, value: exp.Expr) -> exp.Expr:
    if semi.per == "table":
        return value
    total = value.find(exp.Sum)
    inside = total.this if total is not None else exp.Literal.number(1)
    kinds: dict[str, type[exp.AggFunc]] = {"avg": exp.Avg, "min": exp.Min, "max": exp.Max}
    return kinds[semi.take](this=inside.copy())


def snapshots(
    made: Draft, entity: dict[str, str], semi: SemiAdditive, at: type[exp.AggFunc] | None
) -> tuple[exp.Select, dict[str, exp.Expr]]:
    """The date that counts (`__at`), or how many there are (`__dates`), by period and entity; and its period keys."""
    scope = made.scope.child(made.source.table)
    periods = _period_values(made, scope)
    over = column(scope.alias, semi.over)
    found: exp.Expr = at(this=over) if at is not None else exp.Count(this=exp.Distinct(expressions=[over]))
    groups: dict[str, exp.Expr] = periods | {name: column(scope.alias, c) for name, c in entity.items()}
    query = exp.select(*(aliased(v, n) for n, v in groups.items()), aliased(found, "__at" if at else "__dates"))
    query = query.from_(scope.source(), copy=False)
    for join in scope.joins:
        query.join(join, copy=False)
    query = _in_range(made, scope, query)
    return query.group_by(*(v.copy() for v in groups.values()), copy=False) if groups else query, periods


def _in_range(made: Draft, scope: Scope, query: exp.Select) -> exp.Select:
    field = made.build.times.get(made.source.table)
    if field is None:
        return query
    value = scope.value(field)
    if made.covers.against is not None:
        periods = made.covers.against
        on = exp.and_(
            exp.GTE(this=value, expression=column(periods, "__start")),
            exp.LT(this=value.copy(), expression=column(periods, "__end")),
        )
        query.join(exp.Join(this=exp.Table(this=exp.to_identifier(periods, quoted=True)), on=on), copy=False)
    bounds = within(value, made.covers.start, made.covers.end, time_kind(field), made.build.rules)
    return query.where(*bounds, copy=False)


def _period_values(made: Draft, scope: Scope) -> dict[str, exp.Expr]:
    """The keys that tell periods apart, seen from the snapshot dates."""
    found: dict[str, exp.Expr] = {}
    for key in made.shape.keys:
        if key.ref is None and made.covers.against is not None:
            found[key.internal] = column(made.covers.against, "__t")
            continue
        field = made.build.times[made.source.table] if key.ref is None else key.field
        if field.time is None or field.table != made.source.table or key.part is not None or key.band is not None:
            continue
        value = scope.value(field)
        rules = made.build.rules
        found[key.internal] = bucket(value, key.grain, time_kind(field), rules) if key.grain else value
    return found


def _same_period(
    made: Draft, periods: dict[str, exp.Expr], semi: SemiAdditive, *, always: bool = False
) -> list[exp.Expr]:
    """Conditions that keep a row to its period's date; the date itself says it when periods are cut from it."""
    field = made.build.times.get(made.source.table)
    own = field is not None and field.name == semi.over and made.covers.against is None
    if own and not always:
        return []
    return [exp.NullSafeEQ(this=made.groups[n].copy(), expression=column(_SNAP, n)) for n in periods]


def _entity(semi: SemiAdditive) -> tuple[str, ...]:
    return () if isinstance(semi.per, str) else semi.per


def _join(query: exp.Select, on: list[exp.Expr]) -> exp.Join:
    return exp.Join(this=_sub(query, _SNAP), kind="INNER", on=exp.and_(*on) if on else exp.true())


def _sub(query: exp.Query, alias: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
