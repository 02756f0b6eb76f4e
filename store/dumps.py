"""State as plain lines of JSON, so that a backup fits the other kind of database and newer schemas too."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import Connection, DateTime, Engine, LargeBinary, MetaData, Table, func, insert, select

from store.database import migrate

REVISIONS = ("alembic_version", "checkpoint_migrations")
"""What tells the state of a schema belongs to the database, not to what is in it."""
BATCH = 500


def write(engine: Engine, folder: Path) -> dict[str, int]:
    """Write every table to `folder`/TABLE.jsonl as of one moment; the number of rows by table."""
    counts: dict[str, int] = {}
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", stream_results=True)
        with connection.begin():
            for table in _tables(connection):
                with (folder / f"{table.name}.jsonl").open("wb") as out:
                    counts[str(table.name)] = _write_table(connection, table, out)
    return counts


def read(engine: Engine, folder: Path, revision: str) -> dict[str, int]:
    """Fill an empty database from what `write` wrote, at the schema it was written with, then bring that to the newest.

    Tables that this kind of database does not have are left out. Returns the number of rows by table.
    """
    migrate(engine, revision)
    counts: dict[str, int] = {}
    with engine.begin() as connection:
        for table in _tables(connection):
            file = folder / f"{table.name}.jsonl"
            if file.exists():
                counts[table.name] = _read_table(connection, table, file)
    migrate(engine)
    return counts


def is_empty(engine: Engine) -> bool:
    """Whether the database holds no row of ours yet."""
    with engine.connect() as connection:
        tables = [t for t in _tables(connection) if t.name not in ("processes", "schedules", "leases")]
        return not any(connection.execute(select(func.count()).select_from(table)).scalar() for table in tables)


def clear(engine: Engine) -> None:
    """Drop every table."""
    with engine.begin() as connection:
        found = MetaData()
        found.reflect(connection)
        found.drop_all(connection)


def _tables(connection: Connection) -> list[Table]:
    """All tables but those of the schema itself, those that others refer to first."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name not in REVISIONS]


def _write_table(connection: Connection, table: Table, out: IO[bytes]) -> int:
    count = 0
    order = list(table.primary_key.columns)
    for row in connection.execute(select(table).order_by(*order)).mappings():
        out.write(orjson.dumps({str(name): _plain(value) for name, value in row.items()}) + b"\n")
        count += 1
    return count


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value if value.tzinfo is not None else value.replace(tzinfo=UTC)
        return moment.astimezone(UTC).isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode("ascii")
    return value


def _read_table(connection: Connection, table: Table, file: Path) -> int:
    count = 0
    with file.open("rb") as lines:
        for batch in _batches(orjson.loads(line) for line in lines):
            connection.execute(insert(table), [_typed(table, row) for row in batch])
            count += len(batch)
    return count


def _typed(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(table.c[name].type, value) for name, value in row.items() if name in table.c}


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value)
    return base64.b64decode(value) if isinstance(kind, LargeBinary) else value


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
