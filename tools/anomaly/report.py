"""What was found odd, as evidence: episodes with receipts, the usual course as a band, and how much was tested."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tools.anomaly.batch import FALSE_ALARMS_PER_POINT
from tools.charts import band_chart
from tools.derive import Derived
from tools.evidence import Caveat, CellRef, Column, Evidence, Fact, Quality, ResultTable, row_keys
from tools.forecasting.report import rounded
from tools.params import param_ref, params_table
from tools.run import join_check
from tools.series import step
from warehouse.compiled import Lineage

if TYPE_CHECKING:
    from tools.anomalies import Found, Scanned
    from tools.registry import ToolContext

_SHOWN = 120
_MOST_TOLD = 4
_IMPACT = {"critical": 1.0, "warning": 0.9, "info": 0.8}


def short(day: date) -> str:
    """ "Nov 20, 2026"."""
    return f"{day:%b} {day.day}, {day.year}"


def values_of(scanned: Scanned, member: Any) -> list[float]:
    """The series of a member; of everything for None."""
    series = scanned.series
    if member is None:
        return [sum(column) for column in zip(*series.values.values(), strict=True)]
    return series.values[None if member == "(none)" else member]


def evidence(context: ToolContext, scanned: Scanned, filters: dict[str, str]) -> Evidence:
    """Everything a brain needs to tell what is odd, or that nothing is."""
    number = context.evidence_id.removeprefix("e")
    series = scanned.series
    main = _main(scanned, f"t{number}")
    course = _course(scanned, f"h{number}")
    params = params_table(f"p{number}", _asked(scanned) | filters)
    derived = Derived(f"d{number}", series.measure)
    facts = [_fact(scanned, at, f, main, derived) for at, f in enumerate(scanned.found[:_MOST_TOLD])]
    facts += [_quiet(scanned, course, params)] if not facts else []
    tables = [main, course, *derived.tables(), params]
    for table in tables:
        table.evidence = context.evidence_id
    return Evidence(
        id=context.evidence_id, tool="anomalies",
        args=scanned.args.model_dump(mode="json", exclude_defaults=True),
        tables=tables, facts=facts, charts=[band_chart(course, series.measure, f"c{number}", marks=True)],
        warnings=[*series.caveats, *_late(scanned)], checks=[join_check(context, series.compiled)],
        sql=";\n\n".join(series.sql), engine=context.engine.dialect, snapshot=context.snapshot.id,
        rows=len(series.starts), ms=round(series.ms, 3), source_tables=list(series.compiled.tables),
        quality=_quality(scanned),
    )  # fmt: skip


def _measure(scanned: Scanned, name: str, label: str) -> Column:
    update = {"name": name, "label": label, "role": "measure", "lineage": Lineage(), "additive": False}
    return scanned.series.measure.model_copy(update=update)


def _time(scanned: Scanned, name: str, label: str) -> Column:
    return Column(name=name, label=label, type="date", role="time", grain=scanned.series.grain)


def _text(name: str, label: str) -> Column:
    return Column(name=name, label=label, type="text", role="dimension")


def _main(scanned: Scanned, table_id: str) -> ResultTable:
    series = scanned.series
    figures = {"actual": series.measure.label, "expected": "Expected", "low": "Usual from", "high": "Usual to"}
    columns = [_time(scanned, "start", "From"), _time(scanned, "end", "To"), _text("of", "Of"), _text("kind", "Kind")]
    columns += [_measure(scanned, n, label) for n, label in figures.items()]
    columns += [_text("severity", "Severity"), _text("cause", "Mostly")]
    rows = [_row(scanned, f) for f in scanned.found]
    if any(f.event for f in scanned.found):
        columns.append(_text("event", "Known event"))
        rows = [[*row, f.event or None] for row, f in zip(rows, scanned.found, strict=True)]
    title = f"Unusual in {series.measure.label.lower()}, {scanned.label}"
    return _table(table_id, title, "main", columns, rows, [0, 2, 3])


def _row(scanned: Scanned, f: Found) -> list[Any]:
    starts, measure = scanned.series.starts, scanned.series.measure
    figures = [rounded(v, measure) for v in (f.actual, f.expected, f.low, f.high)]
    of = "Everything" if f.member is None else f.member
    kind = f.kind.replace("_", " ")
    return [starts[f.start].isoformat(), starts[f.end].isoformat(), of, kind, *figures, f.severity, f.cause]


def _course(scanned: Scanned, table_id: str) -> ResultTable:
    """The window with some history before it: actual, expected, usual range, odd points."""
    series = scanned.series
    member = next(iter(scanned.scans))
    scan, values = scanned.scans[member], values_of(scanned, member)
    from_ = max(0, min(scanned.first - 3 * series.season, scanned.last + 1 - _SHOWN // 2))
    from_ = max(from_, scanned.last + 1 - 3 * _SHOWN)
    odd = {k for f in scanned.found if f.member == member for k in range(f.start, f.end + 1)}
    names = {"actual": series.measure.label, "expected": "Expected", "low": "Usual from", "high": "Usual to",
             "odd": "Unusual"}  # fmt: skip
    columns = [_time(scanned, "period", series.grain.capitalize())]
    columns += [_measure(scanned, n, label) for n, label in names.items()]
    rows: list[list[Any]] = []
    for k in range(from_, scanned.last + 1):
        figures = [
            rounded(v, series.measure) for v in (values[k], scan["expected"][k], scan["low"][k], scan["high"][k])
        ]
        rows.append([series.starts[k].isoformat(), *figures, figures[0] if k in odd else None])
    return _table(table_id, f"{series.measure.label} and its usual range", "detail", columns, rows, [0])


def _asked(scanned: Scanned) -> dict[str, str]:
    return {
        "period": scanned.label, "rows": f"{len(scanned.series.starts):,}", "series": str(len(scanned.scans)),
        "periods": str(scanned.last - scanned.first + 1),
    }  # fmt: skip


def _fact(scanned: Scanned, at: int, f: Found, main: ResultTable, derived: Derived) -> Fact:
    values: dict[str, CellRef] = {n: main.ref(at, n) for n in ("start", "end", "actual", "expected", "low", "high")}
    if f.member is not None:
        values["name"] = main.ref(at, "of")
    if f.cause is not None:
        values["cause"] = main.ref(at, "cause")
    if f.event:
        values["event"] = main.ref(at, "event")
    row = main.rows[at]
    cells = (main.ref(at, "actual"), row[main.column_index("actual")])
    gap = derived.change(f"off by, row {main.row_keys[at]}", cells, (main.ref(at, "expected"), row[5]))
    if gap is not None:
        values["gap"] = gap
    lasting = f.kind == "level_shift" and f.end == len(scanned.series.starts) - 1
    good = scanned.series.measure.good
    tone = "" if good is None else "good" if (good == "up") == f.up else "bad"
    episode = f"{scanned.args.ref.column}:{f.member or ''}:{scanned.series.starts[f.start]}:{'up' if f.up else 'down'}"
    attributes = {
        "kind": f.kind, "direction": "up" if f.up else "down", "severity": f.severity, "tone": tone,
        "one": "yes" if f.start == f.end else "no", "lasting": "yes" if lasting else "no", "episode": episode,
    }  # fmt: skip
    label = scanned.series.measure.label
    return Fact(kind="anomaly", metric=label, values=values, attributes=attributes, impact=_IMPACT[f.severity])


def _quiet(scanned: Scanned, course: ResultTable, params: ResultTable) -> Fact:
    """Nothing is odd; for a single period also its figure and usual range."""
    values = {n: ref for n in ("period", "series", "rows") if (ref := param_ref(params, n)) is not None}
    single = scanned.first == scanned.last and len(scanned.scans) == 1
    if single:
        row = len(course.rows) - 1
        values |= {n: course.ref(row, n) for n in ("period", "actual", "expected", "low", "high")}
    attributes = {"one": "yes" if single else "no", "steps": f"{scanned.series.grain}s"}
    return Fact(kind="quiet", metric=scanned.series.measure.label, values=values, attributes=attributes, impact=1.0)


def _quality(scanned: Scanned) -> Quality:
    series = scanned.series
    points = (scanned.last - scanned.first + 1) * len(scanned.scans)
    short_history = len(series.starts) < 28
    caveats = ["The history is short, so what is usual is only roughly known."] if short_history else []
    return Quality(
        trust="low" if short_history else "high" if len(series.starts) >= 180 else "medium",
        n=len(series.starts), period=f"{series.starts[0]} to {series.end - timedelta(days=1)}",
        method="robust distance from the median" if short_history else "robust trend and season, level shifts",
        baseline="distance from the median",
        figures={"series": float(len(scanned.scans)), "points": float(points),
                 "expected_false_alarms": round(points * FALSE_ALARMS_PER_POINT / len(scanned.scans), 4)},
        caveats=caveats,
    )  # fmt: skip


def _late(scanned: Scanned) -> list[Caveat]:
    series = scanned.series
    notes = [Caveat(code="short_history", message=c) for c in _quality(scanned).caveats]
    if series.late is not None and step(series.starts[scanned.last], series.grain) >= series.late:
        notes.append(Caveat(code="late_data", message=f"{short(series.late)} is still filling, so it is left out."))
    return notes


def _table(
    table_id: str, title: str, kind: Any, columns: list[Column], rows: list[list[Any]], keys: list[int]
) -> ResultTable:
    return ResultTable(
        id=table_id, title=title, kind=kind, columns=columns, rows=rows, row_keys=row_keys(rows, keys),
        total_rows=len(rows),
    )  # fmt: skip
