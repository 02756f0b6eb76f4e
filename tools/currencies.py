"""Keeps amounts of different currencies apart: never added up, never compared, and unknown currencies told of."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from store.errors import PlainsayError
from tools.derive import number
from tools.evidence import Caveat, CellRef, Column, Fact, ResultTable
from tools.lost_rows import ROWS, counting
from tools.run import fetch
from warehouse.compiled import Compiled
from warehouse.compiler import compile_apart, compile_query
from warehouse.compiler.paths import words
from warehouse.query import AnyOf, DimRef, Filter, MetricQuery, MetricRef

if TYPE_CHECKING:
    from tools.registry import ToolContext

_MOST_TOLD = 5
Names = Callable[[int], dict[str, CellRef]]


def compiled_apart(context: ToolContext, query: MetricQuery) -> tuple[MetricQuery, Compiled, list[Caveat]]:
    """The query compiled, by currency too where it would add up several, then with the reason. Raises as compiling."""
    shared: dict[str, Any] = {"profile": context.profile, "as_of": context.as_of, "principal": context.principal}
    asked, compiled = compile_apart(context.model, query, **shared)
    why = [] if asked is query else [_told(context, asked.dimensions[-1].field)]
    for place in _places(context, asked, compiled):
        named = (
            Filter(field=DimRef(field=place), op="not_null"),
            Filter(field=DimRef(field=place), op="!=", values=("",)),
        )
        asked = asked.model_copy(update={"filters": (*asked.filters, *named)})
        compiled = compile_query(context.model, asked, **shared)
    return asked, compiled, why


def currency_column(lead: Column, dimensions: list[Column]) -> str | None:
    """The column that keeps the currencies of `lead` apart; None when all rows are in one."""
    place = lead.unit.currency_column if lead.unit is not None else None
    return place if place in [c.name for c in dimensions] else None


def facts_apart(table: ResultTable, lead: Column, by: tuple[str, str | None], names: Names) -> list[Fact]:
    """A fact per currency: its amount, or where there are further groups its largest one. None compares two of them.

    `by` names the columns of the currency and of the period; over periods the last complete one is told.
    """
    currency, time = by
    grouped = _by_currency(table, lead, currency)
    if time is not None:
        grouped = {code: _latest(table, rows, time) for code, rows in grouped.items()}
    if not grouped:
        return [Fact(kind="empty", impact=1.0)]
    value = table.column_index(lead.name)
    facts = []
    for rank, code in enumerate(sorted(grouped, key=lambda c: (-len(grouped[c]), c))[:_MOST_TOLD]):
        rows = grouped[code]
        best = max(rows, key=lambda r: (number(table.rows[r][value]) or Decimal(0), -r))
        others = {k: ref for k, ref in names(best).items() if ref.column != currency}
        values = {"currency": table.ref(best, currency), "value": table.ref(best, lead.name)}
        values |= {f"name{n or ''}": ref for n, ref in enumerate(others.values())}
        kind = "top_in_currency" if others and len(rows) > 1 else "in_currency"
        facts.append(Fact(kind=kind, metric=lead.label, values=values, impact=1.0 - 0.05 * rank))
    return facts


def _by_currency(table: ResultTable, lead: Column, currency: str) -> dict[str, list[int]]:
    """Rows with an amount, by the currency that they name."""
    at, value = table.column_index(currency), table.column_index(lead.name)
    grouped: dict[str, list[int]] = {}
    for row, cells in enumerate(table.rows):
        if cells[at] and number(cells[value]) is not None:
            grouped.setdefault(str(cells[at]), []).append(row)
    return grouped


def _latest(table: ResultTable, rows: list[int], time: str) -> list[int]:
    """The rows of the last complete period, of the last one where none is complete."""
    at, partial = table.column_index(time), set(table.partial)
    whole = [r for r in rows if table.row_keys[r] not in partial] or rows
    last = max(str(table.rows[r][at]) for r in whole)
    return [r for r in whole if str(table.rows[r][at]) == last]


def unknown_currencies(context: ToolContext, query: MetricQuery, compiled: Compiled) -> list[Caveat]:
    """What a reader must know of the amounts: which are left out as nobody knows their currency, and stated rates."""
    found: list[Caveat] = []
    for table in compiled.tables:
        spec = context.model.tables.get(table)
        measures = spec.measures.values() if spec else ()
        money = [m for m in measures if m.unit is not None and (m.unit.currency or m.unit.currency_column)]
        used = {c for column in compiled.columns for c in column.lineage.columns}
        amounts = sorted({str(m.expr) for m in money if f"{table}.{m.expr}" in used})
        if any(a.endswith("_reporting") for a in amounts):
            found += _converted(context)
        if amounts and _some_unknown(context, table):
            found += _left_out(context, query, table, amounts)
    return found[:2]


def _places(context: ToolContext, query: MetricQuery, compiled: Compiled) -> list[str]:
    """Currencies among the groups of amounts, where some rows name none: a sum of those would be no amount."""
    columns = {c.unit.currency_column for c in compiled.columns if c.unit is not None} - {None}
    places = [d.field for d in query.dimensions if d.field.rpartition(".")[2] in columns]
    return [p for p in places if p.endswith(".currency") and _some_unknown(context, p.rpartition(".")[0])]


def _told(context: ToolContext, field: str) -> Caveat:
    return Caveat(
        code="currencies_apart",
        message=f"Amounts in different currencies are neither added up nor compared{_why(context, field)}.",
    )


def _why(context: ToolContext, field: str) -> str:
    """Which rates are missing, where a reporting currency is chosen."""
    from ingestion.canonical import rates

    chosen = rates.reporting_currency(context.workspace)
    if chosen is None:
        return ""
    missing = {c for by in rates.gaps(context.workspace).get(field.rpartition(".")[0], {}).values() for c in by}
    return f": no rate into {chosen} is stated for {', '.join(sorted(missing))} on some days" if missing else ""


def _converted(context: ToolContext) -> list[Caveat]:
    from ingestion.canonical import rates

    chosen = rates.reporting_currency(context.workspace)
    if chosen is None:
        return []
    days = rates.valid_days(context.workspace)
    text = f"Other currencies are converted into {chosen} at the stated rate of their day, or the last one of the"
    return [Caveat(code="converted", message=f"{text} {days} days before.")]


def _some_unknown(context: ToolContext, table: str) -> bool:
    stored = context.profile.tables.get(table)
    column = stored.columns.get("currency") if stored else None
    return column is not None and bool(column.nulls or "" in (column.values or ()))


def _left_out(context: ToolContext, query: MetricQuery, table: str, amounts: list[str]) -> list[Caveat]:
    """How many rows hold one of the amounts and name no currency; rows without an amount leave nothing out."""
    filled = " OR ".join(f"{a.removesuffix('_reporting')} IS NOT NULL" for a in amounts)
    place = DimRef(field=f"{table}.currency")
    unknown = AnyOf(any_of=(Filter(field=place, op="is_null"), Filter(field=place, op="=", values=("",))))
    window = query.time.model_copy(update={"grain": None}) if query.time else None
    asked = MetricQuery(metrics=(MetricRef(metric=ROWS),), filters=(*query.filters, unknown), time=window)
    try:
        made = compile_query(
            counting(context.model, table, filled), asked, profile=context.profile, as_of=context.as_of,
            principal=context.principal,
        )  # fmt: skip
        (rows,) = (column[0].as_py() or 0 for column in fetch(context, made).table.columns)
    except PlainsayError:
        return []  # a filter that does not reach this table: the whole is told by the checks of the sources
    if not rows:
        return []
    noun = words(context.model, table)
    text = f"{rows:,} {noun} name no currency, so their amounts are left out of every sum."
    return [Caveat(code="currency_unknown", message=f"{text} State it for the connection, and they count.")]
