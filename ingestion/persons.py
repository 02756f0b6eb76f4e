"""All that a workspace holds of one person, because they may ask to see it, and to have it gone for good."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from ingestion.canonical.building import hashing
from ingestion.connectors import aging, connections, forgotten, inbox, landing
from ingestion.connectors.connections import Connection
from ingestion.connectors.manifest import Resource
from ingestion.connectors.places import one
from store.errors import InvalidRequest, Unavailable
from warehouse.lake import Lake
from warehouse.literals import literal, quoted
from warehouse.workspace import Workspace

_LEAST_CHARS = 4
_WAIT = 120.0
_EVENTS_SECONDS = 20.0


@dataclass(frozen=True)
class Held:
    """Rows of one table that are about a person: the table, its source in words, how many, and the rows."""

    table: str
    source: str
    rows: list[dict[str, Any]] = field(repr=False)


@dataclass(frozen=True)
class Erased:
    """What an erasure did: rows taken away, rows that lost the person and kept their figures, events that waited."""

    removed: int
    cleaned: int
    events: int
    snapshot: int


def held(workspace: Workspace, who: str) -> list[Held]:
    """Everything about one person, named by an e-mail address, a phone number or an id. Raises `InvalidRequest`."""
    text = _named(who)
    _arrived(workspace)
    with Lake.create(workspace.lake).writer(_WAIT) as writer:
        names = _names(writer, workspace, text) | _visitors(writer, text)
        found = [Held(f"{c.id}.{n}", c.label, [json.loads(r) for _, r in rows])
                 for c, n, rows in _raw(writer, workspace, names)]  # fmt: skip
        found += [Held(table, "Files and databases", rows) for table, rows in _own(writer, names)]
    waiting = [json.loads(row) for row in _events(workspace, names)]
    return found + ([Held("events", "Calls of services", waiting)] if waiting else [])


def erase(workspace: Workspace, who: str) -> Erased:
    """Take one person out of everything: rows as they came, common tables, tables of files, events, every old version.

    Rows that are the person go. Rows of payments, orders and events stay without anything that names the person, so
    that figures of the past do not change. A later load cannot bring them back. Raises `InvalidRequest`.
    """
    from ingestion.connectors import sync

    text = _named(who)
    _arrived(workspace)
    lake = Lake.create(workspace.lake)
    removed = changed = 0
    with lake.writer(_WAIT) as writer:
        names = _names(writer, workspace, text) | _visitors(writer, text)
        forgotten.remember(workspace, names)
        for connection, resource, rows in _raw(writer, workspace, names):
            gone, kept = _cleaned(writer, connection, resource, (rows, names))
            removed, changed = removed + gone, changed + kept
        removed += _own_gone(writer, names)
        _identities_gone(writer, names)
        _set_aside_gone(writer, names)
    events = _events_gone(workspace, names)
    sync.publish(workspace)
    with lake.writer(_WAIT) as writer:
        _old_versions_gone(writer)
    _extremes_gone(lake, names)
    with lake.writer(_WAIT):
        lake.publish()
    _old_copies_gone(lake)
    return Erased(removed, changed, events, lake.current().version)


def _arrived(workspace: Workspace) -> None:
    """Wait until the events that were acknowledged before this moment are rows, because a log cannot be searched."""
    from ingestion.events import log, settling, store

    folder = store.folder_of(workspace.root)
    if not folder.is_dir() or not log.pending_bytes(folder):
        return
    waiting = {path.stem for path in folder.iterdir()}
    deadline = time.monotonic() + _EVENTS_SECONDS
    while log.pending_bytes(folder) and waiting & {path.stem for path in folder.iterdir()}:
        if time.monotonic() > deadline:
            raise Unavailable("Events are still being written.", hint="Try again in a moment.", retry_after=5.0)
        settling.settle(workspace, settling.Pace(), now=True)
        time.sleep(0.1)


def _named(who: str) -> str:
    text = who.strip()
    if len(text) < _LEAST_CHARS:
        raise InvalidRequest("Name the person by an e-mail address, a phone number or an id.", details={"field": "who"})
    return text


def _names(writer: duckdb.DuckDBPyConnection, workspace: Workspace, text: str) -> set[str]:
    """The text itself, and the ids under which sources know the same person."""
    hashing(writer, workspace)
    names = {text}
    for connection, name, rows in _raw(writer, workspace, names | {*aging.marks_of(writer, {text}).values()}):
        if connection.manifest.driver is not None:
            continue
        resource = connection.manifest.resource(name)
        maps = [m for m in connection.manifest.canonical if m.resource == name and m.table in forgotten.PEOPLE]
        places = [p for m in maps for c, p in m.columns.items() if c in forgotten.LINKS and not set(p) & set("|{'")]
        places += resource.key if maps and len(resource.key) == 1 else []
        found = [one(json.loads(row), place) for _, row in rows for place in places]
        names |= set(forgotten.texts(found))
    return {n for n in names if len(n) >= _LEAST_CHARS or n == text}


def _raw(
    writer: duckdb.DuckDBPyConnection, workspace: Workspace, names: set[str]
) -> Iterator[tuple[Connection, str, list[tuple[str, str]]]]:
    """Rows as they came in which one of `names` is a value: connection, resource, (key, row)."""
    folded = {n.strip().casefold() for n in names}
    for connection in connections.all_of(workspace):
        there = _tables(writer, connection.schema)
        for resource in (r for r in _resources(connection, there) if r.name in there):
            like = " OR ".join(f"contains(lower(_row), {literal(_inside(n))})" for n in sorted(folded))
            rows = writer.execute(
                f"SELECT _key, _row FROM {quoted(connection.schema)}.{quoted(resource.name)} WHERE {like}"
            ).fetchall()
            sure = [(k, r) for k, r in rows if _names_one(r, folded)]
            if sure:
                yield connection, resource.name, sure


def _resources(connection: Connection, there: set[str]) -> Iterable[Resource]:
    """The lists of a connection; those of a document store are what was kept of it."""
    if connection.manifest.driver is None:
        return connection.manifest.resources
    return [Resource(name=name) for name in sorted(there)]


def _inside(name: str) -> str:
    """How a text stands in JSON, without its quotes."""
    return json.dumps(name, ensure_ascii=False)[1:-1].casefold()


def _names_one(row: str, folded: set[str]) -> bool:
    values = {t.strip().casefold() for t in forgotten.texts(json.loads(row))}
    mails = [n for n in folded if "@" in n]
    return bool(values & folded) or any(m in v for m in mails for v in values)


def _cleaned(
    writer: duckdb.DuckDBPyConnection, connection: Connection, name: str, found: tuple[list[tuple[str, str]], set[str]]
) -> tuple[int, int]:
    """How many rows of a list went and how many were cleaned, with what they had become in the common tables."""
    rows, names = found
    resource = next(r for r in _resources(connection, {name}) if r.name == name)
    table = f"{quoted(connection.schema)}.{quoted(name)}"
    left = {key: forgotten.cleaned(connection.manifest, resource, json.loads(text), names) for key, text in rows}
    gone = [literal(key) for key, row in left.items() if row is None]
    kept = {key: landing.text_of(row) for key, row in left.items() if row is not None}
    if gone:
        writer.execute(f"DELETE FROM {table} WHERE _key IN ({', '.join(gone)})")
    if kept:
        values = ", ".join(f"({literal(k)}, {literal(r)}, {literal(landing.hash_of(r))})" for k, r in kept.items())
        writer.execute(
            f"UPDATE {table} AS t SET _row = v.row, _hash = v.hash, _loaded_at = now()"
            f" FROM (VALUES {values}) AS v(key, row, hash) WHERE t._key = v.key"
        )
    refs = ", ".join(literal(f"{name}:{key}") for key in left)
    own = literal(connection.id)
    for common in {m.table for m in connection.manifest.canonical if m.resource == name} & _tables(writer, "main"):
        writer.execute(f"DELETE FROM {common} WHERE connection_id = {own} AND raw_ref IN ({refs})")
    return len(gone), len(kept)


def _own(writer: duckdb.DuckDBPyConnection, names: set[str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Rows of events and of tables from files and databases in which a text is one of these, or holds it as JSON."""
    for table, where in _own_where(writer, names):
        found = writer.execute(f"SELECT * FROM {quoted(table)} WHERE {where}")
        heads = [d[0] for d in found.description or ()]
        rows = [dict(zip(heads, row, strict=True)) for row in found.fetchall()]
        if rows:
            yield table, rows


def _own_where(writer: duckdb.DuckDBPyConnection, names: set[str]) -> list[tuple[str, str]]:
    from ingestion.canonical.tables import all_tables

    columns = writer.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake' AND schema_name = 'main'"
        " AND data_type = 'VARCHAR' ORDER BY ALL"
    ).fetchall()
    by_table: dict[str, list[str]] = {}
    for table, column in columns:
        if table not in all_tables():
            by_table.setdefault(table, []).extend(_tests(quoted(column), names))
    return [(table, " OR ".join(tests)) for table, tests in by_table.items()]


def _tests(column: str, names: set[str]) -> Iterator[str]:
    """Whether a text is one of these names, or JSON with one of them as a value."""
    for name in sorted(names):
        yield f"lower(trim({column})) = {literal(name.strip().lower())}"
        yield f"contains(lower({column}), {literal(json.dumps(name.strip(), ensure_ascii=False).lower())})"


def _visitors(writer: duckdb.DuckDBPyConnection, text: str) -> set[str]:
    """The ids under which events know this person: of those who told this of themselves, and of their devices."""
    from ingestion.events.people import TABLE
    from ingestion.events.store import STATE

    names = {text}
    if TABLE in _tables(writer, "main"):
        columns = [row[0] for row in writer.execute(f"DESCRIBE {TABLE}").fetchall() if row[1] == "VARCHAR"]
        where = " OR ".join(test for column in columns for test in _tests(quoted(column), {text}))
        names |= {row[0] for row in writer.execute(f"SELECT user_id FROM {TABLE} WHERE {where}").fetchall() if row[0]}
    if "identities" in _tables(writer, STATE):
        known = ", ".join(literal(name.lower()) for name in names)
        found = writer.execute(
            f"SELECT visitor_id FROM {STATE}.identities WHERE lower(user_id) IN ({known})"
        ).fetchall()
        names |= {row[0] for row in found if row[0]}
    return names


def _identities_gone(writer: duckdb.DuckDBPyConnection, names: set[str]) -> None:
    from ingestion.events.store import STATE

    if "identities" in _tables(writer, STATE):
        known = ", ".join(literal(name.lower()) for name in names)
        writer.execute(
            f"DELETE FROM {STATE}.identities WHERE lower(user_id) IN ({known}) OR lower(visitor_id) IN ({known})"
        )


def _own_gone(writer: duckdb.DuckDBPyConnection, names: set[str]) -> int:
    gone = 0
    for table, where in _own_where(writer, names):
        (rows,) = writer.execute(f"SELECT count(*) FROM {quoted(table)} WHERE {where}").fetchone() or (0,)
        if rows:
            writer.execute(f"DELETE FROM {quoted(table)} WHERE {where}")
            gone += int(rows)
    return gone


def _set_aside_gone(writer: duckdb.DuckDBPyConnection, names: set[str]) -> None:
    """Rows that were put aside because they broke a promise name people too."""
    if "rejected" in _tables(writer, landing.STATE):
        like = " OR ".join(f"contains(lower(row), {literal(_inside(n))})" for n in sorted(names))
        writer.execute(f"DELETE FROM {landing.STATE}.rejected WHERE {like}")


def _events(workspace: Workspace, names: set[str]) -> list[str]:
    if not inbox.file_of(workspace).is_file():
        return []
    folded = {n.strip().casefold() for n in names}
    with inbox.opened(workspace) as opened:
        rows = opened.execute("SELECT row FROM inbox").fetchall()
    return [row for (row,) in rows if _names_one(row, folded)]


def _events_gone(workspace: Workspace, names: set[str]) -> int:
    """Events that were or will be made rows; their keys stay, so that a repeated call changes nothing."""
    found = _events(workspace, names)
    if not found:
        return 0
    with inbox.opened(workspace) as opened:
        moment = datetime.now(UTC).isoformat()
        for row in found:
            opened.execute("UPDATE inbox SET row = '{}', body = '', processed_at = ? WHERE row = ?", (moment, row))
        opened.commit()
        opened.execute("VACUUM")
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return len(found)


def _old_versions_gone(writer: duckdb.DuckDBPyConnection) -> None:
    """Write files anew without the rows that are gone, forget every earlier version, and delete what only those had."""
    writer.execute("CALL ducklake_rewrite_data_files('lake', delete_threshold => 0)")
    known = [r[0] for r in writer.execute("SELECT snapshot_id FROM ducklake_snapshots('lake')").fetchall()]
    old = sorted(known)[:-1]
    if old:
        versions = ", ".join(str(v) for v in old)
        writer.execute(f"CALL ducklake_expire_snapshots('lake', versions => [{versions}])")
    writer.execute("CALL ducklake_cleanup_old_files('lake', cleanup_all => true)")


def _extremes_gone(lake: Lake, names: set[str]) -> None:
    """The catalogue notes the least and the greatest value of each column and never takes one back: those of files
    that are left take their place."""
    likes = " OR ".join(["instr(lower(min_value), ?) OR instr(lower(max_value), ?)"] * len(names))
    given = [name.strip().lower() for name in sorted(names) for _ in range(2)]
    left = (
        "SELECT {}({}) FROM ducklake_file_column_stats AS f WHERE f.table_id = s.table_id AND f.column_id = s.column_id"
    )
    with closing(sqlite3.connect(lake.catalog, timeout=_WAIT)) as catalogue:
        catalogue.execute(
            f"UPDATE ducklake_table_column_stats AS s SET min_value = ({left.format('min', 'min_value')}),"
            f" max_value = ({left.format('max', 'max_value')}) WHERE {likes}",
            given,
        )
        catalogue.commit()


def _old_copies_gone(lake: Lake) -> None:
    """Copies of earlier catalogues, which questions under way may still read, and free space of the catalogue."""
    current = lake.current()
    for copy in lake.published.glob("catalog-*.duckdb"):
        if copy.name != current.catalog.name:
            copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(lake.catalog, timeout=_WAIT)) as catalogue:
        catalogue.execute("VACUUM")
        catalogue.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _tables(writer: duckdb.DuckDBPyConnection, schema: str) -> set[str]:
    rows = writer.execute(
        f"SELECT table_name FROM duckdb_tables() WHERE database_name = 'lake' AND schema_name = {literal(schema)}"
    ).fetchall()
    return {row[0] for row in rows}
