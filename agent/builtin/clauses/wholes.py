"""What all forms of questions share: their records, fields besides, and the proof that no word is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agent.builtin.clauses.grammar import Grammar
from agent.builtin.clauses.orders import order_of
from agent.builtin.clauses.outputs import outputs
from agent.builtin.clauses.things import clauses, thing
from agent.builtin.clauses.tree import Question, Thing
from agent.builtin.clauses.words import ENDING, FLUFF, JOINERS, PREPOSITIONS, VERBS
from agent.builtin.vocabulary import DISTINCT
from warehouse.model.bags import bag


def finished(g: Grammar, question: Question, end: int) -> Question | None:
    """The question, when nothing but an order and empty words follows."""
    order, end = order_of(g, end, question)
    end = g.skip(g.tail(end), ENDING | VERBS | frozenset(","))
    return replace(question, order=order) if end >= g.length else None


def things_at(g: Grammar, at: int) -> Iterator[tuple[Thing, int]]:
    """Records named at a place, or the values of a field of records."""
    found = thing(g, at)
    if found is not None:
        yield found
    n = g.articles(at)
    while g.low(n) in DISTINCT:
        n = g.articles(n + 1)
    named = g.names.columns(n)
    mentioned = {t for k in range(g.length) for t, _ in g.names.tables(k)}
    for ref, end in named:
        if ref.table in mentioned or len({r.table for r, _ in named}) == 1:
            yield clauses(g, end, Thing(ref.table, column=ref, distinct=True))


def after_preposition(g: Grammar, at: int) -> Iterator[tuple[Thing, int]]:
    """`of the cars that …` from its preposition on."""
    if g.low(at) in PREPOSITIONS:
        found = thing(g, at + 1)
        if found is not None:
            yield found


def with_more(g: Grammar, question: Question, end: int) -> Iterator[Question]:
    """The question with fields that are named after its records, and without."""
    joint = g.first(JOINERS, end)
    more = outputs(g, g.skip(end + joint, FLUFF - bag("all")), question.thing.table) if joint else None
    if more is not None:
        after = g.tail(more[1])
        found = finished(g, replace(question, wanted=(*question.wanted, *more[0])), after)
        if found is not None:
            yield found
    found = finished(g, question, end)
    if found is not None:
        yield found
