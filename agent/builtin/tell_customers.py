"""Customers in plain words: who they are first, then what they are worth, then how far the figures can be trusted."""

from __future__ import annotations

from collections.abc import Callable

from agent.builtin.scene import Scene
from agent.builtin.tell_kinds import worth_kinds
from agent.builtin.wording import metric
from agent.claims import Ref, Sentence, escape
from tools.evidence import CellRef, Fact
from tools.params import param_ref
from tools.segments import rfm

Parts = list[str | Ref]
Told = list[tuple[Sentence, ...]]
_IS = {
    rfm.CHAMPIONS: "are Champions", rfm.LOYAL: "are loyal", rfm.POTENTIAL: "are potential loyalists",
    rfm.NEW: "are new", rfm.PROMISING: "are promising", rfm.ATTENTION: "need attention",
    rfm.SLEEPY: "are about to fall asleep", rfm.CANNOT_LOSE: "must not be lost", rfm.AT_RISK: "are at risk",
    rfm.HIBERNATING: "are hibernating", rfm.LOST: "are lost",
}  # fmt: skip


def facts(scene: Scene, kind: str) -> list[Fact]:
    """All facts of a kind, in their order."""
    return [f for f in scene.evidence.facts if f.kind == kind]


def first_of(scene: Scene, kind: str) -> Fact | None:
    """The first fact of a kind."""
    return next(iter(facts(scene, kind)), None)


def param(scene: Scene, name: str) -> CellRef | None:
    """The cell of what was asked for under a name."""
    return param_ref(scene.params, name) if scene.params else None


def kept(*sentences: Sentence | None) -> tuple[Sentence, ...]:
    """A paragraph of the sentences there are."""
    return tuple(s for s in sentences if s is not None)


def listed(items: list[Parts]) -> Parts:
    """ "a, b and c"."""
    parts: Parts = []
    for position, item in enumerate(items):
        parts += ["" if position == 0 else " and " if position == len(items) - 1 else ", ", *item]
    return parts


def _people(fact: Fact, refs: list[tuple[str, str]], style: str = "auto") -> Parts:
    """ "Fatima Bell ($50,954) and …", or "customers 30184 ($50,954) and …" where names are held back."""
    plural = "s" if len(refs) > 1 else ""
    lead: Parts = [] if fact.attributes.get("by") == "name" else [f"{escape(fact.attributes['record'])}{plural} "]
    return lead + listed([[Ref(fact.values[w], "full"), " (", Ref(fact.values[v], style), ")"] for w, v in refs])


# segments ---------------------------------------------------------------------------------------------------------


def segments(scene: Scene) -> Told:
    """The segment asked for with its first members, or all of them with the most telling ones."""
    members = first_of(scene, "segment_members")
    if members is not None:
        return _members(scene, members)
    whole, moved = first_of(scene, "segments"), facts(scene, "segment_moved")
    if whole is None:
        return []
    first = _moved(scene, whole, moved) if moved else _whole(scene, whole)
    ranked = sorted(facts(scene, "segment"), key=lambda f: -scene_number(scene, f.values.get("value_share")))
    rest = kept(*(_segment(scene, f, i) for i, f in enumerate(ranked[:3])), _quiet_ones(scene, ranked))
    if whole.attributes["method"] != "rfm":
        rest = kept(*(_group(scene, f) for f in ranked[:8]), _clear(scene))
    return [(first,), rest] if rest else [(first,)]


def scene_number(scene: Scene, ref: CellRef | None) -> float:
    """The number in a cell; 0 for none."""
    value = scene.value(ref)
    return float(value) if value is not None else 0.0


def _whole(scene: Scene, fact: Fact) -> Sentence:
    many = escape(fact.attributes["records"])
    how = "by when they last bought, how often and for how much"
    if fact.attributes["valued"] == "no":
        how = "by when they last came and how often"
    if fact.attributes["fell_back"]:
        return [f"No groups stand out in how these {many} behave: they differ by degree. {how.capitalize()}, the ",
                Ref(fact.values["customers"]), f" {many}", *scene.for_whom(), " fall into ",
                Ref(fact.values["groups"]), " segments."]  # fmt: skip
    if fact.attributes["method"] != "rfm":
        how = "that stand out in how they buy"
    return ["The ", Ref(fact.values["customers"]), f" {many}", *scene.for_whom(), " fall into ",
            Ref(fact.values["groups"]), f" groups {how}."]  # fmt: skip


def _segment(scene: Scene, fact: Fact, position: int) -> Sentence:
    """ "The largest part comes from Champions: …"."""
    values, many = fact.values, escape(fact.attributes["records"])
    meaning = fact.attributes.get("meaning", "")
    said = f", who {escape(meaning)}," if meaning and not meaning.startswith("middling") else ""
    parts: Parts = [Ref(values["name"], "label"), " (", Ref(values["customers"]), f" {many}, ", Ref(values["share"])]
    parts += [f"){said} brought "]
    if "value_share" in values:
        parts += [Ref(values["value_share"]), " of all ", metric(fact), ", "] if position == 0 else [
            Ref(values["value_share"]), ", "
        ]  # fmt: skip
    return [*parts, Ref(values["each"], "auto"), " each."]


def _quiet_ones(scene: Scene, ranked: list[Fact]) -> Sentence | None:
    """Good customers who have gone quiet are worth a word whatever their share."""
    risky = next((f for f in ranked if scene.value(f.values["name"]) == rfm.AT_RISK), None)
    if risky is None or risky in ranked[:3]:
        return None
    values = risky.values
    return [Ref(values["customers"]), " are at risk: they used to buy well, and have gone quiet. They brought ",
            Ref(values["value"], "auto"), " so far."]  # fmt: skip


def _group(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    parts: Parts = [Ref(values["name"], "label"), ": ", Ref(values["customers"]), " (", Ref(values["share"]), ")"]
    trait = next((t for t in facts(scene, "distinguishes") if _same(scene, t, fact)), None)
    if trait is not None:
        feature = _FEATURES.get(trait.attributes["feature"], trait.attributes["feature"])
        parts += [f", {feature} ", Ref(trait.values["typical"]), " against ", Ref(trait.values["overall"]), " overall"]
    return [*parts, "."]


def _same(scene: Scene, one: Fact, other: Fact) -> bool:
    return bool(scene.value(one.values["name"]) == scene.value(other.values["name"]))


_FEATURES = {"recency": "days since the last purchase", "frequency": "days with a purchase", "value": "spent in all",
             "average": "spent a time", "tenure": "days since the first purchase"}  # fmt: skip


def _clear(scene: Scene) -> Sentence | None:
    fact = first_of(scene, "segments_quality")
    if fact is None:
        return None
    return ["How clear the groups are (silhouette): ", Ref(fact.values["silhouette"]), "; how well they hold still in "
            "other samples: ", Ref(fact.values["stability"]), ", where one would be perfect."]  # fmt: skip


def _moved(scene: Scene, whole: Fact, moved: list[Fact]) -> Sentence:
    since = param(scene, "since")
    many = escape(whole.attributes["records"])
    items: list[Parts] = [
        [Ref(f.values["count"]), f" {many}" if i == 0 else "", " went" if i == 0 else "", " from ",
         Ref(f.values["from"], "label"), " to ", Ref(f.values["to"], "label")]
        for i, f in enumerate(moved)
    ]  # fmt: skip
    head: Parts = ["Since ", Ref(since), ", "] if since else []
    return [*head, *listed(items), "."]


def _members(scene: Scene, fact: Fact) -> Told:
    values, said = fact.values, fact.attributes
    many, name = escape(said["records"]), str(scene.value(values["name"]))
    is_ = _IS.get(name, f"are in “{escape(name)}”")
    first: Parts = [Ref(values["customers"]), f" {many}", *scene.for_whom(), f" {is_}, ", Ref(values["share"])]
    first += [" of all" + (f": they {escape(said['meaning'])}." if said["meaning"] else ".")]
    if scene.context.plan.hints.get("asked_best") or name == rfm.CHAMPIONS:
        first = [f"Your best {many}", *scene.for_whom(), " are the ", Ref(values["customers"]), " Champions, ",
                 Ref(values["share"]), f" of all: they {escape(said['meaning'])}."]  # fmt: skip
    worth: Parts = ["They brought ", Ref(values["value"], "auto"), " so far"]
    if "value_share" in values:
        worth += [" (", Ref(values["value_share"]), " of all ", metric(fact), ")"]
    worth += [", ", Ref(values["each"], "auto"), " each, and were typically last seen ", Ref(values["away"]),
              " days ago."]  # fmt: skip
    listed = [(f"who{i}", f"worth{i}") for i in range(3) if f"who{i}" in values]
    top: Sentence | None = None
    if listed:
        verb = " are " if len(listed) > 1 else " is "
        top = [f"The most valuable of them{verb}", *_people(fact, listed), "."]
    advice: Sentence | None = [f"What helps with them: {escape(said['advice'])}."] if said["advice"] else None
    return [(first,), kept(worth, top, advice)]


# lifetime value -----------------------------------------------------------------------------------------------------


def lifetime(scene: Scene) -> Told:
    """What one is worth, who is worth most, and how such an estimate did in the last third of the data."""
    one, whole = first_of(scene, "value_of"), first_of(scene, "value_total")
    if whole is None:
        return []
    if one is not None:
        return [(_value_of(scene, one),), kept(_average(whole), _tested(scene))]
    tops = facts(scene, "value_top")
    first, best = _average_first(scene, whole), _value_tops(tops)
    kinds = facts(scene, "value_by") if "by" in scene.evidence.args else []
    if kinds and (by := worth_kinds(scene, whole, kinds)):
        return [(by[0],), (*by[1:], first), kept(_tested(scene), _lift(scene))]
    if scene.context.plan.hints.get("asked") == "top" and best is not None:
        return [(best,), kept(_tested(scene), _lift(scene), _concentrated(scene, whole), first)]
    return [(first,), kept(_tested(scene), _lift(scene), _concentrated(scene, whole), best)]


def _ahead(fact: Fact) -> Parts:
    return [" in the next ", Ref(fact.values["ahead"])]


def _average_first(scene: Scene, fact: Fact) -> Sentence:
    values, said = fact.values, fact.attributes
    one, many = escape(said["record"]), escape(said["records"])
    if said["valued"] == "no":
        return [f"The {many}", *scene.for_whom(), " are expected to make ", Ref(values["expected"], "auto"),
                " purchases", *_ahead(fact), ", ", Ref(values["each"]), f" each {one}."]  # fmt: skip
    article = "An" if one[:1] in "aeiou" else "A"
    return [f"{article} {one}", *scene.for_whom(), " is expected to bring ", Ref(values["each"], "auto"), *_ahead(fact),
            "; all ", Ref(values["customers"]), " together ", Ref(values["value"], "auto"), "."]  # fmt: skip


def _average(fact: Fact) -> Sentence:
    return [f"The average {escape(fact.attributes['record'])} is expected to bring ", Ref(fact.values["each"], "auto"),
            "."]  # fmt: skip


def _concentrated(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    head: Parts = ["The most valuable ", Ref(values["tenth"]), " hold ", Ref(values["top"]), " of the expected value"]
    if fact.attributes["discounted"] == "yes" and fact.attributes["valued"] == "yes":
        head += ["; later money counts less, by ", Ref(values["discount"]), " a year"]
    return [*head, "."]


def _value_tops(tops: list[Fact]) -> Sentence | None:
    if not tops:
        return None
    lead = "" if tops[0].attributes["by"] == "name" else f"{escape(tops[0].attributes['record'])}s "
    items: list[Parts] = [[Ref(f.values["who"], "full"), " (", Ref(f.values["value"], "auto"), ")"] for f in tops]
    return [f"Most is expected of {lead}", *listed(items), "."]


def _value_of(_scene: Scene, fact: Fact) -> Sentence:
    values, said = fact.values, fact.attributes
    who: Parts = [Ref(values["who"], "full")]
    if said["by"] != "name":
        who = [f"{escape(said['record']).capitalize()} ", *who]
    worth: Parts = [" worth ", Ref(values["value"], "auto")] if said["valued"] == "yes" else []
    still: Parts = [*who, " is still active with a chance of ", Ref(values["alive"]), ", and is expected to make "]
    return [*still, Ref(values["expected"]), " purchases", *worth, ", after ", Ref(values["past"], "auto"), " so far."]


def _tested(scene: Scene) -> Sentence | None:
    fact = first_of(scene, "lifetime_quality")
    cut = param(scene, "cut")
    if fact is None or cut is None:
        return None
    values, said = fact.values, fact.attributes
    parts: Parts = ["Tried on the time since ", Ref(cut), ", which it had not seen, the number of purchases came out ",
                    Ref(values["total"]), f" too {said['way']}"]  # fmt: skip
    if said["beaten"] == "no":
        return [*parts, "; customer by customer it was ", Ref(values["better"]), " closer than repeating the past."]
    return [*parts, "; customer by customer, repeating the past was as good."]


def _lift(scene: Scene) -> Sentence | None:
    fact, tenth = first_of(scene, "lifetime_quality"), param(scene, "tenth")
    if fact is None or tenth is None:
        return None
    values = fact.values
    return ["The ", Ref(tenth), " it ranked highest then spent ", Ref(values["top"]), " of everything; those who had "
            "spent most until then spent ", Ref(values["past_top"]), "."]  # fmt: skip


# saving -------------------------------------------------------------------------------------------------------------


def saved(scene: Scene) -> Told:
    """What was saved, how to use it, and how to undo it."""
    fact = first_of(scene, "segment_saved")
    if fact is None:
        return []
    many, name = escape(fact.attributes["record"]) + "s", escape(str(scene.value(fact.values["name"])))
    if any(c.isdigit() for c in name):
        name = "them"
    first: Sentence = ["Saved: ", Ref(fact.values["name"], "label"), " now means these ", Ref(fact.values["size"]),
                       f" {many}, ", Ref(fact.values["share"]), " of all."]  # fmt: skip
    use: Sentence = [f"Use it in any question, such as “revenue of {name}”."]
    undo = f" and does not move by itself; save it again to renew it, or say “forget {name}”."
    day: Sentence = ["The list is that of ", Ref(fact.values["today"]), undo]
    return [(first,), (use, day)]


def forgotten(scene: Scene) -> Told:
    """That the name means nothing any more."""
    fact = first_of(scene, "segment_forgotten")
    if fact is None:
        return []
    sentence: Sentence = ["Forgotten: ", Ref(fact.values["name"], "label"), " means nothing any more."]
    return [(sentence,)]


WHOLE: dict[str, Callable[[Scene], Told]] = {
    "segments": segments, "lifetime_value": lifetime, "save_segment": saved,
    "forget_segment": forgotten,
}  # fmt: skip
