"""Writes the typed query of a question with clauses: a list of records, a count, figures, or groups by a count."""

from __future__ import annotations

from agent.builtin.clauses.tree import Counted, Question, Thing, Wanted
from agent.builtin.graph import common_fact
from agent.builtin.lexicon import Ref
from agent.builtin.resolve import Resolver, Unresolved
from warehouse.compiler.paths import children
from warehouse.model.adhoc import adhoc_name, output_name
from warehouse.query import (
    Among,
    AnyOf,
    Condition,
    DimRef,
    Filter,
    Having,
    MetricQuery,
    MetricRef,
    Order,
    RecordQuery,
    TopN,
)

Query = MetricQuery | RecordQuery
_MOST_ROWS = 1000


def query_of(resolver: Resolver, q: Question) -> Query:
    """The query of a question. Raises `Unresolved` where its parts do not fit together."""
    if q.thing.both:
        raise _open("No single record meets both of these conditions.")
    if q.kind == "count":
        return _count(resolver, q)
    if q.thing.most is not None:
        return _most(resolver, q)
    if q.kind == "figures":
        return _figures(q)
    if any(w.thing is not None or w.agg is not None for w in q.wanted):
        return _numbered(resolver, q)
    if q.thing.counted:
        return _by_value(resolver, q)
    return _list(resolver, q)


def _open(reason: str) -> Unresolved:
    return Unresolved(reason, "not_supported_yet")


def _count(resolver: Resolver, q: Question) -> MetricQuery:
    thing = q.thing
    if thing.most is not None or thing.counted or q.wanted or q.order or (thing.extreme and thing.extreme.n > 1):
        raise _open("It is not clear what should be counted.")
    if thing.column is not None:
        metric = adhoc_name("count_distinct", thing.table, thing.column.name)
        return MetricQuery(metrics=(MetricRef(metric=metric),), filters=thing.settled())
    figure = resolver.count_of(thing.table)
    return MetricQuery(metrics=(MetricRef(metric=figure.metric),), filters=thing.settled())


def _figures(q: Question) -> MetricQuery:
    made = tuple(_aggregated(w, named=q.each is not None) for w in q.wanted)
    groups = (DimRef(field=q.each.field),) if q.each is not None else ()
    order = (Order(by=made[0].column, desc=True),) if groups else ()
    return MetricQuery(metrics=made, dimensions=groups, filters=q.thing.settled(), order=order)


def _aggregated(w: Wanted, *, named: bool) -> MetricRef:
    """An aggregation of a field, `named` where something has to refer to its column."""
    assert w.ref is not None and w.agg is not None  # a figure is an aggregation of a field
    metric = adhoc_name(w.agg, w.ref.table, w.ref.name)  # type: ignore[arg-type]
    return MetricRef(metric=metric, alias=output_name(metric) if named else None)


def _list(resolver: Resolver, q: Question) -> RecordQuery:
    thing, refs = q.thing, [w.ref for w in q.wanted if w.ref is not None]
    if thing.column is not None:
        refs = [thing.column, *refs]
    root = _root(resolver, thing, refs)
    if root != thing.table and not all(_plain(c) for c in thing.conditions):
        raise _open("These conditions are about other records than the fields that are to be shown.")
    columns = tuple(DimRef(field=f) for f in dict.fromkeys(r.field for r in refs))
    foreign = bool(refs) and not any(r.table == root for r in refs)
    distinct = bool(refs) and (foreign or root != thing.table or thing.distinct or thing.column is not None)
    order, limit = _ordering(q, columns, distinct)
    several = thing.extreme is not None and thing.extreme.n > 1
    return RecordQuery(
        table=root,
        columns=columns,
        filters=thing.conditions if several else thing.settled(),
        distinct=distinct and not several,
        order=order,
        limit=limit or _MOST_ROWS,
    )


def _ordering(q: Question, columns: tuple[DimRef, ...], distinct: bool) -> tuple[tuple[Order, ...], int]:
    extreme = q.thing.extreme
    if extreme is not None and extreme.n > 1:
        return (Order(by=extreme.ref.field, desc=not extreme.low),), extreme.n
    if q.order is None:
        return (), 0
    ref, desc = q.order
    shown = any(c.field == ref.field for c in columns)
    if distinct and not shown:
        raise _open("A list of different values can only be sorted by one of them.")
    return (Order(by=ref.name if shown else ref.field, desc=desc),), 0


def _plain(condition: Condition) -> bool:
    """Whether a condition means the same seen from a record that belongs to the one it is about."""
    if isinstance(condition, AnyOf):
        return all(isinstance(c, Filter) and c.than is None for c in condition.any_of)
    return isinstance(condition, Filter)


def _root(resolver: Resolver, thing: Thing, refs: list[Ref]) -> str:
    """The records to list: those that were asked about, or the ones below them that all fields belong to."""
    tables = {r.table for r in refs}
    if tables <= resolver.hops(thing.table).keys():
        return thing.table
    below = common_fact(resolver.model, {thing.table, *tables})
    if len(below) != 1:
        raise _open("These fields do not belong to one kind of record.")
    return below[0]


def _counting(resolver: Resolver, table: str, other: Thing, total: Ref | None = None) -> tuple[str, MetricRef]:
    """The table to group, and the number of `other` records in it (or their total), for each record of `table`."""
    if total is not None:
        metric = adhoc_name("sum", total.table, total.name)
        return total.table, MetricRef(metric=metric, alias=output_name(metric))
    if table in resolver.hops(other.table):
        figure = resolver.count_of(other.table)
        return other.table, MetricRef(metric=figure.metric, alias=figure.alias)
    found = children(resolver.model, table, other.table)
    if found is None or other.table not in resolver.hops(found[0]):
        raise _open("It is not clear how these records belong together.")
    base = found[0]
    figure = resolver.distinct_in(base, other.table) or resolver.count_of(base)
    return base, MetricRef(metric=figure.metric, alias=figure.alias)


def _groups(resolver: Resolver, table: str, refs: list[Ref], base: str) -> tuple[tuple[DimRef, ...], list[Condition]]:
    """The fields to group by: the record's key, and what is to be shown of it; rows of no record are left out."""
    spec = resolver.model.tables[table]
    fields = [f"{table}.{k}" for k in spec.key]
    if not fields:
        raise _open("These records have no key to tell them apart.")
    if not refs and spec.name_column:
        fields.append(f"{table}.{spec.name_column}")
    fields += [r.field for r in refs]
    if not {f.split(".")[0] for f in fields} <= resolver.hops(base).keys() or any(
        r.table not in resolver.hops(table) for r in refs
    ):
        raise _open("These fields do not belong to one kind of record.")
    known = Filter(field=DimRef(field=fields[0]), op="not_null")
    return tuple(DimRef(field=f) for f in dict.fromkeys(fields)), [known]


def _most(resolver: Resolver, q: Question) -> MetricQuery:
    """The record to which most of another kind belong, with the fields that are wanted of it."""
    thing, most = q.thing, q.thing.most
    assert most is not None  # the caller looked
    refs = [w.ref for w in q.wanted if w.ref is not None]
    if q.kind != "list" or q.order or thing.extreme or thing.counted or len(refs) != len(q.wanted):
        raise _open("It is not clear what should be ranked.")
    if thing.column is not None:
        return _most_values(resolver, q)
    base, metric = _counting(resolver, thing.table, most.thing, most.total)
    groups, known = _groups(resolver, thing.table, refs, base)
    filters = (*known, *_seen_from(resolver, thing, base), *most.thing.settled())
    return _ranked(metric, groups, filters, most.low)


def _most_values(resolver: Resolver, q: Question) -> MetricQuery:
    """The value that most records have: the year with the most concerts."""
    thing, most = q.thing, q.thing.most
    assert most is not None and thing.column is not None  # the caller looked
    if most.total is not None:
        raise _open("It is not clear what should be added up.")
    if most.thing.table != thing.table or q.wanted:
        base, metric = _counting(resolver, thing.table, most.thing)
    else:
        base, figure = thing.table, resolver.count_of(thing.table)
        metric = MetricRef(metric=figure.metric, alias=figure.alias)
    extra = [DimRef(field=w.ref.field) for w in q.wanted if w.ref is not None]
    known = Filter(field=DimRef(field=thing.column.field), op="not_null")
    filters = (known, *_seen_from(resolver, thing, base), *most.thing.settled())
    return _ranked(metric, (DimRef(field=thing.column.field), *extra), filters, most.low)


def _ranked(metric: MetricRef, groups: tuple[DimRef, ...], filters: tuple[Condition, ...], low: bool) -> MetricQuery:
    top = TopN(n=1, by=metric.column, bottom=low, ties="keep")
    return MetricQuery(
        metrics=(metric,),
        dimensions=tuple(dict.fromkeys(groups)),
        filters=tuple(dict.fromkeys(filters)),
        top=top,
        order=(Order(by=metric.column, desc=not low),),
    )


def _seen_from(resolver: Resolver, thing: Thing, base: str) -> tuple[Condition, ...]:
    """Conditions on a record as conditions on the rows below it that are grouped."""
    if base == thing.table or all(_plain(c) for c in thing.conditions):
        return thing.conditions
    key = resolver.model.tables[thing.table].key
    if len(key) != 1:
        raise _open("These records have no single key.")
    field = DimRef(field=f"{thing.table}.{key[0]}")
    return (Filter(field=field, op="in", among=Among(field=field, filters=thing.conditions)),)


def _numbered(resolver: Resolver, q: Question) -> MetricQuery:
    """One row for each record, with its fields and the number of what belongs to it, or figures of that."""
    thing = q.thing
    counted = [w.thing for w in q.wanted if w.thing is not None]
    refs = [w.ref for w in q.wanted if w.ref is not None and w.agg is None]
    if len(counted) != 1 or any(w.agg for w in q.wanted) or thing.extreme or thing.counted or thing.column is not None:
        raise _open("It is not clear how these should be counted.")
    base, metric = _counting(resolver, thing.table, counted[0])
    groups, known = _groups(resolver, thing.table, refs, base)
    filters = (*known, *_seen_from(resolver, thing, base), *counted[0].settled())
    order = _number_order(q, metric)
    return MetricQuery(metrics=(metric,), dimensions=groups, filters=tuple(dict.fromkeys(filters)), order=order)


def _number_order(q: Question, metric: MetricRef) -> tuple[Order, ...]:
    if q.order is None:
        return (Order(by=metric.column, desc=True),)
    return (Order(by=q.order[0].name, desc=q.order[1]),)


def _by_value(resolver: Resolver, q: Question) -> Query:
    """Values by the records that have them: some of this kind and some of that, or more than so many."""
    thing = q.thing
    assert thing.column is not None  # only values are counted by the records that have them
    plain = [c for c in thing.counted if not c.op]
    if len(thing.counted) == 1 and plain:
        return _list(resolver, Question("list", Thing(
            thing.table, (*thing.conditions, *plain[0].conditions), thing.extreme, None, thing.column,
        ), q.wanted, q.order))  # fmt: skip
    if q.wanted or q.order or thing.extreme:
        raise _open("It is not clear what these values should be shown with.")
    figure = resolver.count_of(thing.table)
    metrics = tuple(
        MetricRef(metric=figure.metric, where=c.conditions, alias=f"{figure.column}_{n}" if n else figure.column)
        for n, c in enumerate(thing.counted)
    )
    having = tuple(_having(m, c) for m, c in zip(metrics, thing.counted, strict=True))
    field = DimRef(field=thing.column.field)
    known = Filter(field=field, op="not_null")
    return MetricQuery(metrics=metrics, dimensions=(field,), filters=(known, *thing.conditions), having=having)


def _having(metric: MetricRef, counted: Counted) -> Having:
    return Having(column=metric.column, op=counted.op or ">=", value=counted.value if counted.op else 1)
