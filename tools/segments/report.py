"""A grouping as evidence: what each segment is worth, who is in it, who moved, and how far to trust the groups.

Fact kinds: `segments` (customers, groups, value), `segment` (name, size, share, value, value_share; attributes meaning,
advice), `segment_members` (name, size, value, value_share, each; first members), `segment_moved` (from, to, count),
`distinguishes` (name, typical, overall; attributes feature, words), `segments_quality` (silhouette, stability).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tools import entities
from tools.charts import metric_chart
from tools.conditions import filter_params
from tools.drivers.sheets import share, sheet, text
from tools.entities import day_number
from tools.evidence import Caveat, Check, Column, Evidence, Fact, Quality, ResultTable, json_value
from tools.params import params_table
from tools.run import join_check
from tools.segments import rfm
from warehouse.model.schema import Unit

if TYPE_CHECKING:
    from tools.registry import ToolContext
    from tools.segments.tool import Segmented

_TOLD = 3
METHODS = {
    "rfm": "quintiles of recency, frequency and money", "kmeans": "k-means", "density": "density (HDBSCAN)",
    "hierarchical": "Ward's hierarchy",
}  # fmt: skip


def evidence(context: ToolContext, found: Segmented) -> Evidence:
    """Everything a brain needs to tell the segments, and a reader to check them."""
    number = context.evidence_id.removeprefix("e")
    only = found.args.only
    whole = _whole(context, found, f"w{number}")
    profile = _profile(context, found, f"t{number}" if only is None else f"s{number}", main=only is None)
    members = _members(context, found, f"m{number}" if only is None else f"t{number}", main=only is not None)
    tables = [t for t in (profile, members, whole) if t is not None]
    moves = _moves(found, f"v{number}")
    quality_table = _judged(found, f"q{number}")
    traits = _traits(found, f"d{number}")
    tables += [t for t in (moves, quality_table, traits) if t is not None]
    facts = _facts(found, whole, profile)
    facts += _member_facts(found, profile, members) + _move_facts(moves) + _trait_facts(traits)
    if quality_table is not None:
        values = {n: quality_table.ref(i, "value") for i, n in enumerate(("silhouette", "stability"))}
        facts.append(Fact(kind="segments_quality", values=values, impact=0.5))
    tables.append(params_table(f"p{number}", _asked(found) | filter_params(found.args.filters)))
    for table in tables:
        table.evidence = context.evidence_id
    measure = next(c for c in profile.columns if c.name == "value")
    chart = metric_chart(profile, measure, f"c{number}")
    activity = found.activity
    return Evidence(
        id=context.evidence_id, tool="segments", args=found.args.model_dump(mode="json", exclude_defaults=True),
        tables=tables, facts=facts, charts=[chart] if chart else [], warnings=warnings(found),
        checks=[join_check(context, activity.compiled), _sums(found, profile)],
        sql=";\n\n".join(activity.sql), engine=context.engine.dialect, snapshot=context.snapshot.id,
        rows=len(found.labels), ms=round(activity.ms, 3), source_tables=list(activity.compiled.tables),
        quality=_quality(found),
    )  # fmt: skip


def added(values: Any) -> float:
    """An exact sum, in cents."""
    return round(math.fsum(values), 2)


def _profile(context: ToolContext, found: Segmented, table_id: str, *, main: bool) -> ResultTable:
    """One row per segment; sizes and values add up to those of everybody in a segment."""
    entity, columns = found.entity, found.columns
    people = Unit(name=entity.record)
    head = [
        text("segment", "Segment"),
        Column(name="customers", label=entity.records.capitalize(), type="integer", role="measure", unit=people,
               additive=True),
        share("share", f"Share of {entity.records}"),
        entities.amount_column(context, entity, "value"),
        share("value_share", "Share of that"),
        entities.amount_column(context, entity, "each", f"Each {entity.record}").model_copy(update={"additive": False}),
        Column(name="days", label="Days with a purchase, on average", type="float", role="measure", decimals=1),
        Column(name="away", label="Days since the last, median", type="integer", role="measure", unit=Unit(name="day")),
    ]  # fmt: skip
    today, total, rows = day_number(found.clock.today), added(columns["amount"]), []
    for name in found.names:
        at = found.members(name)
        value = added(columns["amount"][at])
        away = round(float(np.median(today - columns["last"][at])))
        rows.append([
            name, len(at), len(at) / len(found.labels), value, value / total if total > 0 else None,
            round(value / len(at), 2), round(float(columns["days"][at].mean()), 2), away,
        ])  # fmt: skip
    title = f"{entity.records.capitalize()} by segment"
    return sheet(table_id, title, head, rows, "main" if main else "detail")


def _whole(context: ToolContext, found: Segmented, table_id: str) -> ResultTable:
    entity = found.entity
    people = Unit(name=entity.record)
    head = [
        text("of", "Of"), Column(name="customers", label="Number", type="integer", role="measure", unit=people),
        Column(name="groups", label="Groups", type="integer", role="measure", unit=Unit(name="group")),
        entities.amount_column(context, entity, "value"), share("left_out", "In no group"),
    ]  # fmt: skip
    outside = sum(label is None for label in found.labels) / len(found.labels)
    row = ["Everybody", len(found.labels), len(found.names), added(found.columns["amount"]), outside]
    return sheet(table_id, "All together", head, [row])


def listing(context: ToolContext, found: Segmented) -> list[int]:
    """Positions of the members to list: those of the segment asked for, or of all, the most valuable first."""
    at = found.members(found.args.only) if found.args.only is not None else range(len(found.labels))
    value = found.columns["amount"]
    return sorted(at, key=lambda i: (-value[i], i))[: found.args.most]


def _members(context: ToolContext, found: Segmented, table_id: str, *, main: bool) -> ResultTable | None:
    entity = found.entity
    if entities.hides_ids(entity) and not found.args.show_names:
        return None
    shown = listing(context, found)
    ids = found.activity.ids
    names = entities.names_of(context, entity, [ids[i] for i in shown], personal=found.args.show_names)
    head = [text("id", f"{entity.record.capitalize()} ID")]
    head += [text("name", entity.record.capitalize())] if names else []
    head += [
        text("segment", "Segment"),
        Column(name="last", label="Last active", type="date", role="dimension"),
        Column(name="days", label="Days with a purchase", type="integer", role="measure", unit=Unit(name="day")),
        entities.amount_column(context, entity, "value"),
    ]
    rows = []
    for i in shown:
        last = (np.datetime64("1970-01-01") + int(found.columns["last"][i])).astype(object)
        cells = [found.labels[i] or "(none)", last.isoformat(), int(found.columns["days"][i])]
        row = [str(json_value(ids[i])), *([names.get(ids[i])] if names else []), *cells]
        rows.append([*row, round(float(found.columns["amount"][i]), 2)])
    title = f"{found.args.only}: {entity.records}" if found.args.only else f"The most valuable {entity.records}"
    table = sheet(table_id, title, head, rows, "main" if main else "detail")
    table.total_rows = len(found.members(found.args.only)) if found.args.only else len(found.labels)
    table.truncated = table.total_rows > len(rows)
    return table


def _moves(found: Segmented, table_id: str) -> ResultTable | None:
    """How many went from which segment to which; the many first, those who stayed left out."""
    if found.before is None:
        return None
    counts: dict[tuple[str, str], int] = {}
    for old, new in zip(found.before, found.labels, strict=True):
        if old is not None and new is not None and old != new:
            counts[old, new] = counts.get((old, new), 0) + 1
    order = sorted(counts, key=lambda pair: (-counts[pair], pair))
    head = [
        text("move", "Move"), text("before", "From"), text("after", "To"),
        Column(name="count", label=found.entity.records.capitalize(), type="integer", role="measure",
               unit=Unit(name=found.entity.record)),
    ]  # fmt: skip
    rows = [[f"{a} → {b}", a, b, counts[a, b]] for a, b in order]
    return sheet(table_id, f"Moves since {found.args.since}", head, rows)


def _judged(found: Segmented, table_id: str) -> ResultTable | None:
    if not found.judged or found.fell_back:
        return None
    head = [text("figure", "Figure"), Column(name="value", label="Value", type="float", role="measure", decimals=2)]
    judged = found.judged
    rows = [["silhouette", round(judged["silhouette"], 4)], ["stability", round(judged["stability"], 4)]]
    return sheet(table_id, "How clear the groups are (1 is best)", head, rows)


def _traits(found: Segmented, table_id: str) -> ResultTable | None:
    if not found.told_apart:
        return None
    head = [
        text("trait", "Trait"), text("segment", "Segment"), text("feature", "Figure"), text("words", "In words"),
        Column(name="typical", label="Median there", type="float", role="measure", decimals=1),
        Column(name="overall", label="Median of all", type="float", role="measure", decimals=1),
    ]  # fmt: skip
    rows = [
        [f"{name}: {t.feature}", name, t.feature, t.words, round(t.typical, 2), round(t.overall, 2)]
        for name in found.names
        for t in found.told_apart[name]
    ]
    return sheet(table_id, "What tells the groups apart", head, rows)


def _facts(found: Segmented, whole: ResultTable, profile: ResultTable) -> list[Fact]:
    label = next(c.label for c in whole.columns if c.name == "value")
    attributes = {
        "method": found.method, "records": found.entity.records, "record": found.entity.record,
        "fell_back": found.fell_back, "valued": "yes" if found.entity.valued else "no",
    }  # fmt: skip
    values = {n: whole.ref(0, n) for n in ("customers", "groups", "value", "left_out")}
    facts = [Fact(kind="segments", metric=label, values=values, attributes=attributes, impact=1.0)]
    for row, cells in enumerate(profile.rows):
        name = cells[0]
        said = {"meaning": rfm.MEANING[name], "advice": rfm.ADVICE[name]} if name in rfm.MEANING else {}
        names = ("customers", "share", "value", "value_share", "each", "days", "away")
        values = {"name": profile.ref(row, "segment")}
        values |= {n: profile.ref(row, n) for n in names if cells[profile.column_index(n)] is not None}
        impact = 0.2 + 0.6 * float(cells[4] or 0)
        facts.append(Fact(kind="segment", metric=label, values=values, attributes=attributes | said, impact=impact))
    return facts


def _member_facts(found: Segmented, profile: ResultTable, members: ResultTable | None) -> list[Fact]:
    """The segment that was asked for with its first members."""
    if found.args.only is None:
        return []
    row = found.names.index(found.args.only)
    names = ("customers", "share", "value", "value_share", "each", "days", "away")
    values = {"name": profile.ref(row, "segment")}
    values |= {n: profile.ref(row, n) for n in names if profile.rows[row][profile.column_index(n)] is not None}
    if members is not None:
        shown = "name" if any(c.name == "name" for c in members.columns) else "id"
        for i in range(min(_TOLD, len(members.rows))):
            if members.rows[i][members.column_index(shown)] is not None:
                values |= {f"who{i}": members.ref(i, shown), f"worth{i}": members.ref(i, "value")}
    label = next(c.label for c in profile.columns if c.name == "value")
    only, entity = found.args.only, found.entity
    by = "name" if "name" in _heads(members) else "id"
    attributes = {"record": entity.record, "records": entity.records, "by": by,
                  "meaning": rfm.MEANING.get(only, ""), "advice": rfm.ADVICE.get(only, "")}  # fmt: skip
    return [Fact(kind="segment_members", metric=label, values=values, attributes=attributes, impact=1.0)]


def _heads(table: ResultTable | None) -> list[str]:
    return [c.name for c in table.columns] if table is not None else []


def _move_facts(moves: ResultTable | None) -> list[Fact]:
    if moves is None:
        return []
    names = {"from": "before", "to": "after", "count": "count"}
    return [
        Fact(kind="segment_moved", values={n: moves.ref(i, c) for n, c in names.items()}, impact=0.9 - 0.1 * i)
        for i in range(min(_TOLD, len(moves.rows)))
    ]


def _trait_facts(traits: ResultTable | None) -> list[Fact]:
    """The one trait that tells each group apart most."""
    if traits is None:
        return []
    first: dict[str, int] = {}
    for row, cells in enumerate(traits.rows):
        first.setdefault(cells[1], row)
    return [
        Fact(
            kind="distinguishes", impact=0.6,
            values={"name": traits.ref(r, "segment"), "typical": traits.ref(r, "typical"),
                    "overall": traits.ref(r, "overall")},
            attributes={"feature": traits.rows[r][2], "words": traits.rows[r][3]},
        )
        for r in first.values()
    ]  # fmt: skip


def _asked(found: Segmented) -> dict[str, str]:
    said = {"until": entities_day(found)}
    if found.args.since is not None:
        said["since"] = f"{found.args.since:%b} {found.args.since.day}, {found.args.since.year}"
    return said


def entities_day(found: Segmented) -> str:
    """The day that recency is counted from."""
    today = found.clock.today
    return f"{today:%b} {today.day}, {today.year}"


def warnings(found: Segmented) -> list[Caveat]:
    """What the reader must know: fallen back, no amount, an old log, names held back."""
    said = []
    if found.fell_back:
        text_ = f"I find no clear groups in their behaviour: {found.fell_back}. RFM segments are the better view."
        said.append(Caveat(code="no_groups", message=text_))
    if not found.entity.valued:
        said.append(
            Caveat(code="no_amount", message="I know no amount per purchase, so only how often and how lately counts.")
        )
    if found.clock.anchored:
        said.append(Caveat(code="anchored", message=f"The data end long ago, so I count from {entities_day(found)}."))
    return said


def _sums(found: Segmented, profile: ResultTable) -> Check:
    inside = sum(r[1] for r in profile.rows) + sum(label is None for label in found.labels)
    return Check(code="adds_up", ok=inside == len(found.labels), detail=f"{inside:,} of {len(found.labels):,} placed")


def _quality(found: Segmented) -> Quality:
    judged = found.judged if not found.fell_back else {}
    trust: Any = "high"
    caveats = [w.message for w in warnings(found)]
    if judged:
        trust = "high" if judged["stability"] >= 0.8 and judged["silhouette"] >= 0.5 else "medium"
    shown = ("silhouette", "stability", "by_chance", "valley", "left_out", "k")
    numbers = {k: round(float(judged[k]), 6) for k in shown if k in judged}
    used = ", ".join(found.args.features) if judged else "recency, frequency" + (", money" * found.entity.valued)
    return Quality(
        trust=trust if found.entity.valued else "medium", n=len(found.labels),
        period=f"{found.clock.first} to {found.clock.today}", method=f"{METHODS[found.method]} on {used}",
        baseline="one group" if judged else "rank by past spend",
        figures=numbers | {"tried": float(judged.get("tried", 1))}, caveats=caveats,
    )  # fmt: skip
