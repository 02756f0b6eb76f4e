"""What was asked, as a table: so that a period or a “top five” in a sentence has a receipt like any other numeral."""

from __future__ import annotations

from collections.abc import Mapping

from tools.evidence import CellRef, Column, ResultTable, row_key

_COLUMNS = [
    Column(name="parameter", label="Parameter", type="text", role="dimension"),
    Column(name="value", label="Value", type="text", role="record"),
]


def params_table(table_id: str, values: Mapping[str, str]) -> ResultTable:
    """One row per parameter; columns parameter, value (both text)."""
    rows = [[name, value] for name, value in values.items()]
    return ResultTable(
        id=table_id,
        title="What was asked",
        kind="params",
        columns=[c.model_copy() for c in _COLUMNS],
        rows=[list(r) for r in rows],
        row_keys=[row_key([name]) for name in values],
        total_rows=len(rows),
    )


def param_ref(table: ResultTable, name: str) -> CellRef | None:
    """The cell that holds parameter `name`, or None."""
    key = row_key([name])
    return CellRef(table=table.id, row=key, column="value") if key in table.row_keys else None
