"""A goal's day as evidence: when, between when and when, and how far it is by now, each a cell."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tools.anomaly.report import short
from tools.charts import band_chart
from tools.evidence import Column, Evidence, Fact, Quality, ResultTable, row_keys
from tools.forecasting.report import rounded
from tools.params import params_table
from tools.reach import Reached
from tools.run import join_check
from tools.series import day_of
from warehouse.compiled import Lineage

if TYPE_CHECKING:
    from tools.registry import ToolContext


def evidence(context: ToolContext, found: Reached, filters: dict[str, str]) -> Evidence:
    """Everything a brain needs to say when the goal is reached."""
    number, series = context.evidence_id.removeprefix("e"), found.series
    main, when = _course(found, f"t{number}"), _when(found, f"s{number}")
    params = params_table(f"p{number}", {"since": short(found.since), "level": "80%"} | filters)
    for table in (main, when, params):
        table.evidence = context.evidence_id
    caveats = [] if found.tested else ["The history is too short to try such a look ahead on itself."]
    return Evidence(
        id=context.evidence_id, tool="reach", args=found.args.model_dump(mode="json", exclude_defaults=True),
        tables=[main, when, params], facts=[_fact(found, when, params)],
        charts=[band_chart(main, series.measure, f"c{number}")], warnings=series.caveats,
        checks=[join_check(context, series.compiled)], sql=";\n\n".join(series.sql), engine=context.engine.dialect,
        snapshot=context.snapshot.id, rows=len(main.rows), ms=round(series.ms, 3),
        source_tables=list(series.compiled.tables),
        quality=Quality(
            trust="medium" if found.tested else "low", n=len(series.starts),
            period=f"{series.starts[0]} to {day_of(series.end) - timedelta(days=1)}",
            method="forecast of the figure, added up" if found.total else "forecast of the figure",
            baseline="the recent pace", figures={} if found.error is None else {"total_error": round(found.error, 4)},
            caveats=caveats,
        ),
    )  # fmt: skip


def _measure(found: Reached, name: str, label: str) -> Column:
    update = {"name": name, "label": label, "role": "measure", "lineage": Lineage(), "additive": False}
    return found.series.measure.model_copy(update=update)


def _course(found: Reached, table_id: str) -> ResultTable:
    """Period by period: what was there, what is expected, its range."""
    series = found.series
    head = "Running total" if found.total else series.measure.label
    columns = [
        Column(name="period", label=series.grain.capitalize(), type="date", role="time", grain=series.grain),
        _measure(found, "actual", head), _measure(found, "expected", "Expected"), _measure(found, "low", "Lower end"),
        _measure(found, "high", "Upper end"),
    ]  # fmt: skip
    rows: list[list[Any]] = []
    for k, (start, *figures) in enumerate(found.line):
        value, low, high = (rounded(v, series.measure) for v in figures)
        rows.append([start.isoformat(), *([value, None, None, None] if k < found.known else [None, value, low, high])])
    title = f"{series.measure.label} on its way to the goal"
    return _table(table_id, title, "main", columns, rows)


def _when(found: Reached, table_id: str) -> ResultTable:
    """One row: the goal, what is there by now, and the periods in which it is reached, at the earliest and latest."""
    grain = found.series.grain
    dates = {"at": "Reached", "early": "At the earliest", "late": "At the latest", "last": "Looked ahead to",
             "until": "Data until"}  # fmt: skip
    columns = [Column(name="of", label="Of", type="text", role="dimension"), _measure(found, "goal", "Goal"),
               _measure(found, "done", "By now"), _measure(found, "end", "At the end of what I can see")]  # fmt: skip
    columns += [Column(name=n, label=label, type="date", role="time", grain=grain) for n, label in dates.items()]
    places = [found.at, found.early, found.late, len(found.line) - 1, found.known - 1]
    cells = [found.line[k][0].isoformat() if k is not None else None for k in places]
    figures = (found.args.goal, found.line[found.known - 1][1], found.line[-1][1])
    row = [found.series.measure.label, *(rounded(v, found.series.measure) for v in figures), *cells]
    return _table(table_id, "When the goal is reached", "detail", columns, [row])


def _fact(found: Reached, when: ResultTable, params: ResultTable) -> Fact:
    values = {n: when.ref(0, n) for n in ("goal", "done", "until")}
    values |= {n: when.ref(0, n) for n in ("at", "early", "late") if getattr(found, n) is not None}
    values |= {n: when.ref(0, n) for n in ("end", "last")} | {"since": params.ref(0, "value")}
    state = "reached" if found.at is not None and found.at < found.known else "ahead" if found.at else "beyond"
    said = {"state": state, "way": "total" if found.total else "level", "below": "yes" if found.args.below else "no",
            "step": found.series.grain, "ends": "yes" if _ends(found) else "no"}  # fmt: skip
    return Fact(kind="reach", metric=found.series.measure.label, values=values, attributes=said, impact=1.0)


def _ends(found: Reached) -> bool:
    """Whether what was looked at goes to the end of the period in which the total counts."""
    return found.until is not None and day_of(found.line[-1][0]) + timedelta(days=31) > found.until


def _table(table_id: str, title: str, kind: Any, columns: list[Column], rows: list[list[Any]]) -> ResultTable:
    return ResultTable(
        id=table_id, title=title, kind=kind, columns=columns, rows=rows, row_keys=row_keys(rows, [0]),
        total_rows=len(rows),
    )  # fmt: skip
