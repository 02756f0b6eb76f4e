"""What customers are worth as evidence: totals, the most valuable, the segments, and how wrong it would have been.

Fact kinds: `value_total` (sum, each, customers, active, months), `value_concentration` (share of the top tenth),
`value_of` (one customer: expected, value, alive, past), `value_top` (first of the list), `value_by` (name, value,
share), `lifetime_quality` (total error, top share against a ranking by past spend).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tools import entities
from tools.charts import metric_chart
from tools.conditions import filter_params
from tools.drivers.sheets import share, sheet, text
from tools.entity_groups import FEW, sizes
from tools.evidence import Caveat, CellRef, Check, Column, Evidence, Fact, Quality, ResultTable, json_value
from tools.lifetime.engine import top_share
from tools.params import param_ref, params_table
from tools.run import join_check
from tools.segments import rfm
from tools.segments.report import added
from warehouse.model.schema import Unit

if TYPE_CHECKING:
    from tools.lifetime.tool import Lifetime
    from tools.registry import ToolContext

_TOLD = 3
_TOGETHER = 0.3
_PURCHASE = Unit(name="purchase")


def evidence(context: ToolContext, found: Lifetime) -> Evidence:
    """Everything a brain needs to tell what customers are worth, and a reader to check it."""
    number = context.evidence_id.removeprefix("e")
    main = _members(context, found, f"t{number}")
    whole = _whole(context, found, f"w{number}")
    groups = _groups(context, found, f"g{number}")
    tested = _tested(found, f"q{number}")
    params = params_table(f"p{number}", _asked(found) | filter_params(found.args.filters))
    facts = [
        *_total(found, whole, params),
        *_top(found, main),
        *_by_segment(found, groups),
        _quality_fact(found, tested),
    ]
    tables = [main, whole, groups, tested, params]
    for table in tables:
        table.evidence = context.evidence_id
    chart = metric_chart(groups, next(c for c in groups.columns if c.name == "value"), f"c{number}")
    activity, quality = found.activity, _quality(found)
    return Evidence(
        id=context.evidence_id, tool="lifetime_value", args=found.args.model_dump(mode="json", exclude_defaults=True),
        tables=tables, facts=facts, charts=[chart] if chart else [],
        warnings=[Caveat(code="lifetime", message=c) for c in quality.caveats],
        checks=[join_check(context, activity.compiled), _check(found)],
        sql=";\n\n".join(s for s in (*activity.sql, found.groups.sql) if s),
        engine=context.engine.dialect, snapshot=context.snapshot.id,
        rows=len(found.expected), ms=round(activity.ms, 3), source_tables=list(activity.compiled.tables),
        quality=quality,
    )  # fmt: skip


def _purchases(name: str, label: str) -> Column:
    return Column(name=name, label=label, type="float", role="measure", unit=_PURCHASE, decimals=1, good="up")


def _worth(context: ToolContext, found: Lifetime, name: str, label: str) -> Column:
    if found.value is None:
        return _purchases(name, label)
    return entities.amount_column(context, found.entity, name, label)


def _members(context: ToolContext, found: Lifetime, table_id: str) -> ResultTable:
    """The most valuable, or the one asked about."""
    entity, one = found.entity, found.position
    order = sorted(range(len(found.worth)), key=lambda i: (-round(float(found.worth[i]), 9), i))
    shown = [one] if one is not None else order[: found.args.most]
    if entities.hides_ids(entity) and not found.args.show_names and one is None:
        shown = []
    ids = found.activity.ids
    names = entities.names_of(context, entity, [ids[i] for i in shown], personal=found.args.show_names)
    head = [text("id", f"{entity.record.capitalize()} ID")]
    head += [text("name", entity.record.capitalize())] if names else []
    head += [
        _purchases("expected", "Expected purchases"),
        _worth(context, found, "value", "Expected value"),
        share("alive", "Still active, chance"),
        entities.amount_column(context, entity, "past", "Past value"),
        text("segment", "Segment"),
    ]
    rows = []
    for i in shown:
        figures = [round(float(found.expected[i]), 3), round(float(found.worth[i]), 2), round(float(found.alive[i]), 4)]
        row = [str(json_value(ids[i])), *([names.get(ids[i])] if names else []), *figures]
        rows.append([*row, round(float(found.activity.columns["amount"][i]), 2), found.segments[i]])
    table = sheet(table_id, f"{entity.records.capitalize()} by expected value", head, rows, "main")
    table.total_rows = 1 if one is not None else len(found.expected)
    table.truncated = table.total_rows > len(rows)
    return table


def _whole(context: ToolContext, found: Lifetime, table_id: str) -> ResultTable:
    people = Unit(name=found.entity.record)
    head = [
        text("of", "Of"),
        Column(name="customers", label="Number", type="integer", role="measure", unit=people),
        Column(name="active", label="Still active, expected", type="integer", role="measure", unit=people),
        _purchases("expected", "Expected purchases"),
        _worth(context, found, "value", "Expected value"),
        _worth(context, found, "each", f"Each {found.entity.record}").model_copy(update={"additive": False}),
        share("top", "Share of the top tenth"),
    ]
    count, value = len(found.worth), added(found.worth)
    top = top_share(found.worth, found.worth)
    row = [
        "Everybody", count, round(float(found.alive.sum())), round(float(found.expected.sum()), 1), value,
        round(value / count, 2), top,
    ]  # fmt: skip
    return sheet(table_id, "All together", head, [row])


def _groups(context: ToolContext, found: Lifetime, table_id: str) -> ResultTable:
    """Expected value by the split asked for, else by RFM segment; the parts add up to the whole."""
    label = found.groups.label
    head = [
        text("segment", label[:1].upper() + label[1:]),
        Column(name="customers", label=found.entity.records.capitalize(), type="integer", role="measure",
               unit=Unit(name=found.entity.record), additive=True),
        _worth(context, found, "value", "Expected value"),
        _worth(context, found, "each", f"Each {found.entity.record}").model_copy(update={"additive": False}),
        share("share", "Share of the value"),
        share("alive", "Still active, chance"),
    ]  # fmt: skip
    total, rows = added(found.worth), []
    for name, inside in _in_order(found):
        value, size = added(found.worth[inside]), len(inside)
        part = value / total if total else None
        rows.append([name, size, value, round(value / size, 2), part, round(float(found.alive[inside].mean()), 4)])
    return sheet(table_id, f"Expected value by {label}", head, rows)


def _in_order(found: Lifetime) -> list[tuple[str, Any]]:
    """Segments in their own order; groups of a split by what each member is worth."""
    groups = sizes(found.groups.names)
    if _by_rfm(found):
        return sorted(groups, key=lambda g: rfm.NAMES.index(g[0]))
    return sorted(groups, key=lambda g: (-float(found.worth[g[1]].mean()), g[0]))


def _by_rfm(found: Lifetime) -> bool:
    return found.args.by in (None, "rfm")


def _tested(found: Lifetime, table_id: str) -> ResultTable:
    f = found.fitted["figures"]
    head = [text("figure", "Figure"), Column(name="value", label="Since then", type="float", role="measure",
                                             unit=Unit(ratio=True))]  # fmt: skip
    better = 1 - f["rmse"] / f["past_rmse"] if f["past_rmse"] else 0.0
    rows: list[list[Any]] = [
        ["purchases, total off by", abs(f["total_error"])],
        ["value, total off by", abs(f["value_error"])],
        ["better than repeating the past rate by", better],
        ["spent by the predicted top tenth", f["top_share"]],
        ["spent by the top tenth of past spend", f["past_top_share"]],
    ]
    return sheet(table_id, "How good such estimates were in the last third of the data", head, rows)


def _asked(found: Lifetime) -> dict[str, str]:
    months = found.args.months
    said = {
        "ahead": "12 months" if months == 12 else "month" if months == 1 else f"{months} months",
        "tenth": "10%", "discount": f"{found.args.discount:.0%}",
        "cut": f"{found.cut:%b} {found.cut.day}, {found.cut.year}",
    }  # fmt: skip
    return said | ({"who": str(found.args.who)} if found.args.who is not None else {})


def _total(found: Lifetime, whole: ResultTable, params: ResultTable) -> list[Fact]:
    names = ("customers", "active", "expected", "value", "each", "top")
    values = {n: whole.ref(0, n) for n in names} | _of_params(params, "ahead", "tenth", "discount")
    entity = found.entity
    said = {
        "record": entity.record, "records": entity.records, "valued": "yes" if found.value is not None else "no",
        "one_month": "yes" if found.args.months == 1 else "no", "discounted": "yes" if found.args.discount else "no",
    }  # fmt: skip
    label = next(c.label for c in whole.columns if c.name == "value")
    only = found.position is not None
    total = Fact(kind="value_total", metric=label, values=values, attributes=said, impact=0.4 if only else 1.0)
    held = Fact(kind="value_concentration", metric=label, attributes=said, impact=0.7,
                values={n: values[n] for n in ("top", "tenth")})  # fmt: skip
    return [total, held]


def _of_params(params: ResultTable, *names: str) -> dict[str, CellRef]:
    return {n: ref for n in names if (ref := param_ref(params, n)) is not None}


def _top(found: Lifetime, main: ResultTable) -> list[Fact]:
    one = found.position is not None
    said = {"record": found.entity.record, "by": "name" if any(c.name == "name" for c in main.columns) else "id",
            "valued": "yes" if found.value is not None else "no"}  # fmt: skip
    facts = []
    for row in range(min(1 if one else _TOLD, len(main.rows))):
        names = ("expected", "value", "alive", "past")
        values = {"who": main.ref(row, said["by"])} | {n: main.ref(row, n) for n in names}
        kind = "value_of" if one else "value_top"
        facts.append(Fact(kind=kind, values=values, attributes=said, impact=1.0 if one else 0.6 - 0.05 * row))
    return facts


def _by_segment(found: Lifetime, groups: ResultTable) -> list[Fact]:
    said = {
        "record": found.entity.record, "records": found.entity.records, "split": found.groups.label,
        "valued": "yes" if found.value is not None else "no", "mostly": "no" if found.groups.own else "yes",
    }  # fmt: skip
    facts = []
    for row in range(len(groups.rows)):
        few = "yes" if groups.rows[row][1] < FEW else "no"
        values = {n: groups.ref(row, "segment" if n == "name" else n) for n in ("name", "value", "each", "customers")}
        part = groups.rows[row][groups.column_index("share")]
        if part is not None:
            values["share"] = groups.ref(row, "share")
        facts.append(
            Fact(kind="value_by", values=values, attributes=said | {"few": few}, impact=0.1 + 0.4 * float(part or 0))
        )
    return facts


def _quality_fact(found: Lifetime, tested: ResultTable) -> Fact:
    f = found.fitted["figures"]
    names = ("total", "worth", "better", "top", "past_top")
    said = {
        "way": "low" if f["total_error"] < 0 else "high", "beaten": "no" if f["rmse"] < f["past_rmse"] else "yes",
        "valued": "yes" if found.value is not None else "no",
        "lift": "yes" if f["top_share"] > f["past_top_share"] else "no",
    }  # fmt: skip
    values = {n: tested.ref(i, "value") for i, n in enumerate(names)}
    return Fact(kind="lifetime_quality", values=values, attributes=said, impact=0.9)


def _check(found: Lifetime) -> Check:
    f = found.fitted["figures"]
    detail = f"RMSE {f['rmse']:.3f} against {f['past_rmse']:.3f} for the past rate, {f['tested']:.0f} tested"
    return Check(code="backtest", ok=f["rmse"] <= f["past_rmse"], detail=detail)


def _quality(found: Lifetime) -> Quality:
    f, entity = found.fitted["figures"], found.entity
    caveats = []
    if not found.fitted["converged"]:
        caveats.append("The usual model did not settle, so this is the past rate of each, drawn towards everybody's.")
    if abs(f["total_error"]) > 0.25:
        caveats.append(
            f"In the last third of the data the total was off by {abs(f['total_error']):.0%}: "
            "rank by it, do not add it up."
        )
    if not entity.valued:
        caveats.append("I know no amount per purchase, so this counts purchases.")
    elif found.value is None:
        caveats.append("What people spend a time differs too wildly to be estimated, so this counts purchases.")
    if abs(found.fitted["together"]) > _TOGETHER:
        caveats.append(f"Those who buy often spend {'more' if found.fitted['together'] > 0 else 'less'} a time, "
                       "which the estimate of what they spend takes as unrelated.")  # fmt: skip
    if f["top_share"] <= f["past_top_share"]:
        caveats.append("Ranking by past spend would have picked the best as well.")
    if found.clock.anchored:
        caveats.append(f"The data end on {found.clock.today}, so I look ahead from there.")
    good = abs(f["total_error"]) <= 0.1 and f["rmse"] < f["past_rmse"] and not caveats
    weak = abs(f["total_error"]) > 0.25 or f["rmse"] >= f["past_rmse"] or not found.fitted["converged"]
    return Quality(
        trust="high" if good else "low" if weak else "medium", n=len(found.expected),
        period=f"{found.clock.first} to {found.clock.today}",
        method=f"BG/NBD and Gamma-Gamma with {found.fitted['share']:.0%} of the shrunk past rate",
        baseline="the past rate of each",
        figures={k: round(float(v), 6) for k, v in f.items()}, caveats=caveats,
    )  # fmt: skip
