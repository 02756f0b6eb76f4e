"""An explanation told: how much it moved and mostly because of what, then the rest, then how far to trust it."""

from __future__ import annotations

from agent import format as fmt
from agent.builtin import tell_tree
from agent.builtin.scene import Scene
from agent.builtin.wording import metric
from agent.claims import Ref, Sentence
from tools.derive import number
from tools.evidence import CellRef, Fact
from tools.params import param_ref

_MOSTLY, _PARTLY = 0.5, 0.2
_MOST_MORE = 3
_MOST_BESIDE = 1
_SMALL = 0.02
_NOT_PROOF = "These are the groups in which the figure moved: where it happened, not proof of why."


def explanation(scene: Scene) -> list[tuple[Sentence, ...]]:
    """Two paragraphs: the answer in a sentence, then what else belongs to it."""
    facts: dict[str, list[Fact]] = {}
    for fact in scene.evidence.facts:
        facts.setdefault(fact.kind, []).append(fact)
    change = facts["explained_change"][0]
    drivers = facts.get("driver", [])
    with_it = [d for d in drivers if d.attributes["way"] == "with"]
    against = [d for d in drivers if d.attributes["way"] == "against"]
    first = _answer(scene, change, with_it)
    premise = _premise(scene, change)
    usual = _usual(scene, change, facts.get("change_usual", []))
    if change.attributes["direction"] == "flat" or _hardly(scene, change):
        return [(first,)]
    beside = [
        _mix(scene, facts.get("mix_rate", [])),
        _calendar(scene, change, facts.get("calendar_effect", [])),
        _newcomers(scene, facts.get("newcomer", [])),
    ]
    made_of, below = tell_tree.made_of(scene, facts.get("factor", [])), None
    if made_of is not None:
        below = tell_tree.below(scene, facts["factor"], facts.get("factor_below", []))
    told = [
        usual,
        _events(scene, facts.get("known_event", [])),
        _more(scene, with_it),
        _against(scene, change, against),
        _rest(scene, facts.get("unexplained", [])),
        made_of,
        below,
        *[s for s in beside if s is not None][:_MOST_BESIDE],
        [_NOT_PROOF],
    ]
    head = (premise, first) if premise else (first,)
    return [head, tuple(s for s in told if s is not None)]


def _premise(scene: Scene, change: Fact) -> Sentence | None:
    """A question that takes the wrong direction for granted is put right."""
    asked, found = scene.context.plan.hints.get("asked"), change.attributes["direction"]
    if asked not in ("up", "down") or found in (asked, "flat"):
        return None
    verb = "fall" if asked == "down" else "rise"
    return [f"It did not {verb}: ", metric(change), " went ", found, "."]


def _answer(scene: Scene, change: Fact, drivers: list[Fact]) -> Sentence:
    values = change.values
    direction = change.attributes["direction"]
    head: list[str | Ref] = [metric(change, start=True), *scene.for_whom()]
    if direction == "flat":
        return [*head, " did not change", *scene.when(), ": it was ", Ref(values["after"], "auto"), " both times."]
    if _hardly(scene, change):
        both = [*scene.when(), ": it was ", Ref(values["after"], "auto"), " both times, rounded"]
        return [*head, " hardly moved", *both, "."]
    verb = " fell" if direction == "down" else " rose"
    if "growth" in values and not _in_points(scene, values["change"]):
        head += [verb, " ", Ref(values["growth"], "percent_abs"), *scene.when(), " ("]
        head += [*_moved(scene, values["change"]), _against_prior(scene)]
        head += [*_prior(scene), ")"]
    else:
        head += [verb, " from ", Ref(values["before"], "auto"), " to ", Ref(values["after"], "auto"), *scene.when()]
        head += [" (", *_moved(scene, values["change"]), _against_prior(scene), *_prior(scene), ")"]
    return [*head, *_because(scene, change, drivers), "."]


def _hardly(scene: Scene, change: Fact) -> bool:
    """Whether both figures look the same as they are written."""
    before, after = change.values["before"], change.values["after"]
    return _written(scene, before) == _written(scene, after)


def _written(scene: Scene, ref: CellRef) -> str:
    table = scene.tables[ref.table]
    return fmt.cell_text(scene.value(ref), table.columns[table.column_index(ref.column)], "auto")[0]


def _against_prior(scene: Scene) -> str:
    return " against " if scene.params is not None else ""


def _prior(scene: Scene) -> list[str | Ref]:
    ref = param_ref(scene.params, "prior") if scene.params else None
    return [Ref(ref)] if ref else ["the period before"]


def _because(scene: Scene, change: Fact, drivers: list[Fact]) -> list[str | Ref]:
    if not drivers:
        return [", spread over all groups"]
    share = _share(scene, drivers[0])
    inside = [*_name(drivers[0]), " (", *_moved(scene, drivers[0].values["contribution"])]
    inside += [f", more than the whole {_noun(change)})"] if share > 1 else [", ", Ref(drivers[0].values["share"])]
    inside += [] if share > 1 else [f" of the {_noun(change)})"]
    if change.attributes["spread"] == "yes":
        return [", with no group out of line; the largest part came from ", *inside]
    if share >= _MOSTLY:
        return [", mostly because of ", *inside]
    return [", partly because of " if share >= _PARTLY else ", with the largest part from ", *inside]


def _more(scene: Scene, drivers: list[Fact]) -> Sentence | None:
    """The drivers after the first, in one sentence."""
    rest = drivers[1 : 1 + _MOST_MORE]
    if not rest:
        return None
    parts: list[str | Ref] = ["Next " if len(rest) == 1 else "After that "]
    parts += ["comes " if len(rest) == 1 else "come "]
    return [*parts, *_listed(scene, rest), "."]


def _against(scene: Scene, change: Fact, drivers: list[Fact]) -> Sentence | None:
    if not drivers:
        return None
    verb = "rose" if change.attributes["direction"] == "down" else "fell"
    return ["Against that, ", *_listed(scene, drivers[:_MOST_MORE]), f" {verb}."]


def _listed(scene: Scene, drivers: list[Fact]) -> list[str | Ref]:
    parts: list[str | Ref] = []
    for position, driver in enumerate(drivers):
        joint = "" if position == 0 else " and " if position == len(drivers) - 1 else ", "
        parts += [joint, *_name(driver), " (", *_moved(scene, driver.values["contribution"]), ")"]
    return parts


def _rest(scene: Scene, facts: list[Fact]) -> Sentence | None:
    if not facts or abs(_share(scene, facts[0])) < _SMALL:
        return None
    return ["Everything else together comes to ", *_moved(scene, facts[0].values["contribution"]), "."]


def _usual(scene: Scene, change: Fact, facts: list[Fact]) -> Sentence | None:
    """Whether such a change is ordinary, from how many earlier ones were as large."""
    if not facts:
        return ["There is too little history to say whether a change of this size is usual."]
    values = facts[0].values
    larger, compared = Ref(values["larger"]), Ref(values["compared"])
    were = "was" if str(scene.value(values["larger"])) == "1" else "were"
    if change.attributes["usual"] == "inside":
        head = "That is within its usual range: "
        return [head, larger, " of the ", compared, f" earlier changes of this kind {were} at least as large."]
    head = "A change of this size is unusual: "
    if scene.sign(values["larger"]) == 0:
        return [head, "none of the ", compared, " earlier changes of this kind was as large."]
    return [head, "only ", larger, " of the ", compared, f" earlier changes of this kind {were} as large."]


def _mix(scene: Scene, facts: list[Fact]) -> Sentence | None:
    """Rates of the groups apart from their weights, when the weights had a part in it."""
    if not facts:
        return None
    values = facts[0].values
    return [
        "Split by ", Ref(values["dimension"], "label"), ", the rates within the groups made ",
        *_moved(scene, values["rate"]), " and the shift between the groups ", *_moved(scene, values["mix"]), ".",
    ]  # fmt: skip


def _newcomers(scene: Scene, facts: list[Fact]) -> Sentence | None:
    if not facts:
        return None
    parts: list[str | Ref] = []
    for position, fact in enumerate(facts):
        joint = "" if position == 0 else "; "
        word = "New in this period: " if fact.attributes["status"] == "new" else "No longer there: "
        shown = word if position == 0 else word[:1].lower() + word[1:]
        parts += [
            joint,
            shown,
            Ref(fact.values["name"], "label"),
            " (",
            *_moved(scene, fact.values["contribution"]),
            ")",
        ]
    return [*parts, "."]


def _calendar(scene: Scene, change: Fact, facts: list[Fact]) -> Sentence | None:
    """What other weekdays and another number of days do by themselves, when that is worth a word."""
    if not facts:
        return None
    values = facts[0].values
    effect, whole = number(scene.value(values["effect"])), number(scene.value(change.values["change"]))
    if not effect or not whole or abs(effect) < abs(whole) / 10:
        return None
    return [
        "The calendar alone (", Ref(values["days_after"]), " days with ", Ref(values["weekend_after"]),
        " on weekends, before that ", Ref(values["days_before"]), " with ", Ref(values["weekend_before"]),
        ") would have moved it by about ", *_moved(scene, values["effect"]), ".",
    ]  # fmt: skip


def _events(scene: Scene, facts: list[Fact]) -> Sentence | None:
    """Holidays and known events that were on in one of the periods: a cause that is no riddle."""
    if not facts:
        return None
    parts: list[str | Ref] = []
    for position, fact in enumerate(facts):
        values = fact.values
        joint = "" if position == 0 else " and " if position == len(facts) - 1 else ", "
        days = " day" if str(scene.value(values["days_after"])) == "1" else " days"
        parts += [joint, Ref(values["name"], "label"), " (", Ref(values["days_after"]), days, " against "]
        parts += [Ref(values["days_before"]), ", ", *_moved(scene, values["effect"]), " beside usual days)"]
    return ["Known events had a part in it: ", *parts, "."]


def _name(driver: Fact) -> list[str | Ref]:
    tail = {"new": " (new)", "gone": " (no longer there)"}.get(driver.attributes.get("status", ""), "")
    return [Ref(driver.values["name"], "label"), tail]


def _moved(scene: Scene, ref: CellRef) -> list[str | Ref]:
    """ "+$0.4M", or "+1.2 points" for changes of a share."""
    return [Ref(ref, "signed"), " points"] if _in_points(scene, ref) else [Ref(ref, "signed")]


def _in_points(scene: Scene, ref: CellRef) -> bool:
    table = scene.tables[ref.table]
    unit = table.columns[table.column_index(ref.column)].unit
    return unit is not None and unit.name == "point"


def _share(scene: Scene, fact: Fact) -> float:
    found = number(scene.value(fact.values.get("share")))
    return float(found) if found is not None else 0.0


def _noun(change: Fact) -> str:
    return "drop" if change.attributes["direction"] == "down" else "rise"
