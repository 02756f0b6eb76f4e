"""The two ways to ClickHouse: over HTTP to a server, and the engine inside this process."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

import pyarrow as pa

from warehouse.engines import problems
from warehouse.engines.clickhouse import ClickHouseFault


class HttpClient:
    """A server by its URL (`clickhouse://user:password@host:8123/database`, or `clickhouses://` for TLS)."""

    def __init__(self, url: str) -> None:
        try:
            from clickhouse_connect import get_client
            from clickhouse_connect.driver import exceptions, httputil
        except ModuleNotFoundError as error:
            raise problems.not_installed("ClickHouse", "clickhouse") from error
        self._errors = (exceptions.Error, OSError)
        scheme, _, rest = url.partition("://")
        plain = {"clickhouse": "http", "clickhouses": "https"}[scheme]
        try:
            self._client = get_client(
                dsn=f"{plain}://{rest}",
                pool_mgr=httputil.get_pool_manager(maxsize=8),
                autogenerate_session_id=False,
                query_limit=0,
            )
        except self._errors as error:
            raise problems.unreachable("") from error

    def arrow(self, sql: str, settings: dict[str, Any], query_id: str) -> pa.Table:
        """The rows of one statement."""
        try:
            settings = {**settings, "query_id": query_id}
            with self._client.query_arrow_stream(sql, settings=settings, use_strings=True) as batches:
                found = list(batches)
        except self._errors as error:
            raise ClickHouseFault(str(error)) from error
        return pa.Table.from_batches(found) if found else pa.table({})

    def kill(self, query_id: str) -> None:
        """End a query by its id."""
        with suppress(*self._errors):
            self._client.command("KILL QUERY WHERE query_id = {id:String} SYNC", parameters={"id": query_id})

    def close(self) -> None:
        self._client.close()


class EmbeddedClient:
    """ClickHouse inside this process, for tests and small installations; one query at a time."""

    def __init__(self, folder: str | None = None) -> None:
        try:
            import chdb.session
        except ModuleNotFoundError as error:
            raise problems.not_installed("embedded ClickHouse", "clickhouse") from error
        self._session: Any = chdb.session.Session(*([folder] if folder else []))  # type: ignore[no-untyped-call]
        self._lock = threading.Lock()

    def arrow(self, sql: str, settings: dict[str, Any], query_id: str) -> pa.Table:
        """The rows of one statement. The engine reads settings as a clause here."""
        listed = ", ".join(f"{name} = {_literal(value)}" for name, value in settings.items() if name != "readonly")
        text = f"{sql}\nSETTINGS {listed}" if listed else sql
        try:
            with self._lock:
                result = self._session.query(text, "Arrow")
        except RuntimeError as error:
            raise ClickHouseFault(str(error)) from error
        body = result.bytes()
        if not body:
            return pa.table({})
        with pa.ipc.open_file(pa.py_buffer(body)) as reader:
            return reader.read_all()

    def run(self, sql: str) -> None:
        """A statement of the trusted owner, such as CREATE TABLE."""
        with self._lock:
            self._session.query(sql)

    def kill(self, query_id: str) -> None:
        """Nothing stops a query from outside here; its time limit does."""

    def close(self) -> None:
        self._session.close()


def _literal(value: int | str) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
