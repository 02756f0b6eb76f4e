"""The one way a tool reaches data: compile, authorise, run, and turn Arrow into a table with stable row keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.errors import InvalidRequest
from tools.evidence import Check, Column, ResultTable, json_value, row_keys
from tools.registry import ToolContext
from warehouse import guard
from warehouse.compiled import Compiled, Note, OutputColumn
from warehouse.engines.base import QueryResult

if TYPE_CHECKING:
    import pyarrow as pa

_UNSAFE = re.compile(r"[^A-Za-z0-9_]+")
KEY_ROLES = ("dimension", "time")


@dataclass(frozen=True)
class Ran:
    """A compiled query with its rows as a table; `result` has the engine's time and whether a limit cut rows off."""

    compiled: Compiled
    table: ResultTable
    result: QueryResult


def run(context: ToolContext, compiled: Compiled, *, table_id: str, title: str, limit: int) -> Ran:
    """Authorise and run `compiled`; rows beyond `limit` are dropped and the table says so."""
    result = fetch(context, compiled)
    return Ran(compiled, to_table(compiled, result, table_id=table_id, title=title, limit=limit), result)


def fetch(context: ToolContext, compiled: Compiled) -> QueryResult:
    """Authorise and run `compiled`; the rows stay Arrow, for a tool that calculates with many of them."""
    bound = guard.authorize(compiled, context.principal, model=context.model, snapshot=context.snapshot)
    return context.engine.run(bound)


def caveats(context: ToolContext, compiled: Compiled) -> list[Note]:
    """The notes of a query, with those that only the data can decide."""
    found = list(compiled.notes)
    for probe in compiled.probes:
        rows = fetch(context, probe.query).table.slice(0, 1).to_pylist()
        note = probe.note(next(iter(rows), None))
        if note is not None:
            found.append(note)
    return found


def to_table(compiled: Compiled, result: QueryResult, *, table_id: str, title: str, limit: int) -> ResultTable:
    """One row per result row, cells JSON-ready; keys come from the dimension and time columns."""
    names = _cell_names(c.name for c in compiled.columns)
    raw = _rows(result)
    if raw and len(raw[0]) != len(compiled.columns):
        raise InvalidRequest("The result has other columns than the query promised.", code="columns_differ")
    rows = [[json_value(v) for v in row] for row in raw]
    positions = [i for i, c in enumerate(compiled.columns) if c.role in KEY_ROLES]
    keys = row_keys(rows, positions)
    time_at = next((i for i, c in enumerate(compiled.columns) if c.role == "time"), None)
    partial = [
        key
        for key, row in zip(keys, rows, strict=True)
        if time_at is not None and str(row[time_at])[:10] in compiled.partial_periods
    ]
    return ResultTable(
        id=table_id,
        title=title,
        columns=[_column(c, n) for c, n in zip(compiled.columns, names, strict=True)],
        rows=rows,
        row_keys=keys,
        total_rows=len(rows),
        truncated=result.truncated or len(rows) >= limit,
        partial=[k for k in keys if k in set(partial)],
    )


def _rows(result: QueryResult) -> list[list[object]]:
    columns = [_values(column) for column in result.table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _values(column: pa.ChunkedArray) -> list[object]:
    """The cells of a column; times that Python has no value for (infinity, years before 1 or after 9999) as text."""
    try:
        values: list[object] = column.to_pylist()
    except (OverflowError, ValueError):
        values = [_value(cell) for cell in column]
    return values


def _value(cell: pa.Scalar) -> object:
    try:
        value: object = cell.as_py()
    except (OverflowError, ValueError):
        value = cell.cast("string").as_py()
    return value


def _column(column: OutputColumn, name: str) -> Column:
    return Column(**{**column.model_dump(exclude={"lineage"}), "name": name, "lineage": column.lineage})


def _cell_names(names: Iterable[str]) -> list[str]:
    """Column ids that are safe in a cell link, unique and as close to the names as can be."""
    taken: dict[str, int] = {}
    safe: list[str] = []
    for number, name in enumerate(names):
        base = _UNSAFE.sub("_", name).strip("_") or f"column_{number + 1}"
        taken[base] = taken.get(base, 0) + 1
        safe.append(base if taken[base] == 1 else f"{base}_{taken[base]}")
    return safe


def join_check(context: ToolContext, compiled: Compiled) -> Check:
    """Whether each joined table has one row per key, by the profile: if so a join can lose or double nothing."""
    doubled = [t for t in compiled.join_path if not _unique_key(context, t)]
    if doubled:
        return Check(code="fan_out", ok=False, detail=f"{', '.join(doubled)} can match a row more than once")
    detail = f"{', '.join(compiled.join_path)} matched at most once per row" if compiled.join_path else "no joins"
    return Check(code="fan_out", ok=True, detail=detail)


def _unique_key(context: ToolContext, table: str) -> bool:
    model, stored = context.model.tables[table], context.profile.tables.get(table)
    if stored is None or not model.key:
        return False
    if len(model.key) > 1:
        return True  # composite keys are proven unique when the model is made
    column = stored.columns.get(model.key[0])
    return column is not None and (not column.distinct_exact or column.distinct + column.nulls >= column.rows)
