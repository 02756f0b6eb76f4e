"""A trend as evidence: the course with its line, the pace, the breaks, each figure a cell."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tools.charts import metric_chart
from tools.derive import Derived
from tools.evidence import CellRef, Column, Evidence, Fact, Quality, ResultTable, row_keys
from tools.factbook.weigh import tone
from tools.forecasting.report import rounded
from tools.params import param_ref, params_table
from tools.run import join_check
from tools.trending import Break, Line, Values, read
from warehouse.compiled import Lineage
from warehouse.model.schema import Unit

if TYPE_CHECKING:
    from tools.registry import ToolContext
    from tools.series import Series
    from tools.trend import TrendArgs

_MOST_TOLD = 4


def evidence(context: ToolContext, args: TrendArgs, series: Series, season: int, filters: dict[str, str]) -> Evidence:
    """Everything a brain needs to tell a direction and its breaks."""
    number = context.evidence_id.removeprefix("e")
    rows = _rows(series, args)
    seen = {m: read(np.array(y, dtype=np.float64), season) for m, y in rows.items()}
    main = _course(series, rows, seen, f"t{number}")
    lines, breaks = _lines(series, seen, f"l{number}"), _breaks(series, seen, f"b{number}")
    params = params_table(f"p{number}", {"rows": str(len(series.starts))} | filters)
    derived = Derived(f"d{number}", series.measure)
    facts = _facts(series, seen, (lines, breaks, params), derived)
    tables = [main, lines, *([breaks] if breaks.rows else []), *derived.tables(), params]
    for table in tables:
        table.evidence = context.evidence_id
    chart = metric_chart(main, main.columns[-1 if len(rows) == 1 else 2], f"c{number}")
    return Evidence(
        id=context.evidence_id, tool="trend", args=args.model_dump(mode="json", exclude_defaults=True), tables=tables,
        facts=facts, charts=[chart] if chart is not None else [], warnings=list(series.caveats),
        checks=[join_check(context, series.compiled)], sql=";\n\n".join(series.sql), engine=context.engine.dialect,
        snapshot=context.snapshot.id, rows=len(series.starts), ms=round(series.ms, 3),
        source_tables=list(series.compiled.tables), quality=_quality(series, season, seen),
    )  # fmt: skip


def _rows(series: Series, args: TrendArgs) -> dict[Any, list[float]]:
    if not args.by:
        return {None: next(iter(series.values.values()))}
    whole: dict[Any, list[float]] = (
        {None: [sum(c) for c in zip(*series.values.values(), strict=True)]} if series.adds_up else {}
    )
    named = {("(none)" if m is None else m): v for m, v in series.values.items() if m != "Other" and max(v) > min(v)}
    return {**whole, **named}


Seen = dict[Any, tuple[Line, list[Break], Values]]


def _course(series: Series, rows: dict[Any, list[float]], seen: Seen, table_id: str) -> ResultTable:
    """One row a period: the figure, the same without its seasons; with members, one row for each of them."""
    time = Column(name="period", label=series.grain.capitalize(), type="date", role="time", grain=series.grain)
    columns = [time]
    many = len(rows) > 1
    if many:
        columns.append(Column(name="of", label="Of", type="text", role="dimension"))
    columns += [_measure(series, "actual", series.measure.label), _measure(series, "smooth", "Without seasons")]
    cells: list[list[Any]] = []
    for member, values in rows.items():
        for k, start in enumerate(series.starts):
            who = ["Everything" if member is None else str(member)] if many else []
            pair = [rounded(v, series.measure) for v in (values[k], float(seen[member][2][k]))]
            cells.append([start.isoformat(), *who, *pair])
    keys = [0, 1] if many else [0]
    return _table(table_id, f"{series.measure.label} and its course", "main", columns, cells, keys)


def _measure(series: Series, name: str, label: str) -> Column:
    update: dict[str, Any] = {"name": name, "label": label, "role": "measure", "lineage": Lineage(), "additive": False}
    return series.measure.model_copy(update=update)


def _lines(series: Series, seen: Seen, table_id: str) -> ResultTable:
    """One row a member: the fitted line's first and last value, its rate a period, the chance."""
    columns = [Column(name="of", label="Of", type="text", role="dimension")]
    columns += [Column(name=n, label=t, type="date", role="time", grain=series.grain)
                for n, t in (("from", "From"), ("to", "To"))]  # fmt: skip
    columns += [_measure(series, "first", "Start of the line"), _measure(series, "last", "End of the line"),
                _measure(series, "rate", f"A {series.grain}").model_copy(update={"decimals": _places(series)}),
                Column(name="p", label="Chance alone", type="float", role="measure",
                unit=Unit(ratio=True))]  # fmt: skip
    ends = [series.starts[0].isoformat(), series.starts[-1].isoformat()]
    rows: list[list[Any]] = []
    for member, (line, _, _) in seen.items():
        cells = [rounded(v, series.measure) for v in (line.first, line.last)]
        who = "Everything" if member is None else str(member)
        rows.append([who, *ends, *cells, float(f"{line.rate:.3g}"), float(f"{line.chance:.4g}")])
    return _table(table_id, "Direction", "detail", columns, rows, [0])


def _places(series: Series) -> int | None:
    unit = series.measure.unit
    money = unit is not None and unit.currency is not None
    return 0 if money and max(v for m in series.values.values() for v in m) >= 10_000 else None


def _breaks(series: Series, seen: Seen, table_id: str) -> ResultTable:
    columns = [
        Column(name="start", label="Since", type="date", role="time", grain=series.grain),
        Column(name="of", label="Of", type="text", role="dimension"),
        _measure(series, "before", "Before"), _measure(series, "after", "Since then"),
    ]  # fmt: skip
    rows = [
        [series.starts[b.start].isoformat(), "Everything" if m is None else str(m),
         *(rounded(v, series.measure) for v in (b.before, b.after))]
        for m, (_, found, _) in seen.items() for b in found
    ]  # fmt: skip
    return _table(table_id, "Breaks of level", "detail", columns, rows, [0, 1])


def _facts(
    series: Series, seen: Seen, tables: tuple[ResultTable, ResultTable, ResultTable], derived: Derived
) -> list[Fact]:
    lines, breaks, params = tables
    facts: list[Fact] = []
    at = 0
    for row, (member, (line, found, _)) in enumerate(seen.items()):
        rank = 1.0 if row == 0 else max(0.1, 0.8 - 0.05 * row)
        facts.append(_line_fact(series, member, line, (lines, row, params), derived, rank))
        for each in found:
            facts.append(_break_fact(series, member, each, (breaks, at), derived, rank - 0.05))
            at += 1
    if not breaks.rows:
        rows = param_ref(params, "rows")
        values = {"rows": rows} if rows is not None else {}
        said = {"steps": f"{series.grain}s"}
        facts.append(Fact(kind="steady", metric=series.measure.label, values=values, attributes=said, impact=0.3))
    return sorted(facts, key=lambda f: -f.impact)


def _moved(
    series: Series, name: str, cells: tuple[CellRef, CellRef], amounts: tuple[Any, Any], derived: Derived
) -> dict[str, CellRef]:
    """The change from the first to the second: in points for percentages, else relative."""
    unit = series.measure.unit
    pairs = (cells[1], amounts[1]), (cells[0], amounts[0])
    if unit is not None and (unit.ratio or unit.percent):
        points = derived.difference(name, *pairs)
        return {"points": points} if points is not None else {}
    change = derived.change(name, *pairs)
    return {"change": change} if change is not None else {}


def _line_fact(
    series: Series, member: Any, line: Line, at: tuple[ResultTable, int, ResultTable], derived: Derived, impact: float
) -> Fact:
    lines, row, params = at
    values = {"rate": lines.ref(row, "rate"), "first": lines.ref(row, "first"), "last": lines.ref(row, "last"),
              "p": lines.ref(row, "p"), "first_name": lines.ref(row, "from"), "last_name": lines.ref(row,
              "to")}  # fmt: skip
    rows = param_ref(params, "rows")
    values |= {"rows": rows} if rows is not None else {}
    values |= {"name": lines.ref(row, "of")} if member is not None else {}
    amounts = tuple(lines.rows[row][lines.column_index(n)] for n in ("first", "last"))
    ends = (values["first"], values["last"])
    values |= _moved(series, f"change of the line of {member}", ends, (amounts[0], amounts[1]), derived)
    attributes = {"direction": line.direction, "grain": series.grain, "steps": f"{series.grain}s",
                  "tone": tone(line.direction, series.measure.good)}  # fmt: skip
    return Fact(kind="course", metric=series.measure.label, values=values, attributes=attributes, impact=impact)


def _break_fact(
    series: Series, member: Any, found: Break, at: tuple[ResultTable, int], derived: Derived, impact: float
) -> Fact:
    table, row = at
    values = {n: table.ref(row, n) for n in ("start", "before", "after")}
    values |= {"name": table.ref(row, "of")} if member is not None else {}
    amounts = (table.rows[row][2], table.rows[row][3])
    ends = (values["before"], values["after"])
    values |= _moved(series, f"change of level {table.row_keys[row]}", ends, amounts, derived)
    direction = "up" if found.after > found.before else "down"
    attributes = {"direction": direction, "tone": tone(direction, series.measure.good), "grain": series.grain}
    return Fact(kind="change_point", metric=series.measure.label, values=values, attributes=attributes, impact=impact)


def _quality(series: Series, season: int, seen: Seen) -> Quality:
    caveats = [] if season > 1 else ["There is too little history to take the seasons out."]
    return Quality(
        trust="high" if season > 1 else "medium", n=len(series.starts),
        period=f"{series.starts[0]} to {series.end - timedelta(days=1)}",
        method="Theil-Sen line, Mann-Kendall test with memory; steps of level beside a straight line",
        baseline="no direction",
        figures={"series": float(len(seen)), "chance": round(next(iter(seen.values()))[0].chance, 5)}, caveats=caveats,
    )  # fmt: skip


def _table(
    table_id: str, title: str, kind: Any, columns: list[Column], rows: list[list[Any]], keys: list[int]
) -> ResultTable:
    return ResultTable(
        id=table_id, title=title, kind=kind, columns=columns, rows=rows, row_keys=row_keys(rows, keys),
        total_rows=len(rows),
    )  # fmt: skip
