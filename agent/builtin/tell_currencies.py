"""Amounts of several currencies, told one by one: a sentence for each, and never a word that compares two."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.builtin.wording import metric, name
from agent.claims import Ref, Sentence
from tools.evidence import Fact


def in_currency(scene: Scene, fact: Fact) -> Sentence:
    """The amount in one currency, with its group or period."""
    of: list[str | Ref] = [" (", *name(fact), ")"] if "name" in fact.values else []
    first = fact is next((f for f in scene.evidence.facts if f.kind == "in_currency"), None)
    when = [*scene.for_whom(), *scene.when()] if first and not of else []
    head: list[str | Ref] = [metric(fact), " in ", Ref(fact.values["currency"], "label")]
    return [*head, *of, *when, " came to ", Ref(fact.values["value"], "auto"), "."]


def top_in_currency(_scene: Scene, fact: Fact) -> Sentence:
    """The group with the largest amount among those of one currency."""
    head: list[str | Ref] = ["In ", Ref(fact.values["currency"], "label"), ", ", *name(fact)]
    return [*head, " had the highest ", metric(fact), ": ", Ref(fact.values["value"], "auto"), "."]
