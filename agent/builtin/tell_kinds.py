"""Kinds of customers beside each other: which is likeliest to leave, which is worth most, and where none stands out."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.claims import Ref, Sentence, escape
from tools.evidence import Fact

Parts = list[str | Ref]
_TOLD = 4


def risk_kinds(scene: Scene, whole: Fact, kinds: list[Fact]) -> list[Sentence]:
    """Who is most at risk, or that no kind is; the others after it."""
    fit = _ranked(scene, kinds)
    if len(fit) < 2:
        fit = kinds
    first, last = fit[0], fit[-1]
    ahead: Parts = [" in the next ", Ref(whole.values["horizon"])] if "horizon" in whole.values else []
    many, split = escape(first.attributes["records"]), escape(first.attributes["split"])
    if first.attributes["unlike"] == "yes":
        extreme = "least" if scene.context.plan.hints.get("asked") == "by_low" else "most"
        told: Sentence = [f"By {split}, ", Ref(first.values["name"], "label"), f" is {extreme} at risk: of its ",
                          Ref(first.values["judged"]), f" {many}", *scene.for_whom(), ", ", Ref(first.values["chance"]),
                          " are expected to leave", *ahead, ", against ", Ref(whole.values["chance"]),
                          " of all."]  # fmt: skip
        return [told, *_others(fit[1:], "chance"), *_mostly(first, many)]
    told = [f"No {split} stands out: ", Ref(first.values["chance"]), f" of {many} are expected to leave", *ahead,
            " in ", Ref(first.values["name"], "label"), " and ", Ref(last.values["chance"]), " in ",
            Ref(last.values["name"], "label"), ", no more apart than chance can make."]  # fmt: skip
    return [told, *_others(fit[1:-1], "chance", "In between"), *_mostly(first, many)]


def worth_kinds(scene: Scene, whole: Fact, kinds: list[Fact]) -> list[Sentence]:
    """Which kind is worth most a head, then the others, then all together."""
    fit = _ranked(scene, kinds, "each")
    if not fit:
        return []
    first = fit[0]
    said = first.attributes
    one, many, split = escape(said["record"]), escape(said["records"]), escape(said["split"])
    extreme = "least" if scene.context.plan.hints.get("asked") == "by_low" else "most"
    ahead: Parts = [" in the next ", Ref(whole.values["ahead"])]
    head: Parts = [f"By {split}, ", Ref(first.values["name"], "label")]
    size: Parts = [" (", Ref(first.values["customers"]), f" {many})."]
    if said["valued"] == "yes":
        told: Sentence = [*head, f" has the {extreme} valuable {many}: each is expected to bring ",
                          Ref(first.values["each"], "auto"), *ahead, *size]  # fmt: skip
    else:
        told = [*head, f" has the {many} who buy {extreme} often: ", Ref(first.values["each"]),
                f" purchases each {one}", *ahead, *size]  # fmt: skip
    return [told, *_others(fit[1:], "each"), *_mostly(first, many)]


def _ranked(scene: Scene, kinds: list[Fact], by: str = "chance") -> list[Fact]:
    """Groups large enough to be set above others, in the order asked for."""
    low = scene.context.plan.hints.get("asked") == "by_low"
    fit = [f for f in kinds if f.attributes["few"] == "no"]
    return sorted(fit, key=lambda f: float(scene.value(f.values[by]) or 0) * (1 if low else -1))


def _others(rest: list[Fact], figure: str, lead: str = "After that") -> list[Sentence]:
    """ "After that come Consumer (29.1%) and Corporate (27.0%)."."""
    shown = rest[:_TOLD]
    if not shown:
        return []
    parts: Parts = []
    for at, fact in enumerate(shown):
        parts += ["" if at == 0 else " and " if at == len(shown) - 1 else ", "]
        parts += [Ref(fact.values["name"], "label"), " (", Ref(fact.values[figure], "auto"), ")"]
    verb = "come" if len(shown) > 1 else "comes"
    return [[f"{lead} {verb} ", *parts, "."]]


def _mostly(fact: Fact, many: str) -> list[Sentence]:
    if fact.attributes["mostly"] == "no":
        return []
    split = escape(fact.attributes["split"])
    return [[f"{many.capitalize()} with more than one {split} are counted where most of their purchases were."]]
