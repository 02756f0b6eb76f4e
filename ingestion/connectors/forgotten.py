"""Who asked to be forgotten, as marks that tell nobody, so that a later load does not bring them back."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ingestion.canonical.compiling import promises
from ingestion.connectors.manifest import Manifest, Resource
from ingestion.connectors.places import one, put, steps
from warehouse.literals import literal, quoted
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

PEOPLE = frozenset({"customers", "contacts", "web_users", "owners", "survey_responses"})
"""Common tables whose rows are persons: a row of theirs goes whole. Others keep their figures and lose the person."""

LINKS = ("customer_id", "contact_id", "user_id", "anon_id", "owner_id")
"""Columns of common tables that stand for a person."""

ERASED = "erased"
_MARK_CHARS = 40


class Forgotten:
    """The marks of one workspace. Falsy when nobody was forgotten, so that loads pay nothing for it."""

    def __init__(self, salt: str, marks: frozenset[str]) -> None:
        self._salt, self._marks = salt, marks

    def __bool__(self) -> bool:
        return bool(self._marks)

    def knows(self, text: str) -> bool:
        """Whether this text is one that was forgotten."""
        return _mark(self._salt, text) in self._marks

    def without(self, manifest: Manifest, resource: Resource, row: dict[str, Any]) -> dict[str, Any] | None:
        """The row as it may be kept: as it is, without the person, or None where it is the person."""
        named = {t for t in texts(row) if self.knows(t)}
        return cleaned(manifest, resource, row, named) if named else row


def of(workspace: Workspace) -> Forgotten:
    """Who was forgotten in a workspace."""
    file = _file(workspace)
    if not file.is_file():
        return Forgotten("", frozenset())
    return _read(file, file.stat().st_mtime_ns)


def kept(
    workspace: Workspace, manifest: Manifest, resource: Resource, rows: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The rows as they may be kept."""
    known = of(workspace)
    if not known:
        return rows
    found = (known.without(manifest, resource, row) for row in rows)
    return [row for row in found if row is not None]


def swept(writer: duckdb.DuckDBPyConnection, workspace: Workspace, tables: Collection[str]) -> int:
    """Take rows in which a text is one that was forgotten out of tables that were just copied; how many went."""
    file = _file(workspace)
    if not file.is_file() or not tables:
        return 0
    data = json.loads(file.read_text(encoding="utf-8"))
    marks = ", ".join(literal(mark) for mark in data["marks"])
    columns = writer.execute(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'lake' AND schema_name = 'main'"
        f" AND data_type = 'VARCHAR' AND table_name IN ({', '.join(literal(t) for t in tables)}) ORDER BY ALL"
    ).fetchall()
    gone, known = 0, of(workspace)
    for table in sorted({t for t, _ in columns} if marks else ()):
        own = [quoted(c) for t, c in columns if t == table]
        mark = f"left(sha256({literal(data['salt'])} || lower(trim({{}}))), {_MARK_CHARS}) IN ({marks})"
        tests = " OR ".join([mark.format(c) for c in own] + [t for c in own for t in _inside(writer, table, c, known)])
        (count,) = writer.execute(f"DELETE FROM {quoted(table)} WHERE {tests}").fetchone() or (0,)
        gone += int(count)
    return gone


def _inside(writer: duckdb.DuckDBPyConnection, table: str, column: str, known: Forgotten) -> Iterator[str]:
    """The test for cells that are JSON with a forgotten text somewhere in them."""
    cells = writer.execute(
        f"SELECT DISTINCT {column} FROM {quoted(table)} WHERE {column} LIKE '{{%' OR {column} LIKE '[%'"
    ).fetchall()
    bad = [cell for (cell,) in cells if any(known.knows(text) for text in texts(_json(cell)))]
    if bad:
        yield f"{column} IN ({', '.join(literal(cell) for cell in bad)})"


def _json(cell: str) -> Any:
    try:
        return json.loads(cell)
    except ValueError:
        return None


def remember(workspace: Workspace, named: set[str]) -> None:
    """Keep marks of these texts, and never the texts."""
    file = _file(workspace)
    known = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    data = known or {"salt": secrets.token_hex(16), "marks": []}
    marks = {*data["marks"], *(_mark(data["salt"], text) for text in named)}
    draft = file.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps({"salt": data["salt"], "marks": sorted(marks)}), encoding="utf-8")
    draft.replace(file)


def texts(value: Any) -> Iterator[str]:
    """Every text, and every number as text, inside a JSON value."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def cleaned(manifest: Manifest, resource: Resource, row: dict[str, Any], named: set[str]) -> dict[str, Any] | None:
    """A row without its person: None where it is one; else only what figures are made of, nothing that names them."""
    tables = {m.table for m in manifest.canonical if m.resource == resource.name}
    if not tables or tables <= PEOPLE:
        return None
    folded = {n.strip().casefold() for n in named}
    kept: dict[str, Any] = {}
    for place in sorted(_needed(manifest, resource)):
        value = one(row, place.split("[")[0])
        if value is not None:
            put(kept, place.split("[")[0], _blanked(value, folded))
    for place in _links(manifest, resource):
        if one(kept, place) is not None:
            put(kept, place, ERASED)
    return kept | {k: v for k, v in row.items() if k.startswith("_")}


def structural(manifest: Manifest, resource: Resource) -> set[str]:
    """Places without which rows could not be told apart, put in order, or led to their children."""
    found = {*resource.key, *([resource.changed_at] if resource.changed_at else [])}
    return found | {
        p for r in manifest.resources if r.parent and r.parent.resource == resource.name for p in r.parent.fields
    }


def _needed(manifest: Manifest, resource: Resource) -> set[str]:
    """Places that keys, versions, links to children and typed columns read: amounts, times, states, ids."""
    found = structural(manifest, resource) | {*promises(manifest, resource.name)} | _words(manifest, resource)
    return {place for place in found if all(kind in ("name", "index", "all") for kind, _ in steps(place))}


def _links(manifest: Manifest, resource: Resource) -> set[str]:
    """Places of ids that stand for persons."""
    maps = [m for m in manifest.canonical if m.resource == resource.name and not m.each]
    return {p for m in maps for column in LINKS if column in m.columns for p in _plain_places(m.columns[column])}


@lru_cache(maxsize=512)
def _plain_places(text: str) -> tuple[str, ...]:
    holes = re.findall(r"\{([^{}]+)\}", text) if "{" in text else [text]
    places = [hole.split("|")[0].strip().lstrip("^") for hole in holes if "| hash" not in hole]
    return tuple(p for p in places if p and p[0] not in "'@#_" and "?" not in p)


def _words(manifest: Manifest, resource: Resource) -> set[str]:
    """Places of texts that say what happened: states, currencies, reasons of a closed list, ids of other rows."""
    wanted = ("_id", "currency", "status", "type", "method", "brand", "category", "channel", "country", "name", "level")
    found: set[str] = set()
    for mapping in manifest.canonical:
        if mapping.resource != resource.name:
            continue
        for column, text in mapping.columns.items():
            if column.endswith(wanted):
                found |= {f"{mapping.each}" if mapping.each else p for p in _plain_places(text)}
        found |= set(_plain_places(mapping.where)) if mapping.where else set()
    return found


def _blanked(value: Any, folded: set[str]) -> Any:
    if isinstance(value, Mapping):
        return {k: _blanked(v, folded) for k, v in value.items()}
    if isinstance(value, list):
        return [_blanked(v, folded) for v in value]
    is_text = value is not None and not isinstance(value, bool)
    return ERASED if is_text and str(value).strip().casefold() in folded else value


def _mark(salt: str, text: str) -> str:
    return hashlib.sha256(f"{salt}{text.strip().casefold()}".encode("utf-8", "replace")).hexdigest()[:_MARK_CHARS]


@lru_cache(maxsize=32)
def _read(file: Path, _changed: int) -> Forgotten:
    data = json.loads(file.read_text(encoding="utf-8"))
    return Forgotten(data["salt"], frozenset(data["marks"]))


def _file(workspace: Workspace) -> Path:
    return workspace.root / "forgotten.json"
