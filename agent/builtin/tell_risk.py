"""Who is about to leave in plain words: how many and who, what it would cost, what such people have in common."""

from __future__ import annotations

from agent.builtin.scene import Scene
from agent.builtin.tell_customers import Parts, Told, facts, first_of, kept, listed
from agent.builtin.tell_kinds import risk_kinds
from agent.claims import Ref, Sentence, escape
from tools.evidence import Fact

_NOT_PROOF = "People like these left more often; that is no proof of why."


def risk(scene: Scene) -> Told:
    """How many are about to leave and what that costs, who first, what such people have in common, how sure it is.

    The question decides what comes first: the people, the money, or what those who left have in common.
    """
    single, whole = first_of(scene, "risk_of"), first_of(scene, "risk_total")
    if whole is None:
        return []
    if single is not None:
        return [(_risk_of(scene, single),), kept(_accuracy(scene), [_NOT_PROOF])]
    total, stake, common = _risk_total(scene, whole), _stake(scene, whole), _drivers(facts(scene, "risk_driver"))
    sure = kept(_accuracy(scene), [_NOT_PROOF] if common else None)
    kinds = facts(scene, "risk_by")
    if kinds:
        first, *rest = risk_kinds(scene, whole, kinds)
        return [(first,), (*rest, total), kept(_meant(scene, whole), _accuracy(scene), [_NOT_PROOF])]
    if scene.context.plan.hints.get("asked") == "why" and common is not None:
        return [(common,), kept([_NOT_PROOF], total, _meant(scene, whole), _accuracy(scene))]
    if whole.attributes["order"] == "loss" and stake is not None:
        return [(stake,), kept(total, _risk_tops(scene), _meant(scene, whole)), (*kept(common), *sure)]
    return [(total,), kept(stake, _risk_tops(scene), _meant(scene, whole)), (*kept(common), *sure)]


def _risk_total(scene: Scene, fact: Fact) -> Sentence:
    values, many = fact.values, escape(fact.attributes["records"])
    parts: Parts = [Ref(values["high"]), " of ", Ref(values["judged"]), f" {many}", *scene.for_whom()]
    be = "is" if str(scene.value(values["high"])) == "1" else "are"
    parts += [f" {be} at high risk of leaving (a chance of ", Ref(values["from_high"]), " or more)"]
    ahead: Parts = [" in the next ", Ref(values["horizon"])] if "horizon" in values else []
    return [*parts, "; about ", Ref(values["expected"]), " in all are expected to go", *ahead, "."]


def _stake(_scene: Scene, fact: Fact) -> Sentence | None:
    if "value" not in fact.values:
        return None
    worth = escape(fact.attributes["worth"])
    of_what = f" of what the {escape(fact.attributes['records'])} {worth}"
    if not worth.startswith("spent"):
        of_what = f" of their {worth}"
    share: Parts = [", ", Ref(fact.values["value_share"]), of_what] if "value_share" in fact.values else []
    return ["At stake is ", Ref(fact.values["value"], "auto"), *share, "."]


def _risk_tops(scene: Scene) -> Sentence | None:
    tops = facts(scene, "risk_top")
    if not tops:
        return None
    said = tops[0].attributes
    lead = (
        ""
        if said["by"] == "name"
        else f"{escape(said['record'])} "
        if len(tops) == 1
        else f"{escape(said['record'])}s "
    )
    head = "Call first: " if said["order"] == "loss" else "Most likely to go: "
    items: list[Parts] = []
    for position, fact in enumerate(tops):
        item: Parts = [Ref(fact.values["who"], "full"), " (", Ref(fact.values["chance"])]
        if said["order"] == "loss" and "worth" in fact.values:
            item += [" to lose ", Ref(fact.values["worth"], "auto")]
        if position == 0 and fact.attributes["reasoned"] == "yes":
            item += [": ", Ref(fact.values["reasons"])]
        items.append([*item, ")"])
    return [f"{head}{lead}", *listed(items), "."]


def _meant(_scene: Scene, fact: Fact) -> Sentence | None:
    if "definition" not in fact.values:
        return None
    if fact.attributes["timed"] == "no":
        return ["Who left is what the data say: ", Ref(fact.values["definition"]), "."]
    usual = ", longer than nine in ten took to come back" if fact.attributes["usual"] == "yes" else ""
    return ["Leaving means ", Ref(fact.values["definition"]), f"{usual}."]


def _drivers(drivers: list[Fact]) -> Sentence | None:
    if not drivers:
        return None
    items: list[Parts] = [[Ref(f.values["group"]), " (", Ref(f.values["rate"]), ")"] for f in drivers]
    return ["Before, ", Ref(drivers[0].values["base"]), " of everybody left, and more in these groups: ",
            *listed(items), "."]  # fmt: skip


def _risk_of(scene: Scene, fact: Fact) -> Sentence:
    values, said = fact.values, fact.attributes
    who: Parts = [Ref(values["who"], "full")]
    if said["by"] != "name":
        who = [f"{escape(said['record']).capitalize()} ", *who]
    band = str(scene.value(values["band"])).lower()
    parts: Parts = [*who, " has a chance of ", Ref(values["chance"]), f" to leave, a {band} risk"]
    if said["reasoned"] == "yes":
        parts += ["; like many who left: ", Ref(values["reasons"])]
    return [*parts, "."]


def _accuracy(scene: Scene) -> Sentence | None:
    fact = first_of(scene, "risk_quality")
    if fact is None:
        return None
    values = fact.values
    tried = "on a later time" if fact.attributes["split"] == "time" else "on people it had not seen"
    return [f"Tried {tried}, of one who left and one who stayed it gave the higher risk to the right one in ",
            Ref(values["auc"]), " of cases, and the riskiest tenth left ", Ref(values["lift"]),
            " times as often as everybody."]  # fmt: skip
