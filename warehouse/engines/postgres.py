"""The Postgres engine: authorised queries run in read-only sessions and come back as Arrow, over ADBC."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pyarrow as pa

from store.errors import PlainsayError
from warehouse.engines import problems
from warehouse.engines.remote import RemoteEngine
from warehouse.engines.rows import cut
from warehouse.engines.running import Task
from warehouse.guard import BoundQuery
from warehouse.snapshot import Snapshot, remote

_BATCH_BYTES = "1000000"
_KEPT = 4
_SESSION = (
    "SET default_transaction_read_only = on",
    "SET timezone = 'UTC'",
    "SET datestyle = 'ISO'",
    "SET standard_conforming_strings = on",
    "SET extra_float_digits = 1",
    "SET lock_timeout = '2s'",
)
_BAD_VALUES = ("22",)
_TEXT_FAULTS = ("42", "0A")
_OUT_OF_MEMORY = ("53", "54")
_CANCELED, _OF_A_VALUE = "57014", "22000"


class PostgresEngine(RemoteEngine):
    """Implements `Engine` on the tables of one schema. Raises `ConfigProblem` when the driver is not installed."""

    dialect = "postgres"

    def __init__(self, url: str, schema: str = "public") -> None:
        super().__init__()
        try:
            from adbc_driver_postgresql import dbapi
        except ModuleNotFoundError as error:
            raise problems.not_installed("Postgres", "postgres") from error
        self._driver = dbapi
        self._url = url
        self._schema = schema
        self._idle: list[Any] = []
        self._idle_lock = threading.Lock()

    def describe(self) -> Snapshot:
        with self._connection(None) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name::text, column_name::text FROM information_schema.columns WHERE table_schema = $1"
                " ORDER BY table_name, ordinal_position",
                (self._schema,),
            )
            return remote("postgres", cursor.fetchall())

    def fetch(self, bound: BoundQuery, task: Task) -> tuple[pa.Table, bool]:
        with self._connection(bound) as connection, connection.cursor() as cursor:
            task.handle = cursor
            cursor.execute(f"SET statement_timeout = {int(bound.limits.seconds * 1000)}")
            if bound.limits.scan_rows:
                self._refuse_large_scan(cursor, bound)
            cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": _BATCH_BYTES})
            cursor.execute(bound.sql)
            reader = cursor.fetch_record_batch()
            return cut(reader, reader.schema, bound.limits)

    def stop(self, handle: object) -> None:
        with suppress(self._driver.Error):
            handle.adbc_cancel()  # type: ignore[attr-defined]

    def close(self) -> None:
        with self._idle_lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _refuse_large_scan(self, cursor: Any, bound: BoundQuery) -> None:
        cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
        cursor.execute("EXPLAIN (FORMAT JSON) " + bound.sql)
        cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "true"})
        plan = json.loads(cursor.fetchone()[0])[0]["Plan"]
        rows = sum(int(node["Plan Rows"]) for node in _nodes(plan) if node["Node Type"].endswith("Scan"))
        if rows > bound.limits.scan_rows:
            raise problems.too_much_to_read(rows, bound)

    @contextmanager
    def _connection(self, bound: BoundQuery | None) -> Iterator[Any]:
        """A session of its own for one query; one that failed is not used again."""
        connection: Any = None
        try:
            connection = self._take()
            yield connection
        except (self._driver.Error, OSError) as error:  # what goes wrong while rows flow is an OSError
            self._drop(connection)
            raise self._explained(error, bound) from error
        except BaseException:
            self._drop(connection)
            raise
        with self._idle_lock:
            if len(self._idle) < _KEPT:
                self._idle.append(connection)
                return
        connection.close()

    def _take(self) -> Any:
        with self._idle_lock:
            if self._idle:
                return self._idle.pop()
        connection = self._driver.connect(self._url, autocommit=True)
        schema = '"' + self._schema.replace('"', '""') + '"'
        with connection.cursor() as cursor:
            for statement in (*_SESSION, f"SET search_path = {schema}"):
                cursor.execute(statement)
        return connection

    def _drop(self, connection: Any) -> None:
        if connection is not None:
            with suppress(self._driver.Error):
                connection.close()

    def _explained(self, error: Any, bound: BoundQuery | None) -> PlainsayError:
        state = str(getattr(error, "sqlstate", None) or "")
        if isinstance(error, OSError):
            state = _CANCELED if "canceling statement" in str(error) else _OF_A_VALUE
        if bound is None:
            return problems.unreachable("")
        if state == _CANCELED:
            return problems.too_slow(bound)
        reference = problems.logged(str(error), bound)
        if state.startswith(_OUT_OF_MEMORY):
            return problems.too_big(reference)
        if state.startswith(_BAD_VALUES):
            return problems.bad_value(reference)
        if bound.raw and state.startswith(_TEXT_FAULTS):
            return problems.does_not_fit(str(error), bound, reference)
        if not state or state.startswith(("08", "57", "28")):
            return problems.unreachable(reference)
        return problems.defect(reference)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", ()):
        yield from _nodes(below)
