"""The integrity guard: what could make a number wrong is found before it is told, and a wrong one is not told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from agent.format import short_day
from tools.derive import number
from tools.evidence import Caveat, Check, Evidence, ResultTable, row_key
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile

_NULL_SHARE = Decimal("0.05")
_STALE_DAYS = 7
_DOUBTS = {"empty_filter": 0.8, "no_data": 0.8, "null_share": 0.95, "row_loss": 0.9, "mixed_units": 0.8}


@dataclass(frozen=True)
class CheckContext:
    """What the checks read beside the evidence."""

    model: SemanticModel
    profile: DataProfile
    as_of: datetime


def inspect(evidence: Evidence, context: CheckContext) -> Evidence:
    """The evidence with checks and warnings added; `refusal` is set when its figures cannot be trusted."""
    for check in _CHECKS:
        check(evidence, context)
    return evidence


def _fan_out(evidence: Evidence, _context: CheckContext) -> None:
    failed = next((c for c in evidence.checks if c.code == "fan_out" and not c.ok), None)
    if failed is not None:
        evidence.refusal = f"I cannot stand behind these figures: {failed.detail}, so totals could be counted twice."


def _partial_period(evidence: Evidence, _context: CheckContext) -> None:
    table = evidence.main()
    if table is None:
        return
    known = any(w.code == "partial_period" for w in evidence.warnings)
    evidence.checks.append(Check(code="partial_period", ok=not table.partial and not known, detail=_cut(table)))
    if table.partial and not known:
        evidence.warnings.append(Caveat(code="partial_period", message="The last period is not complete yet."))


def _cut(table: ResultTable) -> str:
    return "a period is only partly covered by data" if table.partial else "all periods are complete"


def _null_share(evidence: Evidence, _context: CheckContext) -> None:
    """A group without a name that holds more than 5 % of the total is said aloud."""
    table = evidence.main()
    measure = next((c for c in table.columns if c.role == "measure" and c.additive), None) if table else None
    if table is None or measure is None:
        return
    at = table.column_index(measure.name)
    whole = sum((abs(number(r[at]) or Decimal(0)) for r in table.rows), Decimal(0))
    for column in (c for c in table.columns if c.role == "dimension"):
        position = table.column_index(column.name)
        blank = [i for i, r in enumerate(table.rows) if r[position] is None]
        held = sum((abs(number(table.rows[i][at]) or Decimal(0)) for i in blank), Decimal(0))
        ok = not whole or held / whole <= _NULL_SHARE
        share = f"{held / whole:.1%}" if whole else "none"
        detail = f"{share} of the shown {measure.label.lower()} has no {column.label.lower()}"
        evidence.checks.append(Check(code="null_share", ok=ok, detail=detail))
        if not ok:
            cells = [table.ref(i, measure.name) for i in blank]
            evidence.warnings.append(
                Caveat(code="null_share", message=detail[:1].upper() + detail[1:] + ".", cells=cells)
            )


def _empty(evidence: Evidence, context: CheckContext) -> None:
    empty = any(f.kind == "empty" for f in evidence.facts)
    if evidence.main() is None:
        return
    evidence.checks.append(Check(code="empty_filter", ok=not empty, detail=f"{evidence.rows:,} rows came back"))
    if empty:
        _say_extent(evidence, context)
    if empty and not any(w.code in ("empty_filter", "no_data") for w in evidence.warnings):
        message = "No data matches the question, so there is no figure to give."
        evidence.warnings.append(Caveat(code="empty_filter", message=message))


def _say_extent(evidence: Evidence, context: CheckContext) -> None:
    """First and last day of the data among the parameters, so that an empty answer can say where there is data."""
    params = next((t for t in evidence.tables if t.kind == "params"), None)
    spans = [b for t in evidence.source_tables if (b := _data_span(t, context)) is not None]
    if params is None or not spans or any(r[0] == "data_from" for r in params.rows):
        return
    ends = {"data_from": min(s[0] for s in spans), "data_to": max(s[1] for s in spans)}
    for name, day in ends.items():
        params.rows.append([name, short_day(day)])
        params.row_keys.append(row_key([name]))
    params.total_rows = len(params.rows)


def _data_span(table: str, context: CheckContext) -> tuple[date, date] | None:
    spec = context.model.tables[table].time if table in context.model.tables else None
    first, last = context.profile.bounds(table, spec.default) if spec else (None, None)
    return (first, last) if first is not None and last is not None else None


def confidence(planned: float, found: Sequence[Evidence]) -> float:
    """How sure an answer is, 0-1: as sure as its reading, less for what the guard found wanting in its figures."""
    codes = {w.code for e in found for w in e.warnings}
    for code, factor in _DOUBTS.items():
        planned *= factor if code in codes else 1.0
    return round(max(0.0, min(1.0, planned)), 3)


def _limited(evidence: Evidence, _context: CheckContext) -> None:
    table = evidence.main()
    if table is not None and table.truncated and not any(w.code == "limited" for w in evidence.warnings):
        message = f"Only the first {len(table.rows):,} rows are shown."
        evidence.warnings.append(Caveat(code="limited", message=message))


def _stale(evidence: Evidence, context: CheckContext) -> None:
    """Data that ends more than a week before “today” is said, so that “this month” is not read as now."""
    ends = [d for t in evidence.source_tables if (d := _data_end(t, context)) is not None]
    if not ends or evidence.sql is None:
        return
    last, today = max(ends), context.as_of.date()
    stale = (today - last).days > _STALE_DAYS
    evidence.checks.append(Check(code="stale_data", ok=not stale, detail=f"data runs to {short_day(last)}"))
    if stale and _speaks_of_time(evidence):
        evidence.warnings.append(Caveat(code="stale_data", message=f"The data ends on {short_day(last)}."))


def _speaks_of_time(evidence: Evidence) -> bool:
    """Whether an answer is about some time: figures over all of it, and lists of things, are what they are."""
    query = evidence.args.get("query")
    return query is None or bool(query.get("time") or query.get("compare"))


def _data_end(table: str, context: CheckContext) -> date | None:
    spec = context.model.tables[table].time if table in context.model.tables else None
    return context.profile.bounds(table, spec.default)[1] if spec else None


_CHECKS: tuple[Callable[[Evidence, CheckContext], None], ...] = (
    _fan_out,
    _partial_period,
    _null_share,
    _empty,
    _limited,
    _stale,
)
