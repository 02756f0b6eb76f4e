"""Reads a text table that DuckDB refuses: every line is either kept or named with the reason it was left out."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ingestion.dialect import Dialect
from ingestion.extract import MAX_CELL_BYTES, MAX_COLUMNS

_NAMED = 5
_SAMPLE = 1_000
_BROKEN_QUOTES = 50


@dataclass
class Repaired:
    """What happened to the lines: `width` values a row, the lines left out (number, reason) and the short ones."""

    width: int
    rows: int = 0
    full_rows: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)
    rejected_count: int = 0
    short: list[int] = field(default_factory=list)
    short_count: int = 0

    def reject(self, line: int, reason: str) -> None:
        self.rejected_count += 1
        if len(self.rejected) < _NAMED:
            self.rejected.append((line, reason))

    def warnings(self) -> list[str]:
        """Sentences for the load report, naming at most five lines."""
        notes = []
        if self.rejected_count:
            lines = "; ".join(f"line {line}: {reason}" for line, reason in self.rejected)
            more = f" and {self.rejected_count - len(self.rejected)} more" * (self.rejected_count > len(self.rejected))
            notes.append(f"{_rows(self.rejected_count)} left out ({lines}{more}).")
        if self.short_count:
            lines = ", ".join(map(str, self.short))
            notes.append(f"{_rows(self.short_count)} with fewer values than columns, filled up (line {lines}).")
        return notes


def _rows(count: int) -> str:
    return f"{count:,} row{'s' * (count != 1)}"


def repair(path: Path, target: Path, dialect: Dialect) -> Repaired:
    """Write the rows of `path` to `target` as a regular CSV with `width` values a row (comma, double quotes)."""
    lines = _lines(path)
    width = _width(row for _, row in islice(_records(lines, dialect), _SAMPLE))
    outcome = Repaired(width)
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number, row in _records(lines, dialect):
            _keep(writer, outcome, number, row)
    return outcome


def _keep(writer: Any, outcome: Repaired, number: int, row: list[str]) -> None:
    width = outcome.width
    if len(row) > width and not any(cell.strip() for cell in row[width:]):
        row = row[:width]
    if len(row) > width:
        outcome.reject(number, f"{len(row)} values where {width} are expected")
    elif any(len(cell) > MAX_CELL_BYTES for cell in row):
        outcome.reject(number, f"a value is longer than {MAX_CELL_BYTES // 1_000_000} MB")
    else:
        outcome.full_rows += len(row) == width
        if len(row) < width and outcome.full_rows and any(cell.strip() for cell in row):
            outcome.short_count += 1
            outcome.short += [number] * (len(outcome.short) < _NAMED)
        outcome.rows += 1
        writer.writerow(row + [""] * (width - len(row)))


def _lines(path: Path) -> list[str]:
    with path.open("r", encoding="utf-8", errors="replace", newline="") as file:
        return file.readlines()


def _width(rows: Iterator[list[str]]) -> int:
    """The usual number of values, or the largest when more than one row in four is wider than usual."""
    widths = Counter(min(len(row), MAX_COLUMNS) for row in rows if any(cell.strip() for cell in row))
    if not widths:
        return 1
    usual = max(((n, w) for w, n in widths.items() if w > 1), default=(0, 1))[1]
    wider = sum(n for w, n in widths.items() if w > usual)
    return max(widths) if wider > max(1, widths.total() / 4) else usual


def _records(lines: list[str], dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """(line number, values) of each record; a quote that is never closed costs its own line only."""
    position, broken = 0, 0
    while position < len(lines):
        quoted = bool(dialect.quote) and broken < _BROKEN_QUOTES
        reader = csv.reader(_uncommented(lines, position, dialect), **_options(dialect, quoted))
        start = position
        try:
            for row in reader:
                yield start + 1, row
                start = position + reader.line_num
            return
        except csv.Error:
            broken += 1
            yield start + 1, _alone(lines[start], dialect)
            position = start + 1


def _uncommented(lines: list[str], start: int, dialect: Dialect) -> Iterator[str]:
    for index in range(start, len(lines)):
        line = lines[index]
        yield "\n" if dialect.comment and line.startswith(dialect.comment) else line


def _alone(line: str, dialect: Dialect) -> list[str]:
    """One physical line by itself; its quotes count only when they are balanced."""
    balanced = bool(dialect.quote) and line.count(dialect.quote) % 2 == 0
    options = {**_options(dialect, balanced), "strict": False}
    return next(csv.reader([line], **options), [])


def _options(dialect: Dialect, quoted: bool) -> dict[str, Any]:
    delimiter = dialect.delimiter if len(dialect.delimiter) == 1 else ","
    if not quoted:
        return {"delimiter": delimiter, "quoting": csv.QUOTE_NONE, "strict": False}
    escape = dialect.escape if dialect.escape not in ("", dialect.quote) else None
    return {
        "delimiter": delimiter, "quotechar": dialect.quote, "escapechar": escape,
        "doublequote": escape is None, "strict": True,
    }  # fmt: skip
