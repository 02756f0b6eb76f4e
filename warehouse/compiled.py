"""What the compiler hands over: SQL with the meaning, origin and caveats of each output column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from warehouse.model.schema import Unit, ValueType

ColumnRole = Literal["dimension", "time", "measure", "derived", "record"]


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Lineage(_M):
    """Where a column comes from: the metric and formula, its measures, and the `table.column` names it reads."""

    metric: str | None = None
    formula: str | None = None
    measures: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    transform: str | None = None


class OutputColumn(_M):
    """One column of a result: machine name, label for people, type, role and unit. `percent` is 0-100, `ratio` 0-1."""

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


class Note(_M):
    """Something the reader must know about a result: a code, a sentence, the columns it is about, typed details."""

    code: str
    text: str
    columns: tuple[str, ...] = ()
    details: dict[str, Any] = Field(default_factory=dict)


class Probe(_M):
    """A note that only the data can decide: it holds when `query` has a row, whose values fill `{names}` in `text`."""

    code: str
    text: str
    columns: tuple[str, ...] = ()
    query: Compiled

    def note(self, row: Mapping[str, Any] | None) -> Note | None:
        """The note that the probe's first row says, or None without one."""
        if row is None:
            return None
        return Note(code=self.code, text=self.text.format_map(row), columns=self.columns, details=dict(row))


class Period(_M):
    """A resolved window, half-open ISO bounds, with a label a person would use ("October 2026")."""

    start: str | None
    end: str | None
    label: str
    partial: bool = False
    column: str | None = None


class Compiled(_M):
    """SQL that the gate can authorise. `tables` are the model tables read; literals are rendered by sqlglot, typed."""

    sql: str
    dialect: str
    columns: tuple[OutputColumn, ...]
    tables: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    period: Period | None = None
    prior: Period | None = None
    partial_periods: tuple[str, ...] = Field((), description="ISO starts of the buckets that data covers only in part")
    filter_columns: tuple[str, ...] = ()
    join_path: tuple[str, ...] = ()
    probes: tuple[Probe, ...] = ()
    policies: tuple[str, ...] = Field((), description="names of the row policies that bound this query")
    policy_digest: str = ""


Probe.model_rebuild()
