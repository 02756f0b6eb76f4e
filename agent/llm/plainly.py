"""What a model may say to a person in its own words, when it asks back or gives up: a closed list, and no finding."""

from __future__ import annotations

import re

from agent.brain import PlanContext
from agent.llm.book import words_of
from agent.llm.proof import claims_nothing
from warehouse.model.bags import bag
from warehouse.model.schema import Described, SemanticModel
from warehouse.model.words import singular, split

_SAID = bag(
    "a about an and any are as ask asked asks at available be between but by call called can cannot column"
    " columns could data dataset defined definition did different do does doesn't don't either field fields figure"
    " figures find for from give given group groups has have held here hold holds how i in information is isn't it"
    " its know known mean means meant measure measures metric metrics name named names need needed needs no"
    " none nor not nothing of on or other please question read record recorded records say says should"
    " show split stored such table tables tell that the their them there these they this those to unclear"
    " understand unknown use used value values want was way ways we were what when where whether which who whose"
    " why with word words would you your"
)
_NAMES: dict[int, tuple[SemanticModel, frozenset[str]]] = {}
_MOST_MODELS = 16
_CHARACTERS = re.compile(r"[^\W\d_]|[ .,;:?'’“”\"()/-]")


def sayable(text: str, context: PlanContext) -> bool:
    """Whether a text is made of plain words, the question's own and the model's names, and claims no finding.

    What is not sayable is replaced by a sentence of ours: a source, a direction or a count cannot slip through here.
    """
    plain = re.sub(r"\d[\d.,:-]*", " ", text)
    if any(not _CHARACTERS.fullmatch(c) for c in plain) or not claims_nothing(text, context.question):
        return False
    asked = {singular(w) for w in words_of(context.question)}
    known = _names(context.model) | asked
    return all(w in _SAID or singular(w) in known for w in words_of(text))


def _names(model: SemanticModel) -> frozenset[str]:
    """All words of the model's names; kept while the model is."""
    held = _NAMES.get(id(model))
    if held is None or held[0] is not model:
        held = model, frozenset(singular(w) for spec, name in _named(model) for w in _words(spec, name))
        _NAMES[id(model)] = held
        while len(_NAMES) > _MOST_MODELS:
            _NAMES.pop(next(iter(_NAMES)), None)
    return held[1]


def _named(model: SemanticModel) -> list[tuple[Described, str]]:
    found: list[tuple[Described, str]] = [(m, n) for n, m in model.metrics.items()]
    for key, table in model.tables.items():
        found.append((table, key))
        times = table.time.columns if table.time else {}
        for part in (table.measures, table.numbers, table.dimensions, times):
            found += [(spec, name) for name, spec in part.items()]
    return found


def _words(spec: Described, name: str) -> list[str]:
    return words_of(" ".join([*split(name), spec.label or "", *spec.words()]))
