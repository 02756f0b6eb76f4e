"""Links and suppositions in plain words: together, never because; a calculation, never a forecast."""

from __future__ import annotations

from collections.abc import Callable

from agent.builtin.scene import Scene
from agent.builtin.wording import column_of, is_rate, metric
from agent.claims import Ref, Sentence, escape
from agent.factual import plural
from tools.derive import number
from tools.evidence import CellRef, Fact
from tools.params import param_ref

Parts = list[str | Ref]
_MOST = 3


def _of(scene: Scene, kind: str) -> list[Fact]:
    return [f for f in scene.evidence.facts if f.kind == kind]


def _small(scene: Scene, ref: CellRef) -> str:
    """A figure's name from a cell, small inside a sentence."""
    return metric(Fact(kind="", metric=str(scene.value(ref))))


def _lag(scene: Scene, fact: Fact) -> Parts:
    """How far ahead or behind the other figure runs."""
    lag = number(scene.value(fact.values["lag"])) or 0
    unit = fact.attributes["grain"] + ("" if abs(lag) == 1 else "s")
    if fact.attributes["timing"] == "same":
        return [f" in the same {fact.attributes['grain']}"]
    way = "ahead" if fact.attributes["timing"] == "ahead" else "behind"
    runs = "run" if plural(_small(scene, fact.values["name"])) else "runs"
    return [f", which {runs} ", Ref(fact.values["lag"], "abs"), f" {unit} {way}"]


def _moves(scene: Scene, fact: Fact) -> Sentence | None:
    facts = _of(scene, "moves_with")
    position = facts.index(fact)
    if position >= _MOST:
        return None
    way = "moves together with" if fact.attributes["direction"] == "up" else "moves against"
    size: Parts = [
        " (r ",
        Ref(fact.values["r"]),
        ", range ",
        Ref(fact.values["low"]),
        " to ",
        Ref(fact.values["high"]),
        ")",
    ]
    subject = metric(fact, start=True) if position == 0 else "It also"
    if plural(metric(fact)) and position == 0:
        way = way.replace("moves", "move")
    parts: Parts = [
        subject,
        *(scene.for_whom() if position == 0 else []),
        f" {way} {_small(scene, fact.values['name'])}",
        *_lag(scene, fact),
        *size,
    ]
    if fact.attributes.get("control") == "falls":
        parts.append("; much of that goes away once the control is set aside")
    return [*parts, "."]


def _none(scene: Scene, fact: Fact) -> Sentence:
    unit = fact.attributes["grain"]
    tested: Parts = [
        Ref(fact.values["tested"]),
        " figure" if str(scene.value(fact.values["tested"])) == "1" else " figures",
        " over ",
        Ref(fact.values["points"]),
        f" {unit}s",
    ]
    if fact.attributes["some"] == "yes":
        return [
            "I tested ",
            *tested,
            ", with trend and season taken out; moving together is no proof that one drives the other.",
        ]
    if "name" in fact.values:
        told: Sentence = ["I see no link between ", metric(fact), *scene.for_whom(), " and ",
                          _small(scene, fact.values["name"]), " beyond chance"]  # fmt: skip
        held: Parts = [" (r ", Ref(fact.values["r"]), ", range ", Ref(fact.values["low"]), " to ",
                       Ref(fact.values["high"]), ")"]  # fmt: skip
        return [*told, *held, " over ", Ref(fact.values["points"]), f" {unit}s, with trend and season taken out."]
    return [
        "Nothing I can see moves with ",
        metric(fact),
        *scene.for_whom(),
        " beyond chance: I tested ",
        *tested,
        ", with trend and season taken out.",
    ]


def _goes(scene: Scene, fact: Fact) -> Sentence:
    """ "The higher the age, the higher the salary (rank correlation 0.81, …)." """
    values, said = fact.values, fact.attributes
    name, figure = _small(scene, values["name"]), metric(fact)
    held: Parts = [" (rank correlation ", Ref(values["r"]), ", range ", Ref(values["low"]), " to ", Ref(values["high"]),
                   ") over ", Ref(values["n"]), f" {escape(said['records'])}"]  # fmt: skip
    if said["holds"] == "no":
        return [f"I see no link between {figure}", *scene.for_whom(), f" and {name} beyond chance", *held, "."]
    way = "higher" if said["direction"] == "up" else "lower"
    how = "only loosely" if said["close"] == "loosely" else escape(said["close"])
    return [
        f"The higher the {name}, the {way} the {figure}",
        *scene.for_whom(),
        f": they go together {how}",
        *held,
        ".",
    ]


def _unrelated(scene: Scene, fact: Fact) -> Sentence:
    tested: Parts = [Ref(fact.values["tested"]), " numbers over ", Ref(fact.values["n"]),
                     f" {escape(fact.attributes['records'])}"]  # fmt: skip
    if fact.attributes["some"] == "yes":
        return ["I tested ", *tested, "; going together is no proof that one drives the other."]
    return ["Nothing I can see goes with ", metric(fact), *scene.for_whom(), " beyond chance: I tested ", *tested, "."]


def _built_in(_scene: Scene, fact: Fact) -> Sentence:
    return ["Left out, because they move with it by the way they are counted: ", Ref(fact.values["names"]), "."]


def _amount(scene: Scene, ref: CellRef) -> Ref:
    return Ref(ref, "auto")


def _scenario(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    head: Parts = [
        metric(fact, start=True),
        *scene.for_whom(),
        " would be ",
        _amount(scene, values["new"]),
        " instead of ",
        _amount(scene, values["base"]),
    ]
    if fact.attributes["direction"] == "flat":
        return [metric(fact, start=True), *scene.for_whom(), " would stay at ", _amount(scene, values["new"]), "."]
    up = fact.attributes["direction"] == "up"
    rate = is_rate(column_of(scene, values["base"]))
    step: Parts = [", up " if up else ", down "]
    step += (
        [Ref(values["change"], "points")]
        if rate
        else [Ref(values["growth"], "percent_abs") if "growth" in values else Ref(values["change"], "abs")]
    )
    beside: Parts = [] if rate or "growth" not in values else [" (", Ref(values["change"], "signed"), ")"]
    return [*head, *scene.when(), *step, *beside, "."]


def _lever(scene: Scene, fact: Fact) -> Sentence | None:
    """What each of several changes made, in one sentence told with the first."""
    facts = _of(scene, "lever")
    if fact is not facts[0] or len(facts) < 2:
        return None
    rate = is_rate(column_of(scene, fact.values["effect"]))
    parts: Parts = []
    for position, one in enumerate(facts):
        joint = "" if position == 0 else " and " if position == len(facts) - 1 else ", "
        name = _small(scene, one.values["name"])
        parts += [
            joint,
            f"{name[:1].upper()}{name[1:]}" if position == 0 else name,
            " at ",
            _amount(scene, one.values["new"]),
            " makes " if position == 0 else " ",
            Ref(one.values["effect"], "points" if rate else "signed"),
        ]
    return [*parts, " of that."]


def _held(scene: Scene, fact: Fact) -> Sentence:
    head: Parts = ["This is a calculation, not a forecast: ", Ref(fact.values["formula"])]
    if scene.value(fact.values["names"]) == "nothing":
        return [*head, "."]
    return [*head, ", with ", Ref(fact.values["names"]), " as in the base."]


def _association(scene: Scene, fact: Fact) -> Sentence | None:
    """The elasticity of the leading link, as what was and never as what will be."""
    first = _of(scene, "moves_with")[0]
    if scene.value(fact.values["name"]) != scene.value(first.values["name"]) or first.attributes["timing"] == "behind":
        return None
    values = fact.values
    name = _small(scene, values["name"])
    return [
        "In the past, one percent more ",
        name,
        " went with ",
        Ref(values["elasticity"]),
        " percent more ",
        metric(fact),
        " (range ",
        Ref(values["low"]),
        " to ",
        Ref(values["high"]),
        "); that is an association, not an effect.",
    ]


def _outside(scene: Scene, fact: Fact) -> Parts:
    return (
        [
            ", more than in any month of the last two years"
            if fact.attributes["direction"] == "up"
            else ", less than in any month of the last two years"
        ]
        if fact.attributes["seen"] == "no"
        else []
    )


def _by_how_much(fact: Fact) -> Parts:
    return [Ref(fact.values["growth"], "percent_abs"), " "] if "growth" in fact.values else []


def _needed(scene: Scene, fact: Fact) -> Sentence | None:
    """The first lever with the goal, the others as other ways."""
    values = fact.values
    position = _of(scene, "needed_lever").index(fact)
    if fact.attributes["direction"] == "flat":
        return ["That is what ", metric(fact), " already is."] if position == 0 else None
    verb = "rise" if fact.attributes["direction"] == "up" else "fall"
    name = _small(scene, values["name"])
    how: Parts = [
        f"{name} would have to {verb} ",
        *_by_how_much(fact),
        "to ",
        _amount(scene, values["needed"]),
        " from ",
        _amount(scene, values["base"]),
    ]
    if position == 0:
        period = param_ref(scene.params, "period") if scene.params else None
        base: Parts = [" in ", Ref(period)] if period else []
        return [
            "For ",
            metric(fact),
            *scene.for_whom(),
            " of ",
            _amount(scene, values["goal"]),
            ", ",
            *how,
            *base,
            *_outside(scene, fact),
            ".",
        ]
    return ["Or " + str(how[0]), *how[1:], *_outside(scene, fact), "."]


TELLERS: dict[str, Callable[[Scene, Fact], Sentence | None]] = {
    "moves_with": _moves,
    "no_link": _none,
    "goes_with": _goes,
    "unrelated": _unrelated,
    "association": _association,
    "built_in_link": _built_in,
    "scenario": _scenario,
    "lever": _lever,
    "held_constant": _held,
    "needed_lever": _needed,
}
