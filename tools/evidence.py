"""What a tool found: tables with stable row keys, facts bound to cells, charts, warnings and how it was computed."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from warehouse.compiled import ColumnRole, Lineage
from warehouse.model.schema import Unit, ValueType


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Column(_M):
    """A column of a result table; `name` matches [A-Za-z0-9_-]+ so that cell links stay valid markdown."""

    name: str
    label: str
    type: ValueType
    role: ColumnRole
    unit: Unit | None = None
    decimals: int | None = None
    good: Literal["up", "down"] | None = None
    additive: bool = False
    grain: str | None = None
    lineage: Lineage = Lineage()


class CellRef(_M):
    """One cell: table id, row key, column name."""

    table: str
    row: str
    column: str

    @property
    def link(self) -> str:
        return f"#cell:{self.table}:{self.row}:{self.column}"


class DerivedCell(_M):
    """How one row of a derived table was computed: a formula over input cells."""

    row: str
    formula: str
    inputs: dict[str, CellRef]


class ResultTable(_M):
    """Rows as JSON-ready scalars in column order; decimals and large integers travel as strings.

    `kind`: main (the answer), detail, derived (computed from other cells, with lineage) or params (what was asked:
    period, top n, filter values, so that such numerals have a receipt too).
    """

    id: str
    title: str
    kind: Literal["main", "detail", "derived", "params"] = "main"
    columns: list[Column]
    rows: list[list[Any]]
    row_keys: list[str]
    total_rows: int
    truncated: bool = False
    partial: list[str] = Field(default_factory=list, description="keys of rows whose period is incomplete")
    lineage: list[DerivedCell] = Field(default_factory=list)
    evidence: str | None = None

    def column_index(self, name: str) -> int:
        """Position of column `name`. Raises `KeyError` when there is none."""
        for index, column in enumerate(self.columns):
            if column.name == name:
                return index
        raise KeyError(name)

    def value(self, row: str, column: str) -> Any:
        """The value of a cell. Raises `KeyError` when the row key or the column does not exist."""
        try:
            return self.rows[self.row_keys.index(row)][self.column_index(column)]
        except ValueError as error:
            raise KeyError(row) from error

    def ref(self, index: int, column: str) -> CellRef:
        """A reference to the cell of row number `index`."""
        return CellRef(table=self.id, row=self.row_keys[index], column=column)


class Fact(_M):
    """One typed finding of a kind in `tools.factbook`: values are cells, `impact` (0-1) says how much it matters.

    `identity` is the same for the same finding tomorrow; the registry fills it in when a tool returns.
    """

    kind: str
    metric: str | None = None
    values: dict[str, CellRef] = Field(default_factory=dict)
    attributes: dict[str, str] = Field(default_factory=dict)
    impact: float = 0.0
    identity: str = ""


class Chart(_M):
    """A Vega-Lite v6 spec that names the table it draws and holds no data."""

    id: str
    title: str
    alt: str
    table: str
    spec: dict[str, Any]


class Caveat(_M):
    """Something the reader must know before trusting a figure."""

    code: str
    message: str
    cells: list[CellRef] = Field(default_factory=list)


class Check(_M):
    """An integrity check that was made, whether it held, and what it saw."""

    code: str
    ok: bool
    detail: str = ""


class Quality(_M):
    """How far a learned or tested result can be trusted, beside the simplest method that could have done the job.

    `n` counts the points used, `figures` are plain numbers by name (ratios 0-1), the worst caveat comes first.
    """

    trust: Literal["high", "medium", "low"]
    n: int
    period: str = ""
    method: str = ""
    baseline: str = ""
    figures: dict[str, float] = Field(default_factory=dict)
    caveats: list[str] = Field(default_factory=list)


class Source(_M):
    """A knowledge passage that the text cites as [^id]; `id` is a letter, `origin` who says it."""

    id: str
    title: str
    passage: str
    origin: str
    licence: str


class Evidence(_M):
    """What one tool call found. Tables are JSON-ready; the wire sends at most 200 rows of each inline."""

    id: str
    tool: str
    args: dict[str, Any]
    tables: list[ResultTable] = Field(default_factory=list)
    facts: list[Fact] = Field(default_factory=list)
    charts: list[Chart] = Field(default_factory=list)
    warnings: list[Caveat] = Field(default_factory=list)
    checks: list[Check] = Field(default_factory=list)
    sql: str | None = None
    engine: str | None = None
    snapshot: str | None = None
    rows: int = 0
    ms: float = 0.0
    source_tables: list[str] = Field(default_factory=list)
    quality: Quality | None = None
    sources: list[Source] = Field(default_factory=list)
    refusal: str | None = Field(None, description="set by a check that turns the answer into a decline")

    def main(self) -> ResultTable | None:
        """The table that answers the question, if there is one."""
        return next((t for t in self.tables if t.kind == "main"), None)


def json_value(value: Any) -> Any:
    """A cell as JSON: decimals and integers beyond 2^53 as strings, dates in ISO form, midnight kept on datetimes."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else str(value)
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else None
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def row_key(values: Sequence[Any]) -> str:
    """13 lower-case characters that name a row by its dimension values: the same row, the same key, on every run."""
    text = json.dumps([json_value(v) for v in values], ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.blake2s(text.encode(), digest_size=8).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()


def row_keys(rows: Sequence[Sequence[Any]], key_positions: Sequence[int]) -> list[str]:
    """Keys of all rows; repeats get -2, -3 …; without key positions the whole row is hashed."""
    seen: dict[str, int] = {}
    keys: list[str] = []
    for row in rows:
        base = row_key([row[i] for i in key_positions] if key_positions else list(row))
        seen[base] = seen.get(base, 0) + 1
        keys.append(base if seen[base] == 1 else f"{base}-{seen[base]}")
    return keys
