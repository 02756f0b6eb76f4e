"""Coming back and staying in plain words: the share first, then how it goes on, then whether it changes."""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.builtin.scene import Scene
from agent.claims import Ref, Sentence, escape
from tools.evidence import CellRef, Fact
from tools.params import param_ref

Parts = list[str | Ref]
_CHANGES = re.compile(
    r"\b(?:better|worse|improv\w*|trend\w*|chang\w*|ris\w+|rise|fall\w*|fell|increas\w*|decreas\w*|declin\w*)\b", re.I
)
_ORDINALS = (
    "",
    "",
    "second ",
    "third ",
    "fourth ",
    "fifth ",
    "sixth ",
    "seventh ",
    "eighth ",
    "ninth ",
    "tenth ",
    "eleventh ",
    "twelfth ",
)


def _range(fact: Fact, style: str = "full") -> Parts:
    return [" (range ", Ref(fact.values["low"], style), "–", Ref(fact.values["high"], style), ")"]


def _param(scene: Scene, name: str) -> CellRef | None:
    return param_ref(scene.params, name) if scene.params else None


def _when_back(scene: Scene, fact: Fact) -> Parts:
    """ "in the month after their first order", "within thirty days of …" with the days as a cell."""
    said = fact.attributes
    after = f" their first {escape(said['deed'])}"
    days = _param(scene, "days")
    if said["returned"] == "within" and days:
        return [" within ", Ref(days), " days of", after]
    if said["returned"] == "on_day" and days:
        return [" on day ", Ref(days), " after", after]
    age = int(said["age"])
    later = " or later" if said["returned"] == "after" else ""
    if age < len(_ORDINALS):
        return [f" in the {_ORDINALS[age]}{said['unit']} after{after}{later}"]
    return [f" in {said['unit']} ", Ref(fact.values["age"]) if "age" in fact.values else "", f" after{after}{later}"]


def _retention(scene: Scene, fact: Fact) -> Sentence | None:
    """The share first, unless the question was whether it changes."""
    asked = _trend_fact(scene) if _CHANGES.search(scene.context.question) else None
    return _trend_told(scene, asked) if asked is not None else _share_told(scene, fact)


def _trend_fact(scene: Scene) -> Fact | None:
    return next((f for f in scene.evidence.facts if f.kind == "retention_trend"), None)


def _share_told(scene: Scene, fact: Fact) -> Sentence | None:
    if _has(scene, "retention_group"):
        return None
    many = escape(fact.attributes["many"])
    parts: Parts = [
        Ref(fact.values["rate"]),
        f" of new {many}",
        *scene.for_whom(),
        " came back",
        *_when_back(scene, fact),
    ]
    period = _param(scene, "period")
    whom: Parts = ["; ", Ref(fact.values["size"]), f" {many}"]
    whom += [f" with a first {escape(fact.attributes['deed'])} in ", Ref(period)] if period else []
    return [*parts, *_range(fact)[:-1], *whom, ")."]


def _has(scene: Scene, kind: str) -> bool:
    return any(f.kind == kind for f in scene.evidence.facts)


def _ages(scene: Scene, fact: Fact) -> Sentence | None:
    """All other ages in one sentence, told with the first of them."""
    facts = [f for f in scene.evidence.facts if f.kind == "retention_at"]
    if fact is not facts[0] or _has(scene, "retention_group"):
        return None
    unit = fact.attributes["unit"]
    parts: Parts = [f"In {unit} "]
    for position, one in enumerate(facts):
        parts += ["" if position == 0 else " and in " if position == len(facts) - 1 else ", in "]
        parts += [
            "" if position == 0 else f"{unit} ",
            Ref(one.values["age"]),
            " it was " if position == 0 else " ",
            Ref(one.values["rate"]),
        ]
    return [*parts, "."]


def _trend(scene: Scene, fact: Fact) -> Sentence | None:
    if not _CHANGES.search(scene.context.question):
        return _trend_told(scene, fact)
    return _share_told(scene, next(f for f in scene.evidence.facts if f.kind == "retention"))


def _trend_told(scene: Scene, fact: Fact) -> Sentence | None:
    if _has(scene, "retention_group"):
        return None
    values, way = fact.values, fact.attributes["direction"]
    ends: Parts = [
        Ref(values["early"]),
        " for those who began in ",
        Ref(values["early_name"]),
        ", ",
        Ref(values["late"]),
        " for ",
        Ref(values["late_name"]),
    ]
    head = {
        "up": "Retention is getting better: ",
        "down": "Retention is getting worse: ",
        "none": "Retention shows no clear trend: ",
    }[way]
    doubt = (
        ""
        if way == "none" or fact.attributes["new"] == "yes"
        else ("; but the earliest may hold some who were there before the data begin")
    )
    return [head, *ends, f"{doubt}."]


def _groups(scene: Scene) -> list[Fact]:
    return [f for f in scene.evidence.facts if f.kind == "retention_group"]


def _group(scene: Scene, fact: Fact) -> Sentence | None:
    """Two windows side by side, or the best and the worst group, told with the first of them."""
    facts = _groups(scene)
    if fact is not facts[0]:
        return None
    many, first, last = escape(fact.attributes["many"]), facts[0], facts[-1]
    if fact.attributes["place"] == "first":
        return _windows(scene, facts, many)
    head: Parts = [
        "Split by group, " if len(facts) < 2 else "",
        Ref(first.values["name"], "label"),
        f" {many}",
        *scene.for_whom(),
    ]
    best: Parts = [*head, " came back most: ", Ref(first.values["rate"]), *_when_back(scene, first)]
    return (
        [*best, "; ", Ref(last.values["name"], "label"), " least, with ", Ref(last.values["rate"]), "."]
        if (len(facts) > 1)
        else [*best, "."]
    )


def _windows(scene: Scene, facts: list[Fact], many: str) -> Sentence:
    parts: Parts = []
    for position, one in enumerate(facts):
        joint = "Of " if position == 0 else ", of those of " if position < len(facts) - 1 else " and of those of "
        whom = (
            [Ref(one.values["size"]), f" new {many} of ", Ref(one.values["name"])]
            if position == 0
            else [Ref(one.values["name"])]
        )
        came: Parts = [" came back" if position == 0 else "", *(_when_back(scene, one) if position == 0 else [])]
        parts += [joint, *whom, ", " if position == 0 else " ", Ref(one.values["rate"]), *came]
    return [*parts, "."]


def _compare(_scene: Scene, fact: Fact) -> Sentence:
    if fact.attributes["sure"] == "no":
        return ["These differences can be chance."]
    size: Parts = [
        Ref(fact.values["difference"], "points"),
        " (range ",
        Ref(fact.values["low"], "points"),
        " to ",
        Ref(fact.values["high"], "points"),
        ")",
    ]
    if fact.attributes["many"] == "yes":
        return ["Best and worst are ", *size, " apart; the groups differ by more than chance."]
    return ["That is a difference of ", *size, ", more than chance."]


def _value(_scene: Scene, fact: Fact) -> Sentence:
    unit = fact.attributes["unit"]
    return [
        "A newcomer brings ",
        Ref(fact.values["first"], "auto"),
        f" in the first {unit} and ",
        Ref(fact.values["amount"], "auto"),
        f" by {unit} ",
        Ref(fact.values["age"]),
        ".",
    ]


def _half(scene: Scene, fact: Fact) -> Sentence | None:
    if _has(scene, "stay_group"):
        return None
    many = escape(fact.attributes["many"])
    if fact.attributes["reached"] == "no":
        return [f"More than half of the {many}", *scene.for_whom(), " are still there at the end of the data."]
    head: Parts = [f"Half of the {many}", *scene.for_whom(), " are gone after ", Ref(fact.values["months"]), " months"]
    both = "low" in fact.values and "high" in fact.values
    return [*head, *(_range(fact) if both else []), "."]


def _shares(scene: Scene, fact: Fact) -> Sentence | None:
    facts = [f for f in scene.evidence.facts if f.kind == "stay_share"]
    if fact is not facts[0] or _has(scene, "stay_group"):
        return None
    once, later = facts[0], facts[1:]
    parts: Parts = [
        Ref(once.values["share"]),
        f" come back at least once after their first {escape(fact.attributes['deed'])}",
    ]
    for position, one in enumerate(later):
        parts += [
            ", " if position < len(later) - 1 or len(later) == 1 else " and ",
            Ref(one.values["share"]),
            " are still active after " if position == 0 else " after ",
            Ref(one.values["months"]),
            " months",
        ]
    return [*parts, "."]


def _gone(scene: Scene) -> Sentence | None:
    days = _param(scene, "silence")
    return None if days is None else ["Gone means ", Ref(days), " days without a sign."]


def _stay_groups(scene: Scene, fact: Fact) -> Sentence | None:
    facts = [f for f in scene.evidence.facts if f.kind == "stay_group"]
    if fact is not facts[0]:
        return None
    first, last, many = facts[0], facts[-1], escape(fact.attributes["many"])
    from_window = "compare" in scene.evidence.args
    whose: Parts = (
        [f"{many.capitalize()} who began in ", Ref(first.values["name"], "label")]
        if from_window
        else [
            Ref(first.values["name"], "label"),
            f" {many}",
        ]
    )
    best: Parts = [
        *whose,
        " stay longest: ",
        Ref(first.values["share"]),
        " are still active after ",
        Ref(first.values["months"]),
        " months",
    ]
    return (
        [*best, "; ", Ref(last.values["name"], "label"), " leave soonest, with ", Ref(last.values["share"]), "."]
        if (len(facts) > 1)
        else [*best, "."]
    )


def _stay_compare(scene: Scene, fact: Fact) -> Sentence:
    said = "differ by more than chance." if fact.attributes["sure"] == "yes" else "may differ by chance alone."
    return [
        "The ",
        Ref(fact.values["groups"]),
        f" groups {said}",
    ]


def _definition(scene: Scene, fact: Fact) -> Sentence | None:
    """What being gone means, once, after the shares."""
    facts = [f for f in scene.evidence.facts if f.kind == "stay_share"]
    return _gone(scene) if fact is facts[-1] else None


def _share_or_definition(scene: Scene, fact: Fact) -> Sentence | None:
    return _shares(scene, fact) or _definition(scene, fact)


TELLERS: dict[str, Callable[[Scene, Fact], Sentence | None]] = {
    "retention": _retention,
    "retention_at": _ages,
    "retention_trend": _trend,
    "retention_group": _group,
    "retention_compare": _compare,
    "cohort_value": _value,
    "stay_half": _half,
    "stay_share": _share_or_definition,
    "stay_group": _stay_groups,
    "stay_compare": _stay_compare,
}
