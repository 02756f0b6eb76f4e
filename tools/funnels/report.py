"""From the counts of a funnel to evidence: rates with ranges, the largest loss, groups, and what changed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tools.cohorts.stats import difference, same_rate, wilson
from tools.conditions import filter_params
from tools.drivers.arithmetic import Cut, ratio_part
from tools.evidence import Caveat, Chart, Check, Evidence, Fact, Quality, ResultTable
from tools.params import params_table
from tools.sheet import count, plain, ratio, sheet, text

if TYPE_CHECKING:
    from tools.funnel import Asked

_SURE = 0.05
_LEAST_GROUP = 30
_SPEC = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json"}
Row = dict[str, Any]


@dataclass(frozen=True)
class Counted:
    """Counts of everybody and of groups, in the period asked for and in the one to compare with."""

    asked: Asked
    whole: Row
    groups: list[Row]
    before: Row | None
    before_groups: list[Row]

    @property
    def last(self) -> str:
        """The column of those who reached the last step."""
        return f"reached_{len(self.asked.stages)}"

    @property
    def labels(self) -> list[str]:
        return [s.label for s in self.asked.stages]


def evidence(counted: Counted) -> Evidence:
    """Tables, facts, chart and quality of a funnel."""
    asked, number = counted.asked, counted.asked.context.evidence_id.removeprefix("e")
    params = params_table(f"p{number}", _params(counted))
    (steps, whole), facts = _steps(counted, f"t{number}")
    tables = [steps, whole]
    if counted.before is not None:
        more_tables, more = _changed(counted, number)
        tables, facts = tables + more_tables, more + facts
    if counted.groups:
        grouped, more = _grouped(counted, steps, f"g{number}")
        tables, facts = [grouped, steps.model_copy(update={"kind": "detail"}), *tables[1:]], more + facts
    made = Evidence(
        id=asked.context.evidence_id,
        tool="funnel",
        args=asked.args.model_dump(mode="json", exclude_defaults=True),
        tables=[*tables, params],
        facts=facts,
        charts=[_chart(steps, f"c{number}")],
        sql=";\n\n".join(asked.sql),
        engine=asked.context.engine.dialect,
        snapshot=asked.context.snapshot.id,
        rows=int(counted.whole["reached_1"]),
        ms=round(asked.ms, 3),
        source_tables=list(asked.compiled.tables) if asked.compiled else [],
        checks=[
            Check(code="fan_out", ok=True, detail=f"each {asked.events.one} is counted once, from its first start")
        ],
        warnings=[Caveat(code="funnel", message=c) for c in _caveats(counted)],
        quality=_quality(counted),
    )
    for table in made.tables:
        table.evidence = made.id
    return made


def _params(counted: Counted) -> dict[str, str]:
    asked = counted.asked
    values = {f"step_{i}": label for i, label in enumerate(counted.labels, start=1)}
    period = asked.compiled.period if asked.compiled else None
    times = {"period": asked.args.time, "prior": asked.args.compare}
    for name, time in times.items():
        if time is not None and period is not None:
            values[name] = _window_label(asked, time)
    if asked.args.within:
        within = asked.args.within
        values["within"] = f"{within.n} {within.unit}{'s' if within.n > 1 else ''}"
    return values | filter_params(asked.args.filters)


def _window_label(asked: Asked, time: Any) -> str:
    from warehouse.compiler import window

    return window(time, asked.context.as_of, asked.context.model.calendar).label


def _steps(counted: Counted, table_id: str) -> tuple[list[ResultTable], list[Fact]]:
    many, row = counted.asked.events.many, counted.whole
    columns = [
        text("step", "Step"),
        count("reached", many.capitalize()),
        ratio("onward", "Went on from the step before", "up"),
        ratio("low", "Low"),
        ratio("high", "High"),
        ratio("overall", "Of all who began", "up"),
        count("lost", "Lost before it"),
        text("median", "Middle time from the step before"),
        text("slow", "One in ten takes longer than"),
    ]
    first = int(row["reached_1"])
    rows: list[list[Any]] = [[counted.labels[0], first, None, None, None, 1.0, None, None, None]]
    for k in range(2, len(counted.labels) + 1):
        n, before = int(row[f"reached_{k}"]), int(row[f"reached_{k - 1}"])
        share, (low, high) = (n / before, wilson(n, before)) if before else (None, (None, None))
        times = [duration(row[f"{name}_{k}"]) for name in ("median", "slow")]
        rows.append([counted.labels[k - 1], n, share, low, high, n / first, before - n, *times])
    table = sheet(table_id, f"{many.capitalize()} by step", columns, rows, "main")
    whole, fact = _whole_fact(counted, table)
    return [table, whole], [fact, *_step_facts(counted, table), *_time_facts(table)]


def _whole_fact(counted: Counted, table: ResultTable) -> tuple[ResultTable, Fact]:
    """The rate from the first to the last step with its range."""
    n, first = int(counted.whole[counted.last]), int(counted.whole["reached_1"])
    low, high = wilson(n, first)
    columns = [
        text("what", "From the first step to the last"),
        ratio("rate", "Got through", "up"),
        ratio("low", "Low"),
        ratio("high", "High"),
    ]
    name = f"From “{counted.labels[0]}” to “{counted.labels[-1]}”"
    whole = sheet(f"o{table.id[1:]}", "All steps together", columns, [[name, n / first, low, high]])
    last = len(table.rows) - 1
    values = {n: whole.ref(0, n) for n in ("rate", "low", "high")} | {
        "began": table.ref(0, "reached"),
        "reached": table.ref(last, "reached"),
        "first": table.ref(0, "step"),
        "last": table.ref(last, "step"),
    }
    said = {"many": counted.asked.events.many, "window": "yes" if counted.asked.args.within else "no"}
    return whole, Fact(kind="funnel_whole", metric="Conversion", values=values, attributes=said, impact=1.0)


def _step_facts(counted: Counted, table: ResultTable) -> list[Fact]:
    rates = {i: table.rows[i][2] for i in range(1, len(counted.labels)) if table.rows[i][2] is not None}
    worst = min(rates, key=lambda i: rates[i], default=0)
    facts = []
    for i in rates:
        values = {
            n: table.ref(i, c)
            for n, c in (
                ("name", "step"),
                ("rate", "onward"),
                ("low", "low"),
                ("high", "high"),
                ("reached", "reached"),
                ("lost", "lost"),
            )
        }
        said = {"many": counted.asked.events.many, "drop": "biggest" if i == worst else "other"}
        values["from"] = table.ref(i - 1, "step")
        facts.append(
            Fact(
                kind="funnel_step",
                metric="Conversion",
                values=values,
                attributes=said,
                impact=0.9 if i == worst else 0.5,
            )
        )
    return sorted(facts, key=lambda f: -f.impact)


def _time_facts(table: ResultTable) -> list[Fact]:
    return [
        Fact(
            kind="funnel_time",
            values={n: table.ref(i, c) for n, c in (("name", "step"), ("median", "median"), ("slow", "slow"))},
            impact=0.4,
        )
        for i in range(1, len(table.rows))
        if table.rows[i][7] is not None
    ]


def duration(seconds: Any) -> str | None:
    """ "45 seconds", "3 minutes", "2.5 hours", "4 days": two figures at most."""
    if seconds is None:
        return None
    value = float(seconds)
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if value >= 1.5 * size:
            return _unit(value / size, name)
    return _unit(value, "second")


def _unit(value: float, name: str) -> str:
    shown = f"{value:.1f}".removesuffix(".0") if value < 10 else f"{value:.0f}"
    return f"{shown} {name}{'' if shown == '1' else 's'}"


def _grouped(counted: Counted, steps: ResultTable, table_id: str) -> tuple[ResultTable, list[Fact]]:
    """One row a group with its rate from the first to the last step and from step to step."""
    rows = [r for r in counted.groups if int(r["reached_1"]) >= _LEAST_GROUP]
    rows.sort(key=lambda r: -int(r[counted.last]) / int(r["reached_1"]))
    by = next((c for c in (counted.asked.compiled.columns if counted.asked.compiled else ()) if c.name == "grp"), None)
    columns = [
        text("name", by.label if by else "Group"),
        count("began", "Began"),
        count("finished", "Got through"),
        ratio("rate", "Got through", "up"),
        ratio("low", "Low"),
        ratio("high", "High"),
    ]
    columns += [ratio(f"step_{k}", f"On to {counted.labels[k - 1]}", "up") for k in range(2, len(counted.labels) + 1)]
    cells: list[list[Any]] = []
    for row in rows:
        n, first = int(row[counted.last]), int(row["reached_1"])
        onward = [_share(row[f"reached_{k}"], row[f"reached_{k - 1}"]) for k in range(2, len(counted.labels) + 1)]
        name = "(none)" if row["grp"] is None else str(row["grp"])
        cells.append([name, first, n, n / first, *wilson(n, first), *onward])
    table = sheet(table_id, f"{counted.asked.events.many.capitalize()} by group", columns, cells, "main")
    sure = same_rate([(int(r[counted.last]), int(r["reached_1"])) for r in rows]) < _SURE
    facts = []
    for i in range(len(cells)):
        place = "best" if i == 0 else "worst" if i == len(cells) - 1 else "other"
        values = {n: table.ref(i, n) for n in ("name", "rate", "low", "high", "began")}
        said = {"place": place, "sure": "yes" if sure else "no"}
        if place == "worst" and sure and len(counted.labels) > 2 and (step := _behind(counted, rows[i])) is not None:
            values |= {
                "step": steps.ref(step - 1, "step"),
                "step_rate": table.ref(i, f"step_{step}"),
                "step_all": steps.ref(step - 1, "onward"),
            }
        facts.append(
            Fact(
                kind="funnel_group",
                metric="Conversion",
                values=values,
                attributes=said,
                impact=0.95 if place != "other" else 0.5,
            )
        )
    return table, facts


def _behind(counted: Counted, row: Row) -> int | None:
    """The step at which a group falls behind everybody most."""
    gaps: dict[int, float] = {}
    for k in range(2, len(counted.labels) + 1):
        own, whole = (_share(r[f"reached_{k}"], r[f"reached_{k - 1}"]) for r in (row, counted.whole))
        if own and whole:
            gaps[k] = math.log(own / whole)
    return min(gaps, key=lambda k: gaps[k], default=None)


def _share(part: Any, whole: Any) -> float | None:
    return int(part) / int(whole) if int(whole or 0) else None


def _changed(counted: Counted, number: str) -> tuple[list[ResultTable], list[Fact]]:
    """Each step before and after, the step that moved the whole most, and the mix of groups when there are any."""
    assert counted.before is not None  # only asked with a period to compare
    before, after = counted.before, counted.whole
    columns = [
        text("step", "Step"),
        ratio("before", "Before", "up"),
        ratio("after", "After", "up"),
        ratio("difference", "Difference"),
        ratio("low", "Low"),
        ratio("high", "High"),
        plain("p", "Chance without a difference", 4),
    ]
    rows: list[list[Any]] = []
    for k in range(2, len(counted.labels) + 1):
        rows.append(_compared(counted.labels[k - 1], _pair(before, k, k - 1), _pair(after, k, k - 1)))
    last = len(counted.labels)
    rows.append(_compared("Whole", _pair(before, last, 1), _pair(after, last, 1)))
    table = sheet(f"x{number}", "Before and after", columns, rows)
    facts = [_change_fact(table)]
    if counted.groups and counted.before_groups:
        mix, fact = _mix(counted, f"m{number}")
        return [table, mix], [*facts, fact]
    return [table], facts


def _pair(row: Row, k: int, base: int) -> tuple[int, int]:
    return int(row[f"reached_{k}"]), int(row[f"reached_{base}"])


def _compared(label: str, before: tuple[int, int], after: tuple[int, int]) -> list[Any]:
    if not before[1] or not after[1]:
        return [label, None, None, None, None, None, None]
    gap = difference(before, after)
    return [label, before[0] / before[1], after[0] / after[1], gap.size, gap.low, gap.high, gap.p]


def _change_fact(table: ResultTable) -> Fact:
    whole = len(table.rows) - 1
    moved = {i: abs(math.log(r[2] / r[1])) for i, r in enumerate(table.rows[:-1]) if r[1] and r[2]}
    step = max(moved, key=lambda i: moved[i], default=0)
    p, size = table.rows[whole][6], table.rows[whole][3] or 0.0
    values = {n: table.ref(whole, n) for n in ("before", "after", "difference", "low", "high")}
    if p is not None and p < _SURE:
        values |= {
            "step": table.ref(step, "step"),
            "step_before": table.ref(step, "before"),
            "step_after": table.ref(step, "after"),
        }
    sure = p is not None and p < _SURE
    said = {"direction": "flat" if not size else "up" if size > 0 else "down", "sure": "yes" if sure else "no"}
    return Fact(kind="funnel_change", metric="Conversion", values=values, attributes=said, impact=1.0)


def _mix(counted: Counted, table_id: str) -> tuple[ResultTable, Fact]:
    """The change of the whole rate split into the groups' own rates and the shift between them, exactly."""
    assert counted.before is not None  # only asked with a period to compare
    sides = [
        {r["grp"]: (Fraction(int(r[counted.last])), Fraction(int(r["reached_1"]))) for r in rows}
        for rows in (counted.before_groups, counted.groups)
    ]
    nothing = (Fraction(0), Fraction(0))
    whole = Cut(_sum(list(sides[0].values())), _sum(list(sides[1].values())))
    cuts = [Cut(sides[0].get(g, nothing), sides[1].get(g, nothing)) for g in sorted({*sides[0], *sides[1]}, key=str)]
    parts = [ratio_part(c, whole) for c in cuts]
    by = next((c for c in (counted.asked.compiled.columns if counted.asked.compiled else ()) if c.name == "grp"), None)
    columns = [text("dimension", "Split by"), ratio("rate", "Own rates"), ratio("mix", "Shift between groups")]
    row = [by.label.lower() if by else "group", float(sum(p.rate for p in parts)), float(sum(p.mix for p in parts))]
    table = sheet(table_id, "Rates and mix", columns, [row])
    values = {n: table.ref(0, n) for n in ("dimension", "rate", "mix")}
    return table, Fact(kind="funnel_mix", metric="Conversion", values=values, impact=0.6)


def _sum(pairs: list[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    return sum((a for a, _ in pairs), Fraction(0)), sum((b for _, b in pairs), Fraction(0))


def _chart(steps: ResultTable, chart_id: str) -> Chart:
    order = [r[0] for r in steps.rows]
    encoding = {
        "y": {"field": "step", "type": "nominal", "title": None, "sort": order},
        "x": {"field": "reached", "type": "quantitative", "title": steps.columns[1].label},
    }
    spec = {
        **_SPEC,
        "data": {"name": steps.id},
        "transform": [{"filter": {"field": "step", "oneOf": order}}],
        "mark": "bar",
        "encoding": encoding,
    }
    alt = f"Funnel: bars for {', '.join(str(o) for o in order)}."
    return Chart(id=chart_id, title=steps.title, alt=alt, table=steps.id, spec=spec)


def _caveats(counted: Counted) -> list[str]:
    asked, row = counted.asked, counted.whole
    many, found = asked.events.many, []
    late = sum(int(row[f"late_{k}"]) for k in range(2, len(counted.labels) + 1))
    if late and asked.args.within:
        found.append(f"{late:,} later steps came only after the {_params(counted)['within']} that were asked for.")
    early = sum(int(row[f"early_{k}"]) for k in range(2, len(counted.labels) + 1))
    if asked.args.ordered and early > 0.01 * int(row["reached_1"]):
        found.append(
            f"{early:,} {many} took a step only before the one that should come first; they are not counted there."
        )
    return found


def _quality(counted: Counted) -> Quality:
    asked, row, steps = counted.asked, counted.whole, range(2, len(counted.labels) + 1)
    n = int(row["reached_1"])
    smallest = min(int(row[f"reached_{k - 1}"]) for k in steps)
    figures = {
        "out_of_order": sum(int(row[f"early_{k}"]) for k in steps) / n,
        "after_the_window": sum(int(row[f"late_{k}"]) for k in steps) / n,
    }
    return Quality(
        trust="high" if smallest >= 500 else "medium" if smallest >= 100 else "low",
        n=n,
        period=_params(counted).get("period", f"{asked.events.first.isoformat()} – {asked.events.last.isoformat()}"),
        method="first start of each, then the first next step at or after the one before; 95 % Wilson ranges",
        figures=figures,
        caveats=[f"Each {asked.events.one} counts once, from its first start.", *_caveats(counted)],
    )
