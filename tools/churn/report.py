"""Who is about to leave as evidence: how many and what they bring, who in particular and why, how good the model is.

Fact kinds: `risk_total` (judged, expected, high, value, horizon), `risk_driver` (group, rate, base: how often such
people left), `risk_top` (first of the list: who, chance, reasons), `risk_of` (one customer), `risk_quality` (auc, lift,
calibration). Nothing here says “because”: these are people like those who left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tools import entities
from tools.charts import metric_chart
from tools.churn.design import numeric
from tools.churn.kinds import group_facts, groups_table
from tools.conditions import filter_params
from tools.drivers.sheets import share, sheet, text
from tools.evidence import Caveat, Check, Column, Evidence, Fact, Quality, ResultTable, json_value
from tools.params import param_ref, params_table
from tools.run import join_check
from tools.segments.report import added
from warehouse.model.schema import Unit

if TYPE_CHECKING:
    from tools.churn.tool import Churn
    from tools.registry import ToolContext

_TOLD, _DRIVERS = 3, 5
_LEAST_GROUP = 0.05


def evidence(context: ToolContext, found: Churn) -> Evidence:
    """Everything a brain needs to tell who is about to leave, and a reader to check it."""
    number = context.evidence_id.removeprefix("e")
    main = _members(context, found, f"t{number}")
    whole, drivers, tested = _whole(found, f"w{number}"), _drivers(found, f"d{number}"), _tested(found, f"q{number}")
    params = params_table(f"p{number}", _asked(found) | filter_params(found.args.filters))
    facts = [
        _total(found, whole, params),
        *_top(found, main),
        *_driver_facts(found, drivers),
        _quality_fact(found, tested),
    ]
    tables = [main, whole, drivers, tested, params]
    if found.groups is not None:
        split = groups_table(
            found, found.groups, _money(found, "value", f"At risk ({found.task.worth_label})"), f"g{number}"
        )
        facts += group_facts(found, found.groups, split)
        tables.insert(1, split)
    for table in tables:
        table.evidence = context.evidence_id
    charted = drivers if found.groups is None else tables[1]
    chart = metric_chart(charted, charted.columns[1], f"c{number}")
    quality = _quality(found)
    return Evidence(
        id=context.evidence_id, tool="churn_risk", args=found.args.model_dump(mode="json", exclude_defaults=True),
        tables=tables, facts=facts, charts=[chart] if chart else [], warnings=_warnings(found),
        checks=[join_check(context, found.compiled), _check(found)],
        sql=";\n\n".join(found.sql), engine=context.engine.dialect, snapshot=context.snapshot.id,
        rows=len(found.chances), ms=round(found.ms, 3), source_tables=list(found.compiled.tables), quality=quality,
    )  # fmt: skip


def bands(base: float) -> tuple[float, float]:
    """From which chance a risk is called high, and from which medium; the share that usually leaves sets them."""
    return min(0.8, max(0.5, 2 * base)), base


def band(chance: float, base: float) -> str:
    """High, medium or low."""
    high, medium = bands(base)
    return "High" if chance >= high else "Medium" if chance >= medium else "Low"


def _money(found: Churn, name: str, label: str) -> Column:
    return Column(name=name, label=label, type="decimal", role="measure", unit=found.unit, decimals=2, additive=True)


def _members(context: ToolContext, found: Churn, table_id: str) -> ResultTable:
    """Those to call first, with reasons; or the one asked about."""
    task, hidden = found.task, _ids_hidden(found)
    reasons = {int(place): said for place, said in found.fitted["reasons"]}
    shown = list(reasons) if found.args.who is not None else found.order[: found.args.most]
    shown = [] if hidden and found.args.who is None else shown
    ids = [task.ids[i] for i in shown]
    names = entities.names_of(context, found.entity, ids, personal=found.args.show_names) if found.entity else {}
    head = [text("id", f"{found.record.capitalize()} ID")]
    head += [text("name", found.record.capitalize())] if names else []
    head += [share("chance", "Chance to leave"), text("band", "Risk"), text("reasons", "Like those who left")]
    if task.worth is not None:
        head += [_money(found, "worth", task.worth_label.capitalize()), _money(found, "loss", "Expected loss")]
    rows = []
    for i in shown:
        chance = round(float(found.chances[i]), 4)
        row: list[Any] = [str(json_value(task.ids[i])), *([names.get(task.ids[i])] if names else []), chance]
        row += [band(chance, found.base), "; ".join(_reason(found, n, i) for n, _ in reasons.get(i, [])) or "(none)"]
        if task.worth is not None:
            worth = round(float(task.worth[i]), 2)
            row += [worth, round(worth * chance, 2)]
        rows.append(row)
    table = sheet(table_id, f"{found.records.capitalize()} by risk of leaving", head, rows, "main")
    table.total_rows = 1 if found.args.who is not None else len(found.chances)
    table.truncated = table.total_rows > len(rows)
    return table


def _ids_hidden(found: Churn) -> bool:
    """Whether the id itself is personal data."""
    if found.args.show_names:
        return False
    if found.table is not None:
        key = found.table.table.dimensions.get(found.table.key)
        return key is not None and key.pii
    return found.entity is not None and entities.hides_ids(found.entity)


def _reason(found: Churn, name: str, at: int) -> str:
    """ "low tenure (2)", "contract: Month-to-month"."""
    task, value = found.task, found.task.score[name][at]
    label = task.labels.get(name, name)
    label = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    if task.kinds[name] != "number":
        return f"{label}: {value if value is not None else 'unknown'}"
    if value is None:
        return f"unknown {label}"
    typical = float(np.nanmedian(numeric(task.score[name])))
    if name in task.phrases:
        return task.phrases[name][value > typical].format(_short(value))
    return f"{'high' if value > typical else 'low'} {label} ({_short(value)})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:,.1f}"


def _whole(found: Churn, table_id: str) -> ResultTable:
    people = Unit(name=found.record)
    named = {"judged": found.records.capitalize(), "expected": "Expected to leave", "high": "At high risk",
             "medium": "At medium risk"}  # fmt: skip
    head = [text("of", "Of")]
    head += [Column(name=n, label=label, type="integer", role="measure", unit=people) for n, label in named.items()]
    head += [share("base", "Left before"), share("from_high", "High from"), share("chance", "Expected to leave, share")]
    high, medium = bands(found.base)
    chances = found.chances
    row: list[Any] = [
        "Everybody", len(chances), round(float(chances.sum())), int((chances >= high).sum()),
        int(((chances >= medium) & (chances < high)).sum()), round(found.base, 4), round(high, 4),
        round(float(chances.mean()), 4),
    ]  # fmt: skip
    if found.task.worth is not None:
        head += [_money(found, "value", f"At risk ({found.task.worth_label})"), share("value_share", "Share of that")]
        loss, worth = added(chances * found.task.worth), added(found.task.worth)
        row += [loss, loss / worth if worth > 0 else None]
    return sheet(table_id, "All together", head, [row])


def _drivers(found: Churn, table_id: str) -> ResultTable:
    """By feature, the most important first: which of its groups left most often, beside everybody."""
    head = [
        text("group", "Group"), share("rate", "Left"), share("base", "Everybody"),
        Column(name="size", label="In that group", type="integer", role="measure"),
        Column(name="importance", label="Loss of AUC without it", type="float", role="derived", decimals=3),
        text("feature", "Feature"),
    ]  # fmt: skip
    outcome = np.array(found.task.outcome)
    rows: list[list[Any]] = []
    for name, weight in found.fitted["overall"]:
        if weight > 0.001 and len(rows) < _DRIVERS:
            group = worst_group(found, name, outcome)
            if group is not None:
                label = found.task.labels.get(name, name)
                rows.append([*group[:2], round(found.base, 4), group[2], round(weight, 4), label])
    return sheet(table_id, "Who left before", head, rows)


def worst_group(found: Churn, name: str, outcome: np.ndarray) -> tuple[str, float, int] | None:
    """The value, or fifth, of a feature whose people left most often: in words, how often, how many."""
    values, label = found.task.train[name], found.task.labels.get(name, name)
    found_groups: list[tuple[float, str, int]] = []
    if found.task.kinds[name] == "number":
        raw = numeric(values)
        low, high = np.nanquantile(raw, [0.2, 0.8])
        tests = {f"{label}: up to {_short(low)}": raw <= low, f"{label}: {_short(high)} and more": raw >= high}
    else:
        texts = np.array(["unknown" if v is None else str(v) for v in values])
        tests = {f"{label}: {level}": texts == level for level in np.unique(texts)}
    for words, inside in tests.items():
        if inside.sum() >= max(20, _LEAST_GROUP * len(outcome)):
            found_groups.append((float(outcome[inside].mean()), words, int(inside.sum())))
    if not found_groups:
        return None
    rate, words, size = max(found_groups)
    return (words[:1].upper() + words[1:], round(rate, 4), size) if rate > outcome.mean() else None


def _tested(found: Churn, table_id: str) -> ResultTable:
    f = found.fitted["figures"]
    head = [text("figure", "Figure"), Column(name="value", label="On people it had not seen", type="float",
                                             role="measure", unit=Unit(ratio=True))]  # fmt: skip
    rows: list[list[Any]] = [
        ["pairs ranked rightly (AUC)", f["auc"]], ["AUC, from", f["auc_low"]], ["AUC, to", f["auc_high"]],
        ["AUC of the logistic baseline", f["auc_logistic"]], ["AUC of the booster", f["auc_booster"]],
        ["chances off by, on average", f["calibration_error"]],
    ]  # fmt: skip
    times = sheet(table_id, "How good the model is", head, rows)
    times.columns.append(Column(name="times", label="Times as often", type="float", role="measure", decimals=1))
    for row in times.rows:
        row.append(round(f["lift"], 3) if row is times.rows[0] else None)
    return times


def _asked(found: Churn) -> dict[str, str]:
    said = {"definition": found.task.definition, "tenth": "10%"}
    said |= {"horizon": found.task.horizon} if found.task.horizon else {}
    said |= {"coin": "50%", "left": f"{sum(found.task.outcome):,.0f}", "learnt": f"{len(found.task.outcome):,}"}
    return said | ({"who": str(found.args.who)} if found.args.who is not None else {})


def _said(found: Churn) -> dict[str, str]:
    return {
        "record": found.record, "records": found.records, "worth": found.task.worth_label,
        "timed": "yes" if found.task.horizon else "no", "usual": "yes" if found.task.usual else "no",
        "order": found.args.order,
    }  # fmt: skip


def _total(found: Churn, whole: ResultTable, params: ResultTable) -> Fact:
    names = ["judged", "expected", "high", "medium", "base", "from_high", "chance"]
    names += ["value"] if found.task.worth is not None else []
    names += ["value_share"] if found.task.worth is not None and whole.rows[0][-1] is not None else []
    values = {n: whole.ref(0, n) for n in names}
    values |= {n: ref for n in ("horizon", "definition") if (ref := param_ref(params, n)) is not None}
    impact = 0.4 if found.args.who is not None else 1.0
    return Fact(kind="risk_total", values=values, attributes=_said(found), impact=impact)


def _top(found: Churn, main: ResultTable) -> list[Fact]:
    one = found.args.who is not None
    said = _said(found) | {"by": "name" if any(c.name == "name" for c in main.columns) else "id"}
    facts = []
    for row in range(min(1 if one else _TOLD, len(main.rows))):
        names = ["chance", "band", "reasons"] + (["worth", "loss"] if found.task.worth is not None else [])
        values = {"who": main.ref(row, said["by"])} | {n: main.ref(row, n) for n in names}
        attributes = said | {"reasoned": "no" if main.value(main.row_keys[row], "reasons") == "(none)" else "yes"}
        kind = "risk_of" if one else "risk_top"
        facts.append(Fact(kind=kind, values=values, attributes=attributes, impact=1.0 if one else 0.8 - 0.05 * row))
    return facts


def _driver_facts(found: Churn, drivers: ResultTable) -> list[Fact]:
    return [
        Fact(kind="risk_driver", values={n: drivers.ref(row, n) for n in ("group", "rate", "base")},
             attributes=_said(found), impact=0.7 - 0.1 * row)
        for row in range(min(_TOLD, len(drivers.rows)))
    ]  # fmt: skip


def _quality_fact(found: Churn, tested: ResultTable) -> Fact:
    values = {"auc": tested.ref(0, "value"), "lift": tested.ref(0, "times"), "off": tested.ref(5, "value")}
    said = _said(found) | {"model": found.fitted["kind"], "split": "time" if found.task.test else "folds"}
    return Fact(kind="risk_quality", values=values, attributes=said, impact=0.6)


def _warnings(found: Churn) -> list[Caveat]:
    named = ", ".join(found.task.labels.get(n, n) for n in found.fitted["suspects"])
    said = []
    if named:
        text_ = f"I left out {named}: it tells who left all by itself, so it was surely written afterwards."
        said.append(Caveat(code="leakage", message=text_))
    return said + [Caveat(code="churn", message=c) for c in _caveats(found)]


def _caveats(found: Churn) -> list[str]:
    f = found.fitted["figures"]
    said = [found.task.shortened] if found.task.shortened else []
    if found.task.test is None:
        said.append("This table shows one moment, so the test is on other people and not on a later time.")
    if f["calibration_error"] > 0.05:
        said.append(f"Chances were off by {f['calibration_error']:.0%} on average: rank by them, do not add them up.")
    if found.clock is not None and found.clock.anchored:
        said.append(f"The data end long ago, so I look ahead from {found.clock.today}.")
    return said


def _check(found: Churn) -> Check:
    f = found.fitted["figures"]
    detail = f"AUC {f['auc']:.4f} ({f['auc_low']:.3f}-{f['auc_high']:.3f}), logistic {f['auc_logistic']:.4f}"
    return Check(code="test", ok=f["auc"] >= 0.6, detail=f"{detail}, calibration error {f['calibration_error']:.4f}")


def _quality(found: Churn) -> Quality:
    f, task = found.fitted["figures"], found.task
    good = f["auc_low"] >= 0.75 and f["calibration_error"] <= 0.03 and task.test is not None
    weak = f["auc"] < 0.65 or f["calibration_error"] > 0.1
    names = {
        "logistic": "logistic regression",
        "booster": "gradient boosting",
        "both": "logistic regression and boosting",
    }
    return Quality(
        trust="high" if good else "low" if weak else "medium", n=len(task.outcome), period=task.trained,
        method=f"{names[found.fitted['kind']]}, calibrated; churn: {task.definition}", baseline="logistic regression",
        figures={k: round(float(v), 6) for k, v in f.items()} | {"snapshots": float(task.snapshots)},
        caveats=[c.message for c in _warnings(found)],
    )  # fmt: skip
