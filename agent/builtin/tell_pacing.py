"""A pace told: the answer to “are we on track?” first, then what is done, how likely, and what it takes."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.claims import Ref, Sentence
from agent.factual import figure_name, plural
from tools.derive import number
from tools.evidence import Fact

_LIKELY = ((0.8, "Yes"), (0.5, "Probably"), (0.2, "Probably not"), (0.0, "Unlikely"))
_NAMES = {"week": "a week's", "month": "a month's", "quarter": "a quarter's", "year": "a year's"}


def pace(scene: Scene) -> list[tuple[Sentence, ...]]:
    """Two paragraphs: whether and where it ends; then how it stands and what is needed."""
    facts = {f.kind: f for f in scene.evidence.facts}
    first = _answer(scene, facts)
    rest = [_standing(scene, facts["pace"]), _chance(scene, facts), _needed(scene, facts)]
    told = tuple(s for s in rest if s is not None)
    return [(first,), told] if told else [(first,)]


def _answer(scene: Scene, facts: dict[str, Fact]) -> Sentence:
    done, end = facts["pace"], facts.get("projection")
    values, state, good = done.values, done.attributes["state"], done.attributes["good"]
    when: list[str | Ref] = [" in ", Ref(values["period"])]
    if good == "up" and state == "reached":
        return ["The goal is reached: ", figure_name(done.metric), *scene.for_whom(), " came to ",
                Ref(values["done"], "auto"), " of ", Ref(values["goal"], "auto"), " by ", Ref(values["until"]),
                "."]  # fmt: skip
    if end is None:
        verb = " stayed within" if good == "down" and state != "reached" else " missed"
        return [figure_name(done.metric, start=True), *scene.for_whom(), verb, " the goal of ",
                Ref(values["goal"], "auto"), *when, ": it came to ", Ref(values["done"], "auto"), "."]  # fmt: skip
    chance = number(scene.value(facts["chance"].values["p"])) or 0
    word = next(w for least, w in _LIKELY if chance >= least)
    are = " are" if plural(done.metric) else " is"
    ends = end.values
    return [
        f"{word}: ", figure_name(done.metric), *scene.for_whom(), f"{are} heading for ", Ref(ends["value"], "auto"),
        *when,
        " (", Ref(ends["level"]), " range ", Ref(ends["low"], "auto"), "–", Ref(ends["high"], "auto"), "), ",
        _against(scene, end, good), " the ", "limit" if good == "down" else "goal", " of ", Ref(values["goal"],
        "auto"), ".",
    ]  # fmt: skip


def _against(scene: Scene, end: Fact, good: str) -> str:
    sign = scene.sign(end.values["gap"])
    if sign == 0:
        return "right at"
    if good == "down":
        return "above" if sign > 0 else "within"
    return "above" if sign > 0 else "short of"


def _standing(scene: Scene, fact: Fact) -> Sentence | None:
    values, said = fact.values, fact.attributes
    if said["state"] in ("reached", "over"):
        return None
    was = "were" if plural(fact.metric) else "was"
    head: list[str | Ref] = ["By ", Ref(values["until"]), ", ", Ref(values["done"], "auto"), f" {was} in, ",
    Ref(values["share"]),
                             " of the way"]  # fmt: skip
    if said["shape"] == "straight":
        return [*head, "; evenly spread it would be ", Ref(values["usual"]), "."]
    usually: list[str | Ref] = [
        "; by that day ",
        Ref(values["usual"]),
        f" of {_NAMES[said['unit']]} total is usually in, so it is ",
    ]
    if said["state"] == "on":
        return [*head, *usually, "right on the usual course."]
    way = " ahead of the usual course." if said["state"] == "ahead" else " behind the usual course."
    return [*head, *usually, Ref(values["gap"], "percent_abs"), way]


def _chance(scene: Scene, facts: dict[str, Fact]) -> Sentence | None:
    fact = facts.get("chance")
    if fact is None or facts["pace"].attributes["state"] == "reached":
        return None
    words = {"low": "below ", "high": "above "}.get(fact.attributes["edge"], "about ")
    deed = "staying within the limit" if facts["pace"].attributes["good"] == "down" else "reaching the goal"
    return [f"The chance of {deed} is {words}", Ref(fact.values["p"], "whole"), "."]


def _needed(scene: Scene, facts: dict[str, Fact]) -> Sentence | None:
    fact = facts.get("needed")
    if fact is None:
        return None
    values = fact.values
    days = " day left" if str(scene.value(values["days"])) == "1" else " days left"
    head: list[str | Ref] = ["It takes ", Ref(values["value"], "auto"), " a day over the ", Ref(values["days"]), days]
    head += ["; so far it was ", Ref(values["so_far"], "auto"), " a day"]
    if "best" not in values or fact.attributes["reach"] == "within":
        return [*head, "."]
    within = fact.attributes["reach"] == "stretch"
    tail = ", and the best week of the past year " if within else ", and even the best week of the past year only "
    return [*head, f"{tail}reached ", Ref(values["best"], "auto"), "."]
