"""Facts told in plain words, most telling first, as a colleague would say them; every numeral is a cell reference."""

from __future__ import annotations

from collections.abc import Callable

from agent.brain import TellContext
from agent.builtin import (
    talk,
    tell_ahead,
    tell_benchmark,
    tell_customers,
    tell_dropping,
    tell_following,
    tell_links,
    tell_sources,
    tell_trend,
)
from agent.builtin.courses import last_place, latest, leader, low, peak, total_of_periods, trend
from agent.builtin.scene import Scene
from agent.builtin.superlatives import first_with, is_extreme, tied
from agent.builtin.tell_counts import there_are
from agent.builtin.tell_currencies import in_currency, top_in_currency
from agent.builtin.tell_explain import explanation
from agent.builtin.tell_insights import highlights
from agent.builtin.tell_knowledge import looked_up
from agent.builtin.tell_pacing import pace
from agent.builtin.tell_ranked import ranked, yes_and_no
from agent.builtin.tell_reach import reached
from agent.builtin.tell_records import records
from agent.builtin.tell_review import Tellers, plan_is_review, review
from agent.builtin.tell_risk import risk
from agent.builtin.wording import came, column_of, counts, is_rate, metric, name, opening, step, valued, versus
from agent.claims import Draft, Ref, Sentence
from tools.evidence import Fact
from tools.params import param_ref


def tell(context: TellContext) -> Draft:
    """First the answer in one sentence, then what stands out, evidence by evidence."""
    spoken = talk.small_talk(context)
    if spoken is not None:
        return Draft((([spoken],),))
    if plan_is_review(context):
        return Draft(tuple(review(context, Tellers(told_fact, paragraphs_of))))
    paragraphs = [p for evidence in context.evidence for p in paragraphs_of(Scene(evidence, context))]
    doubts = talk.reservations(context, context.evidence)
    if doubts:
        paragraphs.append(tuple(doubts))
    return Draft(tuple(paragraphs))


def paragraphs_of(scene: Scene) -> list[tuple[Sentence, ...]]:
    """One finding told: its first sentence, then up to four more."""
    evidence = scene.evidence
    if evidence.tool == "explain_change":
        return explanation(scene)
    if evidence.tool in _WHOLE:
        return _WHOLE[evidence.tool](scene)
    told: list[Sentence | None] = [*(ranked(scene) or [])]
    if not told:
        told = [_focus(scene), *(told_fact(scene, f) for f in _ordered(scene, evidence.facts))]
    sentences = [s for s in told if s is not None]
    return [tuple(p) for p in (sentences[:1], sentences[1:5]) if p]


def _focus(scene: Scene) -> Sentence | None:
    """The group that was asked about, when the question wanted its share of the whole."""
    hints, table = scene.context.plan.hints, scene.evidence.main()
    dimension = str(hints.get("focus_dimension") or "").rsplit(".", 1)[-1]
    share = next((c for c in table.columns if c.name.endswith("_share")), None) if table else None
    if table is None or share is None or dimension not in [c.name for c in table.columns]:
        return None
    at = table.column_index(dimension)
    row = next((i for i, r in enumerate(table.rows) if r[at] == hints.get("focus")), None)
    measure = next((c for c in table.columns if c.name == share.name.removesuffix("_share")), None)
    if row is None or measure is None:
        return None
    if yes_no := yes_and_no(table, table.columns[at], share.name):
        return [*yes_no, *scene.for_whom(), *scene.when(), "."]
    fact = Fact(kind="focus", metric=measure.label, values={"value": table.ref(row, measure.name)})
    head: list[str | Ref] = [Ref(table.ref(row, dimension), "label"), " made up ", Ref(table.ref(row, share.name))]
    return [
        *head,
        " of ",
        metric(fact),
        *scene.for_whom(),
        *scene.when(),
        ": ",
        Ref(fact.values["value"], "auto"),
        ".",
    ]


def _ordered(scene: Scene, facts: list[Fact]) -> list[Fact]:
    """The end of the ranking that was asked for; a cut list says nothing about its other end."""
    cut = bool(scene.evidence.args.get("query", {}).get("top"))
    first = [f for f in facts if f.kind == "bottom"]
    only = next((f for f in facts if f.kind == "top"), None)
    if scene.bottom_up() and not first and only is not None and cut:
        first = [only.model_copy(update={"kind": "bottom"})]
    if scene.bottom_up() and first:
        hidden = ("bottom", "runner_up", "gap", "top") if cut else ("bottom", "runner_up", "gap")
        return first + [f for f in facts if f.kind not in hidden]
    pair = any(f.kind == "gap" for f in facts)
    return [f for f in facts if f.kind != "bottom"] if cut or pair else facts


def told_fact(scene: Scene, fact: Fact) -> Sentence | None:
    """A fact as a sentence; None for a kind that is not told by itself."""
    teller = _TELLERS.get(fact.kind)
    told = teller(scene, fact) if teller else None
    return None if told is None else capital(told)


def capital(sentence: Sentence) -> Sentence:
    """The sentence with a capital letter where it starts with our own words."""
    first, *rest = sentence
    return [first[:1].upper() + first[1:], *rest] if isinstance(first, str) else sentence


def _most(scene: Scene, fact: Fact) -> str:
    return f" had{_of_shown(scene)} the most " if _are_counted(scene, fact) else f" had{_of_shown(scene)} the highest "


def _least(scene: Scene, fact: Fact) -> str:
    return f" had{_of_shown(scene)} the fewest " if _are_counted(scene, fact) else f" had{_of_shown(scene)} the lowest "


def _of_shown(scene: Scene) -> str:
    """What a superlative holds for, where some groups are kept back."""
    few = any(w.code == "small_cells" for w in scene.evidence.warnings)
    return ", of the groups that may be shown," if few else ""


def _are_counted(scene: Scene, fact: Fact) -> bool:
    return counts(column_of(scene, fact.values["value"])) and not metric(fact).lower().startswith("number of")


def _total(scene: Scene, fact: Fact) -> Sentence:
    value = fact.values["value"]
    if counts(column_of(scene, value)):
        return there_are(scene, fact)
    return [metric(fact, start=True), *scene.for_whom(), came(scene, fact), *valued(scene, value), *scene.when(), "."]


def _change(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    head = [
        *opening(scene, fact),
        *scene.for_whom(),
        came(scene, fact),
        *valued(scene, values["value"]),
        *scene.when(),
    ]
    prev, growth = values.get("prev"), values.get("growth")
    if prev is None or scene.value(prev) is None:
        return [*head, "; there is nothing to compare it with."]
    before: list[str | Ref] = [Ref(prev, "auto"), *scene.when("prior")]
    if growth is None or scene.value(growth) is None:
        return [*head, ", compared with ", *before, "."]
    sign = scene.sign(growth)
    if sign == 0:
        return [*head, ", the same as ", *before, "."]
    return [*head, ", up " if sign > 0 else ", down ", step(scene, fact), " from ", *before, "."]


def _top(scene: Scene, fact: Fact) -> Sentence:
    table = scene.evidence.main()
    if table is not None and len(table.rows) == 1 and not scene.evidence.args.get("query", {}).get("top"):
        only = [metric(fact, start=True), " for ", *name(fact), *_others_than(scene, fact), came(scene, fact)]
        return [*only, Ref(fact.values["value"], "auto"), *scene.when(), *versus(scene, fact), "."]
    parts = [
        *name(fact),
        *tied(fact),
        first_with(_most(scene, fact), fact),
        *scene.for_whom(),
        *scene.when(),
        ": ",
        *valued(scene, fact.values["value"]),
    ]
    if "share" in fact.values:
        parts += [", ", Ref(fact.values["share"]), " of the total"]
    return [*parts, *versus(scene, fact), "."]


def _others_than(scene: Scene, fact: Fact) -> list[str | Ref]:
    """The conditions of the question beside the only group, which is often one of them."""
    named = {str(scene.value(ref)) for key, ref in fact.values.items() if key.startswith("name")}
    words = scene.for_whom()
    return [] if any(isinstance(w, Ref) and str(scene.value(w.cell)) in named for w in words) else words


def _also_top(scene: Scene, fact: Fact) -> Sentence:
    lead = next((f for f in scene.evidence.facts if f.kind == "top"), None)
    same = lead is not None and lead.values["name"].row == fact.values["name"].row
    who: list[str | Ref] = ["It also"] if same else name(fact)
    return [*who, _most(scene, fact), metric(fact), ": ", Ref(fact.values["value"], "auto"), "."]


def _gap(scene: Scene, fact: Fact) -> Sentence:
    """The other of two groups, and how far the first is ahead of it."""
    values = fact.values
    came: list[str | Ref] = [*name(fact), " came to " if _adds(scene, fact) else " had ", Ref(values["value"], "auto")]
    lead = next((f for f in scene.evidence.facts if f.kind == "top"), None)
    if "difference" not in values or lead is None:
        return [*came, ", just as much."]
    ahead: list[str | Ref] = ["; ", *name(lead), " is ", Ref(values["difference"], "abs")]
    ratio: list[str | Ref] = [" (", Ref(values["ratio"], "percent_abs"), ")"] if "ratio" in values else []
    return [*came, *ahead, *ratio, " ahead."]


def _adds(scene: Scene, fact: Fact) -> bool:
    return column_of(scene, fact.values["value"]).additive or counts(column_of(scene, fact.values["value"]))


def _bottom(scene: Scene, fact: Fact) -> Sentence:
    when = [*scene.for_whom(), *scene.when()] if scene.bottom_up() else []
    if is_extreme(fact):
        return ["For ", *name(fact), " the ", metric(fact), *when, " was ", Ref(fact.values["value"], "auto"), "."]
    return [*name(fact), _least(scene, fact), metric(fact), *when, ": ", *valued(scene, fact.values["value"]), "."]


def _runner_up(_scene: Scene, fact: Fact) -> Sentence:
    return [*name(fact), " followed with ", Ref(fact.values["value"], "auto"), "."]


def _overall(scene: Scene, fact: Fact) -> Sentence:
    value = fact.values["value"]
    if column_of(scene, value).additive:
        return ["All of them together came to ", Ref(value, "auto"), "."]
    return ["Overall, ", metric(fact), came(scene, fact), Ref(value, "auto"), "."]


def _mover(verb: str, sign: str) -> Callable[[Scene, Fact], Sentence]:
    def told(scene: Scene, fact: Fact) -> Sentence:
        parts: list[str | Ref] = [*name(fact), f" {verb} most: {sign} ", Ref(fact.values["delta"], "abs")]
        growth = fact.values.get("growth")
        if is_rate(column_of(scene, fact.values["value"])):
            return [*parts[:-1], step(scene, fact), "."]
        if growth is not None and scene.value(growth) is not None:
            parts += [" (", Ref(growth, "percent_signed"), ")"]
        return [*parts, "."]

    return told


def _empty(scene: Scene, _fact: Fact) -> Sentence:
    if scene.evidence.args.get("query", {}).get("having"):
        return ["None of them meets that condition", *scene.when(), "."]
    head = ["There is no data", *scene.for_whom(), *scene.when()]
    first, last = (param_ref(scene.params, n) if scene.params else None for n in ("data_from", "data_to"))
    if first is None or last is None:
        return [*head, "."]
    return [*head, "; the data runs from ", Ref(first), " to ", Ref(last), "."]


def _description(scene: Scene, fact: Fact) -> Sentence:
    values = {k: Ref(v) for k, v in fact.values.items()}
    if fact.attributes.get("topic") == "metric":
        end = "" if str(scene.value(fact.values["definition"])).endswith(".") else "."
        return [values["name"], " means: ", values["definition"], end]
    if fact.attributes.get("topic") == "table":
        return [values["name"], " holds ", values["rows"], " rows with ", values["fields"], " fields to ask about."]
    one = str(scene.value(fact.values["tables"])) == "1"
    tables = [" holds one table with "] if one else [" holds ", values["tables"], " tables with "]
    return [values["name"], *tables, values["metrics"], " figures that you can ask about, split and filter."]


_WHOLE: dict[str, Callable[[Scene], list[tuple[Sentence, ...]]]] = {
    "insights": highlights,
    "pacing": pace,
    "reach": reached,
    "trend": tell_trend.trend,
    "benchmark": tell_benchmark.peers,
    "look_up": looked_up,
    "connected_sources": tell_sources.states,
    "refresh_source": tell_sources.refreshed,
    "live_lookup": tell_sources.looked_up,
    **tell_customers.WHOLE,
    "churn_risk": risk,
}
_TELLERS: dict[str, Callable[[Scene, Fact], Sentence | None]] = {
    **tell_ahead.TELLERS,
    **tell_dropping.TELLERS,
    **tell_following.TELLERS,
    **tell_links.TELLERS,
    "total": _total,
    "change": _change,
    "top": _top,
    "also_top": _also_top,
    "gap": _gap,
    "in_currency": in_currency,
    "top_in_currency": top_in_currency,
    "runner_up": _runner_up,
    "bottom": _bottom,
    "overall": _overall,
    "gain": _mover("gained", "up"),
    "loss": _mover("lost", "down"),
    "latest": latest,
    "peak": peak,
    "low": low,
    "trend": trend,
    "sum": total_of_periods,
    "leader": leader,
    "last_place": last_place,
    "record_list": records,
    "empty": _empty,
    "description": _description,
}
