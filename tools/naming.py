"""Which columns name the groups of a table: words where these suffice, and whatever else tells two groups apart."""

from __future__ import annotations

from tools.evidence import Column, ResultTable


def naming(table: ResultTable, dimensions: list[Column], time: Column | None = None) -> list[Column]:
    """The text columns of `dimensions` when no two rows share them (the key beside a name says nothing), else all."""
    worded = [c for c in dimensions if c.type == "text"]
    if not worded or len(worded) == len(dimensions):
        return dimensions
    places = [table.column_index(c.name) for c in (*worded, *([time] if time else []))]
    told = {tuple(row[p] for p in places) for row in table.rows}
    return worded if len(told) == len(table.rows) else dimensions
