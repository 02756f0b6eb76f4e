"""A goal's day told: the date and its range first, or plainly that it is not within sight, then how far it is."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.builtin.wording import metric
from agent.claims import Ref, Sentence
from agent.factual import plural
from tools.evidence import Fact

Parts = list[str | Ref]


def reached(scene: Scene) -> list[tuple[Sentence, ...]]:
    """Two paragraphs: when; then where it stands."""
    fact = next(f for f in scene.evidence.facts if f.kind == "reach")
    state = fact.attributes["state"]
    first = {"reached": _behind, "ahead": _ahead, "beyond": _beyond}[state](scene, fact)
    second = _standing(scene, fact)
    return [(first,), (second,)] if second else [(first,)]


def _subject(scene: Scene, fact: Fact, *, start: bool) -> Parts:
    return [metric(fact, start=start), *scene.for_whom()]


def _counted(fact: Fact) -> Parts:
    return [" since ", Ref(fact.values["since"])] if fact.attributes["way"] == "total" else []


def _goal(fact: Fact) -> Parts:
    deed = "fall to " if fact.attributes["below"] == "yes" else "reach "
    return [deed, Ref(fact.values["goal"], "auto")]


def _on(fact: Fact) -> str:
    return " on " if fact.attributes["step"] == "day" else " in "


def _behind(scene: Scene, fact: Fact) -> Sentence:
    if fact.attributes["way"] == "total":
        return ["It has happened already: ", *_subject(scene, fact, start=False), *_counted(fact), " passed ",
                Ref(fact.values["goal"], "auto"), _on(fact), Ref(fact.values["at"], "label"), "."]  # fmt: skip
    have, side = "have" if plural(fact.metric) else "has", "below" if fact.attributes["below"] == "yes" else "above"
    return ["It is there already: ", *_subject(scene, fact, start=False), f" {have} been {side} ",
            Ref(fact.values["goal"], "auto"), " since ", Ref(fact.values["at"], "label"), "."]  # fmt: skip


def _ahead(scene: Scene, fact: Fact) -> Sentence:
    values, are = fact.values, "are" if plural(fact.metric) else "is"
    head: Parts = [*_subject(scene, fact, start=True), *_counted(fact), f" {are} likely to ", *_goal(fact), _on(fact),
                   Ref(values["at"], "label")]  # fmt: skip
    early = values.get("early")
    if early is None or scene.value(early) == scene.value(values["at"]) == scene.value(values.get("late", early)):
        return [*head, "."]
    if "late" in values:
        return [*head, ", eight times in ten between ", Ref(early, "label"), " and ", Ref(values["late"], "label"), "."]
    return [*head, ", at the earliest", _on(fact), Ref(early, "label"),
            "; it may also take longer than I can look ahead."]  # fmt: skip


def _beyond(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    far = ": " if fact.attributes["ends"] == "yes" else ", as far as I can look ahead: "
    verb = " come" if plural(fact.metric) else " comes"
    head: Parts = ["Not by ", Ref(values["last"], "label"), far, *_subject(scene, fact, start=False), *_counted(fact)]
    head += [f"{verb} to about ", Ref(values["end"], "auto"), " by then, and the goal is ", Ref(values["goal"], "auto")]
    if "early" in values:
        head += ["; with luck it is reached", _on(fact), Ref(values["early"], "label")]
    return [*head, "."]


def _standing(scene: Scene, fact: Fact) -> Sentence | None:
    if fact.attributes["state"] == "reached":
        return None
    values = fact.values
    between = " by the end of " if fact.attributes["way"] == "total" else " in "
    came = "They came to " if plural(fact.metric) else "It came to "
    return [came, Ref(values["done"], "auto"), between, Ref(values["until"], "label"), "."]
