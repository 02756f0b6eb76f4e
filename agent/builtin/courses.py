"""Sentences about figures over time: where they went, their high and low, who led."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.builtin.tell_counts import by_their_date
from agent.builtin.wording import came, column_of, counts, is_rate, metric, opening, valued, versus
from agent.claims import Ref, Sentence
from tools.evidence import CellRef, Fact


def _at(scene: Scene, ref: CellRef) -> list[str | Ref]:
    table = scene.tables[ref.table]
    grain = table.columns[table.column_index(ref.column)].grain
    return ["on " if grain in ("day", "hour") else "in ", Ref(ref, "label")]


def latest(scene: Scene, fact: Fact) -> Sentence:
    """The last complete period, and the step to it."""
    values = fact.values
    if _is_winner(scene):
        end = "lowest " if scene.bottom_up() else "highest "
        head: list[str | Ref] = [f"The {end}{metric(fact)}", *scene.for_whom(), *scene.when(), came(scene, fact)]
        return [*head, *valued(scene, values["value"]), ", ", *_at(scene, values["name"]), "."]
    if "step" in values and any(f.kind == "trend" for f in scene.evidence.facts):
        return _last_step(scene, fact)
    parts: list[str | Ref] = [
        metric(fact, start=True),
        *scene.for_whom(),
        came(scene, fact),
        Ref(values["value"], "auto"),
    ]
    parts += [" ", *_at(scene, values["name"])]
    if "step" in values:
        sign = scene.sign(values["step"])
        unit = _grain_of(scene, values["name"])
        if sign == 0:
            return [*parts, f", the same as the {unit} before."]
        if is_rate(column_of(scene, values["value"])):
            return [*parts, f", {_than(sign)} the {unit} before."]
        parts += [", up " if sign > 0 else ", down ", Ref(values["step"], "percent_abs"), f" on the {unit} before"]
    return [*parts, *versus(scene, fact), "."]


def _is_winner(scene: Scene) -> bool:
    """Whether one period was looked for: the best day of a week."""
    query, table = scene.evidence.args.get("query", {}), scene.evidence.main()
    one = (query.get("top") or {}).get("n") == 1 and table is not None and len(table.rows) == 1
    return one and not query.get("dimensions")


def _last_step(scene: Scene, fact: Fact) -> Sentence:
    """The move into the last complete period, after the whole course has been told."""
    sign, unit = scene.sign(fact.values["step"]), _grain_of(scene, fact.values["name"])
    at = _at(scene, fact.values["name"])
    head: list[str | Ref] = [str(at[0]).capitalize(), *at[1:], " it was "]
    if sign == 0:
        return [*head, f"the same as the {unit} before."]
    if is_rate(column_of(scene, fact.values["value"])):
        return [*head, Ref(fact.values["value"], "auto"), f", {_than(sign)} the {unit} before."]
    return [*head, "up " if sign > 0 else "down ", Ref(fact.values["step"], "percent_abs"), f" on the {unit} before."]


def _than(sign: int) -> str:
    return "up on" if sign > 0 else "down on"


def _grain_of(scene: Scene, ref: CellRef) -> str:
    table = scene.tables[ref.table]
    return table.columns[table.column_index(ref.column)].grain or "period"


def peak(scene: Scene, fact: Fact) -> Sentence:
    """The highest value and when it was."""
    names = sorted(k for k in fact.values if k.startswith("name"))
    if len(names) == 1:
        return ["The high was ", Ref(fact.values["value"], "auto"), " ", *_at(scene, fact.values["name"]), "."]
    who: list[str | Ref] = [Ref(fact.values[k], "label") for k in names[:-1]]
    at = _at(scene, fact.values[names[-1]])
    return ["The high was ", Ref(fact.values["value"], "auto"), " for ", *who, " ", *at, "."]


def low(scene: Scene, fact: Fact) -> Sentence:
    """The lowest value and when it was."""
    return ["The low was ", Ref(fact.values["value"], "auto"), " ", *_at(scene, fact.values["name"]), "."]


def trend(scene: Scene, fact: Fact) -> Sentence | None:
    """Where the figure went from the first to the last complete period."""
    values = fact.values
    change = values.get("change")
    sign = scene.sign(change)
    span: list[str | Ref] = [" from ", Ref(values["first_name"], "label"), " to ", Ref(values["last_name"], "label")]
    ends: list[str | Ref] = [", from ", Ref(values["first"], "auto"), " to ", Ref(values["last"], "auto"), "."]
    head = [*opening(scene, fact), by_their_date(scene, fact), *scene.for_whom()]
    if change is None:
        return _unmeasured(scene, fact, [*head], span)
    if sign == 0:
        return [*head, " ended where it began", *span, ": ", Ref(values["last"], "auto"), "."]
    if is_rate(column_of(scene, values["last"])):
        return [*head, " rose" if sign > 0 else " fell", *span, *ends]
    moved = f"{'rose' if sign > 0 else 'fell'} by "
    return [*head, f" {moved}", Ref(change, "percent_abs"), *span, *ends]


def _unmeasured(scene: Scene, fact: Fact, head: list[str | Ref], span: list[str | Ref]) -> Sentence | None:
    """A course that began at zero or below, whose change no percentage says."""
    first, last = fact.values["first"], fact.values["last"]
    if scene.value(last) is None:
        return None
    if scene.value(first) == scene.value(last):
        return [*head, " ended where it began", *span, ": ", Ref(last, "auto"), "."]
    return [*head, " went from ", Ref(first, "auto"), " to ", Ref(last, "auto"), *span, "."]


def total_of_periods(_scene: Scene, fact: Fact) -> Sentence:
    """The sum over all periods."""
    return ["All of it together came to ", Ref(fact.values["value"], "auto"), "."]


def leader(scene: Scene, fact: Fact) -> Sentence:
    """Who led in the last complete period."""
    return _group_at(scene, fact, " led with ")


def last_place(scene: Scene, fact: Fact) -> Sentence:
    """Who came last in the last complete period."""
    return _group_at(scene, fact, " came last with ")


def _group_at(scene: Scene, fact: Fact, verb: str) -> Sentence:
    names = sorted(k for k in fact.values if k.startswith("name"))
    who: list[str | Ref] = []
    for position, key in enumerate(names[:-1]):
        who += ([", "] if position else []) + [Ref(fact.values[key], "label")]
    at = _at(scene, fact.values[names[-1]])
    joint = " " if counts(column_of(scene, fact.values["value"])) else " in "
    what = [joint, metric(fact), *scene.for_whom()] if fact.kind == "leader" else []
    return [*who, verb, Ref(fact.values["value"], "auto"), *what, " ", *at, "."]
