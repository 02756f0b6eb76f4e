"""A trend told: yes or no when that was asked, the pace, how sure, and where the level broke."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.claims import Ref, Sentence
from agent.factual import figure_name, plural, told
from tools.derive import number
from tools.evidence import Fact

_WORDS = {"up": "rising", "down": "falling"}
_SURE = 0.001
_MOST = 4


def trend(scene: Scene) -> list[tuple[Sentence, ...]]:
    """The whole first, then breaks and members."""
    facts = scene.evidence.facts
    courses = [f for f in facts if f.kind == "course"]
    whole = next((f for f in courses if "name" not in f.values), None)
    members = [f for f in courses if "name" in f.values]
    breaks = [f for f in facts if f.kind == "change_point"]
    first = [_course(scene, whole), _sure(scene, whole)] if whole is not None else []
    rest: list[Sentence] = [told(f, scene.evidence.tables) for f in breaks[:_MOST]]
    rest += [told(f, scene.evidence.tables) for f in facts if f.kind == "steady"]
    parts = [_member(f) for f in members[:_MOST]]
    paragraphs = [tuple(s for s in first if s is not None), tuple(parts), tuple(rest)]
    return [p for p in paragraphs if p]


def _course(scene: Scene, fact: Fact) -> Sentence:
    values, direction = fact.values, fact.attributes["direction"]
    be = " are" if plural(fact.metric) else " is"
    span: list[str | Ref] = [" from about ", Ref(values["first"], "auto"), " in ", Ref(values["first_name"], "label"),
                             " to about ", Ref(values["last"], "auto"), " in ", Ref(values["last_name"],
                             "label")]  # fmt: skip
    said = _verdict(scene, direction)
    name = figure_name(fact.metric, start=not said)
    if direction == "flat":
        shows = " show" if plural(fact.metric) else " shows"
        return [said, name, *scene.for_whom(), f"{shows} no trend beyond its ups and downs over ",
                Ref(values["rows"]), f" {fact.attributes['steps']}; a line through it goes", *span, "."]  # fmt: skip
    points = "points" in values
    pace: list[str | Ref] = (
        [] if points else [" by about ", Ref(values["rate"], "abs"), f" a {fact.attributes['grain']}"]
    )
    head: list[str | Ref] = [said, name, *scene.for_whom(), f"{be} {_WORDS[direction]}", *pace, ":", *span]
    moved: list[str | Ref] = [", ", Ref(values["points"], "points")] if points else []
    moved = [", ", Ref(values["change"], "percent_abs")] if "change" in values else moved
    return [*head, *moved, " up" if direction == "up" else " down", ", seasons taken out."]


def _verdict(scene: Scene, direction: str) -> str:
    asked = scene.context.plan.hints.get("asked")
    if asked not in ("up", "down"):
        return ""
    if direction == asked:
        return "Yes: "
    return "No: "


def _sure(scene: Scene, fact: Fact) -> Sentence | None:
    if fact.attributes["direction"] == "flat":
        return None
    chance = number(scene.value(fact.values["p"])) or 0
    if chance < _SURE:
        return ["Chance alone would hardly ever make such a course."]
    return ["Chance alone would make such a course in ", Ref(fact.values["p"]), " of cases."]


def _member(fact: Fact) -> Sentence:
    values, direction = fact.values, fact.attributes["direction"]
    if direction == "flat":
        return [Ref(values["name"], "label"), " shows no trend."]
    head: list[str | Ref] = [Ref(values["name"], "label"), f" is {_WORDS[direction]}"]
    if "change" in values:
        return [*head, " by about ", Ref(values["rate"], "abs"), f" a {fact.attributes['grain']} (",
                Ref(values["change"], "percent_signed"), " in all)."]  # fmt: skip
    tail: list[str | Ref] = [" (", Ref(values["points"], "points"), " in all)"] if "points" in values else []
    return [*head, *tail, "."]
