"""Brings a delimited text file into a raw DuckDB table of text columns, whatever state the file is in."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from ingestion.dialect import MAX_LINE, Dialect, sniff
from ingestion.expressions import cleaned
from ingestion.extract import MAX_CELL_BYTES, Unreadable
from ingestion.repair import repair


@dataclass
class Raw:
    """A DuckDB table `relation` of text columns c0, c1 … in file order; blanks around values are gone, empty is NULL.

    `headers` is None while the header row is still among the rows. `declared` says per column what the source calls
    it: `text` (may become a date, never a number), `plain` (text as it is), `float`, or '' for nothing said.
    `decimal_comma` hints at European numbers and dates.
    """

    relation: str
    width: int
    headers: list[str] | None = None
    declared: list[str] = field(default_factory=list)
    keep_names: bool = False
    decimal_comma: bool = False
    warnings: list[str] = field(default_factory=list)


def read_text_table(connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> Raw:
    """Read the UTF-8 file at `path`. Raises `Unreadable` naming line and reason when nothing can be read."""
    dialect = sniff(connection, path, scratch)
    raw = Raw("raw", dialect.width, decimal_comma=dialect.delimiter == ";")
    try:
        load_regular(connection, path, raw, dialect, MAX_CELL_BYTES)
    except duckdb.Error:
        fixed = scratch / "repaired.csv"
        outcome = repair(path, fixed, dialect)
        if outcome.rejected_count and not outcome.rows:
            line, reason = outcome.rejected[0]
            raise Unreadable(f"No row could be read: {reason}.", "Check the quotes and separators.", line) from None
        raw.width = outcome.width
        raw.warnings += outcome.warnings()
        load_regular(connection, fixed, raw, _regular(raw.width))
    return raw


def from_rows(
    connection: duckdb.DuckDBPyConnection, rows: Iterable[Sequence[str | None]], width: int, scratch: Path
) -> Raw:
    """A raw table of rows that are in memory already, each `width` long at most."""
    target = scratch / "rows.csv"
    with target.open("w", encoding="utf-8", newline="", errors="replace") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row in rows:
            cells = [cell.replace("\0", "") if cell else "" for cell in row]
            writer.writerow(cells + [""] * (width - len(cells)))
    raw = Raw("raw", width)
    load_regular(connection, target, raw, _regular(width), 8 * MAX_LINE)
    return raw


def _regular(width: int) -> Dialect:
    return Dialect(",", '"', '"', "", width)


def load_regular(
    connection: duckdb.DuckDBPyConnection, path: Path, raw: Raw, dialect: Dialect, max_line: int = MAX_LINE
) -> None:
    """Create the table `raw.relation` from a file that keeps to `dialect`; any deviation is a DuckDB error."""
    columns = "{" + ", ".join(f"'c{i}': 'VARCHAR'" for i in range(raw.width)) + "}"
    cells = ", ".join(f"{cleaned(f'c{i}')} AS c{i}" for i in range(raw.width))
    longest = min(max_line, max(100_000, path.stat().st_size + 1))
    connection.execute(
        f"""CREATE OR REPLACE TABLE {raw.relation} AS SELECT {cells} FROM read_csv(?,
            auto_detect = false, header = false, delim = ?, quote = ?, escape = ?, comment = ?,
            columns = {columns}, max_line_size = {longest},
            buffer_size = {max(8 * longest, 16_000_000)}, strict_mode = true)""",
        [str(path), dialect.delimiter, dialect.quote, dialect.escape, dialect.comment],
    )
