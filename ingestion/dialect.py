"""Finds out how a text file separates its values: DuckDB's sniffer first, our own count of separators as a check."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from ingestion.extract import MAX_CELL_BYTES, MAX_COLUMNS, Unreadable

_CANDIDATES = (",", ";", "\t", "|")
_LINES = 200
_HEADS = (20_000, 400_000)
MAX_LINE = 2 * MAX_CELL_BYTES


@dataclass(frozen=True)
class Dialect:
    """Separator, quote and escape signs ('' for none), the comment sign and the number of values in a row."""

    delimiter: str
    quote: str
    escape: str
    comment: str
    width: int


def sniff(connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> Dialect:
    """The dialect of the UTF-8 file at `path`. Raises `Unreadable` for lines too long or columns too many."""
    ours = _counted(path)
    head = _head(path, scratch)
    theirs = _sniffed(connection, head) if head else None
    chosen = ours if theirs is None or theirs.width < ours.width else theirs
    if chosen.width > MAX_COLUMNS:
        raise Unreadable(
            f"The file has {chosen.width:,} columns; at most {MAX_COLUMNS:,} can be read.",
            "Split the file, or turn columns into rows (one row for each name and value).",
            line=1,
        )
    return chosen


def _head(path: Path, scratch: Path) -> Path | None:
    """The first lines as a file of their own, for sniffing a large file costs seconds; None for endless lines."""
    with path.open("rb") as file:
        for size in _HEADS:
            file.seek(0)
            start = file.read(size + 1)
            if len(start) <= size:
                return path
            if b"\n" in start:
                head = scratch / "head.csv"
                head.write_bytes(start[: start.rindex(b"\n") + 1])
                return head
    return None


def _sniffed(connection: duckdb.DuckDBPyConnection, path: Path) -> Dialect | None:
    sql = "SELECT Delimiter, Quote, Escape, Comment, len(Columns) FROM sniff_csv(?, all_varchar = true)"
    try:
        found = connection.execute(sql, [str(path)]).fetchone()
    except duckdb.Error:
        return None
    if found is None:
        return None
    delimiter, quote, escape, comment = (_sign(value) for value in found[:4])
    if not quote and b'"' not in path.read_bytes():
        quote = escape = '"'  # none so far: what comes later in the file may still be quoted
    return Dialect(delimiter, quote, escape, comment, found[4]) if delimiter else None


def _sign(value: str | None) -> str:
    """DuckDB spells a missing sign `(empty)` or as a NUL."""
    text = "" if value in (None, "(empty)") else str(value)
    return {"\\t": "\t", "\\0": "", "\0": ""}.get(text, text)


def _counted(path: Path) -> Dialect:
    """The separator that splits most of the first lines into the same number of values, at least two."""
    with path.open("r", encoding="utf-8", errors="replace", newline="") as file:
        lines = list(islice(iter(lambda: file.readline(MAX_LINE + 1), ""), _LINES))
    long = next((number for number, line in enumerate(lines, 1) if len(line) > MAX_LINE), None)
    if long is not None:
        raise Unreadable(
            f"Line {long} is longer than {MAX_LINE // 1_000_000} MB.",
            "Check that a quote is closed and that the file has line breaks.",
            line=long,
        )
    best, best_score = Dialect(",", '"', '"', "", 1), 0.0
    for delimiter in _CANDIDATES:
        width, score = _consistency(lines, delimiter)
        if width > 1 and score > best_score:
            best, best_score = Dialect(delimiter, '"', '"', "", width), score
    return best


def _consistency(lines: list[str], delimiter: str) -> tuple[int, float]:
    """(most common number of values, how much of the sample has it, weighed a little by that number)."""
    csv.field_size_limit(2 * MAX_LINE)
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if any(c.strip() for c in row))
    several = Counter({w: n for w, n in widths.items() if w > 1})
    if not several:
        return 1, 0.0
    width, count = max(several.items(), key=lambda item: (item[1], item[0]))
    return width, count / widths.total() * (1 + min(width, 20) / 100)
