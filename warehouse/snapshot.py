"""An immutable view of a workspace's lake: what workers attach and what a replay names."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Snapshot:
    """One published state of a lake: its DuckLake version, the native catalog copy, and the files of each table.

    `tables` maps stored table name -> column names in order; `files` maps it -> absolute Parquet paths.
    """

    version: int
    catalog: Path
    data_path: Path
    tables: dict[str, tuple[str, ...]]
    files: dict[str, tuple[str, ...]]

    @property
    def id(self) -> str:
        return f"s{self.version}"


def remote(engine: str, columns: Iterable[tuple[str, str]]) -> Snapshot:
    """The tables of a live database, from (table, column) in order; it has no files and no versions of ours."""
    tables: dict[str, list[str]] = {}
    for table, column in columns:
        tables.setdefault(table, []).append(column)
    nowhere = Path(engine)
    return Snapshot(0, nowhere, nowhere, {name: tuple(found) for name, found in tables.items()}, {})
