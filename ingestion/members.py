"""Lists of ids as tables of the lake, so that a group of people someone saved can be joined to what is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ingestion import profiling
from warehouse.lake import Lake
from warehouse.literals import quoted
from warehouse.profile import DataProfile
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

MEMBER = "in_segment"


@contextmanager
def stored(workspace: Workspace, table: str, column: str, ids: Sequence[Any]) -> Iterator[None]:
    """Keep `ids` as `table` with the columns `column` and `in_segment` (true), profiled and published.

    `table` must be a plain name that the caller made. The lake stays locked inside. Raises `Unavailable` when another
    load holds it.
    """
    lake = Lake.open(workspace.lake)
    rows = pa.table({column: pa.array(ids), MEMBER: pa.array([True] * len(ids))})
    with lake.writer() as connection:
        connection.register("__members", rows)
        try:
            connection.execute(f"CREATE OR REPLACE TABLE {quoted(table)} AS SELECT * FROM __members")
        finally:
            connection.unregister("__members")
        _profile(workspace, connection, table)
        lake.publish()
        yield


@contextmanager
def dropped(workspace: Workspace, table: str) -> Iterator[None]:
    """Take the table away after what happens inside. Raises like `stored`."""
    lake = Lake.open(workspace.lake)
    with lake.writer() as connection:
        yield
        connection.execute(f"DROP TABLE IF EXISTS {quoted(table)}")
        _profile(workspace, connection, table, gone=True)
        lake.publish()


def _profile(workspace: Workspace, connection: duckdb.DuckDBPyConnection, table: str, *, gone: bool = False) -> None:
    """The workspace's profile with this table as it is now."""
    profile = DataProfile.model_validate_json(workspace.profile_file.read_bytes())
    tables = {n: t for n, t in profile.tables.items() if n != table}
    if not gone:
        tables |= profiling.profile(connection, [table]).tables
    profiling.save(profile.model_copy(update={"tables": tables}), workspace.profile_file)
