"""Trusted DuckDB connections are reused, because checking an extension's signature costs a tenth of a second each."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import duckdb

from warehouse import extensions

_OFFLINE: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,
}
_KEPT = 2
_lock = threading.Lock()
_free: list[duckdb.DuckDBPyConnection] = []


@contextmanager
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A cursor of an in-memory database that nobody else uses meanwhile, with the lake's extensions loaded.

    It may read and write any file: text that a user shaped must never run here. What it attached is detached again.
    """
    database = _take()
    try:
        with closing(database.cursor()) as cursor:
            yield cursor
        _clear(database)
    except BaseException:
        database.close()
        raise
    with _lock:
        if len(_free) < _KEPT:
            _free.append(database)
            return
    database.close()


def _take() -> duckdb.DuckDBPyConnection:
    with _lock:
        if _free:
            return _free.pop()
    database = duckdb.connect(config=_OFFLINE)
    for name in ("ducklake", "sqlite_scanner"):
        extensions.load(database, name)
    database.execute("SET TimeZone = 'UTC'")
    return database


def _clear(database: duckdb.DuckDBPyConnection) -> None:
    """Leave nothing attached and no file contents in memory."""
    attached = database.execute(
        "SELECT database_name FROM duckdb_databases() WHERE NOT internal AND database_name <> 'memory'"
    ).fetchall()
    for (name,) in attached:
        if not name.startswith("__ducklake_metadata_"):
            database.execute(f'DETACH "{name}"')
    database.execute("SET enable_external_file_cache = false")
    database.execute("SET enable_external_file_cache = true")
