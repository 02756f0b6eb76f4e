"""How much of a table goes inline: enough to read at once, little enough to stream; the rest is asked for later."""

from __future__ import annotations

import json
from typing import Any

from tools.evidence import ResultTable

INLINE_ROWS = 200
INLINE_BYTES = 64_000


def inline(table: ResultTable) -> dict[str, Any]:
    """The table as JSON with at most 200 rows or 64 KB of them; `truncated` says that something was left out."""
    content = table.model_dump(mode="json")
    rows = _fitting(content["rows"][:INLINE_ROWS])
    if len(rows) < len(content["rows"]):
        kept = set(content["row_keys"][: len(rows)])
        content.update(
            rows=rows,
            row_keys=content["row_keys"][: len(rows)],
            truncated=True,
            partial=[k for k in content["partial"] if k in kept],
            lineage=[c for c in content["lineage"] if c["row"] in kept],
        )
    return {**content, "next": None}


def _fitting(rows: list[list[Any]]) -> list[list[Any]]:
    size = 0
    for index, row in enumerate(rows):
        size += len(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))
        if size > INLINE_BYTES:
            return rows[:index]
    return rows
