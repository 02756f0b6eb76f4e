"""Rows as services sent them hold more than figures need: past its time the rest of a row goes, and figures stay.

What stays is what the SQL of the common tables, keys, and links to other lists read of a row. An address that is only
ever compared as a mark is kept as that mark. So the tables could be built anew, and would say the same.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from ingestion.canonical.building import MARKED, hashing
from ingestion.canonical.compiling import compiled
from ingestion.connectors import connections, forgotten, inbox, landing
from ingestion.connectors.connections import Connection
from ingestion.connectors.manifest import Manifest, Resource, currency_of
from ingestion.connectors.places import steps
from warehouse.lake import Lake
from warehouse.literals import literal, quoted
from warehouse.workspace import Workspace

KEEP = "keep_days"
"""The option of a connection: whole rows are kept for so many days after they last changed."""
WHOLE = timedelta(days=30)
"""So often every old row is looked at again, whatever is noted: a clock that was set back must not keep a row whole."""
_BATCH = 20_000
_WAIT = 120.0
_READ = re.compile(
    r"(?P<hashed>hashed\((?:nullif\()?)?json_extract(?:_string)?\((?:\w+\.)?_(?:row|whole), '(?P<path>\$(?:[^']|'')*)'"
)
_STEP = re.compile(r'\."(?P<name>(?:[^"]|"")*)"|\[(?P<index>[^\]]*)\]')


@dataclass(frozen=True)
class Needed:
    """What of a row stays: places as lists of names, and those of which only a mark does."""

    places: frozenset[tuple[str, ...]]
    marks: frozenset[tuple[str, ...]]


def age(workspace: Workspace, now: datetime | None = None) -> int:
    """Reduce what is past its time of every connection that has one; how many rows and calls were reduced."""
    aged = [c for c in connections.all_of(workspace) if c.options.get(KEEP) and c.manifest.driver is None]
    if not aged:
        return 0
    moment, lake, done = now or datetime.now(UTC), Lake.create(workspace.lake), 0
    with lake.writer(_WAIT) as writer:
        hashing(writer, workspace)
        for connection in aged:
            before = moment - timedelta(days=int(connection.options[KEEP]))
            done += sum(_resource(writer, connection, r, (before, moment)) for r in connection.manifest.resources)
            done += _set_aside(writer, connection, before)
        if done:
            lake.publish()
    return done + sum(_calls(workspace, c, moment - timedelta(days=int(c.options[KEEP]))) for c in aged)


def needed(manifest: Manifest, resource: Resource) -> Needed:
    """Which places of a row the common tables, its key, its version and its children read."""
    whole: set[tuple[str, ...]] = {_names(place) for place in _own(manifest, resource)}
    marks: set[tuple[str, ...]] = set()
    for mapping in (m for m in manifest.canonical if m.resource == resource.name):
        inside = mapping.each is not None
        for read in _READ.finditer(compiled(manifest, mapping, "USD").select):
            path = tuple(_path_names(read["path"].replace("''", "'")))
            (marks if read["hashed"] and not inside else whole).add(path)
        if mapping.each is not None:
            whole.add(_names(mapping.each))
    found = _topmost(whole)
    return Needed(found, frozenset(m for m in marks if not any(m[: len(w)] == w for w in found)))


def reduced(need: Needed, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with nothing but what is needed; texts of which a mark stays are still themselves."""
    if () in need.places:
        return dict(row)
    kept: dict[str, Any] = {}
    for place in sorted(need.places | need.marks):
        _copy(row, kept, place)
    return kept | {name: value for name, value in row.items() if name.startswith("_")}


def marks_of(writer: duckdb.DuckDBPyConnection, texts: Iterable[str]) -> dict[str, str]:
    """The marks that stay of texts; `writer` knows the workspace's way of making them."""
    wanted = sorted(set(texts))
    if not wanted:
        return {}
    listed = ", ".join(f"({literal(text)})" for text in wanted)
    rows = writer.execute(f"SELECT x, hashed(x) FROM (VALUES {listed}) AS v(x)").fetchall()
    return {text: f"{MARKED}{mark}" for text, mark in rows if not text.startswith(MARKED)}


def _own(manifest: Manifest, resource: Resource) -> Iterator[str]:
    yield from forgotten.structural(manifest, resource)
    yield from resource.columns
    yield from filter(None, (currency_of(kind) for kind in resource.columns.values()))
    if manifest.currency is not None and manifest.currency.resource == resource.name:
        yield from (manifest.currency.place, *manifest.currency.only)


def _names(place: str) -> tuple[str, ...]:
    """The names that lead to a place; what is below a list stays with its list."""
    found: list[str] = []
    for kind, value in steps(place):
        if kind != "name":
            break
        found.append(value)
    return tuple(found)


def _path_names(path: str) -> Iterator[str]:
    """The same of a path as DuckDB writes it."""
    for step in _STEP.finditer(path):
        if step["name"] is None:
            return
        yield step["name"].replace('""', '"')


def _topmost(places: set[tuple[str, ...]]) -> frozenset[tuple[str, ...]]:
    """The places that lie in no other one."""
    return frozenset(p for p in places if not any(p[:n] in places for n in range(len(p))))


def _copy(row: Mapping[str, Any], kept: dict[str, Any], place: tuple[str, ...]) -> None:
    here: Any = row
    for name in place:
        if not isinstance(here, Mapping) or name not in here:
            return
        here = here[name]
    target = kept
    for name in place[:-1]:
        target = target.setdefault(name, {})
    target[place[-1]] = here


def _resource(
    writer: duckdb.DuckDBPyConnection, connection: Connection, resource: Resource, when: tuple[datetime, datetime]
) -> int:
    """Reduce the rows of one list that are older than `when[0]`, and were not looked at before.

    Their hashes stay, so that the same row sent again changes nothing. How far it came is noted when all is done, so
    whatever ends in the middle is begun anew.
    """
    if not landing.is_there(writer, connection.schema, resource.name):
        return 0
    need = needed(connection.manifest, resource)
    table, done = f"{quoted(connection.schema)}.{quoted(resource.name)}", 0
    mark = hashlib.sha256(repr((sorted(need.places), sorted(need.marks))).encode()).hexdigest()[:24]
    landing.prepare(writer, connection.schema, [])
    mine = f"connection_id = {literal(connection.id)} AND resource = {literal(resource.name)}"
    noted = writer.execute(
        f"SELECT before, loaded, whole FROM {landing.STATE}.aged WHERE {mine} AND mark = {literal(mark)}"
    ).fetchone()
    before, moment = when
    if noted is not None and moment - noted[2] >= WHOLE:
        noted = None
    (loaded,) = writer.execute(f"SELECT max(_loaded_at) FROM {table}").fetchone() or (None,)
    for part in _due(before, noted):
        last = ""
        while rows := writer.execute(
            f"SELECT _key, _row FROM {table} WHERE {part} AND _key > {literal(last)} ORDER BY _key LIMIT {_BATCH}"
        ).fetchall():
            last = rows[-1][0]
            done += _written(writer, table, _changed(writer, need, rows))
    whole = moment if noted is None else noted[2]
    writer.execute(f"DELETE FROM {landing.STATE}.aged WHERE {mine}")
    writer.execute(
        f"INSERT INTO {landing.STATE}.aged VALUES ({literal(connection.id)}, {literal(resource.name)}, {literal(mark)},"
        f" {_at_time(before)}, {_at_time(loaded) if loaded else 'NULL'}, {_at_time(whole)})"
    )
    return done


def _due(before: datetime, noted: tuple[datetime, datetime | None, datetime] | None) -> list[str]:
    """Which rows to look at: those that became old since, and older ones that came or changed since.

    `noted` is up to which age, and up to which moment of loading, rows were looked at. When rows are kept longer than
    before, the age moves back, and rows that come meanwhile are looked at once they are old.
    """
    if noted is None or noted[1] is None:
        return [f"_version < {_at_time(before)}"]
    since, loaded = noted[0], noted[1]
    late = f"_version < {_at_time(min(since, before))} AND _loaded_at >= {_at_time(loaded)}"
    return [late] if before <= since else [f"_version >= {_at_time(since)} AND _version < {_at_time(before)}", late]


def _at_time(moment: datetime) -> str:
    return f"CAST({literal(moment.isoformat())} AS TIMESTAMPTZ)"


def _changed(writer: duckdb.DuckDBPyConnection, need: Needed, rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Keys and new texts of the rows that hold more than they need."""
    left = [(key, text, reduced(need, json.loads(text))) for key, text in rows]
    found = [(row, place) for _, _, row in left for place in need.marks]
    told = {str(value) for row, place in found if (value := _at(row, place)) is not None}
    marks = marks_of(writer, told)
    for row, place in found:
        value = _at(row, place)
        if value is not None and str(value) in marks:
            _put(row, place, marks[str(value)])
    return [(key, made) for key, text, row in left if (made := landing.text_of(row)) != text]


def _at(row: Mapping[str, Any], place: tuple[str, ...]) -> Any:
    here: Any = row
    for name in place:
        here = here.get(name) if isinstance(here, Mapping) else None
    return None if isinstance(here, Mapping | list) else here


def _put(row: dict[str, Any], place: tuple[str, ...], value: str) -> None:
    here = row
    for name in place[:-1]:
        here = here[name]
    here[place[-1]] = value


def _written(writer: duckdb.DuckDBPyConnection, table: str, changed: list[tuple[str, str]]) -> int:
    import pyarrow as pa

    if not changed:
        return 0
    keys, texts = zip(*changed, strict=True)
    writer.register("aged_rows", pa.table({"key": pa.array(keys, pa.string()), "row": pa.array(texts, pa.string())}))
    writer.execute(f"UPDATE {table} AS t SET _row = a.row FROM aged_rows AS a WHERE t._key = a.key")
    writer.unregister("aged_rows")
    return len(changed)


def _set_aside(writer: duckdb.DuckDBPyConnection, connection: Connection, before: datetime) -> int:
    """Rows that never kept their promises go whole."""
    if not landing.is_there(writer, landing.STATE, "rejected"):
        return 0
    where = (
        f"connection_id = {literal(connection.id)} AND found_at < CAST({literal(before.isoformat())} AS TIMESTAMPTZ)"
    )
    (count,) = writer.execute(f"DELETE FROM {landing.STATE}.rejected WHERE {where}").fetchone() or (0,)
    return int(count)


def _calls(workspace: Workspace, connection: Connection, before: datetime) -> int:
    """Calls that became rows lose what they said; their keys stay, so that a repeated call changes nothing."""
    if not inbox.file_of(workspace).is_file():
        return 0
    with inbox.opened(workspace) as opened:
        done = opened.execute(
            "UPDATE inbox SET row = '{}', body = '' WHERE connection_id = ? AND processed_at IS NOT NULL"
            " AND received_at < ? AND (body <> '' OR row <> '{}')",
            (connection.id, before.isoformat()),
        ).rowcount
        opened.commit()
    return int(done)
