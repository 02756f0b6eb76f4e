"""Facts told in plain words, most telling first, as a colleague would say them; every numeral is a cell reference."""

from __future__ import annotations

from collections.abc import Callable

from agent.brain import TellContext
from agent.builtin.scene import Scene
from agent.claims import Draft, Ref, Sentence, escape
from tools.evidence import CellRef, Column, Fact
from tools.params import param_ref


def tell(context: TellContext) -> Draft:
    """First the answer in one sentence, then what stands out, evidence by evidence."""
    paragraphs: list[tuple[Sentence, ...]] = []
    for evidence in context.evidence:
        scene = Scene(evidence, context)
        facts = _ordered(scene, evidence.facts)
        told = [_focus(scene), *(_sentence(scene, fact) for fact in facts)]
        sentences = [s for s in told if s is not None]
        if sentences:
            paragraphs.append(tuple(sentences[:1]))
            if sentences[1:]:
                paragraphs.append(tuple(sentences[1:6]))
    return Draft(tuple(paragraphs))


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
    fact = Fact(kind="focus", metric=measure.label, values={"value": table.ref(row, measure.name)})
    head: list[str | Ref] = [Ref(table.ref(row, dimension), "label"), " made up ", Ref(table.ref(row, share.name))]
    return [
        *head,
        " of ",
        _metric(fact),
        *scene.for_whom(),
        *scene.when(),
        ": ",
        Ref(fact.values["value"], "auto"),
        ".",
    ]


def _ordered(scene: Scene, facts: list[Fact]) -> list[Fact]:
    """The end of the ranking that was asked for; a cut list says nothing about its other end."""
    cut = bool(scene.evidence.args.get("query", {}).get("top"))
    if scene.bottom_up():
        first = [f for f in facts if f.kind == "bottom"]
        hidden = ("bottom", "runner_up", "top") if cut else ("bottom", "runner_up")
        return first + [f for f in facts if f.kind not in hidden]
    return [f for f in facts if f.kind != "bottom"] if cut else facts


def _sentence(scene: Scene, fact: Fact) -> Sentence | None:
    teller = _TELLERS.get(fact.kind)
    return teller(scene, fact) if teller else None


def _metric(fact: Fact, *, start: bool = False) -> str:
    label = fact.metric or "the figure"
    text = label if start or label[:2].isupper() else label[:1].lower() + label[1:]
    return escape(text)


def _came(scene: Scene, fact: Fact) -> str:
    column = _column(scene, fact.values["value"])
    return " came to " if column.additive or _counts(column) else " was "


def _column(scene: Scene, ref: CellRef) -> Column:
    table = scene.tables[ref.table]
    return table.columns[table.column_index(ref.column)]


def _counts(column: Column) -> bool:
    """Whether the figure counts things, so that there are “most” of them and not the “highest”."""
    return column.type == "integer" and column.unit is not None and column.unit.name is not None


def _most(scene: Scene, fact: Fact) -> str:
    return " had the most " if _are_counted(scene, fact) else " had the highest "


def _least(scene: Scene, fact: Fact) -> str:
    return " had the fewest " if _are_counted(scene, fact) else " had the lowest "


def _are_counted(scene: Scene, fact: Fact) -> bool:
    return _counts(_column(scene, fact.values["value"])) and not _metric(fact).lower().startswith("number of")


def _total(scene: Scene, fact: Fact) -> Sentence:
    value = fact.values["value"]
    return [_metric(fact, start=True), *scene.for_whom(), _came(scene, fact), Ref(value, "auto"), *scene.when(), "."]


def _change(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    head = [
        _metric(fact, start=True),
        *scene.for_whom(),
        _came(scene, fact),
        Ref(values["value"], "auto"),
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
    return [*head, ", up " if sign > 0 else ", down ", Ref(growth, "percent_abs"), " from ", *before, "."]


def _name(fact: Fact) -> list[str | Ref]:
    refs = [fact.values[k] for k in sorted(k for k in fact.values if k.startswith("name"))]
    parts: list[str | Ref] = []
    for position, ref in enumerate(refs):
        parts += ([", "] if position else []) + [Ref(ref, "label")]
    return parts


def _top(scene: Scene, fact: Fact) -> Sentence:
    parts = [
        *_name(fact),
        _most(scene, fact),
        _metric(fact),
        *scene.for_whom(),
        *scene.when(),
        ": ",
        Ref(fact.values["value"], "auto"),
    ]
    if "share" in fact.values:
        parts += [", ", Ref(fact.values["share"]), " of the total"]
    return [*parts, *_versus(scene, fact), "."]


def _bottom(scene: Scene, fact: Fact) -> Sentence:
    when = [*scene.for_whom(), *scene.when()] if scene.bottom_up() else []
    return [*_name(fact), _least(scene, fact), _metric(fact), *when, ": ", Ref(fact.values["value"], "auto"), "."]


def _versus(scene: Scene, fact: Fact) -> list[str | Ref]:
    growth = fact.values.get("growth")
    sign = scene.sign(growth)
    if growth is None or sign == 0:
        return []
    return [", up " if sign > 0 else ", down ", Ref(growth, "percent_abs"), " on", *_prior(scene)]


def _prior(scene: Scene) -> list[str | Ref]:
    ref = param_ref(scene.params, "prior") if scene.params else None
    return [" ", Ref(ref)] if ref else [" the period before"]


def _runner_up(_scene: Scene, fact: Fact) -> Sentence:
    return [*_name(fact), " followed with ", Ref(fact.values["value"], "auto"), "."]


def _overall(scene: Scene, fact: Fact) -> Sentence:
    value = fact.values["value"]
    if _column(scene, value).additive:
        return ["All groups together came to ", Ref(value, "auto"), "."]
    return ["Over everything, ", _metric(fact), _came(scene, fact), Ref(value, "auto"), "."]


def _mover(verb: str, sign: str) -> Callable[[Scene, Fact], Sentence]:
    def told(scene: Scene, fact: Fact) -> Sentence:
        parts: list[str | Ref] = [*_name(fact), f" {verb} most: {sign} ", Ref(fact.values["delta"], "abs")]
        growth = fact.values.get("growth")
        if growth is not None and scene.value(growth) is not None:
            parts += [" (", Ref(growth, "percent_signed"), ")"]
        return [*parts, "."]

    return told


def _at(scene: Scene, ref: CellRef) -> list[str | Ref]:
    table = scene.tables[ref.table]
    grain = table.columns[table.column_index(ref.column)].grain
    return ["on " if grain == "day" else "in ", Ref(ref, "label")]


def _latest(scene: Scene, fact: Fact) -> Sentence:
    values = fact.values
    parts: list[str | Ref] = [
        _metric(fact, start=True),
        *scene.for_whom(),
        _came(scene, fact),
        Ref(values["value"], "auto"),
    ]
    parts += [" ", *_at(scene, values["name"])]
    if "step" in values:
        sign = scene.sign(values["step"])
        if sign == 0:
            return [*parts, ", the same as the period before."]
        parts += [", up " if sign > 0 else ", down ", Ref(values["step"], "percent_abs"), " on the period before"]
    return [*parts, *_versus(scene, fact), "."]


def _peak(scene: Scene, fact: Fact) -> Sentence:
    names = sorted(k for k in fact.values if k.startswith("name"))
    if len(names) == 1:
        return ["The high was ", Ref(fact.values["value"], "auto"), " ", *_at(scene, fact.values["name"]), "."]
    who: list[str | Ref] = [Ref(fact.values[k], "label") for k in names[:-1]]
    at = _at(scene, fact.values[names[-1]])
    return ["The high was ", Ref(fact.values["value"], "auto"), " for ", *who, " ", *at, "."]


def _low(scene: Scene, fact: Fact) -> Sentence:
    return ["The low was ", Ref(fact.values["value"], "auto"), " ", *_at(scene, fact.values["name"]), "."]


def _trend(scene: Scene, fact: Fact) -> Sentence | None:
    change = fact.values.get("change")
    sign = scene.sign(change)
    if change is None:
        return None
    since: list[str | Ref] = ["Since ", Ref(fact.values["first_name"], "label"), " it has "]
    if sign == 0:
        return [*since, "not changed."]
    return [*since, "risen by " if sign > 0 else "fallen by ", Ref(change, "percent_abs"), "."]


def _sum(_scene: Scene, fact: Fact) -> Sentence:
    return ["All periods together come to ", Ref(fact.values["value"], "auto"), "."]


def _leader(scene: Scene, fact: Fact) -> Sentence:
    return _group_at(scene, fact, " led with ")


def _last_place(scene: Scene, fact: Fact) -> Sentence:
    return _group_at(scene, fact, " came last with ")


def _group_at(scene: Scene, fact: Fact, verb: str) -> Sentence:
    names = sorted(k for k in fact.values if k.startswith("name"))
    who: list[str | Ref] = []
    for position, key in enumerate(names[:-1]):
        who += ([", "] if position else []) + [Ref(fact.values[key], "label")]
    at = _at(scene, fact.values[names[-1]])
    joint = " " if _counts(_column(scene, fact.values["value"])) else " in "
    metric = [joint, _metric(fact), *scene.for_whom()] if fact.kind == "leader" else []
    return [*who, verb, Ref(fact.values["value"], "auto"), *metric, " ", *at, "."]


def _records(scene: Scene, fact: Fact) -> Sentence:
    count = fact.values["count"]
    noun = _noun(scene, one=str(scene.value(count)) == "1")
    table = scene.evidence.main()
    if table is not None and table.truncated:
        return ["Here are the first ", Ref(count), " ", noun, *scene.for_whom(), *scene.when(), "; there are more."]
    return ["I found ", Ref(count), " ", noun, *scene.for_whom(), *scene.when(), *_only_name(scene), "."]


def _only_name(scene: Scene) -> list[str | Ref]:
    """ ": Berlin Mitte" when there is one row and it has a name."""
    table = scene.evidence.main()
    listed = scene.context.model.tables.get(scene.evidence.args.get("query", {}).get("table", ""))
    name = listed.name_column if listed else None
    if table is None or len(table.rows) != 1 or name not in [c.name for c in table.columns]:
        return []
    return [": ", Ref(table.ref(0, str(name)), "label")]


def _noun(scene: Scene, *, one: bool) -> str:
    """The word for the rows of a listing: "order", "orders"."""
    query = scene.evidence.args.get("query", {})
    table = scene.context.model.tables.get(query.get("table", ""))
    if table is None or not table.record:
        return "row" if one else "rows"
    return escape(table.record if one else table.records or f"{table.record}s")


def _empty(scene: Scene, _fact: Fact) -> Sentence:
    return ["Nothing in the data matches that", *scene.for_whom(), *scene.when(), "."]


def _description(scene: Scene, fact: Fact) -> Sentence:
    values = {k: Ref(v) for k, v in fact.values.items()}
    if fact.attributes.get("topic") == "metric":
        return [values["name"], " means: ", values["definition"], "."]
    if fact.attributes.get("topic") == "table":
        return [values["name"], " holds ", values["rows"], " rows with ", values["fields"], " fields to ask about."]
    one = str(scene.value(fact.values["tables"])) == "1"
    tables = [" holds one table with "] if one else [" holds ", values["tables"], " tables with "]
    return [values["name"], *tables, values["metrics"], " figures that you can ask about, split and filter."]


_TELLERS: dict[str, Callable[[Scene, Fact], Sentence | None]] = {
    "total": _total,
    "change": _change,
    "top": _top,
    "runner_up": _runner_up,
    "bottom": _bottom,
    "overall": _overall,
    "gain": _mover("gained", "up"),
    "loss": _mover("lost", "down"),
    "latest": _latest,
    "peak": _peak,
    "low": _low,
    "trend": _trend,
    "sum": _sum,
    "leader": _leader,
    "last_place": _last_place,
    "record_list": _records,
    "empty": _empty,
    "description": _description,
}
