"""Calls of providers are on disk before they are acknowledged, each once, and become rows when the lake is free."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.canonical.compiling import promises
from ingestion.connectors import connections, forgotten, landing
from ingestion.connectors.base import Event
from ingestion.connectors.connections import Connection
from ingestion.connectors.contract import Contract
from ingestion.connectors.manifest import Route, Webhook
from ingestion.connectors.places import every, one
from ingestion.connectors.signatures import Call, check
from ingestion.connectors.spans import moment_of
from store.errors import InvalidRequest
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

MOST_BYTES = 2_000_000
_BATCH = 5_000
_TABLE = (
    "CREATE TABLE IF NOT EXISTS inbox (connection_id TEXT NOT NULL, event_key TEXT NOT NULL, resource TEXT NOT NULL,"
    " row TEXT NOT NULL, at TEXT, type TEXT, received_at TEXT NOT NULL, body TEXT NOT NULL, processed_at TEXT,"
    " PRIMARY KEY (connection_id, event_key, resource))"
)


def receive(workspace: Workspace, connection: Connection, call: Call, now: float | None = None) -> tuple[int, int]:
    """Check, split and keep a call; returns how many events were new and how many were known.

    When it returns, the events survive a crash. Raises `NotSigned`, and `InvalidRequest` for a body that is no JSON.
    """
    rule = connection.manifest.webhook
    if rule is None:
        raise InvalidRequest("This source sends no calls.", code="no_webhook")
    values = connection.values(connections.home_of(workspace))
    check(rule, (values.get(rule.secret, ""), values.get(f"{rule.secret}_before", "")), call, now)
    events = split(rule, call.body)
    known = 0
    with opened(workspace) as inbox:
        for event in events:
            done = inbox.execute(
                "INSERT OR IGNORE INTO inbox VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (
                    connection.id, event.key, event.resource, json.dumps(event.row),
                    event.at.isoformat() if event.at else None, event.type, datetime.now(UTC).isoformat(),
                    call.body.decode("utf-8", "replace"),
                ),
            )  # fmt: skip
            known += done.rowcount == 0
        inbox.commit()
    return len(events) - known, known


def split(rule: Webhook, body: bytes) -> list[Event]:
    """The events of a body that some route wants. Raises `InvalidRequest`."""
    try:
        data = json.loads(body)
    except ValueError as error:
        raise InvalidRequest("The body is not JSON.", code="not_json") from error
    return [event for item in every(data, rule.event) if isinstance(item, dict) for event in _events(rule, item)]


def waiting(workspace: Workspace, connection_id: str) -> int:
    """How many events of a connection are not loaded yet."""
    if not file_of(workspace).is_file():
        return 0
    with opened(workspace) as inbox:
        (count,) = inbox.execute(
            "SELECT count(*) FROM inbox WHERE connection_id = ? AND processed_at IS NULL", (connection_id,)
        ).fetchone()
    return int(count)


def process(writer: duckdb.DuckDBPyConnection, workspace: Workspace, connection: Connection) -> int:
    """Merge what waits into the raw tables: the newest event of a row wins, whatever order they came in."""
    if not file_of(workspace).is_file():
        return 0
    done = 0
    with opened(workspace) as inbox:
        while rows := inbox.execute(
            "SELECT rowid, event_key, resource, row, at, received_at FROM inbox WHERE connection_id = ?"
            " AND processed_at IS NULL ORDER BY rowid LIMIT ?",
            (connection.id, _BATCH),
        ).fetchall():
            _merge(writer, (workspace, connection), rows)
            moment = datetime.now(UTC).isoformat()
            inbox.executemany("UPDATE inbox SET processed_at = ? WHERE rowid = ?", [(moment, r[0]) for r in rows])
            inbox.commit()
            done += len(rows)
    return done


def file_of(workspace: Workspace) -> Path:
    """Where events wait."""
    return connections.folder(workspace) / "inbox.sqlite"


@contextmanager
def opened(workspace: Workspace) -> Iterator[sqlite3.Connection]:
    """The inbox; a commit is on disk."""
    connections.folder(workspace).mkdir(parents=True, exist_ok=True, mode=0o700)
    with closing(sqlite3.connect(file_of(workspace), timeout=10)) as inbox:
        inbox.execute("PRAGMA journal_mode = WAL")
        inbox.execute("PRAGMA synchronous = FULL")
        inbox.execute(_TABLE)
        yield inbox


def _events(rule: Webhook, item: Mapping[str, Any]) -> Iterator[Event]:
    kind = str(one(item, rule.type) or "") if rule.type else ""
    at = moment_of(one(item, rule.event_time)) if rule.event_time else None
    key = json.dumps([one(item, p) for p in rule.event_key]) if rule.event_key else _content(item)
    for route in rule.routes:
        if not _wanted(route, kind):
            continue
        row = one(item, route.row)
        if isinstance(row, dict):
            yield Event(key, route.resource, row, at, kind)
        return


def _wanted(route: Route, kind: str) -> bool:
    fits = (kind.startswith(w[:-1]) if w.endswith("*") else kind == w for w in route.when)
    return not route.when or any(fits)


def _content(item: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()


def _merge(writer: duckdb.DuckDBPyConnection, of: tuple[Workspace, Connection], waiting_rows: list[Any]) -> None:
    workspace, connection = of
    by_resource: dict[str, list[dict[str, Any]]] = {}
    for _, _, resource, row, at, received in waiting_rows:
        by_resource.setdefault(resource, []).append(json.loads(row) | {"_at": at or received, "_received": received})
    landing.prepare(writer, connection.schema, by_resource)
    for name, rows in by_resource.items():
        contract = Contract(promises(connection.manifest, name))
        place = (connection.id, connection.schema, connection.manifest.resource(name))
        kept = forgotten.kept(workspace, connection.manifest, place[2], rows)
        landing.commit(writer, place, kept, None, "inbox", contract)
