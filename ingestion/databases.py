"""Reads sources that carry their own types and keys: Parquet, DuckDB and SQLite files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from ingestion.delimited import Raw, from_rows
from ingestion.expressions import trimmed
from ingestion.extract import Column, Extract, Unreadable
from ingestion.names import column_names, comment, kept_name
from ingestion.quality import case_notes
from ingestion.shaping import check_width, shape_table, write_parquet
from warehouse.literals import literal, quoted

_PLAIN = frozenset((
    "BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "FLOAT", "DOUBLE",
    "DATE", "TIME", "TIMESTAMP", "VARCHAR",
))  # fmt: skip
_AS_TIMESTAMP = ("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_AS_TEXT = ("UUID", "INTERVAL", "BIT", "TIME WITH TIME ZONE", "BIGNUM", "VARINT", "ENUM")
_AS_JSON = ("STRUCT", "MAP", "UNION", "JSON", "VARIANT")
Described = list[tuple[str, str]]


def parquet_table(connection: duckdb.DuckDBPyConnection, path: Path, target: Path, name: str) -> Extract:
    """The one table of a Parquet file."""
    try:
        described = _described(connection, f"read_parquet({literal(str(path))})")
        extract = _copy(connection, f"read_parquet({literal(str(path))})", described, target, name, keep=False)
    except duckdb.Error as error:
        raise Unreadable("The Parquet file is damaged or cut off.", "Copy or export the file again.") from error
    if not extract.rows:
        raise Unreadable("The file has columns but no rows.", "Export it again with its data.")
    return extract


def duckdb_tables(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path) -> Iterator[Extract]:
    """All tables of a DuckDB file, opened read-only with no way to reach any other file."""
    try:
        connection.execute(f"ATTACH {literal(str(path))} AS source (READ_ONLY)")
        connection.execute(f"SET allowed_directories = [{literal(str(folder) + '/')}]")
        connection.execute("SET enable_external_access = false")
        tables = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'source' AND NOT internal "
            "ORDER BY schema_name, table_name"
        ).fetchall()
    except duckdb.Error as error:
        raise Unreadable(
            "The DuckDB file is damaged, encrypted, in use, or of a newer version.",
            "Close the program that writes it, or export its tables as Parquet.",
        ) from error
    keys = _duckdb_keys(connection)
    for number, (schema, table) in enumerate(tables):
        source = f"source.{quoted(schema)}.{quoted(table)}"
        described = _described(connection, source)
        extract = _copy(connection, source, described, folder / f"table-{number}.parquet", kept_name(table), keep=True)
        extract.part = table if schema == "main" else f"{schema}.{table}"
        _add_keys(extract, described, keys.get((schema, table), []))
        yield extract


def _described(connection: duckdb.DuckDBPyConnection, source: str) -> Described:
    return [(row[0], row[1]) for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]


def _copy(
    connection: duckdb.DuckDBPyConnection, source: str, described: Described, target: Path, name: str, *, keep: bool
) -> Extract:
    """Write a typed relation as Parquet, in types that the lake and the compiler know."""
    check_width(len(described))
    warnings = [f"“{column}” holds binary data and was left out." for column, kind in described if kind == "BLOB"]
    described = [(column, kind) for column, kind in described if kind != "BLOB"]
    names = column_names([column for column, _ in described], keep=keep)
    if not names:
        raise Unreadable("The table has no column that can be read.", "Export the columns as text or numbers.")
    select = ", ".join(
        f"{_plain(quoted(column), kind)} AS {quoted(new)}" for (column, kind), new in zip(described, names, strict=True)
    )
    rows = write_parquet(connection, f"SELECT {select} FROM {source}", target)
    columns = [Column(new, comment(column, new)) for (column, _), new in zip(described, names, strict=True)]
    if not rows:
        warnings.append("The table has no rows.")
    warnings += case_notes(connection, str(target), columns)
    return Extract(name, str(target), rows, columns, warnings=warnings)


def _plain(column: str, kind: str) -> str:
    """`column` cast to a type that every later step can handle."""
    if kind == "VARCHAR":
        return trimmed(column)
    if kind in _PLAIN or kind.startswith("DECIMAL") or kind == "TIMESTAMP WITH TIME ZONE":
        return column
    if kind in ("HUGEINT", "UHUGEINT", "UBIGINT"):
        return f"TRY_CAST({column} AS DECIMAL(38,0))"
    if kind in _AS_TIMESTAMP:
        return f"CAST({column} AS TIMESTAMP)"
    if kind.endswith("]") or kind.startswith(_AS_JSON):
        return f"CAST(to_json({column}) AS VARCHAR)"
    return f"CAST({column} AS VARCHAR)"


def _duckdb_keys(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], list[tuple[Any, ...]]]:
    found = connection.execute(
        "SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table, "
        "referenced_column_names FROM duckdb_constraints() WHERE database_name = 'source' "
        "AND constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')"
    ).fetchall()
    keys: dict[tuple[str, str], list[tuple[Any, ...]]] = {}
    for schema, table, *rest in found:
        keys.setdefault((schema, table), []).append(tuple(rest))
    return keys


def _add_keys(extract: Extract, described: Described, keys: list[tuple[Any, ...]]) -> None:
    """Record declared keys under the stored column names; `to` is still the table name of the source."""
    kept = [column for column, kind in described if kind != "BLOB"]
    renamed = dict(zip(kept, (c.name for c in extract.columns), strict=True))
    for kind, columns, target, target_columns in keys:
        if not all(column in renamed for column in columns):
            continue
        if kind == "PRIMARY KEY":
            extract.primary_key = [renamed[column] for column in columns]
        else:
            extract.foreign_keys.append(
                {"columns": [renamed[column] for column in columns], "to": target, "to_columns": list(target_columns)}
            )


def sqlite_tables(connection: duckdb.DuckDBPyConnection, path: Path, folder: Path, scratch: Path) -> Iterator[Extract]:
    """All tables of a SQLite file; values that a loosely typed column mixes go through the same checks as text does."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as source:
            source.text_factory = lambda data: data.decode("utf-8", "replace")
            tables = source.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
                "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
            ).fetchall()
            for number, (table,) in enumerate(tables):
                yield _sqlite_table(connection, source, table, folder / f"table-{number}.parquet", scratch)
    except sqlite3.DatabaseError as error:
        raise Unreadable(
            "The SQLite file is damaged or encrypted.", "Run its integrity check, or export the tables as CSV."
        ) from error


def _sqlite_table(
    connection: duckdb.DuckDBPyConnection, source: sqlite3.Connection, table: str, target: Path, scratch: Path
) -> Extract:
    info = source.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
    check_width(len(info))
    columns = ", ".join(quoted(row[1]) for row in info)
    rows = ([_text(v) for v in row] for row in source.execute(f"SELECT {columns} FROM {quoted(table)}"))
    raw: Raw = from_rows(connection, rows, len(info), scratch)
    raw.headers, raw.keep_names = [row[1] for row in info], True
    raw.declared = [_declared(row[2]) for row in info]
    extract = shape_table(connection, raw, target, kept_name(table))
    extract.part = table
    renamed = dict(zip(raw.headers, (c.name for c in extract.columns), strict=True))
    extract.primary_key = [renamed[r[1]] for r in sorted(info, key=lambda r: int(r[5])) if r[5]]
    extract.foreign_keys = _sqlite_foreign_keys(source, table, renamed)
    if not extract.rows:
        extract.warnings.append("The table has no rows.")
    return extract


def _sqlite_foreign_keys(source: sqlite3.Connection, table: str, renamed: dict[str, str]) -> list[dict[str, Any]]:
    keys: dict[int, dict[str, Any]] = {}
    for number, _, target, column, target_column, *_ in source.execute(f"PRAGMA foreign_key_list({quoted(table)})"):
        key = keys.setdefault(number, {"columns": [], "to": target, "to_columns": []})
        key["columns"].append(renamed.get(column, column))
        if target_column:
            key["to_columns"].append(target_column)
    return list(keys.values())


def _declared(kind: str) -> str:
    """What SQLite's declared type promises: text stays text, reals stay reals, everything else is looked at."""
    upper = kind.upper()
    if any(word in upper for word in ("CHAR", "TEXT", "CLOB")):
        return "text"
    return "float" if any(word in upper for word in ("REAL", "FLOA", "DOUB")) else ""


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return None if isinstance(value, bytes) else repr(value)
