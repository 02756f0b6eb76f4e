"""Puts a reading together as a list of records: whose rows, which columns, what they must have or lack."""

from __future__ import annotations

from agent.builtin.conditions import conditions, split_whens, time_window
from agent.builtin.graph import children, common_fact, foreign_key, joins_to
from agent.builtin.reading import Ask, Noun, Reading, Relation, When
from agent.builtin.resolve import Resolver, Unresolved
from agent.builtin.vocabulary import EVENT_VERBS
from warehouse.compiler.records import default_columns
from warehouse.model.bags import bag
from warehouse.query import Condition, DimRef, Filter, Order, RecordQuery, Related

_OWN_WORDS = bag("name names id ids title titles description descriptions type types details")


def is_listing(r: Reading) -> bool:
    """Whether the question wants records and no figure."""
    if r.asks or r.groups or r.top is not None or r.having or r.grain or r.trend or r.compare or r.share or r.rank:
        return False
    if r.amounts or r.split or r.running or r.per or r.versus:
        return False
    narrowed = bool(r.subjects) and not r.subjects[0].figures and bool(r.conds)
    return bool(r.relations) or r.best is not None or narrowed or (r.listing and bool(r.columns or r.subjects))


def listing(resolver: Resolver, r: Reading, *, exact: bool) -> RecordQuery:
    """The record query of a reading. Raises `Unresolved`."""
    table = _table(resolver, r)
    lists = [x for x in r.relations if x.exists and x.noun is not None and table in x.noun.tables]
    relations = [x for x in r.relations if x not in lists]
    during = [w for w in r.whens if w.verb is None and w.noun is None] if len(relations) == 1 else []
    whens = [w for w in r.whens if w not in during]
    related = tuple(_related(resolver, relation, table, during, exact) for relation in relations)
    used = {x.table for x in related}
    hops = resolver.hops(table)
    for noun in r.subjects:
        if not any(t in hops or t in used for t in noun.tables):
            raise Unresolved(f"“{noun.text}” cannot be combined with {resolver.plural(table)}.", "no_path")
    named = [s for s in r.subjects if r.columns and any(x.table == table for x in s.of_kind("dim"))]
    columns = [_column(resolver, c, table) for c in [*r.columns, *named]]
    _all_shown(resolver, r, table, columns, used)
    window, dated = split_whens(resolver, whens, table)
    filters = (*conditions(resolver, r.conds, table, [table]), *dated, *_belonging(resolver, r, table, lists))
    distinct = r.distinct or (bool(columns) and not related and not r.subjects) or _repeats(resolver, table, columns)
    best = best_first(resolver, r, table, columns)
    if best is not None:
        order, columns, limit = best
        distinct = False
    else:
        order, limit = _order(resolver, r, table, columns), None
    return RecordQuery(
        table=table,
        columns=tuple(DimRef(field=f) for f in dict.fromkeys(columns)),
        filters=filters,
        related=related,
        time=time_window(window, None, exact),
        distinct=distinct,
        order=order,
        **({"limit": limit} if limit else {}),
    )


def _belonging(resolver: Resolver, r: Reading, table: str, lists: list[Relation]) -> list[Condition]:
    """`orders that have a claim, by order and claim number`, listed by claim: only claims that belong to an order."""
    made: list[Condition] = []
    for relation in lists:
        owner = next(t for n in r.subjects for t in n.tables if t in resolver.hops(table) and t != table)
        made.append(Filter(field=DimRef(field=f"{owner}.{resolver.model.tables[owner].key[0]}"), op="not_null"))
        made += conditions(resolver, relation.conds, table)
    return made


def _column(resolver: Resolver, noun: Noun, table: str) -> str:
    """The field of a column to show. A bare name or id is the record's own. Raises `Unresolved`."""
    spec = resolver.model.tables[table]
    bare = noun.text.split()[-1].casefold() in _OWN_WORDS and len(noun.text.split()) == 1
    if bare and not any(x.table == table for x in noun.columns):
        if noun.text.casefold() in ("name", "names") and spec.name_column:
            return f"{table}.{spec.name_column}"
        raise Unresolved(f"It is not clear which “{noun.text}” of {resolver.plural(table)} is meant.", "no_path")
    return resolver.field(noun, table, [table]).field


def _all_shown(resolver: Resolver, r: Reading, table: str, columns: list[str], used: set[str]) -> None:
    """Every kind of record that was named is listed, shown or related; the others would be dropped in silence."""
    seen = {table, *used, *(c.split(".")[0] for c in columns)}
    for noun in r.subjects if columns else ():
        own = any(x.table in seen for x in noun.refs)
        narrowed = any(m.table in noun.tables for c in r.conds for m in c.matches)
        narrowed = narrowed or any(x.table in noun.tables for c in r.conds if c.noun for x in c.noun.columns)
        if not own and not narrowed:
            raise Unresolved(f"It is not clear what “{noun.text}” should show here.", "no_path")


def _repeats(resolver: Resolver, table: str, columns: list[str]) -> bool:
    """Fields of several kinds of records without the key of the one that is listed say each combination once."""
    spec = resolver.model.tables[table]
    keyed = any(f"{table}.{k}" in columns for k in spec.key)
    return len({c.split(".")[0] for c in columns}) > 1 and not keyed


def best_first(
    resolver: Resolver, r: Reading, table: str, columns: list[str]
) -> tuple[tuple[Order, ...], list[str], int] | None:
    """Order, columns and number of rows of the records that come first; the column they are sorted by is shown."""
    if r.best is None or r.best.noun is None:
        return None
    ref = resolver.field(r.best.noun, table, [table])
    if r.order is not None and not _same_order(resolver, r, table, ref.field):
        raise Unresolved("These records are sorted in two ways.", "bad_order")
    shown = columns or [d.field for d in default_columns(resolver.model, table)]
    if ref.field not in shown and not columns:
        shown = [*shown[:9], ref.field]
    whole = r.best.implied and r.best.n > 1 and r.order is not None  # `the longest, ordered`: nobody asked for ten
    return (Order(by=ref.field, desc=not r.best.low),), shown, 0 if whole else r.best.n


def _same_order(resolver: Resolver, r: Reading, table: str, field: str) -> bool:
    """Whether the order that was said is the one that the superlative implies."""
    by, desc = r.order or (None, False)
    if r.best is None or desc == r.best.low:
        return False
    return by is None or (not isinstance(by, Ask) and field in {x.field for x in by.columns})


def _table(resolver: Resolver, r: Reading) -> str:
    """The kind of record that is listed: the first one named, else the one that all columns belong to."""
    for noun in r.subjects:
        tables = [t for t in noun.tables if all(_reaches(resolver, t, c) for c in r.columns)]
        if tables:
            return tables[0]
    for relation in r.relations if r.columns else ():
        for table in relation.noun.tables if relation.exists and relation.noun else ():
            owned = any(
                t in resolver.hops(table) and resolver.model.tables[t].key for n in r.subjects for t in n.tables
            )
            if owned and all(_reaches(resolver, table, c) for c in r.columns):
                return table
    if r.subjects:
        raise Unresolved("These fields do not belong to one kind of record.", "no_path")
    owners = [{x.table for x in c.columns} for c in r.columns]
    shared = set.intersection(*owners) if owners else set()
    shared = _keyed(resolver, r, shared) or shared
    if len(shared) == 1:
        return shared.pop()
    if shared:
        raise Unresolved("It is not clear which kind of record is meant.", "ambiguous_base")
    fact = common_fact(resolver.model, set().union(*([next(iter(o))] for o in owners if o)))
    if len(fact) != 1:
        raise Unresolved("These fields do not belong to one kind of record.", "no_path")
    return fact[0]


def _keyed(resolver: Resolver, r: Reading, shared: set[str]) -> set[str]:
    """`customer ID` is the key of customers, wherever else it is pointed at from."""
    best: set[str] = set()
    for column in r.columns:
        for ref in column.columns:
            if ref.table in shared and list(resolver.model.tables[ref.table].key) == [ref.name]:
                best.add(ref.table)
    return best


def _reaches(resolver: Resolver, table: str, column: Noun) -> bool:
    hops = resolver.hops(table)
    return any(x.table in hops for x in column.columns)


def _related(resolver: Resolver, relation: Relation, table: str, whens: list[When], exact: bool) -> Related:
    tables = list(relation.noun.tables) if relation.noun else []
    if not tables and relation.verb:
        tables = [
            x.table for w in EVENT_VERBS[relation.verb] for x in resolver.lexicon.lookup((w,)) if x.kind == "table"
        ]
    joined = [t for t in dict.fromkeys(tables) if t != table and table in resolver.hops(t)]
    if not joined:
        both = {table, *tables[:1]}
        joined = [t for t in children(resolver.model, table) if tables and both <= resolver.hops(t).keys()]
    if len(joined) != 1:
        raise Unresolved(f"It is not clear what {resolver.plural(table)} should have.", "no_path")
    if len(joins_to(resolver.model, joined[0], table)) > 1:
        raise Unresolved(f"{resolver.plural(joined[0]).capitalize()} belong to them in several ways.", "no_path")
    filters = conditions(resolver, relation.conds, joined[0])
    pointer = foreign_key(resolver.model, joined[0], tables[0]) if tables and joined[0] not in tables else None
    if pointer is not None:
        filters = (Filter(field=DimRef(field=f"{joined[0]}.{pointer}"), op="not_null"), *filters)
    window, dated = split_whens(resolver, whens, joined[0])
    time = time_window(window, None, exact)
    return Related(table=joined[0], exists=relation.exists, filters=(*filters, *dated), time=time)


def _order(resolver: Resolver, r: Reading, table: str, columns: list[str]) -> tuple[Order, ...]:
    if r.order is None:
        return ()
    by, desc = r.order
    if by is None and columns:
        return (Order(by=columns[0].split(".", 1)[1], desc=desc),)
    if isinstance(by, Ask) or by is None:
        raise Unresolved("A list can only be sorted by one of its fields.", "bad_order")
    ref = resolver.field(by, table, [table])
    if columns and ref.field not in columns and r.distinct:
        raise Unresolved(f"“{by.text}” is not among the columns to sort by.", "bad_order")
    return (Order(by=ref.name if ref.field in columns else ref.field, desc=desc),)
