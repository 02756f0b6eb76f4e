"""What a tool found as a model may see it: columns, first rows, a summary of the rest, and what to be careful of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent import format as fmt
from agent.llm.untrusted import block, cell
from store.errors import PlainsayError
from tools.derive import number
from tools.evidence import Column, Evidence, ResultTable

_PLAN_ROWS = 8
_TELL_ROWS = 20
_MOST_COLUMNS = 12


def found(evidence: Evidence) -> str:
    """A finding for planning: what the table holds and its first rows."""
    table = evidence.main()
    told: dict[str, Any] = {"finding": evidence.id, "tool": evidence.tool, "rows": evidence.rows}
    if table is not None:
        columns = table.columns[:_MOST_COLUMNS]
        told["columns"] = [f"{c.name}:{c.type}" for c in columns]
        told["first"] = [[cell(v) for v in row[: len(columns)]] for row in table.rows[:_PLAN_ROWS]]
        told |= _summary(table) if len(table.rows) > _PLAN_ROWS else {}
    told |= {"notes": [cell(w.message, 160) for w in evidence.warnings[:4]]} if evidence.warnings else {}
    return block(told)


def failed(error: PlainsayError) -> str:
    """An error for planning: its words, the hint, the field."""
    told = {"error": error.code, "message": cell(error.message, 300)}
    told |= {"hint": cell(error.hint, 600)} if error.hint else {}
    told |= {k: cell(error.details[k]) for k in ("field",) if k in error.details}
    return block(told)


def to_tell(evidence: Sequence[Evidence]) -> str:
    """Findings for telling: every cell as it would be written, rows numbered from 1, so that places can be named."""
    return block("\n\n".join(_table_text(t, e) for e in evidence for t in tables_of(e)))


def tables_of(evidence: Evidence) -> list[ResultTable]:
    """The tables a sentence may speak of: the main one, and what was asked."""
    params = [t for t in evidence.tables if t.kind == "params"]
    return [t for t in (evidence.main(), *params) if t is not None]


def _table_text(table: ResultTable, evidence: Evidence) -> str:
    columns = table.columns[:_MOST_COLUMNS]
    head = " | ".join(f"{c.name} ({cell(c.label, 40)})" for c in columns)
    lines = [f"table {table.id} [{evidence.tool}, {table.kind}] {cell(table.title)}", f"row | {head}"]
    for index, row in enumerate(table.rows[:_TELL_ROWS], start=1):
        lines.append(f"{index} | " + " | ".join(_written(v, c) for v, c in zip(row, columns, strict=False)))
    if len(table.rows) > _TELL_ROWS:
        lines.append(f"… {len(table.rows)} rows in all")
    return "\n".join(lines)


def _written(value: Any, column: Column) -> str:
    return str(cell(fmt.cell_text(value, column, "full")[0]))


def _summary(table: ResultTable) -> dict[str, Any]:
    """Least and most of each figure over all rows."""
    spans: dict[str, Any] = {}
    for position, column in enumerate(table.columns):
        values = [v for row in table.rows if (v := number(row[position])) is not None]
        if column.role == "measure" and values:
            spans[column.name] = {"least": format(min(values), "f"), "most": format(max(values), "f")}
    return {"spans": spans} if spans else {}
