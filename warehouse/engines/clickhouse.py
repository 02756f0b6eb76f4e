"""The ClickHouse engine: the settings under which its answers are SQL's answers, and limits that the server keeps."""

from __future__ import annotations

import re
import secrets
from typing import Any, Protocol

import pyarrow as pa

from store.errors import PlainsayError
from warehouse.engines import problems
from warehouse.engines.remote import RemoteEngine
from warehouse.engines.rows import cut
from warehouse.engines.running import Task
from warehouse.guard import BoundQuery
from warehouse.snapshot import Snapshot, remote

SETTINGS: dict[str, int | str] = {
    "join_use_nulls": 1,
    "aggregate_functions_null_for_empty": 1,
    "prefer_column_name_to_alias": 1,
    "session_timezone": "UTC",
    "count_distinct_implementation": "uniqExact",
    "enable_extended_results_for_datetime_functions": 1,
    "union_default_mode": "ALL",
    "transform_null_in": 0,
    "output_format_decimal_trailing_zeros": 1,
    "output_format_arrow_string_as_string": 1,
    "output_format_arrow_low_cardinality_as_dictionary": 0,
    "allow_experimental_correlated_subqueries": 1,
}
"""Without these ClickHouse answers other questions: misses of a join become '' and 0, sums of nothing become 0."""

_CODE = re.compile(r"Code:? (\d+)|code (\d+)")
_TOO_SLOW, _TOO_BIG, _STOPPED = (159, 160), (241,), (394,)
_BAD_VALUES = (6, 27, 38, 41, 69, 70, 72, 407, 53)
_TEXT_FAULTS = (10, 16, 36, 42, 43, 44, 46, 47, 60, 62, 184, 215)
_UNREACHABLE = (209, 210, 279, 516)


class ClickHouseFault(Exception):
    """The server (or the way to it) said no; the text carries its code."""

    @property
    def code(self) -> int:
        """The server's error code; 0 when the server was not reached."""
        found = _CODE.search(str(self))
        return int(found[1] or found[2]) if found else 0


class Client(Protocol):
    """A way to a server. Every method may raise `ClickHouseFault`."""

    def arrow(self, sql: str, settings: dict[str, Any], query_id: str) -> pa.Table:
        """The rows of one statement under these settings."""
        ...

    def kill(self, query_id: str) -> None:
        """End a query by its id."""
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


class ClickHouseEngine(RemoteEngine):
    """Implements `Engine` on the tables of the client's database."""

    dialect = "clickhouse"

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client

    def describe(self) -> Snapshot:
        sql = "SELECT table, name FROM system.columns WHERE database = currentDatabase() ORDER BY table, position"
        rows = self._client.arrow(sql, {}, secrets.token_hex(8)).to_pylist()
        return remote("clickhouse", [(row["table"], row["name"]) for row in rows])

    def fetch(self, bound: BoundQuery, task: Task) -> tuple[pa.Table, bool]:
        query_id = secrets.token_hex(8)
        task.handle = query_id
        try:
            if bound.limits.scan_rows:
                self._refuse_large_scan(bound)
            table = self._client.arrow(bound.sql, SETTINGS | _limits(bound), query_id)
        except ClickHouseFault as error:
            raise _explained(error, bound) from error
        return cut(table.to_batches(), table.schema, bound.limits)

    def stop(self, handle: object) -> None:
        self._client.kill(str(handle))

    def close(self) -> None:
        self._client.close()

    def _refuse_large_scan(self, bound: BoundQuery) -> None:
        """What the primary keys leave to read; tables of other kinds than MergeTree have no estimate."""
        estimate = self._client.arrow("EXPLAIN ESTIMATE " + bound.sql, dict(SETTINGS), secrets.token_hex(8))
        rows = sum(row["rows"] for row in estimate.to_pylist()) if "rows" in estimate.column_names else 0
        if rows > bound.limits.scan_rows:
            raise problems.too_much_to_read(rows, bound)


def _limits(bound: BoundQuery) -> dict[str, int | str]:
    limits = bound.limits
    return {
        "max_execution_time": max(1, round(limits.seconds)),
        "max_memory_usage": limits.memory_mb * 1_000_000,
        "max_result_rows": limits.rows + 1,
        "result_overflow_mode": "break",
        "readonly": 2,
    }


def _explained(error: ClickHouseFault, bound: BoundQuery) -> PlainsayError:
    if error.code in _TOO_SLOW:
        return problems.too_slow(bound)
    if error.code in _STOPPED:
        return problems.stopped()
    reference = problems.logged(str(error), bound)
    if error.code in _TOO_BIG:
        return problems.too_big(reference)
    if error.code in _BAD_VALUES:
        return problems.bad_value(reference)
    if bound.raw and error.code in _TEXT_FAULTS:
        return problems.does_not_fit(str(error), bound, reference)
    if not error.code or error.code in _UNREACHABLE:
        return problems.unreachable(reference)
    return problems.defect(reference)
