"""The lake's own Parquet files behind a plain DuckDB connection: the yardstick for speed and for right answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect(home: Path, workspace: str) -> DuckDBPyConnection:
    """An in-memory connection with one view a table over the published files of a workspace."""
    import duckdb

    from warehouse.lake import Lake
    from warehouse.workspace import existing

    connection = duckdb.connect()
    for table, files in Lake.open(existing(workspace, home).lake).current().files.items():
        listed = ", ".join("'" + f.replace("'", "''") + "'" for f in files)
        connection.execute(f'CREATE VIEW "{table}" AS FROM read_parquet([{listed}])')
    return connection


def rows(connection: DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a statement."""
    return connection.execute(sql).fetchall()
