"""Whole questions: what is wanted, of which records, in which order; every word is used or it is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from agent.builtin.clauses.forms import count, figures, for_each, how, pairs
from agent.builtin.clauses.grammar import Grammar
from agent.builtin.clauses.orders import order_of
from agent.builtin.clauses.outputs import outputs
from agent.builtin.clauses.things import clauses, thing
from agent.builtin.clauses.tree import Question, Thing, Wanted
from agent.builtin.clauses.wholes import after_preposition, finished, things_at, with_more
from agent.builtin.clauses.words import (
    BEING,
    ENDING,
    FLUFF,
    JOINERS,
    PERSONS,
    PREPOSITIONS,
    VERBS,
)
from agent.builtin.text import Token
from warehouse.model.bags import bag

_COUNTS = (
    ("how", "many"), ("the", "number", "of"), ("number", "of"), ("count", "the", "number", "of"), ("count", "of"),
    ("count", "the"), ("count",), ("the", "total", "number", "of"), ("total", "number", "of"), ("the", "count", "of"),
)  # fmt: skip
_ABOUT = (
    ("information", "about"), ("information", "on"), ("details", "of"), ("details", "about"), ("details", "on"),
    ("data", "about"), ("data", "on"), ("everything", "about"), ("information", "for"), ("details", "for"),
)  # fmt: skip
_PEOPLE = bag("person employee customer student member user visitor owner patient")
_COUNTED = bag("count number numbers counts")
Read = Callable[[list[Token]], Grammar]


def questions(sentences: list[list[Token]], grammar: Read) -> Iterator[Question]:
    """Readings of a question that use every word, the plainest first."""
    first, *rest = sentences
    for question in _first(grammar(first)):
        told = _with_rest(question, rest, grammar)
        if told is not None:
            yield told


def _first(g: Grammar) -> Iterator[Question]:
    yield from for_each(g, 0)
    yield from _fronted(g)
    yield from how(g)
    at = g.skip(1 if g.low(0) in PREPOSITIONS and g.low(1) in ("which", "what") else 0, FLUFF)
    at += g.first(_ABOUT, at)
    counted = max(((n, c) for n in range(at + 1) if (c := g.first(_COUNTS, n))), default=None)
    if counted is not None and counted[0] + counted[1] >= at:
        yield from count(g, counted[0] + counted[1])
        return
    for start in dict.fromkeys((at, at - 1 if g.low(at - 1) in ("all", "or") else at)):
        yield from figures(g, start)
        yield from pairs(g, start)
        yield from _of(g, start)
        yield from _subject(g, start)
        yield from _own(g, start)
    if "who" in {g.low(n) for n in range(at)} or "whose" in {g.low(n) for n in range(at)} or g.low(at) in PERSONS:
        yield from _persons(g, at)


def _fronted(g: Grammar) -> Iterator[Question]:
    """`among the cars with 4 doors, which ones are …`, `of all wines from Rhone, which colour has the lowest price`."""
    found = thing(g, 1) if g.low(0) in ("among", "of", "for") else None
    if found is None or g.low(found[1]) not in (",", "which", "what"):
        return
    made, end = found
    n = g.skip(end, bag(", which what is are the"))
    n += g.first((("ones",), ("one",), ("of", "them"), ("of", "these"), ("of", "those")), n)
    named = g.names.field(n, made.table) if n == g.skip(end, bag(", which what is are the")) else None
    wanted = (Wanted(named[0]),) if named is not None else ()
    whole, after = clauses(g, named[1] if named is not None else n, made)
    if whole != made:
        yield from with_more(g, Question("list", whole, wanted), after)


def _of(g: Grammar, at: int) -> Iterator[Question]:
    """`the name and age of the singers who …`, and what is to be shown besides."""
    for p in range(at + 1, g.length):
        for found, end in after_preposition(g, p):
            listed = outputs(g, at, found.table, p)
            if listed is None:
                continue
            yield from with_more(g, Question("list", found, listed[0]), end)
        yield from _of_someone(g, at, p)


def _of_someone(g: Grammar, at: int, p: int) -> Iterator[Question]:
    """`the phone number of the man with …`, `the name for everybody who …`: the fields say which records."""
    n = g.articles(p + 1)
    if g.low(p) not in PREPOSITIONS or g.low(n) not in PERSONS | {"one", "ones"}:
        return
    fits = []
    for table in g.resolver.model.tables:
        listed = outputs(g, at, table, p)
        if listed is None or any(w.ref is None or w.ref.table != table for w in listed[0]):
            continue
        made, end = clauses(g, n + 1, Thing(table))
        if made.conditions or made.extreme or made.most:
            fits.append((Question("list", made, listed[0]), end))
    if len(fits) == 1:
        yield from with_more(g, *fits[0])


def _subject(g: Grammar, at: int) -> Iterator[Question]:
    """`which dogs have not …`, `the cities that have …`."""
    for found, end in things_at(g, at):
        yield from with_more(g, Question("list", found), end)


def _own(g: Grammar, at: int) -> Iterator[Question]:
    """`all singer names in concerts in 2014`, `employee names sorted by age`: fields that bring their record along."""
    for table in dict.fromkeys(t for n in range(at, g.length) for t, _ in g.names.tables(n)):
        listed = outputs(g, at, table)
        if listed is None or listed[0][0].ref is None or listed[0][0].ref.table != table:
            continue
        if not any(table == t for n in range(at, listed[1]) for t, _ in g.names.tables(n)):
            continue
        found, end = clauses(g, listed[1], Thing(table))
        yield from with_more(g, Question("list", found, listed[0]), end)


def _persons(g: Grammar, at: int) -> Iterator[Question]:
    """`who is enrolled in …`: the people are those of the one table that this fits."""
    people = [
        t for t, spec in g.resolver.model.tables.items() if "first_name" in spec.dimensions or _personal(spec.record)
    ]
    n = g.skip(at, PERSONS)
    found = []
    for table in people:
        made, end = clauses(g, n - 1 if g.low(n - 1) in BEING else n, Thing(table))
        fits = finished(g, Question("list", made), end) if made.conditions else None
        found += [fits] if fits is not None else []
    if len(found) == 1:
        yield found[0]


def _personal(record: str | None) -> bool:
    return (record or "") in _PEOPLE


def _numbers(wanted: tuple[Wanted, ...]) -> bool:
    return any(w.thing is not None for w in wanted)


def _again(g: Grammar, at: int, home: str) -> tuple[tuple[Wanted, ...], int] | None:
    """`the count and the name`: a number that was asked for before needs no saying again."""
    n = g.skip(at, bag("the"))
    if g.low(n) not in _COUNTED:
        return None
    joint = g.first(JOINERS, n + 1)
    return (outputs(g, n + 1 + joint, home) if joint else None) or ((), n + 1)


def _with_rest(question: Question, rest: list[list[Token]], grammar: Read) -> Question | None:
    """The question with what further sentences want to see: `List their names and ages.`"""
    wanted = question.wanted
    for sentence in rest:
        g = grammar(sentence)
        start = g.skip(0, FLUFF)
        if start >= g.length:
            continue
        listed = outputs(g, start, question.thing.table) or _again(g, start, question.thing.table)
        if listed is None or question.kind != "list" or (not listed[0] and not _numbers(question.wanted)):
            return None
        end = g.skip(listed[1], ENDING | VERBS | FLUFF)
        if _numbers(question.wanted) and g.low(end) in _COUNTED:
            end = g.skip(end + 1, ENDING)
        order, end = order_of(g, end, question)
        if end < g.length:
            return None
        wanted = (*wanted, *listed[0])
        question = replace(question, order=order or question.order)
    return replace(question, wanted=tuple(dict.fromkeys(wanted)))
