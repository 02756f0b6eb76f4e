"""Puts rows into the lake as they came, with the state of reading in the same commit: nothing lost, nothing doubled."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from ingestion.connectors.contract import Contract
from ingestion.connectors.manifest import Resource
from ingestion.connectors.places import one
from ingestion.connectors.spans import moment_of
from warehouse.literals import literal, quoted

STATE = "connector_state"
_STATE_TABLES = {
    "cursors": "connection_id VARCHAR, resource VARCHAR, state VARCHAR, written_at TIMESTAMPTZ",
    "load_runs": "run_id VARCHAR, connection_id VARCHAR, resource VARCHAR, started_at TIMESTAMPTZ,"
    " ended_at TIMESTAMPTZ, rows BIGINT, pages BIGINT, rejected BIGINT, status VARCHAR, error VARCHAR",
    "rejected": "connection_id VARCHAR, resource VARCHAR, key VARCHAR, hash VARCHAR, row VARCHAR, reason VARCHAR,"
    " found_at TIMESTAMPTZ",
    "built": "connection_id VARCHAR, mapping VARCHAR, mark VARCHAR, through TIMESTAMPTZ",
    "aged": "connection_id VARCHAR, resource VARCHAR, mark VARCHAR, before TIMESTAMPTZ, loaded TIMESTAMPTZ,"
    " whole TIMESTAMPTZ",
}
_RAW = "_key VARCHAR, _row VARCHAR, _hash VARCHAR, _version TIMESTAMPTZ, _loaded_at TIMESTAMPTZ, _run VARCHAR"

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SORTED_JSON = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode


@dataclass
class Landed:
    """What one commit did: rows handed over and rows that do not keep the contract."""

    rows: int = 0
    rejected: int = 0
    reasons: list[str] = field(default_factory=list)


def prepare(connection: duckdb.DuckDBPyConnection, schema: str, resources: Iterable[str]) -> None:
    """Make the schemas and tables of a connection where they do not exist."""
    rows = connection.execute("SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'lake'")
    there = set(rows.fetchall())
    wanted = [(STATE, name, columns) for name, columns in _STATE_TABLES.items()]
    wanted += [(schema, name, _RAW) for name in resources]
    for place, name, columns in wanted:
        if (place, name) not in there:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(place)}")
            connection.execute(f"CREATE TABLE IF NOT EXISTS {quoted(place)}.{quoted(name)} ({columns})")


def is_there(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    """Whether the lake has this table."""
    return bool(
        connection.execute(
            f"SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = {literal(schema)}"
            f" AND table_name = {literal(table)}"
        ).fetchone()
    )


def states_of(connection: duckdb.DuckDBPyConnection, connection_id: str) -> dict[str, dict[str, Any]]:
    """Where reading stands, by resource."""
    rows = connection.execute(
        f"SELECT resource, state FROM {STATE}.cursors WHERE connection_id = {literal(connection_id)}"
    )
    return {resource: json.loads(state) for resource, state in rows.fetchall()}


def commit(
    connection: duckdb.DuckDBPyConnection, place: tuple[str, str, Resource], rows: Sequence[Mapping[str, Any]],
    state: Mapping[str, Any] | None, run_id: str, contract: Contract,
) -> Landed:  # fmt: skip
    """Merge `rows` and write `state`, in one transaction. `place` is (connection id, schema, resource).

    A row replaces its older self only; one that does not keep the contract is kept aside with the reason.
    """
    connection_id, schema, resource = place
    good, bad = _sorted_out(rows, contract)
    staged = _staged(resource, good)
    connection.execute("BEGIN")
    try:
        if good:
            connection.register("staged_rows", staged)
            connection.execute(_merge(f"{quoted(schema)}.{quoted(resource.name)}", run_id))
            _take_back(connection, connection_id, resource.name)
            connection.unregister("staged_rows")
        if bad:
            _set_aside(connection, connection_id, resource, bad)
        if state is not None:
            write_state(connection, connection_id, resource.name, state)
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return Landed(len(rows), len(bad), [reason for _, reason in bad])


def write_state(
    connection: duckdb.DuckDBPyConnection, connection_id: str, resource: str, state: Mapping[str, Any]
) -> None:
    """Write where reading stands, inside the transaction that is open."""
    connection.execute(
        f"DELETE FROM {STATE}.cursors WHERE connection_id = {literal(connection_id)} AND resource = {literal(resource)}"
    )
    values = row_of(connection_id, resource, json.dumps(state), datetime.now(UTC))
    connection.execute(f"INSERT INTO {STATE}.cursors VALUES {values}")


def row_of(*values: object) -> str:
    """Values as a row of SQL; bound parameters would load pandas."""
    return f"({', '.join('NULL' if v is None else str(v) if isinstance(v, int) else literal(v) for v in values)})"


def forget(connection: duckdb.DuckDBPyConnection, connection_id: str, schema: str, *, rows: bool) -> None:
    """Forget where reading stands, and with `rows` all that was loaded."""
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {STATE}")
    for name, columns in _STATE_TABLES.items():
        connection.execute(f"CREATE TABLE IF NOT EXISTS {STATE}.{name} ({columns})")
        connection.execute(f"DELETE FROM {STATE}.{name} WHERE connection_id = {literal(connection_id)}")
    if rows:
        connection.execute(f"DROP SCHEMA IF EXISTS {quoted(schema)} CASCADE")


def key_of(resource: Resource, row: Mapping[str, Any], text: str) -> str:
    """What identifies a row: its key fields as JSON, else its content."""
    if not resource.key:
        return hashlib.sha256(text.encode()).hexdigest()
    parts = [one(row, place) for place in resource.key]
    if resource.stamp:
        parts.append(row.get("_taken"))
    return _SORTED_JSON(parts)


def _sorted_out(
    rows: Sequence[Mapping[str, Any]], contract: Contract
) -> tuple[list[Mapping[str, Any]], list[tuple[Mapping[str, Any], str]]]:
    good, bad = [], []
    for row in rows:
        reason = contract.broken_by(row)
        if reason is None:
            good.append(row)
        else:
            bad.append((row, reason))
    return good, bad


def _staged(resource: Resource, rows: Sequence[Mapping[str, Any]]) -> Any:
    import pyarrow as pa

    place, now = resource.changed_at, datetime.now(UTC)
    texts = [text_of(row) for row in rows]
    columns = {
        "_key": [key_of(resource, row, text) for row, text in zip(rows, texts, strict=True)],
        "_row": texts,
        "_hash": [hash_of(text) for text in texts],
        "_version": [
            (moment_of(one(row, place)) if place else None) or moment_of(row.get("_at")) or now for row in rows
        ],
        "_seq": list(range(len(rows))),
    }
    types = {"_version": pa.timestamp("us", tz="UTC"), "_seq": pa.int64()}
    return pa.table({name: pa.array(values, types.get(name, pa.string())) for name, values in columns.items()})


def text_of(row: Mapping[str, Any]) -> str:
    """A row as JSON; half characters, which no text can hold, become question marks."""
    text = _JSON(row)
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def hash_of(text: str) -> str:
    """What tells whether a row changed."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _merge(table: str, run_id: str) -> str:
    """The newest of each key wins, against what is there too; equal content changes nothing."""
    latest = "row_number() OVER (PARTITION BY _key ORDER BY _version DESC NULLS LAST, _seq DESC) = 1"
    newer = "(s._version IS NULL OR t._version IS NULL OR s._version >= t._version)"
    return (
        f"MERGE INTO {table} AS t USING (SELECT * FROM staged_rows QUALIFY {latest}) AS s ON t._key = s._key"
        f" WHEN MATCHED AND s._hash <> t._hash AND {newer} THEN UPDATE SET _row = s._row, _hash = s._hash,"
        f" _version = s._version, _loaded_at = now(), _run = {literal(run_id)}"
        f" WHEN NOT MATCHED THEN INSERT (_key, _row, _hash, _version, _loaded_at, _run)"
        f" VALUES (s._key, s._row, s._hash, s._version, now(), {literal(run_id)})"
    )


def _take_back(connection: duckdb.DuckDBPyConnection, connection_id: str, resource: str) -> None:
    """A row that was set aside and now keeps the contract is no problem any more."""
    mine = f"connection_id = {literal(connection_id)} AND resource = {literal(resource)}"
    if connection.execute(f"SELECT 1 FROM {STATE}.rejected WHERE {mine} LIMIT 1").fetchone():
        connection.execute(f"DELETE FROM {STATE}.rejected WHERE {mine} AND key IN (SELECT _key FROM staged_rows)")


def _set_aside(
    connection: duckdb.DuckDBPyConnection, connection_id: str, resource: Resource, bad: Sequence[tuple[Any, str]]
) -> None:
    """Rejected rows wait in full; the same row is kept once however often it comes."""
    mine = f"connection_id = {literal(connection_id)} AND resource = {literal(resource.name)}"
    known = {r[0] for r in connection.execute(f"SELECT hash FROM {STATE}.rejected WHERE {mine}").fetchall()}
    for row, reason in bad:
        text = text_of(row)
        digest = hash_of(text)
        if digest not in known:
            known.add(digest)
            values = row_of(
                connection_id, resource.name, key_of(resource, row, text), digest, text, reason, datetime.now(UTC)
            )
            connection.execute(f"INSERT INTO {STATE}.rejected VALUES {values}")
