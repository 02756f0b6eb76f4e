"""Completions while a person types: approved and starter questions, figures, fields and values, most fitting first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import BaseModel

from agent.builtin.text import fold, stem, tokenize
from agent.memory import Learned
from warehouse.model.adhoc import humanize
from warehouse.model.schema import SemanticModel, Table
from warehouse.model.values import ValuesIndex

Kind = Literal["question", "figure", "field", "value"]
_MOST = 8
_MOST_WORDS = 3
_SHORTEST = 2


class Completion(BaseModel):
    """A way to go on: the whole text after taking it, what was added (`label`) and what that is."""

    kind: Kind
    label: str
    text: str


def complete(
    typed: str, model: SemanticModel, values: ValuesIndex, learned: Iterable[Learned] = (), limit: int = _MOST
) -> list[Completion]:
    """Up to `limit` completions of `typed`; nothing typed gives the opening questions."""
    plain = " ".join(fold(typed).split())
    questions = [v.question for v in model.verified] + [x.said for x in learned if x.kind == "answer"]
    found = list(_questions(plain, [*questions, *model.starters]))
    if plain:
        found += _names(typed, model, values)
    unique: dict[str, Completion] = {}
    for one in found:
        unique.setdefault(one.text.casefold().rstrip("?"), one)
    return [c for c in unique.values() if c.text.casefold() != plain.casefold()][:limit]


def _questions(typed: str, known: Iterable[str]) -> Iterator[Completion]:
    """Questions that hold all typed words, the last of them perhaps unfinished; those that begin so first."""
    asked = [t.low for t in tokenize(typed) if t.kind != "punct"]
    fitting = []
    for at, question in enumerate(dict.fromkeys(known)):
        words = [t.low for t in tokenize(fold(question)) if t.kind != "punct"]
        whole = all(stem(w) in map(stem, words) for w in asked[:-1])
        if whole and (not asked or any(w.startswith(asked[-1]) for w in words)):
            fitting.append((not fold(question).casefold().startswith(typed.casefold()), at, question))
    return (Completion(kind="question", label=q, text=q) for _, _, q in sorted(fitting))


def _names(typed: str, model: SemanticModel, values: ValuesIndex) -> Iterator[Completion]:
    """Names and values that begin with the last one to three words."""
    tokens = typed.split()
    for length in range(min(_MOST_WORDS, len(tokens)), 0, -1):
        head, tail = tokens[: len(tokens) - length], " ".join(tokens[-length:]).casefold()
        if len(tail) < _SHORTEST or typed.endswith(" "):
            continue
        for kind, name in _beginning(tail, model, values):
            if head and head[-1].casefold() == name.split()[0].casefold():
                continue  # "net" and "net revenue" are one name, which longer tails find
            yield Completion(kind=kind, label=name, text=" ".join([*head, name]))


def _beginning(tail: str, model: SemanticModel, values: ValuesIndex) -> Iterator[tuple[Kind, str]]:
    seen: set[str] = set()
    for kind, name in [*_figures(model), *_fields(model), *_values(tail, values)]:
        words = name.casefold()
        if name and words not in seen and (words.startswith(tail) or f" {tail}" in words):
            seen.add(words)
            yield kind, name


def _figures(model: SemanticModel) -> Iterator[tuple[Kind, str]]:
    measures = ((n, m) for t in model.tables.values() for n, m in t.measures.items())
    for name, spec in [*model.metrics.items(), *measures]:
        for text in (spec.label or humanize(name), *spec.words()):
            yield "figure", text.lower() if text[1:2].islower() else text


def _fields(model: SemanticModel) -> Iterator[tuple[Kind, str]]:
    for table in model.tables.values():
        for name, spec in _open(table):
            yield "field", (spec or humanize(name)).lower()


def _open(table: Table) -> Iterator[tuple[str, str | None]]:
    """Fields that may be offered: no keys, no free text, nothing personal."""
    return ((n, d.label) for n, d in table.dimensions.items() if d.groupable and not d.pii and n not in table.key)


def _values(tail: str, values: ValuesIndex) -> Iterator[tuple[Kind, str]]:
    return (("value", m.value) for m in values.match(tail) if m.value.casefold().startswith(tail))
