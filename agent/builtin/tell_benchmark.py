"""Peers compared, told: the one asked about or all together first, then who is really ahead or behind."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.builtin.wording import column_of
from agent.claims import Ref, Sentence, escape
from agent.factual import figure_name
from tools.evidence import CellRef, Fact
from tools.params import param_ref

Parts = list[str | Ref]


def peers(scene: Scene) -> list[tuple[Sentence, ...]]:
    """Two paragraphs: the answer, then those who stand apart."""
    facts: dict[str, list[Fact]] = {}
    for fact in scene.evidence.facts:
        facts.setdefault(fact.kind, []).append(fact)
    first: list[Sentence] = []
    for focus in facts.get("among_peers", []):
        first += [_focus(scene, focus), _beyond(scene, focus)]
    if not first:
        first += [_like(scene, f) for f in facts.get("like_for_like", [])]
    rest: list[Sentence] = []
    if "among_peers" not in facts:
        rest += [s for k in ("ahead_of_peers", "behind_peers") if (s := _named(scene, facts.get(k, []), k)) is not None]
        rest += [_level(scene, f) for f in facts.get("level_field", [])]
        rest += [_others(scene)] if "level_field" not in facts else []
    paragraphs = [tuple(first), tuple(rest)] if first else [tuple(rest[:1]), tuple(rest[1:])]
    return [p for p in paragraphs if p]


def _word(scene: Scene, name: str, default: str) -> str:
    ref = param_ref(scene.params, name) if scene.params else None
    return escape(str(scene.value(ref))) if ref is not None else default


def _amount(scene: Scene, ref: CellRef) -> Ref:
    return Ref(ref, "auto")


def _says(scene: Scene, fact: Fact, value: CellRef) -> Parts:
    """ "net revenue grew 12.3%" or "the return rate was 6.1%"."""
    name = figure_name(fact.metric)
    if fact.attributes["shape"] == "rate":
        return [name, " was ", Ref(value, "auto")]
    sign = scene.sign(value)
    return [name, " grew " if sign > 0 else " shrank " if sign < 0 else " stood still at ", Ref(value, "percent_abs")]


def _fair(scene: Scene, fact: Fact) -> Parts:
    """ "where 9.4% would be fair for its mix by category"."""
    ref = fact.values["fair"]
    mix = param_ref(scene.params, "mix") if scene.params else None
    what: Parts = [" for its mix by ", Ref(mix)] if mix is not None else [" beside its peers"]
    if fact.attributes["shape"] == "rate":
        return [", where ", Ref(ref, "auto"), " would be fair", *what]
    word = "a drop" if scene.sign(ref) < 0 else "growth"
    return [f", where {word} of ", Ref(ref, "percent_abs"), " would be fair", *what]


def _focus(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    head: Parts = [Ref(values["name"], "label"), " is number ", Ref(values["rank"]), " of ", Ref(values["members"]),
                   f" {_word(scene, 'nouns', 'members')}", *scene.for_whom(), *scene.when(), ": "]  # fmt: skip
    return [*head, *_says(scene, fact, values["value"]), *_fair(scene, fact), "."]


def _beyond(scene: Scene, fact: Fact) -> Sentence:
    gap = fact.values["gap"]
    unit = column_of(scene, gap).unit
    size = Ref(gap, "points") if unit is not None and unit.ratio else Ref(gap, "abs")
    more = "more" if scene.sign(gap) > 0 else "less"
    if fact.attributes["beyond"] == "yes":
        return ["That is ", size, f" {more}, and chance alone would hardly make it."]
    return ["That is ", size, f" {more}, no more than chance can make."]


def _like(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    grew = "grew " if scene.sign(values["value"]) >= 0 else "shrank "
    nouns = _word(scene, "nouns", "members")
    head: Parts = ["Like for like, ", figure_name(fact.metric), *scene.for_whom(), " of the ", Ref(values["members"])]
    head += [f" {nouns} that were there all along {grew}", Ref(values["value"], "percent_abs"), *scene.when()]
    head += [" on the same months a year before"]
    same = scene.value(values["value"]) == scene.value(values["whole"])
    return [*head, "."] if same else [*head, "; all together it was ", Ref(values["whole"], "percent_signed"), "."]


def _named(scene: Scene, facts: list[Fact], kind: str) -> Sentence | None:
    if not facts:
        return None
    way = "ahead of" if kind == "ahead_of_peers" else "behind"
    parts: Parts = [f"Clearly {way} their peers" if len(facts) > 1 else f"Clearly {way} its peers"]
    parts += [" in ", figure_name(facts[0].metric)]
    for place, fact in enumerate(facts):
        joint = ": " if place == 0 else " and " if place == len(facts) - 1 else ", "
        sign = "percent_signed" if fact.attributes["shape"] == "growth" else "auto"
        parts += [joint, Ref(fact.values["name"], "label"), " (", Ref(fact.values["value"], sign), " where ",
                  Ref(fact.values["fair"], sign), " would be fair)"]  # fmt: skip
    return [*parts, "."]


def _level(scene: Scene, fact: Fact) -> Sentence:
    nouns = _word(scene, "nouns", "members")
    head: Parts = ["None of the ", Ref(fact.values["members"]), f" {nouns} differs from its peers in "]
    return [*head, figure_name(fact.metric), *scene.when(), " by more than chance can make."]


def _others(scene: Scene) -> Sentence:
    mix = param_ref(scene.params, "mix") if scene.params else None
    if mix is None:
        return ["Each is held against all others; size, place and age are not set aside."]
    return ["Fair means: what its peers have at its own mix by ", Ref(mix), "; size, place and age are not set aside."]
