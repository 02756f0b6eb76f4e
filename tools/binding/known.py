"""What the installed packs of a workspace know, ready to be asked: meanings, benchmarks, questions, playbooks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from knowledge.packs.check import supported
from knowledge.packs.parts import Benchmark, Playbook, Role
from knowledge.packs.schema import Pack, Passage
from store.errors import PlainsayError
from tools.binding import shelf
from tools.binding.entries import filled, plain
from tools.binding.names import tokens
from tools.binding.result import Binding
from warehouse.model.schema import SemanticModel
from warehouse.workspace import Workspace

_ARTICLES = re.compile(r"^(?:the|a|an|our|my|your|this|that|term|word|metric|measure|kpi)\s+", re.I)


@dataclass(frozen=True)
class Meaning:
    """What a word of the trade means: in one or two sentences, and the passage that explains it."""

    pack: Pack
    label: str
    means: str
    metric: str | None
    passage: Passage | None


@dataclass(frozen=True)
class Prompted:
    """A question worth asking next, in the workspace's own words, and why."""

    question: str
    why: str


class Known:
    """The packs of one workspace with how they are bound; made anew when one of them or the model changes."""

    def __init__(self, packs: tuple[tuple[Pack, Binding], ...], model: SemanticModel) -> None:
        self.packs = packs
        self._data: dict[str, Any] = plain(model)
        self._words = dict(_words(packs))

    def meaning(self, phrase: str) -> Meaning | None:
        """What a word or phrase of the trade means; None when no pack has it."""
        bare = phrase.strip(" ?.!\"“”'")
        while (shorter := _ARTICLES.sub("", bare)) != bare:
            bare = shorter
        return self._words.get(frozenset(tokens(bare))) if bare else None

    def questions(self, role: Role) -> Iterator[Prompted]:
        """The packs' questions for a role that can be asked here."""
        for pack, binding in self.packs:
            for one in pack.questions.get(role, ()):
                if asked := filled(one.ask, binding, self._data):
                    yield Prompted(asked, one.why or "")

    def playbooks(self, metric: str) -> Iterator[tuple[Playbook, tuple[Prompted, ...]]]:
        """The playbooks about a metric, each with its questions that can be asked here."""
        for pack, binding in self.packs:
            for book in pack.playbooks.values():
                if book.when.metric == metric:
                    found = ((filled(c.ask, binding, self._data), c.why or book.label) for c in book.checks)
                    yield book, tuple(Prompted(asked, why) for asked, why in found if asked)

    def benchmarks(self, metric: str) -> Iterator[tuple[Pack, Benchmark, Passage]]:
        """The benchmarks of a metric whose passage states them; any other is never told."""
        for pack, binding in self.packs:
            for benchmark in pack.benchmarks.values():
                passage = pack.passage(benchmark.passage)
                same = benchmark.metric == metric and binding.used(metric)
                if same and passage is not None and supported(benchmark, passage.text):
                    yield pack, benchmark, passage

    def prompts(self) -> str:
        """What the packs advise a language model."""
        return "\n\n".join(text.strip() for pack, _ in self.packs for text in pack.prompts.values())


def _words(packs: tuple[tuple[Pack, Binding], ...]) -> Iterator[tuple[frozenset[str], Meaning]]:
    """Every word with its meaning; what comes later wins: metrics before terms, synonyms before labels."""
    for pack, binding in packs:
        meanings = [
            *((m.synonyms, Meaning(pack, m.label, m.means, n if binding.used(n) else None, _about(pack, n)), m.label)
              for n, m in pack.metrics.items()),
            *((t.synonyms, Meaning(pack, t.label, t.means, t.metric if t.metric and binding.used(t.metric) else None,
                                   pack.passage(t.see) if t.see else None), t.label) for t in pack.terms.values()),
        ]  # fmt: skip
        for synonyms, meaning, _ in meanings:
            for word in synonyms:
                yield frozenset(tokens(word)), meaning
        for _, meaning, label in meanings:
            yield frozenset(tokens(label)), meaning


def _about(pack: Pack, metric: str) -> Passage | None:
    """The passage that explains a metric: that of a term for it, else one with its name as title."""
    told = next((t.see for t in pack.terms.values() if t.metric == metric and t.see), None)
    if told:
        return pack.passage(told)
    label = pack.metrics[metric].label.casefold()
    return next((p for p in pack.passages if p.title.casefold() == label), None)


def of(workspace: Workspace, model: SemanticModel) -> Known:
    """What the packs of a workspace know; packs that cannot be read any more are left out."""
    return _known(workspace, shelf.stamp(workspace), _Same(model))


class _Same:
    """A model as a cache key: the same object is the same model."""

    def __init__(self, model: SemanticModel) -> None:
        self.model = model

    def __hash__(self) -> int:
        return id(self.model)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.model is self.model


@lru_cache(maxsize=32)
def _known(workspace: Workspace, _stamp: tuple[object, ...], same: _Same) -> Known:
    found = []
    for name in shelf.names(workspace):
        try:
            found.append((shelf.pack(workspace, name), shelf.record(workspace, name).binding))
        except (PlainsayError, OSError, ValueError):
            continue  # `plainsay packs check` says what is wrong with it
    return Known(tuple(found), same.model)
