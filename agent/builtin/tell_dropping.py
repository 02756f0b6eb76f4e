"""A funnel in plain words: how many get through, where most are lost, how long it takes, and what changed."""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.builtin.scene import Scene
from agent.claims import Ref, Sentence, escape
from tools.evidence import Fact

Parts = list[str | Ref]
_SLOWLY = re.compile(r"\b(?:how long|time to|how fast|how quickly|slower|faster)\b", re.I)
_LOSING = re.compile(r"\b(?:where|drop\w*|abandon\w*|lose|losing|step|leave|quit|give up)\b", re.I)


def _of(scene: Scene, kind: str) -> list[Fact]:
    return [f for f in scene.evidence.facts if f.kind == kind]


def _range(fact: Fact) -> Parts:
    return [" (range ", Ref(fact.values["low"]), "–", Ref(fact.values["high"]), ")"]


def _first(scene: Scene, fact: Fact) -> Sentence | None:
    """The whole rate, or what the question was really after: the largest loss, or the time."""
    if _of(scene, "funnel_group") or _of(scene, "funnel_change"):
        return None
    question = scene.context.question
    times = _of(scene, "funnel_time")
    if _SLOWLY.search(question) and times:
        return _times_told(scene, times)
    worst = _of(scene, "funnel_step")
    if _LOSING.search(question) and len(worst) > 1:
        return _loss(scene, worst[0])
    return _whole(scene, fact)


def _whole(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    head: Parts = [
        Ref(values["rate"]),
        f" of {escape(fact.attributes['many'])}",
        *scene.for_whom(),
        " got from “",
        Ref(values["first"]),
        "” to “",
        Ref(values["last"]),
        "”",
        *scene.when(),
    ]
    return [*head, ": ", Ref(values["reached"]), " of ", Ref(values["began"]), *_range(fact), "."]


def _loss(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    many = escape(fact.attributes["many"])
    return [
        f"Most {many}",
        *scene.for_whom(),
        " are lost between “",
        Ref(values["from"]),
        "” and “",
        Ref(values["name"]),
        "”",
        *scene.when(),
        ": ",
        Ref(values["lost"]),
        " did not go on, only ",
        Ref(values["rate"]),
        " did.",
    ]


def _step(scene: Scene, fact: Fact) -> Sentence | None:
    """All steps in one sentence, told with the first of them."""
    facts = _of(scene, "funnel_step")
    if fact is not facts[0] or _of(scene, "funnel_group") or _of(scene, "funnel_change"):
        return None
    led = _LOSING.search(scene.context.question) is not None and len(facts) > 1
    others = [f for f in facts if not (led and f is facts[0])]
    if len(facts) == 1:
        return None
    parts: Parts = ["From “" if led else "Of those who got there, "]
    for position, one in enumerate(others):
        joint = "" if position == 0 else " and " if position == len(others) - 1 else ", "
        parts += [
            joint,
            "" if led and position == 0 else "from “",
            Ref(one.values["from"]),
            "” to “",
            Ref(one.values["name"]),
            "” ",
            Ref(one.values["rate"]),
            " go on" if position == 0 else "",
        ]
    return [*parts, "."]


def _time(scene: Scene, fact: Fact) -> Sentence | None:
    facts = _of(scene, "funnel_time")
    if fact is not facts[-1] or _of(scene, "funnel_group") or _of(scene, "funnel_change"):
        return None
    if _SLOWLY.search(scene.context.question):
        return _whole(scene, _of(scene, "funnel_whole")[0])
    values = fact.values
    return [
        "The last step takes ",
        Ref(values["median"]),
        " in the middle; one in ten takes ",
        Ref(values["slow"]),
        " or more.",
    ]


def _times_told(scene: Scene, times: list[Fact]) -> Sentence:
    parts: Parts = ["In the middle it takes "]
    for position, one in enumerate(times):
        joint = "" if position == 0 else " and " if position == len(times) - 1 else ", "
        parts += [joint, Ref(one.values["median"]), " to “", Ref(one.values["name"]), "”"]
    slow = times[-1].values
    return [*parts, "; for the last step one in ten takes ", Ref(slow["slow"]), " or more."]


def _group(scene: Scene, fact: Fact) -> Sentence | None:
    facts = _of(scene, "funnel_group")
    if fact is not facts[0]:
        return None
    best, worst = facts[0], facts[-1]
    whole = _of(scene, "funnel_whole")[0].values
    head: Parts = [
        Ref(best.values["name"], "label"),
        " gets through most often",
        *scene.for_whom(),
        *scene.when(),
        ": ",
        Ref(best.values["rate"]),
        " from “",
        Ref(whole["first"]),
        "” to “",
        Ref(whole["last"]),
        "”",
    ]
    if len(facts) == 1:
        return [*head, "."]
    return [*head, "; ", Ref(worst.values["name"], "label"), " least often, with ", Ref(worst.values["rate"]), "."]


def _behind(scene: Scene, fact: Fact) -> Sentence | None:
    """At which step the last group falls behind, or that the differences can be chance."""
    facts = _of(scene, "funnel_group")
    if fact is not facts[-1] or len(facts) == 1:
        return None
    if fact.attributes["sure"] == "no":
        return ["These differences can be chance."]
    if "step" not in fact.values:
        return ["They differ by more than chance."]
    values = fact.values
    return [
        Ref(values["name"], "label"),
        " falls behind at “",
        Ref(values["step"]),
        "”: ",
        Ref(values["step_rate"]),
        " go on to it, against ",
        Ref(values["step_all"]),
        " of all.",
    ]


def _group_or_behind(scene: Scene, fact: Fact) -> Sentence | None:
    return _group(scene, fact) or _behind(scene, fact)


def _change(scene: Scene, fact: Fact) -> Sentence:
    values, whole = fact.values, _of(scene, "funnel_whole")[0].values
    prior: Parts = scene.when("prior")
    ends: Parts = [" from “", Ref(whole["first"]), "” to “", Ref(whole["last"]), "”"]
    if fact.attributes["sure"] == "no":
        return [
            "There is no clear change: ",
            Ref(values["after"]),
            " got",
            *ends,
            *scene.when(),
            ", ",
            Ref(values["before"]),
            *prior,
            "; that can be chance.",
        ]
    verb = " rose" if fact.attributes["direction"] == "up" else " fell"
    return [
        "The share that gets",
        *ends,
        *scene.for_whom(),
        f"{verb} from ",
        Ref(values["before"]),
        *prior,
        " to ",
        Ref(values["after"]),
        *scene.when(),
        _because(fact),
        *_step_moved(fact),
        ".",
    ]


def _because(fact: Fact) -> str:
    return ", mostly at “" if "step" in fact.values else ""


def _step_moved(fact: Fact) -> Parts:
    if "step" not in fact.values:
        return []
    return [
        Ref(fact.values["step"]),
        "” (",
        Ref(fact.values["step_before"]),
        " before, ",
        Ref(fact.values["step_after"]),
        " now)",
    ]


def _mix(_scene: Scene, fact: Fact) -> Sentence:
    return [
        "Split by ",
        Ref(fact.values["dimension"]),
        ", the groups' own rates made ",
        Ref(fact.values["rate"], "points"),
        " of it and the shift between them ",
        Ref(fact.values["mix"], "points"),
        ".",
    ]


TELLERS: dict[str, Callable[[Scene, Fact], Sentence | None]] = {
    "funnel_whole": _first,
    "funnel_step": _step,
    "funnel_time": _time,
    "funnel_group": _group_or_behind,
    "funnel_change": _change,
    "funnel_mix": _mix,
}
