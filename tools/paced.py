"""A pace as evidence: done, usual by now, where it ends, the chance and what is needed, each a cell."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tools.anomaly.report import short
from tools.charts import band_chart
from tools.evidence import Caveat, CellRef, Column, Evidence, Fact, Quality, ResultTable, row_keys
from tools.factbook.weigh import tone
from tools.forecasting import horizon
from tools.forecasting.report import rounded
from tools.pacing import LEAST_PAST, Pace
from tools.params import param_ref, params_table
from tools.run import join_check
from warehouse.compiled import Lineage
from warehouse.model.schema import Unit

if TYPE_CHECKING:
    from tools.registry import ToolContext

_ON = 0.02
_LARGE = 10_000
_LEVEL = "80%"


def evidence(context: ToolContext, found: Pace, filters: dict[str, str]) -> Evidence:
    """Everything a brain needs to say whether the goal will be reached."""
    number = context.evidence_id.removeprefix("e")
    series = found.series
    main, sums, ratios = _course(found, f"t{number}"), _sums(found, f"s{number}"), _ratios(found, f"r{number}")
    params = params_table(f"p{number}", _asked(found) | filters)
    tables = [main, sums, ratios, params]
    for table in tables:
        table.evidence = context.evidence_id
    quality = _quality(found)
    weak = [Caveat(code="untested_range", message=quality.caveats[0])] if quality.trust == "low" else []
    return Evidence(
        id=context.evidence_id, tool="pacing", args=found.args.model_dump(mode="json", exclude_defaults=True),
        tables=tables, facts=_facts(found, sums, ratios, params),
        charts=[band_chart(main, series.measure, f"c{number}")], warnings=[*weak, *series.caveats],
        checks=[join_check(context, series.compiled)], sql=";\n\n".join(series.sql), engine=context.engine.dialect,
        snapshot=context.snapshot.id, rows=len(main.rows), ms=round(series.ms, 3),
        source_tables=list(series.compiled.tables), quality=quality,
    )  # fmt: skip


def _asked(found: Pace) -> dict[str, str]:
    until = found.series.end - timedelta(days=1)
    asked = {"period": _name(found), "until": short(until), "days": str(found.left), "level": _LEVEL}
    if found.args.growth is not None:
        asked["growth"] = f"{100 * found.args.growth:g}%"
    return asked


def _name(found: Pace) -> str:
    return found.periods.label(found.start, found.end) or horizon.label(found.start, found.end)


def _measure(found: Pace, name: str, text: str) -> Column:
    update = {"name": name, "label": text, "role": "measure", "lineage": Lineage(), "additive": False}
    if found.goal >= _LARGE and found.series.measure.unit is not None and found.series.measure.unit.currency:
        update["decimals"] = 0
    return found.series.measure.model_copy(update=update)


def _course(found: Pace, table_id: str) -> ResultTable:
    """Day by day what was done by then, what is expected and its range, and what the plan would be."""
    series = found.series
    by_day = dict(zip(series.starts, next(iter(series.values.values())), strict=True))
    time = Column(name="period", label="Day", type="date", role="time", grain="day")
    names = {"actual": f"{series.measure.label} so far", "expected": "Expected", "low": "Lower end",
             "high": "Upper end", "plan": "Plan"}  # fmt: skip
    rows: list[list[Any]] = []
    done = 0.0
    for k in range((found.end - found.start).days):
        day = found.start + timedelta(days=k)
        plan = found.goal * found.course.shares[k + 1]
        if k < found.elapsed:
            done += by_day.get(day, 0.0)
            cells = [done, None, None, None, plan]
        else:
            cells = [None, *_ahead(found, k + 1), plan]
        rows.append([day.isoformat(), *(None if c is None else rounded(c, series.measure) for c in cells)])
    columns = [time, *(_measure(found, n, text) for n, text in names.items())]
    return _table(table_id, f"{series.measure.label} in {_name(found)}", "main", columns, rows)


def _ahead(found: Pace, day: int) -> tuple[float, float, float]:
    """Expected sum, lower and upper end after a day still to come: what is left follows the usual course."""
    left = 1 - found.usual
    part = (found.course.shares[day] - found.usual) / left if left > 0 else (day - found.elapsed) / found.left
    ends = (found.projected, found.low, found.high)
    expected, low, high = (found.done + part * (end - found.done) for end in ends)
    return expected, low, high


def _sums(found: Pace, table_id: str) -> ResultTable:
    """One row of amounts: done, the goal, what would be usual by now, the end with its range, and amounts a day."""
    cells: dict[str, tuple[str, float | None]] = {
        "done": ("Done", found.done), "goal": ("Goal", found.goal),
        "expected": ("Usual by now", found.goal * found.usual), "projected": ("Expected end", found.projected),
        "low": ("Lower end", found.low), "high": ("Upper end", found.high),
        "gap": ("Expected end against the goal", found.projected - found.goal),
        "needed": ("Needed a day", (found.goal - found.done) / found.left if found.left else None),
        "so_far": ("So far a day", found.done / found.elapsed if found.elapsed else None),
        "best": ("Best week, a day", found.best),
    }  # fmt: skip
    columns = [Column(name="of", label="Of", type="text", role="dimension")]
    columns += [_measure(found, n, text) for n, (text, _) in cells.items()]
    row = [None if v is None else rounded(v, found.series.measure) for _, v in cells.values()]
    return _table(table_id, "The goal", "detail", columns, [[_name(found), *row]])


def _ratios(found: Pace, table_id: str) -> ResultTable:
    """One row of shares (0-1): done, usually done by now, ahead of or behind that, the chance."""
    expected = found.goal * found.usual
    cells = {
        "share": ("Done", found.done / found.goal), "usual": ("Usually done by now", found.usual),
        "gap": ("Against what is usual", found.done / expected - 1 if expected else 0.0),
        "p": ("Chance", min(0.99, max(0.01, found.chance))),
    }  # fmt: skip
    columns = [Column(name="of", label="Of", type="text", role="dimension")]
    columns += [
        Column(name=n, label=text, type="float", role="measure", unit=Unit(ratio=True))
        for n, (text, _) in cells.items()
    ]
    rows = [[_name(found), *(float(f"{v:.6g}") for _, v in cells.values())]]
    return _table(table_id, "Shares of the goal", "detail", columns, rows)


def _facts(found: Pace, sums: ResultTable, ratios: ResultTable, params: ResultTable) -> list[Fact]:
    metric = found.series.measure.label
    said = {n: r for n in ("until", "period", "days", "level") if (r := param_ref(params, n)) is not None}
    values: dict[str, CellRef] = {n: sums.ref(0, n) for n in ("done", "goal", "expected")}
    values |= {n: ratios.ref(0, n) for n in ("usual", "share", "gap")}
    values |= {n: said[n] for n in ("until", "period", "days")}
    good = found.series.measure.good or "up"
    attributes = {"state": state(found), "shape": "usual" if found.course.past >= LEAST_PAST else "straight",
                  "tone": tone("up" if found.done >= found.goal * found.usual else "down", found.series.measure.good),
                  "good": good, "unit": found.args.period}  # fmt: skip
    facts = [Fact(kind="pace", metric=metric, values=values, attributes=attributes, impact=1.0)]
    if not found.left:
        return facts
    ends = {"value": "projected", "low": "low", "high": "high", "gap": "gap"}
    values = {n: sums.ref(0, c) for n, c in ends.items()} | {n: said[n] for n in ("period", "level")}
    facts.append(Fact(kind="projection", metric=metric, values=values, impact=0.9))
    edge = "low" if found.chance <= 0.01 else "high" if found.chance >= 0.99 else ""
    chance = {"p": ratios.ref(0, "p"), "goal": sums.ref(0, "goal")}
    facts.append(Fact(kind="chance", metric=metric, values=chance, attributes={"edge": edge}, impact=0.85))
    if found.done < found.goal and good == "up" and found.elapsed:
        values = {"value": sums.ref(0, "needed"), "days": said["days"], "so_far": sums.ref(0, "so_far")}
        values |= {"best": sums.ref(0, "best")} if found.best is not None else {}
        reach = {"reach": _reach(found)}
        facts.append(Fact(kind="needed", metric=metric, values=values, attributes=reach, impact=0.8))
    return facts


def state(found: Pace) -> str:
    """reached, over (past, not reached), or ahead of, on or behind the usual course to the goal."""
    if found.done >= found.goal:
        return "reached"
    if not found.left:
        return "over"
    expected = found.goal * found.usual
    if abs(found.done - expected) <= _ON * expected:
        return "on"
    return "ahead" if found.done > expected else "behind"


def _reach(found: Pace) -> str:
    needed = (found.goal - found.done) / found.left
    if needed <= 1.05 * found.done / found.elapsed:
        return "within"
    return "stretch" if found.best is not None and needed <= found.best else "beyond"


def _quality(found: Pace) -> Quality:
    caveats = []
    if not found.tested and found.left:
        caveats.append("The history is too short to try such a forecast on itself, so the range is a rough one.")
    if found.course.past < LEAST_PAST:
        caveats.append(f"I know {found.course.past} earlier periods of this kind, so the plan is a straight line.")
    figures = {"past_periods": float(found.course.past), "chance": round(found.chance, 4)}
    figures |= {"total_error": round(found.error, 4)} if found.error is not None else {}
    trust = "low" if not found.tested and found.left else "medium" if found.course.past < LEAST_PAST else "high"
    return Quality(
        trust="low" if trust == "low" else "high" if trust == "high" else "medium", n=len(found.series.starts),
        period=_name(found), method="usual course of past periods; forecast of the days left",
        baseline="a straight line to the goal", figures=figures, caveats=caveats,
    )  # fmt: skip


def _table(table_id: str, title: str, kind: Any, columns: list[Column], rows: list[list[Any]]) -> ResultTable:
    return ResultTable(
        id=table_id, title=title, kind=kind, columns=columns, rows=rows, row_keys=row_keys(rows, [0]),
        total_rows=len(rows),
    )  # fmt: skip
