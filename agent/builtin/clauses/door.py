"""The way in: a plan for a question with clauses, when the grammar takes all its words and the compiler the query."""

from __future__ import annotations

from collections.abc import Callable

from agent.brain import PlanContext
from agent.builtin import patches
from agent.builtin.clauses.build import Query, query_of
from agent.builtin.clauses.grammar import Grammar
from agent.builtin.clauses.questions import questions
from agent.builtin.cursor import Cursor
from agent.builtin.dates import Today
from agent.builtin.lexicon import Lexicon
from agent.builtin.resolve import Resolver, Unresolved
from agent.builtin.text import Token, fold, split_sentences, tokenize
from agent.plan import Plan, Step
from store.errors import PlainsayError
from warehouse.model.adhoc import output_name
from warehouse.model.values import ValueMatch
from warehouse.query import MetricQuery

_MOST_READINGS = 12
_LONGEST = 60
_MARKS = frozenset("'\"()…")
_CONFIDENCE = 0.8
Prove = Callable[[Query], object]


def clause_plan(context: PlanContext, lexicon: Lexicon, today: Today, prove: Prove) -> Plan | None:
    """The plan of the first reading that `prove` does not refuse; None when there is no such reading."""
    tokens = [t for t in tokenize(fold(context.question)) if t.kind != "punct" or t.low not in _MARKS]
    sentences = split_sentences(tokens)
    if not sentences or sum(len(s) for s in sentences) > _LONGEST:
        return None
    resolver = Resolver(context.model, lexicon)
    shared: dict[str, tuple[ValueMatch, ...]] = {}

    def grammar(tokens: list[Token]) -> Grammar:
        return Grammar.of(Cursor(tokens, lexicon, context.values, today, found_values=shared), resolver)

    for number, question in enumerate(questions(sentences, grammar)):
        if number >= _MOST_READINGS:
            return None
        try:
            query = query_of(resolver, question)
            prove(query)
        except (PlainsayError, Unresolved, ValueError):
            continue
        return _plan(resolver, query)
    return None


def _plan(resolver: Resolver, query: Query) -> Plan:
    if not isinstance(query, MetricQuery):
        title = resolver.plural(query.table).capitalize()
        step = Step(tool="list_records", args={"query": patches.dump(query)}, title=title)
        return Plan(intent="records", steps={"s1": step}, confidence=_CONFIDENCE, hints={"table": query.table})
    intent = (
        "top" if query.top else "breakdown" if query.dimensions else "count" if len(query.metrics) == 1 else "total"
    )
    hints = {"metric": query.metrics[0].alias or output_name(query.metrics[0].metric)}
    if query.dimensions:
        hints["dimension"] = query.dimensions[-1].field.split(".", 1)[-1]
    if query.top is not None:
        hints |= {"direction": "worst" if query.top.bottom else "best", "asked_n": query.top.n}  # type: ignore[dict-item]
    names = [m.alias or output_name(m.metric) for m in query.metrics]
    title = " and ".join(n.replace("_", " ") for n in names).capitalize()
    step = Step(tool="query_metrics", args={"query": patches.dump(query)}, title=title)
    return Plan(intent=intent, steps={"s1": step}, confidence=_CONFIDENCE, hints=hints)
