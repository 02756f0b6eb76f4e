"""Clauses that hold a record beside other records: dearer than the Cap, never returned, the lowest total."""

from __future__ import annotations

from agent.builtin.clauses.grammar import Grammar
from agent.builtin.clauses.links import Found, Reader
from agent.builtin.clauses.names import akin
from agent.builtin.clauses.tree import Most, Thing, with_conditions
from agent.builtin.clauses.words import BEING, EXTREMES, HELPING
from agent.builtin.graph import joins_to
from agent.builtin.lexicon import Ref
from agent.builtin.meaning import columns_for, sense
from agent.builtin.text import split_name
from agent.builtin.vocabulary import EVENT_VERBS
from warehouse.model.bags import bag
from warehouse.query import DimRef, Filter, Has, Yardstick

_HIGHER = bag("larger greater higher bigger more")
_LOWER = bag("smaller lower less fewer")
_ONE = bag("one that those")


def beside_one(g: Grammar, at: int, made: Thing, deny: bool, read: Reader) -> Found | None:
    """`a higher price than the most expensive hat`, `older than Ann`: a field held against that of other records."""
    n = g.articles(at)
    found = _compared_field(g, n, made.table)
    if found is None or deny:
        return None
    ref, high, n = found
    if g.low(n) != "than":
        return None
    n = g.articles(n + 1)
    again = g.names.field(n, made.table)
    n = g.skip(again[1], bag("of")) if again is not None and again[0].field == ref.field else n
    other = _other(g, n, made.table, read)
    if other is None or other[0].table != made.table or not other[0].settled():
        return None
    agg = "max" if high else "min"
    yardstick = Yardstick(agg=agg, table=made.table, filters=other[0].settled())
    one = Filter(field=DimRef(field=ref.field), op=">" if high else "<", than=yardstick)
    return with_conditions(Thing(made.table), (one,)), other[1]


def _other(g: Grammar, at: int, home: str, read: Reader) -> Found | None:
    """The records that are compared with: a noun phrase, or `the one with …`."""
    if g.low(at) in _ONE:
        return read(g, at + 1, nested=True, known=home)
    return read(g, at, nested=True)


def _compared_field(g: Grammar, at: int, home: str) -> tuple[Ref, bool, int] | None:
    """The field of `a larger weight`, `more expensive`, `older`, which end is meant, and the place after it."""
    low = g.low(at)
    named = g.field_number(at + 1, home) if low in _HIGHER | _LOWER else None
    if named is not None:
        return named[0], low in _HIGHER, named[1]
    lead = 1 if low in ("more", "less") else 0
    word = g.low(at + lead)
    columns = columns_for(g.resolver.lexicon, home, word) if sense(word) and g.low(at + lead + 1) == "than" else []
    if len({ref.field for ref, _ in columns}) != 1:
        return None
    ref, high = columns[0]
    return ref, high == (low != "less"), at + lead + 1


def happened(g: Grammar, at: int, made: Thing, deny: bool) -> Found | None:
    """`that were returned`, `have never been sold`: the event that a verb names, where no noun follows."""
    verb = g.low(at)
    words = EVENT_VERBS.get(verb, ())
    if not verb.endswith("ed") and not words:
        return None
    tables = [
        t for t in g.resolver.model.tables
        if t != made.table and made.table in g.resolver.hops(t) and _names(g, t, verb, words)
    ]  # fmt: skip
    closed = g.tail(at + 1) > at + 1 or g.low(at + 1) in ("", ",", "and", "or", "but")
    if len(tables) != 1 or not closed or len(joins_to(g.resolver.model, tables[0], made.table)) > 1:
        return None
    return with_conditions(Thing(made.table), (Has(has=tables[0], exists=not deny),)), at + 1


def _names(g: Grammar, table: str, verb: str, words: tuple[str, ...]) -> bool:
    last = split_name(table)[-1]
    spec = g.resolver.model.tables[table]
    return akin(verb, last) or any(akin(w, last) or w == spec.record for w in words)


def least_total(g: Grammar, at: int, made: Thing, deny: bool) -> Found | None:
    """`whose total cost is the lowest`: the record by the sum of a field of what belongs to it."""
    if g.low(at) not in ("total", "overall") or deny:
        return None
    below = [t for t in g.resolver.model.tables if t != made.table and made.table in g.resolver.hops(t)]
    named = [(t, f) for t in below if (f := g.field_number(at + 1, t)) is not None and f[0].table == t]
    if len(named) != 1:
        return None
    table, (ref, end) = named[0]
    n = g.articles(g.skip(end, BEING | HELPING))
    most = EXTREMES.get(g.low(n)) if n > end else None
    spec = g.resolver.model.tables[table].numbers.get(ref.name)
    if most is None or spec is None or spec.additive != "all":
        return None
    return Thing(made.table, most=Most(Thing(table), most == "min", ref)), n + 1
