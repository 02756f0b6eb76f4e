"""What a reading worker hands over: plain records that travel as JSON beside one Parquet file a table."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

MAX_COLUMNS = 2_000
MAX_CELL_BYTES = 2_000_000
MAX_EXPANDED = 2_000_000_000


class Unreadable(ValueError):
    """A file at fault: a reason and a hint fit for a business user, and the line when one is known."""

    def __init__(self, reason: str, hint: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.hint, self.line = reason, hint, line


@dataclass
class Column:
    """A stored column; `comment` is the header as written, `unit` a currency code or `%` found in its cells."""

    name: str
    comment: str | None = None
    unit: str | None = None


@dataclass
class Extract:
    """One table ready to load: `parquet` is its file, `part` the sheet, member or source table it came from."""

    name: str
    parquet: str
    rows: int
    columns: list[Column]
    part: str | None = None
    primary_key: list[str] = field(default_factory=list)
    foreign_keys: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass
class Fault:
    """Why a file, or the `part` of a file, was not loaded."""

    reason: str
    hint: str
    line: int | None = None
    part: str | None = None


@dataclass
class Reading:
    """Everything one file gave; `seconds` and `rss_mb` are the worker's own figures."""

    tables: list[Extract] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    seconds: float = 0.0
    rss_mb: float = 0.0
    log: str | None = None

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Reading:
        tables = [Extract(**{**t, "columns": [Column(**c) for c in t["columns"]]}) for t in data["tables"]]
        return cls(tables, [Fault(**f) for f in data["faults"]], data["seconds"], data["rss_mb"], data["log"])
