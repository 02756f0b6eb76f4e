"""How each connection is: what was loaded when, what went wrong, what waits; read without the lake's lock."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ingestion.connectors import connections
from ingestion.connectors.connections import Connection
from warehouse.literals import literal, quoted
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

State = Literal["new", "fresh", "stale", "attention", "failing", "listening"]
STALE_HOURS = 36.0


@dataclass
class ResourceHealth:
    """One resource: rows held, when it was last read to its end, and what went wrong the last time."""

    name: str
    rows: int = 0
    loaded_at: str | None = None
    newest: str | None = None
    rejected: int = 0
    error: str | None = None


@dataclass
class Health:
    """One connection: its state in a word and in a sentence, and its resources."""

    state: State = "new"
    detail: str = "Nothing was loaded yet."
    loaded_at: str | None = None
    rows: int = 0
    resources: list[ResourceHealth] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """JSON for doors."""
        return {**self.__dict__, "resources": [r.__dict__ for r in self.resources]}


def file_of(workspace: Workspace, connection_id: str) -> Path:
    """Where the last known health is kept."""
    return connections.folder(workspace) / f"{connection_id}.health"


def measure(writer: duckdb.DuckDBPyConnection, workspace: Workspace, connection: Connection) -> Health:
    """Count what the lake holds of a connection and write it down for readers."""
    found = Health(resources=[_resource(writer, connection, name) for name in _raw_tables(writer, connection)])
    found.rows = sum(r.rows for r in found.resources)
    found.loaded_at = max((r.loaded_at for r in found.resources if r.loaded_at), default=None)
    bad = [r for r in found.resources if r.error]
    rejected = sum(r.rejected for r in found.resources)
    if bad:
        found.state = "failing"
        found.detail = f"{bad[0].name.replace('_', ' ').capitalize()} could not be read: {bad[0].error}"
    elif rejected:
        found.state = "attention"
        found.detail = f"{rejected:,} rows were put aside because their values are not what they should be."
    elif found.loaded_at:
        found.state, found.detail = "fresh", "Everything was read to its end."
    write(file_of(workspace, connection.id), found.to_dict())
    return found


def of(workspace: Workspace, connection: Connection, now: datetime | None = None) -> Health:
    """The health that was last measured; fresh becomes stale with time."""
    file = file_of(workspace, connection.id)
    if not file.is_file():
        return _listening(connection)
    raw = json.loads(file.read_text(encoding="utf-8"))
    found = Health(**{**raw, "resources": [ResourceHealth(**r) for r in raw["resources"]]})
    if found.state == "fresh" and found.loaded_at:
        age = (now or datetime.now(UTC)) - datetime.fromisoformat(found.loaded_at)
        if age.total_seconds() > STALE_HOURS * 3600:
            found.state, found.detail = "stale", "It was not refreshed for a while."
    return found


def save_checks(workspace: Workspace, results: list[dict[str, Any]]) -> None:
    """Keep what the last tests of the common tables found."""
    connections.folder(workspace).mkdir(parents=True, exist_ok=True, mode=0o700)
    write(checks_file(workspace), results)


def checks(workspace: Workspace) -> list[dict[str, Any]]:
    """What the last tests of the common tables found: {table, test, bad, detail}."""
    file = checks_file(workspace)
    found: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return found


def checks_file(workspace: Workspace) -> Path:
    """Where they are kept."""
    return connections.folder(workspace) / "checks.result"


def _listening(connection: Connection) -> Health:
    if connection.manifest.listed:
        return Health()
    return Health(state="listening", detail="Waiting for the source's first call.")


def _resource(writer: duckdb.DuckDBPyConnection, connection: Connection, name: str) -> ResourceHealth:
    place = f"{quoted(connection.schema)}.{quoted(name)}"
    mine = f"connection_id = {literal(connection.id)} AND resource = {literal(name)}"
    found = ResourceHealth(name)
    row = writer.execute(
        f"SELECT (SELECT count(*) FROM {place}), (SELECT max(_version)::VARCHAR FROM {place}),"
        f" (SELECT max(ended_at) FROM connector_state.load_runs WHERE {mine} AND status <> 'failed'),"
        f" (SELECT count(*) FROM connector_state.rejected WHERE {mine}),"
        f" (SELECT arg_max(struct_pack(e := CASE WHEN status = 'failed' THEN error END), ended_at).e FROM"
        f" connector_state.load_runs WHERE {mine})"
    ).fetchone()
    assert row is not None  # an aggregate always gives one
    found.rows, found.newest, found.rejected, found.error = int(row[0]), row[1], int(row[3]), row[4]
    found.loaded_at = row[2].astimezone(UTC).isoformat(timespec="seconds") if row[2] else None
    return found


def _raw_tables(writer: duckdb.DuckDBPyConnection, connection: Connection) -> list[str]:
    rows = writer.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake'"
        f" AND schema_name = {literal(connection.schema)} ORDER BY 1"
    ).fetchall()
    return [str(row[0]) for row in rows]


def write(file: Path, data: Any) -> None:
    """Write a small file of JSON whole or not at all."""
    draft = file.with_name(f".{file.name}.draft")
    draft.write_text(json.dumps(data, default=str), encoding="utf-8")
    draft.replace(file)
