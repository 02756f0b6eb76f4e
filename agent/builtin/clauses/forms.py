"""Questions with a form of their own: how many, the average of, when was the last, all pairs of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agent.builtin.clauses.grammar import Grammar
from agent.builtin.clauses.outputs import outputs
from agent.builtin.clauses.things import thing
from agent.builtin.clauses.tree import Question, Thing, Wanted
from agent.builtin.clauses.wholes import after_preposition, finished, things_at, with_more
from agent.builtin.clauses.words import AGGREGATES, FLUFF, JOINERS, STRANDED, VERBS
from agent.builtin.graph import common_fact
from agent.builtin.lexicon import Ref
from agent.builtin.meaning import columns_for
from agent.builtin.vocabulary import DISTINCT
from warehouse.model.bags import bag

_AMOUNTS = (("amount", "of"), ("number", "of"), ("value", "of"))
_PAIRS = bag("combination combinations pair pairs")
_DIFFERENT = bag("different distinct unique each every")
_HOW = {"old": "oldest", "tall": "tallest", "long": "longest", "heavy": "heaviest", "big": "biggest", "fast": "fastest"}
_ASKING = bag("is was are were does do did")


def count(g: Grammar, at: int) -> Iterator[Question]:
    """`how many singers …`, `how many different cities …`."""
    yield from _count_each(g, at)
    for found, end in things_at(g, at):
        whole = finished(g, Question("count", found), end)
        if whole is not None:
            yield whole


def _count_each(g: Grammar, at: int) -> Iterator[Question]:
    """`how many models does each maker produce`: a number for each record of another kind."""
    for counted, end in g.names.tables(g.articles(at)):
        n = g.skip(end, STRANDED | VERBS)
        if g.low(n) not in ("each", "every"):
            continue
        for table, after in g.names.tables(n + 1):
            question = Question("list", Thing(table), (Wanted(thing=Thing(counted)),))
            whole = finished(g, question, after) if table != counted else None
            if whole is not None:
                yield whole


def for_each(g: Grammar, at: int) -> Iterator[Question]:
    """`for each continent, list its id and how many countries it has`."""
    if not (g.at(at, "for", "each") or g.at(at, "for", "every")):
        return
    for table, end in g.names.tables(at + 2):
        start = g.skip(end, FLUFF | frozenset(","))
        listed = outputs(g, start, table) or outputs(g, g.skip(end, frozenset(",")), table)
        if listed is not None:
            yield from with_more(g, Question("list", Thing(table), listed[0]), listed[1])


def figures(g: Grammar, at: int) -> Iterator[Question]:
    """`the average and the maximum age of …`."""
    aggs, n = _aggregates(g, at)
    if not aggs:
        return
    n = g.skip(n, bag("of the")) if g.low(n) == "of" else n
    yield from _figures_each(g, n, aggs)
    for p in range(n + 1, g.length):
        for found, end in after_preposition(g, p):
            start = n + g.first(_AMOUNTS, n)
            named = g.names.field(start, found.table, most=p - start) or g.names.field(n, found.table, most=p - n)
            if named is not None and g.skip(named[1], VERBS) == p and g.is_ordered(named[0]):
                wanted = tuple(Wanted(named[0], agg) for agg in aggs)
                each = _each_value(g, end, found)
                end = each[1] if each is not None else end
                whole = finished(g, Question("figures", found, wanted, each=each[0] if each else None), end)
                if whole is not None and not _each_of(g, p):
                    yield whole


def _figures_each(g: Grammar, at: int, aggs: list[str]) -> Iterator[Question]:
    """`the maximum weight for each number of doors`: the records are those that have both fields."""
    for table in g.resolver.model.tables if g.mentions(_DIFFERENT) else ():
        named = g.field_number(at, table)
        each = _each_value(g, named[1], Thing(table)) if named is not None and named[0].table == table else None
        if named is None or each is None:
            continue
        question = Question("figures", Thing(table), tuple(Wanted(named[0], a) for a in aggs), each=each[0])
        whole = finished(g, question, each[1])
        if whole is not None:
            yield whole


def _each_of(g: Grammar, at: int) -> bool:
    """`of each singer`: a figure for every record, which is the record's own value."""
    return bool({"each", "every"} & {g.low(at + 1), g.low(at + 2)})


def _each_value(g: Grammar, at: int, found: Thing) -> tuple[Ref, int] | None:
    """`for all the different cylinders`, `by each number of doors`: a figure for every value of a field."""
    n = g.articles(at + 1)
    if g.low(at) not in ("for", "by", "per", "in", "of") or not {g.low(n), g.low(n - 1)} & _DIFFERENT:
        return None
    n = g.skip(n, _DIFFERENT)
    return g.names.field(n, found.table) or g.names.field(n + g.first(_AMOUNTS, n), found.table)


def how(g: Grammar) -> Iterator[Question]:
    """`when was the last order`, `how old is the youngest singer`, `how much does the latest treatment cost`."""
    how = g.low(0) == "how" and (g.low(1) == "much" or g.low(1) in _HOW)
    start = 2 if how else 1
    if not (how or g.low(0) == "when") or g.low(start) not in _ASKING:
        return
    found = thing(g, start + 1)
    if found is None or (found[0].extreme is None and not found[0].conditions):
        return
    made, end = found
    ref: Ref | None = None
    if g.low(0) == "when" and (best := made.extreme) is not None and not g.is_number(best.ref):
        dated = Wanted(best.ref, "min" if best.low else "max")
        told = finished(g, Question("figures", replace(made, extreme=None), (dated,)), end)
        if told is not None:
            yield told
        ref = best.ref
    elif g.low(1) in _HOW:
        refs = {r for r, _ in columns_for(g.resolver.lexicon, made.table, _HOW[g.low(1)])}
        ref = refs.pop() if len(refs) == 1 else None
    elif g.low(0) == "how":
        named = g.field_number(end, made.table) or g.field_number(end - 1, made.table)
        ref, end = named if named is not None and named[0].table == made.table else (None, end)
    if ref is not None:
        yield from with_more(g, Question("list", made, (Wanted(ref),)), end)


def pairs(g: Grammar, at: int) -> Iterator[Question]:
    """`all combinations of size and colour`, `the possible size and colour pairs for dogs`: each of them once."""
    n = g.skip(at, DISTINCT | bag("possible all the"))
    first = g.low(n) in _PAIRS and g.low(n + 1) == "of"
    for table in g.resolver.model.tables if g.mentions(_PAIRS) else ():
        listed = outputs(g, n + 2 if first else n, table)
        if listed is None or len(listed[0]) < 2 or any(w.ref is None for w in listed[0]):
            continue
        end = listed[1] if first else listed[1] + 1
        if not first and g.low(listed[1]) not in _PAIRS:
            continue
        if g.low(end) in ("for", "of", "in", "among"):
            named = [e for t, e in g.names.tables(g.articles(end + 1)) if t == table]
            end = named[0] if named else end
        tables = {w.ref.table for w in listed[0] if w.ref is not None}
        if tables == {table} or (len(tables) > 1 and common_fact(g.resolver.model, tables) == [table]):
            whole = finished(g, Question("list", Thing(table, distinct=True), listed[0]), end)
            if whole is not None:
                yield whole


def _aggregates(g: Grammar, at: int) -> tuple[list[str], int]:
    aggs: list[str] = []
    n = g.articles(at)
    while agg := AGGREGATES.get(g.low(n)):
        aggs.append(agg)
        n += 1
        joint = g.first(JOINERS, n)
        if joint and AGGREGATES.get(g.low(g.articles(n + joint))):
            n = g.articles(n + joint)
    return aggs, n
