"""Small tables of what a skill worked out, laid out in a line: columns by kind, keys from the first cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from tools.evidence import Column, ResultTable, json_value, row_keys
from warehouse.model.schema import Unit

Kind = Literal["main", "detail", "derived", "params"]
RATIO = Unit(ratio=True)


def text(name: str, label: str) -> Column:
    """A name."""
    return Column(name=name, label=label, type="text", role="dimension")


def period(name: str, label: str, grain: str | None) -> Column:
    """The first day of a period."""
    return Column(name=name, label=label, type="date", role="time", grain=grain)


def count(name: str, label: str, unit: str | None = None) -> Column:
    """A whole number of things."""
    return Column(name=name, label=label, type="integer", role="measure", unit=Unit(name=unit) if unit else None)


def ratio(name: str, label: str, good: Literal["up", "down"] | None = None) -> Column:
    """A share, 0-1."""
    return Column(name=name, label=label, type="float", role="measure", unit=RATIO, good=good)


def plain(name: str, label: str, decimals: int | None = None, unit: Unit | None = None) -> Column:
    """A number with so many decimals."""
    return Column(name=name, label=label, type="float", role="measure", decimals=decimals, unit=unit)


def sheet(
    table_id: str, title: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]], kind: Kind = "detail",
    keys: int = 1,
) -> ResultTable:  # fmt: skip
    """A table whose first `keys` cells name a row."""
    cells = [[json_value(v) for v in row] for row in rows]
    return ResultTable(
        id=table_id,
        title=title,
        kind=kind,
        columns=list(columns),
        rows=cells,
        row_keys=row_keys(cells, range(keys)),
        total_rows=len(cells),
    )
