"""From a raw grid of text to a clean, typed Parquet file: header found, blanks dropped, columns named and converted."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingestion import expressions as ex
from ingestion.columns import Typing, Verdict
from ingestion.delimited import Raw
from ingestion.extract import MAX_COLUMNS, Column, Extract, Unreadable
from ingestion.footnotes import drop_footnotes
from ingestion.header import PREVIEW, find_header
from ingestion.names import column_names, comment, readable
from ingestion.quality import case_notes
from ingestion.totals import drop_totals
from warehouse.literals import literal, quoted

_FORCED = {"float": ex.FLOAT, "plain": None}


def shape_table(connection: duckdb.DuckDBPyConnection, raw: Raw, target: Path, name: str) -> Extract:
    """Write the rows of `raw` to the Parquet file `target`. Raises `Unreadable` when there are none."""
    check_width(raw.width)
    warnings = list(raw.warnings)
    headers = list(raw.headers) if raw.headers is not None else _take_header(connection, raw, warnings)
    _drop_blank_rows(connection, raw)
    kept = _kept_columns(connection, raw, headers)
    if raw.headers is None:
        warnings += drop_footnotes(connection, raw, kept)
        warnings += drop_totals(connection, raw, kept, headers)
        warnings += drop_footnotes(connection, raw, kept)
    names = column_names([headers[i] for i in kept], keep=raw.keep_names)
    labels = [readable(headers[i]) or names[n] for n, i in enumerate(kept)]
    verdicts = _verdicts(connection, raw, kept, labels)
    select = ", ".join(
        f"{_stored(f'c{i}', verdict)} AS {quoted(column)}"
        for i, column, verdict in zip(kept, names, verdicts, strict=True)
    )
    rows = write_parquet(connection, f"SELECT {select} FROM {raw.relation}", target)
    if not rows and raw.headers is None:
        raise Unreadable("The file has column names but no rows.", "Export it again with its data.")
    for verdict in verdicts:
        warnings += verdict.warnings
    columns = [
        Column(column, comment(headers[i], column), verdict.unit)
        for i, column, verdict in zip(kept, names, verdicts, strict=True)
    ]
    warnings += case_notes(connection, str(target), columns)
    return Extract(name, str(target), rows, columns, warnings=warnings)


def check_width(width: int) -> None:
    """Raises `Unreadable` for more columns than a table may have."""
    if width > MAX_COLUMNS:
        raise Unreadable(
            f"The table has {width:,} columns; at most {MAX_COLUMNS:,} can be read.",
            "Split the table, or turn columns into rows (one row for each name and value).",
        )


def write_parquet(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> int:
    """Run `query` into a Parquet file; returns the number of rows."""
    found = connection.execute(f"COPY ({query}) TO {literal(str(target))} (FORMAT parquet)").fetchone()
    return int(found[0]) if found else 0


def _take_header(connection: duckdb.DuckDBPyConnection, raw: Raw, warnings: list[str]) -> list[str]:
    """The column headers; the rows up to the header are removed from the raw table."""
    preview = connection.execute(f"SELECT * FROM {raw.relation} LIMIT {PREVIEW}").fetchall()
    header = find_header(preview)
    if not header.cells:
        raise Unreadable("The file has no rows.", "Export it again with its data.")
    connection.execute(f"DELETE FROM {raw.relation} WHERE rowid < {header.body}")
    if header.row < 0:
        warnings.append("No header row was found; the columns are numbered.")
    elif header.row > 0:
        warnings.append(f"Rows above the header in row {header.row + 1} were taken for a title and left out.")
    return [cell or "" for cell in header.cells]


def _drop_blank_rows(connection: duckdb.DuckDBPyConnection, raw: Raw) -> None:
    cells = ", ".join(f"c{i}" for i in range(raw.width))
    connection.execute(f"DELETE FROM {raw.relation} WHERE coalesce({cells}, NULL) IS NULL")


def _kept_columns(connection: duckdb.DuckDBPyConnection, raw: Raw, headers: list[str]) -> list[int]:
    """All columns but those without header and without a single value."""
    nameless = [i for i in range(raw.width) if not readable(headers[i])]
    if not nameless:
        return list(range(raw.width))
    counts = ", ".join(f"count(c{i})" for i in nameless)
    found = connection.execute(f"SELECT {counts} FROM {raw.relation}").fetchone() or ()
    empty = {i for i, count in zip(nameless, found, strict=True) if not count}
    return [i for i in range(raw.width) if i not in empty] or [0]


def _verdicts(connection: duckdb.DuckDBPyConnection, raw: Raw, kept: list[int], labels: list[str]) -> list[Verdict]:
    declared = [raw.declared[i] if raw.declared else "" for i in kept]
    typing = Typing(connection, raw.relation, decimal_comma=raw.decimal_comma)
    verdicts = typing.decide([f"c{i}" for i in kept], labels, [d == "text" for d in declared])
    return [Verdict(_FORCED[d]) if d in _FORCED else v for d, v in zip(declared, verdicts, strict=True)]


def _stored(column: str, verdict: Verdict) -> str:
    if verdict.reading is None:
        return f"CASE WHEN lower({column}) NOT IN {ex.words(ex.SURE_NULLS)} THEN {column} END"
    return verdict.reading.of(column)
