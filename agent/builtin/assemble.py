"""Puts a resolved reading together as one metric query: base table, figures, groups, filters, ranking, comparison."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from agent.builtin.audit import audit
from agent.builtin.compose import Parts, filled, intent_of, metric_query
from agent.builtin.conditions import conditions, events_of, only_counted, own_time, split_whens, time_window
from agent.builtin.end_dates import dated_relation, ended_time, whens_of_base
from agent.builtin.graph import foreign_key
from agent.builtin.lexicon import Ref
from agent.builtin.linking import reached
from agent.builtin.own_filters import check_own_filters, check_running
from agent.builtin.reading import Ask, Noun, Reading, Relation
from agent.builtin.resolve import Chosen, Figure, Resolver, Unresolved
from agent.builtin.settle import settle
from agent.builtin.vocabulary import EVENT_VERBS
from agent.builtin.wholes import band_of, denominator, part_of_calendar, rate_of_flag, share_of_whole
from agent.plan import Option
from warehouse.query import (
    Condition,
    DimRef,
    Filter,
    MetricQuery,
    MetricRef,
    Order,
)

_COUNTED = ("count", "count_distinct", "popular")
_NAMED = 0.15
_DAYS_OF_GRAIN = ((62, "day"), (200, "week"), (1900, "month"))


@dataclass
class Draft:
    """A metric query with what was decided on the way."""

    query: MetricQuery
    intent: str
    base: str
    chosen: list[Chosen]
    entity: str | None = None
    window_label: str | None = None
    focus: Filter | None = None
    split: MetricQuery | None = None


def assemble(resolver: Resolver, reading: Reading, *, exact: bool) -> Draft:
    """The metric query of a reading. Raises `Unresolved` when its parts do not fit one another."""
    settle(reading, resolver.lexicon)
    related = [x.noun for x in reading.relations if x.exists and x.noun is not None and reading.asks]
    reading.subjects += [replace(n, lead="relation") for n in related]
    base, chosen, ranked = _base(resolver, reading)
    relations = [f for r in reading.relations for f in _as_filter(resolver, reading, r, base)]
    entity, groups = _groups(resolver, reading, base)
    near = {g.split(".")[0] for g in groups} | set(entity or ())
    window, dated = split_whens(resolver, whens_of_base(reading, relations), base)
    filters = [*conditions(resolver, reading.conds, base, near), *dated, *relations]
    if entity:
        apart = any(c.figure.needs - {base} for c in chosen)
        filters += _present(resolver, base, entity, apart=apart)
    grain = _grain(reading, window.hit.period if window else None)
    time = filled(time_window(window, grain, exact, reading.calendar), groups)
    time = ended_time(resolver, reading, base, time)
    parts = Parts(base, chosen, ranked, groups, filters, grain, time)
    focus = share_of_whole(reading, parts) if reading.share and not reading.rates else None
    if reading.rates:
        rate_of_flag(parts, reading.rates[0].text, conditions(resolver, reading.rates, base, near))
    parts.part = part_of_calendar(resolver, reading.part, base) if reading.part else None
    parts.part = band_of(resolver, reading.band, base) if reading.band else parts.part
    if reading.per is not None and not reading.share and not reading.rates:
        parts.per = denominator(resolver, reading.per, parts)
        if parts.per is None:
            parts.groups += _entity_fields(resolver, reading.per.tables[0], base)
    check_own_filters(resolver, reading, parts)
    check_running(resolver, reading, parts)
    if reading.relations or any(x.verb for x in reading.whens):
        only_counted(resolver, base, parts.filters, [c.figure.metric for c in chosen])
    parts.within = _within(resolver, reading, parts)
    query = metric_query(resolver, reading, parts)
    audit(reading, query)
    _check_subjects(resolver, reading, base, entity)
    label = window.hit.label if window else None
    split = _split(resolver, reading, parts) if parts.per and not reading.share and not reading.rates else None
    return Draft(query, intent_of(reading, query), base, chosen, entity, label, focus, split)


def _split(resolver: Resolver, r: Reading, p: Parts) -> MetricQuery | None:
    """The other reading of “revenue per customer”: one row for each of them."""
    if r.per is None or r.top is not None or r.having or p.groups:
        return None
    groups = _entity_fields(resolver, r.per.tables[0], p.base)
    figure = p.chosen[0].figure
    return MetricQuery(
        metrics=(MetricRef(metric=figure.metric, alias=figure.alias),),
        dimensions=tuple(DimRef(field=g) for g in groups),
        filters=tuple(p.filters),
        time=p.time,
        order=(Order(by=figure.column, desc=True),),
    )


def _base(resolver: Resolver, r: Reading) -> tuple[str, list[Chosen], Chosen | None]:
    """The table all figures can be read from, with every figure settled on it."""
    asks = list(r.asks)
    if r.top is not None and r.top.by is not None and r.top.by not in asks:
        asks.append(r.top.by)
    asks += [h.ask for h in r.having if h.ask not in asks]
    if r.ranked is not None:
        asks.append(r.ranked)
    if not asks:
        raise Unresolved("No figure was recognised.", "no_figure")
    if r.top is not None and r.top.by is not None and r.top.by.agg == "popular" and not _events_fit(resolver, r):
        raise Unresolved("It is not clear by which figure to rank.", "unranked")
    candidates = {id(a): resolver.figures(a) for a in asks}
    for ask in asks:
        if not candidates[id(ask)]:
            raise Unresolved(f"“{ask.noun.text}” cannot be read as a figure here.", "no_figure")
    options = _bases(resolver, r, asks, candidates)
    if not options:
        raise Unresolved("These figures and fields do not belong together in this data.", "no_path")
    best = max(score for score, _ in options)
    winners = [base for score, base in options if score >= best - 1e-9]
    base = winners[0]
    if len(winners) > 1 and not _same_figures(resolver, r, asks, candidates, winners):
        raise Unresolved(
            "The question fits several kinds of records.", "ambiguous_base", _table_options(resolver, winners)
        )
    chosen = {id(a): _choose(resolver, r, a, candidates[id(a)], base) for a in asks}
    ranked = chosen[id(r.top.by)] if r.top is not None and r.top.by is not None else None
    return base, [chosen[id(a)] for a in asks], ranked


def _events_fit(resolver: Resolver, r: Reading) -> bool:
    """Whether the event behind "best selling" is recorded once per row that belongs to what is ranked."""
    top = r.top
    if top is None or top.by is None or top.noun is None:
        return False
    tables = {x.table for x in top.noun.refs}
    events = [*top.by.noun.tables, *(x.table for x in top.by.noun.figures if x.table)]
    return any(tables & resolver.hops(event).keys() for event in events)


def _table_options(resolver: Resolver, tables: list[str]) -> list[Any]:

    return [Option(value=t, label=resolver.plural(t).capitalize()) for t in tables]


def _same_figures(
    resolver: Resolver, r: Reading, asks: list[Ask], candidates: dict[int, list[Figure]], winners: list[str]
) -> bool:
    read = [
        tuple(f.metric if (f := _fit(resolver, r, a, candidates[id(a)], b)) else None for a in asks) for b in winners
    ]
    return len(set(read)) == 1


def _bases(
    resolver: Resolver, r: Reading, asks: list[Ask], candidates: dict[int, list[Figure]]
) -> list[tuple[float, str]]:
    options = []
    for base in resolver.model.tables:
        fits = [_fit(resolver, r, a, candidates[id(a)], base) for a in asks]
        if all(f is not None for f in fits) and (cost := _cost(resolver, r, base)) is not None:
            options.append((sum(f.weight for f in fits if f) / len(fits) - cost + _own(resolver, r, base), base))
    return options


def _own(resolver: Resolver, r: Reading, base: str) -> float:
    """A little more for the records that are named themselves: the population of the state of that name."""
    spec = resolver.model.tables[base]
    identity = {spec.name_column, *(spec.key if len(spec.key) == 1 else ())}
    named = any(m.table == base and m.dimension in identity for c in r.conds if c.op == "=" for m in c.matches)
    figures = bool(r.asks) and all(any(x.table == base for x in a.noun.refs if x.kind != "table") for a in r.asks)
    about = figures and any(base in s.tables for s in r.subjects)
    return _NAMED if named or about or (_stored_there(r, base) and any(base in g.tables for g in r.groups)) else 0.0


def _fit(resolver: Resolver, r: Reading, ask: Ask, candidates: list[Figure], base: str) -> Figure | None:
    """The best reading of a figure on `base`; a record count becomes a distinct count of what the base points at."""
    for figure in candidates:
        if figure.table == base or (figure.table is None and base in figure.needs):
            return figure
    for figure in candidates:
        if (there := reached(resolver, r, figure, base)) is not None:
            return there
    counted = ask.agg in _COUNTED or (r.top is not None and ask is r.top.by)
    if not counted or ask.noun.lead == "signup":
        return None
    own = [f.table for f in candidates if f.table and f.metric == resolver.count_of(f.table).metric]
    for table in dict.fromkeys([*ask.noun.tables, *own]):
        distinct = resolver.distinct_in(base, table)
        if distinct is not None:
            return distinct
    return None


def _cost(resolver: Resolver, r: Reading, base: str) -> float | None:
    """How far the groups and conditions are from `base`; None when one cannot be reached."""
    hops = resolver.hops(base)
    cost = 0.0
    for noun in [*r.groups, *r.subjects, *(c for c in r.columns), *(c.noun for c in r.conds if c.noun)]:
        near = [hops[x.table] for x in noun.refs if x.table in hops and (x.is_column or x.kind == "table")]
        figures = any(x.is_figure and (x.table == base or not x.table) for x in noun.refs)
        if not near and not figures:
            return None
        cost += 0.01 * min(near, default=0)
    for cond in r.conds:
        if cond.matches and cond.noun is None:
            near = [hops[m.table] for m in cond.matches if m.table in hops]
            if not near:
                return None
            cost += 0.01 * min(near)
    return cost


def _choose(resolver: Resolver, r: Reading, ask: Ask, candidates: list[Figure], base: str) -> Chosen:
    figure = _fit(resolver, r, ask, candidates, base)
    if figure is None:
        raise Unresolved(f"“{ask.noun.text}” cannot be read as a figure here.", "no_figure")
    others = [f for f in candidates if f.metric != figure.metric and (f.table == base or f.table is None)]
    alone = not any(a is not ask and a.sentence == ask.sentence for a in r.asks)
    if ask.conds and alone and not r.having and ask.sentence == 0:
        r.conds.extend(ask.conds)
        return Chosen(figure, ask, (), others)
    return Chosen(figure, ask, conditions(resolver, ask.conds, base), others)


def _as_filter(resolver: Resolver, r: Reading, relation: Relation, base: str) -> list[Condition]:
    """Rows of the base table that are the event themselves, or that have (or lack) what they point at."""
    tables = relation.noun.tables if relation.noun else []
    if not tables and relation.verb:
        tables = [
            x.table for w in EVENT_VERBS[relation.verb] for x in resolver.lexicon.lookup((w,)) if x.kind == "table"
        ]
    if relation.exists and base in tables:
        return list(conditions(resolver, relation.conds, base))
    for table in tables:
        column = foreign_key(resolver.model, base, table)
        if column and column in resolver.model.tables[base].dimensions | _keys(resolver, base):
            there = Filter(field=DimRef(field=f"{base}.{column}"), op="not_null" if relation.exists else "is_null")
            if relation.conds and not relation.exists:
                break
            return [there, *conditions(resolver, relation.conds, base, [table])]
    events = _pointing(resolver, relation, tables, base)
    if events is not None and not relation.conds:
        dated = dated_relation(resolver, r, relation, events)
        if dated is not None:
            return [dated]
        key = DimRef(field=f"{events}.{resolver.model.tables[events].key[0]}")
        return [Filter(field=key, op="not_null", many="any" if relation.exists else "none")]
    raise Unresolved("Counting records by what they lack is not supported yet.", "not_supported_yet")


def _pointing(resolver: Resolver, relation: Relation, tables: list[str], base: str) -> str | None:
    """The one kind of record that shows the relation by pointing at `base`; None when there is none, or several."""
    if relation.noun is None:
        return events_of(resolver, base, relation.verb) if relation.verb else None
    own = [t for t in dict.fromkeys(tables) if t != base and base in resolver.hops(t)]
    found = own or [t for t in resolver.facts_between(base, {base, *tables[:1]}) if tables]
    return found[0] if len(found) == 1 and resolver.model.tables[found[0]].key else None


def _keys(resolver: Resolver, base: str) -> dict[str, object]:
    return dict.fromkeys(k for j in resolver.model.tables[base].joins for k in j.on)


def _groups(resolver: Resolver, r: Reading, base: str) -> tuple[str | None, list[str]]:
    """The entity that is grouped by, if any, and all grouping fields as `table.name`."""
    entity: str | None = None
    fields: list[str] = []
    hops = resolver.hops(base)
    nouns = [*r.groups, *(c for c in r.columns)]
    for noun in nouns:
        tables = [t for t in noun.tables if t in hops]
        if tables and noun in r.groups and not _is_field(resolver, noun, base):
            entity = min(tables, key=lambda t: hops[t])
            if entity == base and not _stored_there(r, base):
                raise Unresolved(f"Each of the {resolver.plural(base)} is its own group.", "no_group")
            fields += _entity_fields(resolver, entity, base)
            continue
        near = [entity] if entity else []
        near += [f.split(".")[0] for f in fields]
        ref = resolver.field(noun, base, near)
        spec = resolver.model.tables[base]
        if ref.table == base and (ref.name == spec.name_column or (ref.name,) == spec.key):
            raise Unresolved(f"Each of the {resolver.plural(base)} is its own group.", "no_group")
        if ref.kind == "number" and ref.table != entity:
            raise Unresolved(
                f"“{noun.text}” is a quantity: say whether its total or its average is meant.", "no_aggregate"
            )
        if noun not in r.groups and (ref.kind == "time" or any(a.agg in ("min", "max") for a in r.asks)):
            raise Unresolved(f"It is not clear whether “{noun.text}” should split the figure.", "no_group")
        if noun not in r.groups and fields and not _belongs(resolver, ref, entity, fields):
            raise Unresolved(f"“{noun.text}” would split the groups further.", "no_group")
        fields.append(ref.field)
    return entity, list(dict.fromkeys(fields))


def _stored_there(r: Reading, base: str) -> bool:
    """`population for each state`: one stored number of each record, which needs no adding up."""
    return bool(r.asks) and all(any(x.table == base for x in a.noun.of_kind("number")) for a in r.asks)


def _within(resolver: Resolver, r: Reading, p: Parts) -> tuple[str, ...]:
    """The fields in each of whose values there is a ranking of its own: the top 3 products in each category."""
    if r.top is None or r.top.noun is None:
        return ()
    fields: list[str] = []
    for noun in r.within:
        if noun is r.top.noun:
            continue
        table = next((t for t in noun.tables if t in resolver.hops(p.base)), None)
        if table is not None and not _is_field(resolver, noun, p.base):
            fields += _entity_fields(resolver, table, p.base)
        else:
            fields.append(resolver.field(noun, p.base, [g.split(".")[0] for g in p.groups]).field)
    ranked = [f for f in p.groups if f not in fields]
    return tuple(f for f in dict.fromkeys(fields) if f in p.groups) if ranked else ()


def _is_field(resolver: Resolver, noun: Noun, base: str) -> bool:
    """A word for both a table and a field of a table nearer to the base reads as the field."""
    hops = resolver.hops(base)
    tables = [hops[t] for t in noun.tables if t in hops]
    fields = [
        hops[x.table]
        for x in noun.of_kind("dim")
        if x.table in hops and x.table not in noun.tables and resolver.model_target(x).split(".")[0] not in noun.tables
    ]
    return bool(fields) and (not tables or min(fields) < min(tables))


def _entity_fields(resolver: Resolver, table: str, _base: str) -> list[str]:
    spec = resolver.model.tables[table]
    names = [k for k in spec.key if k in spec.dimensions]
    if spec.name_column and spec.name_column in spec.dimensions:
        names.append(spec.name_column)
    elif {"first_name", "last_name"} <= spec.dimensions.keys():
        names += ["first_name", "last_name"]
    if not names:
        raise Unresolved(
            f"{resolver.plural(table).capitalize()} have neither a key nor a name to tell them apart.", "no_key"
        )
    return [f"{table}.{n}" for n in names]


def _belongs(resolver: Resolver, ref: Ref, entity: str | None, fields: list[str]) -> bool:
    """Whether an output column says more about a group and does not cut it up."""
    tables = [entity] if entity else [f.split(".")[0] for f in fields]
    return any(ref.table in resolver.hops(t) for t in tables)


def _present(resolver: Resolver, base: str, entity: str, *, apart: bool) -> list[Filter]:
    """Rows that belong to no entity are not an entity: leave them out of a list of entities.

    A figure made of several facts (`apart`) has no column of one of them in common, but the entity's own key.
    """
    column = None if apart else foreign_key(resolver.model, base, entity)
    spec = resolver.model.tables[entity]
    if column and column in resolver.model.tables[base].dimensions:
        return [Filter(field=DimRef(field=f"{base}.{column}"), op="not_null")]
    return [Filter(field=DimRef(field=f"{entity}.{spec.key[0]}"), op="not_null")] if spec.key else []


def _grain(r: Reading, period: Any) -> str | None:
    if r.grain:
        return r.grain
    if not r.trend:
        return None
    if period is None or period.start is None or period.end is None:
        return "month"
    days = (period.end - period.start).days
    return next((g for limit, g in _DAYS_OF_GRAIN if days <= limit), "year")


def _check_subjects(resolver: Resolver, r: Reading, base: str, _entity: str | None) -> None:
    """Every kind of record that was named must be part of what is read."""
    hops = resolver.hops(base)
    for noun in r.subjects:
        if not any(x.table in hops for x in noun.refs):
            raise Unresolved(f"“{noun.text}” cannot be combined with {resolver.plural(base)}.", "no_path")


def default_time(resolver: Resolver, base: str) -> str | None:
    """The date a base table is read by, None when it has none."""
    try:
        return own_time(resolver, base)
    except Unresolved:
        return None
