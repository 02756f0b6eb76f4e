"""A finished forecast as evidence: tables with ranges, facts bound to cells, a band to look at and how good it was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from tools.charts import band_chart
from tools.derive import Derived
from tools.evidence import (
    Caveat,
    CellRef,
    Check,
    Column,
    Evidence,
    Fact,
    Quality,
    ResultTable,
    json_value,
    row_keys,
)
from tools.forecasting.engine import Outcome
from tools.params import param_ref, params_table
from tools.run import join_check
from tools.series import Series
from warehouse.compiled import Lineage
from warehouse.model.schema import Unit

if TYPE_CHECKING:
    from tools.forecast import Forecast
    from tools.registry import ToolContext

LIMITS = ("low_80", "high_80", "low_95", "high_95")
_SHOWN_HISTORY = 3
_MOST_PARTS_TOLD = 3
METHODS = {
    "seasonal_naive": "the last season again", "drift": "the average step", "theta": "the Theta method",
    "ets": "exponential smoothing", "regression": "trend and calendar regression",
    "last_year": "last year's weeks at this year's level", "intermittent": "Croston's method for rare sales",
    "median_naive": "the middle of smoothing, Theta and last season",
    "median_trend": "the middle of smoothing, Theta and trend regression", "arima": "ARIMA", "prophet": "Prophet",
}  # fmt: skip
METHODS |= {f"{n}_known": f"{METHODS[n]} with known events" for n in ("ets", "regression", "arima", "last_year")}
_PATTERN = {"hour": "yesterday's pattern", "day": "last week's pattern", "week": "last year's pattern",
            "month": "last year's pattern", "quarter": "last year's pattern", "year": "the latest figure"}  # fmt: skip
_UNITS = {"hour": "hours", "year": "years", "day": "days", "week": "weeks", "month": "months", "quarter": "quarters"}


def evidence(context: ToolContext, found: Forecast, filters: dict[str, str]) -> Evidence:
    """Everything a brain needs to tell the forecast, and a reader to check it."""
    number = context.evidence_id.removeprefix("e")
    series, quality = found.series, _quality(found)
    main = _main(found, f"t{number}")
    totals = _totals(found, f"s{number}")
    course = _course(found, f"h{number}")
    checked = _checked(found, f"q{number}")
    params = params_table(f"p{number}", _asked(found) | filters)
    derived = Derived(f"d{number}", series.measure)
    facts = [*_total_facts(found, totals, derived, params), _quality_fact(found, checked, params), *_peak(found, main)]
    events = _events(found, f"k{number}")
    facts += _event_facts(found, events)
    tables = [main, totals, course, checked, *([events] if events else []), *derived.tables(), params]
    for table in tables:
        table.evidence = context.evidence_id
    return Evidence(
        id=context.evidence_id, tool="forecast",
        args=found.args.model_dump(mode="json", exclude_defaults=True),
        tables=tables, facts=facts, charts=[band_chart(course, series.measure, f"c{number}")],
        warnings=[*_weak(quality), *series.caveats, *_late(series)],
        checks=[join_check(context, series.compiled), _backtest_check(quality)],
        sql=";\n\n".join(series.sql), engine=context.engine.dialect, snapshot=context.snapshot.id,
        rows=len(main.rows), ms=round(series.ms, 3), source_tables=list(series.compiled.tables), quality=quality,
    )  # fmt: skip


def pattern_words(series: Series) -> str:
    """The baseline as people say it: "last week's pattern"."""
    return _PATTERN[series.grain] if series.season > 1 else "the latest figure"


def rounded(value: float, measure: Column) -> Any:
    """A forecast in the digits of its metric: whole counts, cents of money, else six significant digits."""
    if measure.type == "integer":
        return round(value)
    if measure.additive or (measure.unit is not None and measure.unit.currency):
        return round(value, 2)  # what adds up must still add up when rounded
    return json_value(float(f"{value:.6g}"))


def _measure(series: Series, name: str, label: str) -> Column:
    update = {"name": name, "label": label, "role": "measure", "lineage": Lineage(), "additive": False}
    return series.measure.model_copy(update=update)


def _period(series: Series) -> Column:
    return Column(name="period", label=series.grain.capitalize(), type="date", role="time", grain=series.grain)


def _main(found: Forecast, table_id: str) -> ResultTable:
    series = found.series
    columns = [_period(series), _measure(series, "forecast", f"{series.measure.label} forecast")]
    columns[1] = columns[1].model_copy(update={"additive": series.adds_up})
    columns += [_measure(series, n, _limit_label(n)) for n in LIMITS]
    outcomes: dict[Any, Outcome] = found.parts or {None: found.whole}
    rows: list[list[Any]] = []
    for member, outcome in outcomes.items():
        for at, day in enumerate(found.asked_steps):
            cells = [rounded(v, series.measure) for v in (outcome.ahead[at], *_limits_at(outcome, at))]
            rows.append([day.isoformat(), *([member] if found.parts else []), *cells])
    keys = [0]
    if found.parts and series.dimension is not None:
        columns.insert(1, series.dimension)
        keys = [0, 1]
    return _table(table_id, f"{series.measure.label} forecast, {found.target.label}", "main", columns, rows, keys)


def _limit_label(name: str) -> str:
    end, level = name.split("_")
    return f"{'Lower' if end == 'low' else 'Upper'} end of {level}% range"


def _limits_at(outcome: Outcome, at: int) -> list[float]:
    return [outcome.low["80"][at], outcome.high["80"][at], outcome.low["95"][at], outcome.high["95"][at]]


def _totals(found: Forecast, table_id: str) -> ResultTable:
    """One row for everything, then one per member: the figure for the whole stretch and its range."""
    series = found.series
    word = "Total" if series.adds_up else "Average"
    who = Column(name="of", label="Of", type="text", role="dimension")
    columns = [who, _measure(series, "expected", f"Expected {word.lower()}")]
    columns += [_measure(series, n, _limit_label(n)) for n in LIMITS]
    columns += [_measure(series, "so_far", "Of this already there"), _measure(series, "last_year", "A year earlier")]
    outcomes: list[tuple[Any, Outcome, float]] = []
    if series.adds_up or not found.parts:
        outcomes.append(("Everything", found.whole, found.done))
    outcomes += [(m if m is not None else "(none)", o, 0.0) for m, o in found.parts.items()]
    rows = [[m, *_total_cells(found, o, done)] for m, o, done in outcomes]
    if series.adds_up and found.parts:
        rows[0][1] = rounded(sum(float(r[1]) for r in rows[1:]) + found.done, series.measure)
    title = f"{word} expected in {found.target.label}"
    return _table(table_id, title, "detail", columns, rows, [0])


def _total_cells(found: Forecast, outcome: Outcome, done: float) -> list[Any]:
    series = found.series
    ahead = [rounded(v, series.measure) for v in outcome.ahead]
    total = sum(ahead) if series.adds_up else sum(ahead) / len(ahead)
    low, high = outcome.total_low, outcome.total_high
    figures = [total, low["80"], high["80"], low["95"], high["95"]]
    cells = [rounded(v + done, series.measure) for v in figures]
    year_ago = _year_ago(found) if outcome is found.whole else None
    return [*cells, rounded(done, series.measure) if done else None, year_ago]


def _year_ago(found: Forecast) -> Any:
    """The same days a year before, when the history holds all of them."""
    series, target = found.series, found.target
    try:
        start, end = target.start.replace(year=target.start.year - 1), target.end.replace(year=target.end.year - 1)
    except ValueError:
        return None
    if series.grain == "hour" or start < series.starts[0] or end > series.end or not series.adds_up:
        return None
    picked = [k for k, s in enumerate(series.starts) if start <= s < end]
    return rounded(sum(v[k] for v in series.values.values() for k in picked), series.measure) if picked else None


def _course(found: Forecast, table_id: str) -> ResultTable:
    """The last stretch of history and the forecast in one table, for the picture."""
    series, outcome = found.series, found.whole
    shown = min(len(series.starts), max(_SHOWN_HISTORY * len(found.asked_steps), 2 * series.season, 12), 120)
    names = {"actual": series.measure.label, "expected": "Forecast", "low": "Lower end", "high": "Upper end"}
    columns = [_period(series), *(_measure(series, n, label) for n, label in names.items())]
    together = [sum(c) for c in zip(*series.values.values(), strict=True)]
    rows: list[list[Any]] = [
        [s.isoformat(), rounded(v, series.measure), None, None, None]
        for s, v in list(zip(series.starts, together, strict=True))[-shown:]
    ]
    for at, day in enumerate(found.asked_steps):
        low, high = outcome.low["80"][at], outcome.high["80"][at]
        cells = [rounded(v, series.measure) for v in (outcome.ahead[at], low, high)]
        rows.append([day.isoformat(), None, *cells])
    return _table(table_id, f"{series.measure.label}: past and forecast", "detail", columns, rows, [0])


def _checked(found: Forecast, table_id: str) -> ResultTable:
    """The backtest in figures (ratios 0-1)."""
    f, series = found.whole.figures, found.series
    rows: list[list[Any]] = [
        ["off by, whole stretch", f["total_error"]],
        [f"off by, single {_UNITS[series.grain]}", f["wape"]],
        [f"off by, repeating {pattern_words(series)}", f["baseline_wape"]],
        ["better than that by", 1 - f["wape"] / f["baseline_wape"] if f["baseline_wape"] else 0.0],
        ["80% ranges that held", f["coverage"]],
    ]
    columns = [
        Column(name="figure", label="Figure", type="text", role="dimension"),
        Column(name="value", label="In backtests", type="float", role="measure", unit=Unit(ratio=True)),
    ]
    return _table(table_id, "How good such forecasts were", "detail", columns, rows, [0])


def _asked(found: Forecast) -> dict[str, str]:
    f = found.whole.figures
    said = {
        "period": found.target.label, "level": "80%", "backtests": f"{f['origins']:.0f}",
        "rows": f"{len(found.series.starts):,}",
    }  # fmt: skip
    if found.done_until is not None:
        said["done_until"] = _short(found.done_until)
    return said


def _short(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


def _total_facts(found: Forecast, totals: ResultTable, derived: Derived, params: ResultTable) -> list[Fact]:
    facts: list[Fact] = []
    whole = found.series.adds_up or not found.parts
    level, period = param_ref(params, "level"), param_ref(params, "period")
    shared = {k: v for k, v in (("level", level), ("period", period)) if v is not None}
    way = {"way": "total" if found.series.adds_up else "average"}
    if whole:
        values = {"value": totals.ref(0, "expected"), "low": totals.ref(0, "low_80"), "high": totals.ref(0, "high_80")}
        values |= shared | _against_last_year(totals, derived)
        if found.done_until is not None:
            until = param_ref(params, "done_until")
            values |= {"so_far": totals.ref(0, "so_far")} | ({"done_until": until} if until else {})
        facts.append(Fact(kind="forecast_total", metric=found.series.measure.label, values=values, attributes=way,
                          impact=1.0))  # fmt: skip
    members = sorted(range(1 if whole else 0, len(totals.rows)), key=lambda i: -float(totals.rows[i][1]))
    for rank, row in enumerate(members[:_MOST_PARTS_TOLD]):
        values = {
            "name": totals.ref(row, "of"), "value": totals.ref(row, "expected"),
            "low": totals.ref(row, "low_80"), "high": totals.ref(row, "high_80"), **shared,
        }  # fmt: skip
        facts.append(Fact(kind="forecast_part", metric=found.series.measure.label, values=values, attributes=way,
                          impact=0.8 - 0.05 * rank))  # fmt: skip
    return facts


def _against_last_year(totals: ResultTable, derived: Derived) -> dict[str, CellRef]:
    before, now = totals.rows[0][totals.column_index("last_year")], totals.rows[0][1]
    if before is None:
        return {}
    change = derived.change(
        "change on a year earlier", (totals.ref(0, "expected"), now), (totals.ref(0, "last_year"), before)
    )
    return {"last_year": totals.ref(0, "last_year")} | ({"growth": change} if change else {})


def _quality_fact(found: Forecast, checked: ResultTable, params: ResultTable) -> Fact:
    f, outcome = found.whole.figures, found.whole
    values = {name: checked.ref(at, "value") for at, name in enumerate(("total", "step", "baseline", "better", "held"))}
    backtests = param_ref(params, "backtests")
    if backtests is not None:
        values["backtests"] = backtests
    attributes = {
        "baseline": pattern_words(found.series), "steps": _UNITS[found.series.grain],
        "method": METHODS[outcome.method], "beaten": "yes" if outcome.beaten else "no",
        "one_step": "yes" if len(found.asked_steps) == 1 else "no",
        "shown": "yes" if f["baseline_wape"] and f["wape"] < f["baseline_wape"] else "no",
    }  # fmt: skip
    label = found.series.measure.label
    return Fact(kind="forecast_quality", metric=label, values=values, attributes=attributes, impact=0.9)


def _events(found: Forecast, table_id: str) -> ResultTable | None:
    """Holidays and known events ahead that the forecast counts on, and what a day of each did before."""
    effects = sorted(found.whole.events.items(), key=lambda p: -abs(p[1]))
    if not effects:
        return None
    ratio = min(min(v) for v in found.series.values.values()) > 0
    day = Column(name="effect", label="What a day of it does", type="float", role="measure", unit=Unit(ratio=True))
    columns = [
        Column(name="name", label="Known event", type="text", role="dimension"),
        day if ratio else _measure(found.series, "effect", "What a day of it does"),
    ]
    rows = [[name, float(f"{v:.6g}") if ratio else rounded(v, found.series.measure)] for name, v in effects]
    return _table(table_id, "Known events that the forecast counts on", "detail", columns, rows, [0])


def _event_facts(found: Forecast, table: ResultTable | None) -> list[Fact]:
    if table is None:
        return []
    label = found.series.measure.label
    said = {"way": "ratio" if table.columns[1].unit == Unit(ratio=True) else "amount"}
    return [
        Fact(kind="event_effect", metric=label, attributes=said, impact=0.6,
             values={"name": table.ref(row, "name"), "effect": table.ref(row, "effect")})
        for row in range(min(len(table.rows), _MOST_PARTS_TOLD))
    ]  # fmt: skip


def _peak(found: Forecast, main: ResultTable) -> list[Fact]:
    """The best period of the stretch, when there are enough to speak of one."""
    if found.parts or len(main.rows) < 7 or not found.series.adds_up:
        return []
    row = max(range(len(main.rows)), key=lambda i: (float(main.rows[i][1]), -i))
    values = {"name": main.ref(row, "period"), "value": main.ref(row, "forecast")}
    said = {"step": found.series.grain}
    return [Fact(kind="forecast_peak", metric=found.series.measure.label, values=values, attributes=said, impact=0.5)]


def _quality(found: Forecast) -> Quality:
    outcome, series = found.whole, found.series
    f = outcome.figures
    caveats = []
    if outcome.beaten:
        caveats.append(f"Nothing I tried was better than repeating {pattern_words(series)}, so that is the forecast.")
    if not outcome.tested:
        caveats.append(f"Only {f['origins']:.0f} backtests were possible: the ranges are not well tested.")
    good = outcome.tested and f["origins"] >= 8 and f["total_error"] <= 0.1 and not outcome.beaten
    weak = not outcome.tested or f["total_error"] > 0.3
    names = [METHODS[n] for n, w in sorted(outcome.weights.items(), key=lambda p: -p[1]) if w >= 0.1]
    return Quality(
        trust="high" if good else "low" if weak else "medium",
        n=len(series.starts),
        period=f"{series.starts[0]} to {series.end - timedelta(days=1)}",
        method="blend of " + ", ".join(names) if len(names) > 1 else names[0],
        baseline=f"repeating {pattern_words(series)}",
        figures={k: round(v, 6) for k, v in f.items()},
        caveats=caveats,
    )


def _weak(quality: Quality) -> list[Caveat]:
    return [Caveat(code="forecast_weak", message=c) for c in quality.caveats]


def _late(series: Series) -> list[Caveat]:
    if series.late is None:
        return []
    return [Caveat(code="late_data", message=f"{_short(series.late)} is still filling, so it is left out.")]


def _backtest_check(quality: Quality) -> Check:
    f = quality.figures
    detail = f"MASE {f['mase']:.3f} against {f['baseline_mase']:.3f} for {quality.baseline}, {f['origins']:.0f} origins"
    return Check(code="backtest", ok=f["mase"] <= f["baseline_mase"] + 1e-9, detail=detail)


def _table(
    table_id: str, title: str, kind: Any, columns: list[Column], rows: list[list[Any]], keys: list[int]
) -> ResultTable:
    return ResultTable(
        id=table_id, title=title, kind=kind, columns=columns, rows=rows, row_keys=row_keys(rows, keys),
        total_rows=len(rows),
    )  # fmt: skip
