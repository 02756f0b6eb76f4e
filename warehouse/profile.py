"""What the data looks like: counted once at load, read by inference, the compiler, the brain and the checks."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class ColumnProfile(BaseModel):
    """One stored column: DuckDB type, how full and how varied it is, its extremes as ISO text, a few common values."""

    model_config = ConfigDict(extra="forbid")

    name: str
    duckdb_type: str
    rows: int = 0
    nulls: int = 0
    distinct: int = Field(0, description="exact up to 100,000 rows, else approximate")
    distinct_exact: bool = True
    min: str | None = None
    max: str | None = None
    mean: float | None = None
    avg_length: float | None = None
    max_length: int | None = None
    integral: bool = Field(False, description="every number is whole")
    values: list[Any] = Field(default_factory=list, description="most common values, most common first, at most 20")
    comment: str | None = Field(None, description="the column's name as people wrote it in the source")
    unit: str | None = Field(None, description="currency code or % that the values carried in the source")


KEPT_UP = ("Connected sources", "Events")
"""How the origins of tables begin that are kept up by what is connected, and not by files."""


class TableProfile(BaseModel):
    """One stored table; `primary_key` is what the source declared, if anything."""

    model_config = ConfigDict(extra="forbid")

    name: str
    rows: int
    columns: dict[str, ColumnProfile]
    primary_key: list[str] = Field(default_factory=list)
    foreign_keys: list[dict[str, Any]] = Field(default_factory=list)
    origin: str | None = None

    @property
    def from_files(self) -> bool:
        """Whether files brought it, so that people may correct it by hand."""
        return not (self.origin or "").startswith(KEPT_UP)


class DataProfile(BaseModel):
    """All tables of a workspace at one snapshot."""

    model_config = ConfigDict(extra="forbid")

    snapshot: int = 0
    tables: dict[str, TableProfile] = Field(default_factory=dict)

    def bounds(self, table: str, column: str) -> tuple[date | None, date | None]:
        """First and last date in `table.column`; (None, None) when unknown."""
        profile = self.tables.get(table)
        found = profile.columns.get(column) if profile else None
        if found is None or not found.min or not found.max:
            return None, None
        return _day(found.min), _day(found.max)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
