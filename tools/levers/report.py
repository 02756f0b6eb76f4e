"""From a worked-out supposition to evidence: the figure before and after, what each lever made, what stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tools.conditions import filter_params
from tools.evidence import Caveat, Check, Column, Evidence, Fact, Quality, ResultTable, json_value, row_keys
from tools.params import params_table
from tools.sheet import ratio, text

if TYPE_CHECKING:
    from tools.what_if import Supposed


def evidence(supposed: Supposed) -> Evidence:
    """Tables, facts and quality of a supposition or a goal."""
    context, number = supposed.context, supposed.context.evidence_id.removeprefix("e")
    tables, facts, outside = _goal(supposed, number) if supposed.args.goal else _scenario(supposed, number)
    period = supposed.compiled.period
    params = params_table(
        f"p{number}",
        {"period": period.label if period else ""} | _held(supposed) | filter_params(supposed.args.filters),
    )
    if not supposed.args.goal:
        values = {"names": params.ref(1, "value"), "formula": params.ref(2, "value")}
        facts.append(Fact(kind="held_constant", values=values, impact=0.5))
    warnings = [
        Caveat(code="outside_range", message=f"{name} has not been at that level in the last two years.")
        for name in outside
    ]
    made = Evidence(
        id=context.evidence_id,
        tool="what_if",
        args=supposed.args.model_dump(mode="json", exclude_defaults=True),
        tables=[*tables, params],
        facts=facts,
        sql=supposed.compiled.sql,
        engine=context.engine.dialect,
        snapshot=context.snapshot.id,
        rows=len(supposed.base),
        ms=round(supposed.ms, 3),
        source_tables=list(supposed.compiled.tables),
        warnings=warnings,
        checks=[Check(code="formula", ok=True, detail="the formula gives the figure of the base period exactly")],
        quality=Quality(
            trust="medium" if outside else "high",
            n=1,
            period=period.label if period else "",
            method="exact arithmetic on the formulas of the model",
            caveats=[
                "A calculation, not a forecast: nothing else is supposed to change.",
                *(w.message for w in warnings),
            ],
        ),
    )
    for table in made.tables:
        table.evidence = made.id
    return made


def _labels(supposed: Supposed) -> dict[str, str]:
    from tools.what_if import described

    return dict(described(supposed))


def _held(supposed: Supposed) -> dict[str, str]:
    labels = _labels(supposed)
    levers = {c.metric for c in supposed.args.changes}
    held = [labels[n] for n in supposed.tree.leaves() if n not in levers]
    formula = f"{labels[supposed.args.metric]} = {supposed.tree.said(labels)}"
    return {"left_as_is": " and ".join(held) or "nothing", "formula": formula}


class _Cells:
    """Values of one figure in its own unit, ready for a table."""

    def __init__(self, supposed: Supposed, name: str) -> None:
        self._like = supposed.columns.get(name)
        self._whole = self._like is not None and self._like.type == "integer"

    def figure(self, name: str, label: str) -> Column:
        """A column in the figure's unit."""
        like = self._like
        return Column(
            name=name,
            label=label,
            type="integer" if self._whole else "decimal",
            role="measure",
            unit=like.unit if like else None,
            decimals=like.decimals if like else None,
            good=like.good if like else None,
        )

    def cell(self, value: Fraction) -> int | str:
        """A value as the column takes it: whole where it counts things."""
        return round(value) if self._whole else format(Decimal(value.numerator) / Decimal(value.denominator), ".10f")


def _sheet(
    table_id: str, title: str, columns: list[Column], rows: list[list[Any]], *, main: bool = False
) -> ResultTable:
    cells = [[json_value(v) for v in row] for row in rows]
    return ResultTable(
        id=table_id,
        title=title,
        kind="main" if main else "detail",
        columns=columns,
        rows=cells,
        row_keys=row_keys(cells, [0]),
        total_rows=len(cells),
    )


def _columns(cells: _Cells, names: Sequence[tuple[str, str]]) -> list[Column]:
    return [text("figure", "Figure"), *(cells.figure(n, label) for n, label in names)]


def _scenario(supposed: Supposed, number: str) -> tuple[list[ResultTable], list[Fact], list[str]]:
    """The figure before and after, then one small table a lever, each in its own unit."""
    target = supposed.args.metric
    main, cells = _figure_table(supposed, target, f"t{number}", main=True)
    label = supposed.columns[target].label
    change = supposed.new[target] - supposed.base[target]
    values = {n: main.ref(0, n) for n in ("base", "new", "change")}
    if supposed.base[target] > 0:
        values["growth"] = main.ref(0, "growth")
    direction = "up" if change > 0 else "down" if change < 0 else "flat"
    said = {"direction": direction, "formula": _held(supposed)["formula"]}
    facts = [Fact(kind="scenario", metric=label, values=values, attributes=said, impact=1.0)]
    tables, outside = [main], []
    for position, one in enumerate(supposed.args.changes):
        table, _ = _figure_table(supposed, one.metric, f"l{number}-{position + 1}")
        effect = cells.figure("effect", f"Effect on {label.lower()}")
        table.columns.append(effect)
        table.rows[0].append(cells.cell(supposed.effects[position]))
        seen = _seen(supposed, one.metric, supposed.new[one.metric])
        outside += [table.rows[0][0]] if seen == "no" else []
        lever_values = {"name": table.ref(0, "figure")} | {n: table.ref(0, n) for n in ("base", "new", "effect")}
        if supposed.base[one.metric] > 0:
            lever_values["growth"] = table.ref(0, "growth")
        facts.append(Fact(kind="lever", metric=label, values=lever_values, attributes={"seen": seen}, impact=0.7))
        tables.append(table)
    return tables, facts, outside


def _figure_table(supposed: Supposed, name: str, table_id: str, *, main: bool = False) -> tuple[ResultTable, _Cells]:
    cells = _Cells(supposed, name)
    base, new = supposed.base[name], supposed.new[name]
    columns = _columns(cells, [("base", "Base"), ("new", "Supposed"), ("change", "Change")])
    growth = float((new - base) / abs(base)) if base else None
    from tools.what_if import label

    shown = label(supposed.context, name)
    row = [shown, cells.cell(base), cells.cell(new), cells.cell(new - base), growth]
    return _sheet(table_id, shown, [*columns, ratio("growth", "Change in percent")], [row], main=main), cells


def _seen(supposed: Supposed, name: str, value: Fraction) -> str:
    if name not in supposed.seen:
        return "unknown"
    low, high = supposed.seen[name]
    return "yes" if low <= value <= high else "no"


def _goal(supposed: Supposed, number: str) -> tuple[list[ResultTable], list[Fact], list[str]]:
    """The goal, then one small table a lever: what it is, what it would have to be."""
    from tools.what_if import label

    target, labels = supposed.args.metric, _labels(supposed)
    main, _ = _figure_table(supposed, target, f"t{number}", main=True)
    tables, facts = [main], list[Fact]()
    outside: list[str] = []
    for position, (name, value, tree) in enumerate(supposed.ways):
        base, cells = supposed.base[name], _Cells(supposed, name)
        columns = _columns(cells, [("base", "Base"), ("needed", "Needed"), ("change", "Change")])
        growth = float((value - base) / abs(base)) if base else None
        shown = label(supposed.context, name)
        row = [shown, cells.cell(base), cells.cell(value), cells.cell(value - base), growth]
        table = _sheet(f"l{number}-{position + 1}", shown, [*columns, ratio("growth", "Change in percent")], [row])
        seen = _seen(supposed, name, value)
        outside += [shown] if seen == "no" else []
        values = {
            "name": table.ref(0, "figure"),
            "base": table.ref(0, "base"),
            "needed": table.ref(0, "needed"),
            "goal": main.ref(0, "new"),
        }
        if growth is not None:
            values["growth"] = table.ref(0, "growth")
        direction = "up" if value > base else "down" if value < base else "flat"
        said = {"direction": direction, "seen": seen, "formula": f"{labels[target]} = {tree.said(labels)}"}
        facts.append(
            Fact(
                kind="needed_lever",
                metric=label(supposed.context, target),
                values=values,
                attributes=said,
                impact=1.0 - 0.1 * position,
            )
        )
        tables.append(table)
    return tables, facts, outside
