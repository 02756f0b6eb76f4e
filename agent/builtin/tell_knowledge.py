"""What was looked up, told in the words of its source and cited: nothing is put into a source's mouth."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.builtin.wording import metric
from agent.claims import Ref, Sentence
from tools.evidence import Fact


def looked_up(scene: Scene) -> list[tuple[Sentence, ...]]:
    """A meaning with its passage, or what sources give as usual; each sentence ends with its mark."""
    tellers = {"meaning": _meaning, "usual": _usual}
    return [p for fact in scene.evidence.facts if fact.kind in tellers for p in tellers[fact.kind](scene, fact)]


def _meaning(scene: Scene, fact: Fact) -> list[tuple[Sentence, ...]]:
    values, mark = fact.values, f". [^{fact.attributes['mark']}]"
    first: Sentence = [Ref(values["name"], "label"), ": ", Ref(values["meaning"], "label"), mark]
    more = values.get("passage")
    return [(first,), ([Ref(more, "label"), mark],)] if more else [(first,)]


def _usual(scene: Scene, fact: Fact) -> list[tuple[Sentence, ...]]:
    values = fact.values
    span: list[str | Ref] = [Ref(values["low"], "auto")]
    if "high" in values:
        span += [" to ", Ref(values["high"], "auto")]
    told: Sentence = [
        "For ", Ref(values["population"], "label"), ", ", Ref(values["source"], "label"), " gives ", *span, " for ",
        metric(fact), " in ", Ref(values["year"], "label"), f". [^{fact.attributes['mark']}]",
    ]  # fmt: skip
    return [(told,)]
