"""Forecasts and odd findings in plain words: the figure and its range first, then how far it can be trusted."""

from __future__ import annotations

from collections.abc import Callable

from agent.builtin.scene import Scene
from agent.builtin.wording import metric
from agent.claims import Ref, Sentence, escape
from agent.factual import plural
from tools.evidence import Fact

Parts = list[str | Ref]
_SINGULAR = {"days": "day", "weeks": "week", "months": "month", "quarters": "quarter"}


def _range(fact: Fact) -> Parts:
    values = fact.values
    level: Parts = [" (", Ref(values["level"]), " range "] if "level" in values else [" (usual range "]
    return [*level, Ref(values["low"], "auto"), "–", Ref(values["high"], "auto"), ")"]


def _expected(scene: Scene, fact: Fact) -> Sentence:
    verb = " is expected to come to " if fact.attributes["way"] == "total" else " is expected to average "
    subject = metric(fact, start=True)
    if plural(subject):
        verb = verb.replace(" is ", " are ")
    parts: Parts = [subject, *scene.for_whom(), verb, Ref(fact.values["value"], "auto"), *scene.when(), *_range(fact)]
    growth = fact.values.get("growth")
    if growth is not None and (sign := scene.sign(growth)):
        parts += [", up " if sign > 0 else ", down ", Ref(growth, "percent_abs"), " on a year earlier"]
    if "so_far" in fact.values:
        parts += [
            "; ", Ref(fact.values["so_far"], "auto"), " of it had come in by ", Ref(fact.values["done_until"]),
        ]  # fmt: skip
    return [*parts, "."]


def _part(_scene: Scene, fact: Fact) -> Sentence:
    return [Ref(fact.values["name"], "label"), ": ", Ref(fact.values["value"], "auto"), *_range(fact), "."]


def _quality(_scene: Scene, fact: Fact) -> Sentence:
    values, said = fact.values, fact.attributes
    head: Parts = ["In ", Ref(values["backtests"]), " backtests "]
    if said["one_step"] == "yes":
        head += ["such a forecast was off by ", Ref(values["step"]), " on average"]
    else:
        head += [
            "the whole stretch was off by ", Ref(values["total"]), " on average and single ", said["steps"], " by ",
            Ref(values["step"]),
        ]  # fmt: skip
    pattern = escape(said["baseline"])
    if said["beaten"] == "yes":
        return [*head, "; nothing I tried was better than repeating ", pattern, ", so that is the forecast."]
    if said["shown"] == "yes":
        return [*head, ", ", Ref(values["better"]), " better than repeating ", pattern, "."]
    return [*head, "."]


def _peak(_scene: Scene, fact: Fact) -> Sentence:
    return [f"The highest {fact.attributes['step']} is likely to be ", Ref(fact.values["name"], "label"), " with ",
            Ref(fact.values["value"], "auto"), "."]  # fmt: skip


def _event(scene: Scene, fact: Fact) -> Sentence:
    effect = fact.values["effect"]
    way = " more" if scene.sign(effect) >= 0 else " less"
    style = "percent_abs" if fact.attributes["way"] == "ratio" else "abs"
    name = Ref(fact.values["name"], "label")
    return ["It counts on ", name, ": a day of it brought about ", Ref(effect, style), way, " before."]


def _anomaly(scene: Scene, fact: Fact) -> Sentence:
    values, said = fact.values, fact.attributes
    who: Parts = [" for ", Ref(values["name"], "label")] if "name" in values else []
    verb = " were " if plural(metric(fact)) else " was "
    when: Parts = [" on ", Ref(values["start"], "label")]
    if said["kind"] == "level_shift":
        when = [" since ", Ref(values["start"], "label")]
    elif said["one"] == "no":
        when = [" from ", Ref(values["start"], "label"), " to ", Ref(values["end"], "label")]
    judged: dict[str, str] = {"spike": "unusually high", "dip": "unusually low", "silence": "missing"}
    level = "higher than before" if said["direction"] == "up" else "lower than before"
    parts: Parts = [
        metric(fact, start=True), *who, *scene.for_whom(), verb, judged.get(said["kind"], level), *when, ": ",
        Ref(values["actual"], "auto"), " against ", Ref(values["expected"], "auto"), " expected",
    ]  # fmt: skip
    if "gap" in values and scene.sign(values["gap"]):
        sign = " more" if scene.sign(values["gap"]) > 0 else " less"
        parts += [", ", Ref(values["gap"], "percent_abs"), sign]
    parts += [" (usual range ", Ref(values["low"], "auto"), "–", Ref(values["high"], "auto"), ")"]
    cause: Parts = [", mostly ", Ref(values["cause"], "label")] if "cause" in values else []
    event: Parts = ["; ", Ref(values["event"], "label"), " was on then"] if "event" in values else []
    return [*parts, *cause, *event, "."]


def _quiet(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    if fact.attributes["one"] == "yes":
        return [
            "Nothing unusual: ", metric(fact), *scene.for_whom(), " on ", Ref(values["period"], "label"), " came to ",
            Ref(values["actual"], "auto"), ", within the usual range of ", Ref(values["low"], "auto"), "–",
            Ref(values["high"], "auto"), ".",
        ]  # fmt: skip
    return [
        "Nothing unusual in ", metric(fact), *scene.for_whom(), *scene.when(), "; I judged it against ",
        Ref(values["rows"]), f" {fact.attributes['steps']} of history.",
    ]  # fmt: skip


TELLERS: dict[str, Callable[[Scene, Fact], Sentence | None]] = {
    "forecast_total": _expected,
    "forecast_part": _part,
    "forecast_quality": _quality,
    "forecast_peak": _peak,
    "event_effect": _event,
    "anomaly": _anomaly,
    "quiet": _quiet,
}
