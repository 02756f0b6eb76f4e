"""Properties that events bring become columns of their own, so that people can ask by plan or by size of the basket."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from warehouse.literals import literal, quoted

if TYPE_CHECKING:
    import duckdb

MOST = 60
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_ -]{0,60}")
_TYPES = {"number": "DOUBLE", "boolean": "BOOLEAN", "text": "VARCHAR"}
_COVERED = frozenset({"revenue", "currency", "url", "title", "referrer"})
"""Properties that have a column already."""


def add(writer: duckdb.DuckDBPyConnection, keys: Mapping[str, str]) -> list[str]:
    """New columns for properties that have none, filled from the events that are there; inside a transaction.

    The first kind that a property has stays its kind: a value that does not fit is found in `properties` only.
    """
    known = {key for key, _, _ in listed(writer)}
    taken = {row[0].casefold() for row in writer.execute("DESCRIBE events").fetchall()}
    made = []
    for key, kind in keys.items():
        if key in known or key in _COVERED or len(known) >= MOST or not _KEY.fullmatch(key):
            continue
        name = _name(key, taken)
        taken.add(name)
        known.add(key)
        writer.execute(f"ALTER TABLE events ADD COLUMN {quoted(name)} {_TYPES[kind]}")
        writer.execute(f"INSERT INTO _events.properties VALUES ({literal(key)}, {literal(name)}, {literal(kind)})")
        value = _value(key, kind, "properties")
        writer.execute(f"UPDATE events SET {quoted(name)} = {value} WHERE {value} IS NOT NULL")
        made.append(name)
    return made


def listed(writer: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    """(property, column, kind) of each."""
    return writer.execute("SELECT key, name, kind FROM _events.properties ORDER BY name").fetchall()


def fields(writer: duckdb.DuckDBPyConnection, source: str) -> dict[str, str]:
    """Column -> SQL that takes it out of the JSON `source`."""
    return {name: _value(key, kind, source) for key, name, kind in listed(writer)}


def _value(key: str, kind: str, source: str) -> str:
    path = f'$."{key}"'
    text = f"json_extract_string({source}, {literal(path)})"
    return text if kind == "text" else f"TRY_CAST({text} AS {_TYPES[kind]})"


def _name(key: str, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()).strip("_")
    name, number = plain, 2
    while name in taken:
        name, number = f"property_{plain}" if number == 2 else f"property_{plain}_{number}", number + 1
    return name
