"""Counts what is in the stored tables, once per load, so that inference and checks never have to scan for it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from warehouse.literals import quoted
from warehouse.profile import ColumnProfile, DataProfile, TableProfile

EXACT_ROWS = 100_000
COMMON_VALUES = 20
_GROUPABLE = 10_000
_VALUE_SAMPLE = 10_000
_VALUE_CHARS = 200
_BATCH = 100
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_FRACTIONS = ("DECIMAL", "FLOAT", "DOUBLE")


@dataclass
class SourceFacts:
    """What the source said about a table: where it came from, its keys, and readable names and units of columns."""

    origin: str | None = None
    primary_key: list[str] = field(default_factory=list)
    foreign_keys: list[dict[str, Any]] = field(default_factory=list)
    comments: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    types: dict[str, list[str]] = field(default_factory=dict)
    """What a person said that columns are: [kind, how it is written], to be done again at the next load."""


def profile(
    connection: duckdb.DuckDBPyConnection,
    tables: Iterable[str] | None = None,
    *,
    facts: Mapping[str, SourceFacts] | None = None,
    snapshot: int = 0,
) -> DataProfile:
    """Profile `tables` (default: all of the current database's main schema) on a trusted connection.

    Each table costs one scan for the counts of all columns and one small grouping per column for its common values;
    above 100,000 rows distinct counts are approximate.
    """
    names = list(tables) if tables is not None else _all_tables(connection)
    known = facts or {}
    return DataProfile(
        snapshot=snapshot, tables={name: _table(connection, name, known.get(name, SourceFacts())) for name in names}
    )


def save(profiled: DataProfile, path: Path) -> None:
    """Write the profile whole or not at all."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".profile-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(profiled.model_dump_json())
    Path(draft).replace(path)


def _all_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'main' "
        "ORDER BY table_name"
    ).fetchall()
    return [row[0] for row in rows]


def _table(connection: duckdb.DuckDBPyConnection, name: str, facts: SourceFacts) -> TableProfile:
    described = [(r[0], r[1]) for r in connection.execute(f"DESCRIBE {quoted(name)}").fetchall()]
    (rows,) = connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone() or (0,)
    columns: dict[str, ColumnProfile] = {}
    for start in range(0, len(described), _BATCH):
        for column in _columns(connection, name, described[start : start + _BATCH], rows):
            column.comment = facts.comments.get(column.name)
            column.unit = facts.units.get(column.name)
            column.values = _common(connection, name, column, rows)
            columns[column.name] = column
    return TableProfile(
        name=name, rows=rows, columns=columns, primary_key=facts.primary_key, foreign_keys=facts.foreign_keys,
        origin=facts.origin,
    )  # fmt: skip


def _columns(
    connection: duckdb.DuckDBPyConnection, table: str, described: list[tuple[str, str]], rows: int
) -> Iterator[ColumnProfile]:
    exact = rows <= EXACT_ROWS
    wanted = [sql for name, kind in described for sql in _aggregates(quoted(name), kind, exact)]
    values = iter(connection.execute(f"SELECT {', '.join(wanted)} FROM {quoted(table)}").fetchone() or ())
    for name, kind in described:
        filled, distinct, low, high, mean, average, longest, integral = (next(values) for _ in range(8))
        yield ColumnProfile(
            name=name, duckdb_type=kind, rows=rows, nulls=rows - filled, distinct=min(distinct, filled),
            distinct_exact=exact, min=low, max=high, mean=mean, avg_length=average, max_length=longest,
            integral=bool(integral),
        )  # fmt: skip


def _aggregates(column: str, kind: str, exact: bool) -> tuple[str, ...]:
    """SQL for filled, distinct, min, max, mean, average length, longest and integral of one column."""
    whole, fraction, text = kind in _NUMBERS, kind.startswith(_FRACTIONS), kind == "VARCHAR"
    number = whole or fraction
    integral = f"bool_and({column} = floor({column}))" if fraction else ("true" if whole else "false")
    return (
        f"count({column})",
        f"count(DISTINCT {column})" if exact else f"approx_count_distinct({column})",
        _text(f"min({column})", kind),
        _text(f"max({column})", kind),
        f"avg(CAST({column} AS DOUBLE))" if number else "NULL",
        f"avg(length({column}))" if text else "NULL",
        f"max(length({column}))" if text else "NULL",
        integral,
    )


def _text(value: str, kind: str) -> str:
    """A value as ISO text, instants in UTC."""
    if kind == "TIMESTAMP WITH TIME ZONE":
        value = f"timezone('UTC', {value})"
    return f"left(CAST({value} AS VARCHAR), {_VALUE_CHARS})"


def _common(connection: duckdb.DuckDBPyConnection, table: str, column: ColumnProfile, rows: int) -> list[Any]:
    """The most common values, ties in their own order; of a large column with many values only the first rows count."""
    if not column.distinct:
        return []
    whole = rows <= EXACT_ROWS or column.distinct <= _GROUPABLE
    name = quoted(column.name)
    source = quoted(table) if whole else f"(SELECT {name} FROM {quoted(table)} LIMIT {_VALUE_SAMPLE})"
    plain = column.duckdb_type in (*_NUMBERS, "BOOLEAN", "DOUBLE", "FLOAT")
    shown = name if plain else _text(name, column.duckdb_type)
    found = connection.execute(
        f"SELECT {shown} FROM {source} WHERE {name} IS NOT NULL GROUP BY {name} "
        f"ORDER BY count(*) DESC, {name} LIMIT {COMMON_VALUES}"
    ).fetchall()
    return [row[0] for row in found]
