"""Reads a large delimited file that keeps to one form in one typed pass of DuckDB's own reader, after proving it does.

DuckDB alone would read 1.5 in a column of whole numbers as 2 and 007 as 7. Each line is therefore matched first against
what its columns must look like, which costs a fraction of turning every cell into text and back. A line that differs
anywhere sends the whole file the careful way.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingestion import expressions as ex
from ingestion.columns import narrowed
from ingestion.dialect import Dialect, sniff
from ingestion.extract import Column, Extract
from ingestion.header import PREVIEW, find_header
from ingestion.names import column_names, comment, readable
from ingestion.quality import case_notes
from ingestion.total_labels import LABEL_COLUMNS, maybe_label, rest_of
from warehouse.literals import literal, quoted

SMALLEST = 2_000_000
"""Bytes below which the careful way is quick enough."""
MOST_COLUMNS = 100
_HEAD, _SLICE, _SLICES = 60_000, 12_000, 12
_SAMPLED = 500
_MOST_LABELS = 5_000
_BLANK = r"\s\p{Z}\x{200b}\x{feff}\v\x00"
_WHOLE = "-?(?:0|[1-9][0-9]*)"
_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = r"[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
_FORMS = {
    "integer": ("BIGINT", _WHOLE),
    "float": ("DOUBLE", rf"{_WHOLE}(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{{1,3}})?"),
    "boolean": ("BOOLEAN", "(?:true|false|True|False|TRUE|FALSE)"),
    "iso_date": ("DATE", _DAY),
    "iso_timestamp": ("TIMESTAMP", _DAY + _CLOCK),
    "iso_instant": ("TIMESTAMPTZ", _DAY + _CLOCK + "(?:Z|[-+][0-9]{2}:[0-9]{2})"),
}
_IN_QUERY = ("time", "named", "year_first", "day_first", "month_first")
_NULLS = ("", *(form(word) for word in ex.SURE_NULLS for form in (str.lower, str.upper, str.capitalize)))
_CODE = re.compile(r"[-+]?0\d+")
_TRUTH = frozenset(("true", "false"))


@dataclass(frozen=True)
class Plan:
    """How a column is read: the reader's type, the pattern its cells keep to, and what becomes of a cell §."""

    type: str
    pattern: str
    value: str = "§"

    @property
    def is_text(self) -> bool:
        return self.type == "VARCHAR" and self.value == "§"


def read_regular(
    connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path, target: Path, name: str
) -> Extract | None:
    """Write the table at `path` to the Parquet file `target`; None when the file is small or needs more care."""
    if path.stat().st_size < SMALLEST:
        return None
    try:
        return _read(connection, path, scratch, target, name)
    except duckdb.OutOfMemoryException:
        raise
    except (duckdb.Error, UnicodeDecodeError, csv.Error):
        return None


def _read(connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path, target: Path, name: str) -> Extract | None:
    head, rows = _sample(path)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in head:
        return None
    dialect = sniff(connection, path, scratch)
    if not _is_plain(dialect):
        return None
    grid = _grid(rows, dialect)
    headers = _headers(grid, dialect)
    if headers is None:
        return None
    names = column_names(headers)
    labels = [readable(header) or column for header, column in zip(headers, names, strict=True)]
    plans = _plans(grid[1:], labels, dialect)
    if plans is None or not _keeps_to(connection, path, plans, dialect, rows[0]):
        return None
    count = _written(connection, path, plans, dialect, (names, target))
    first = zip(names[:LABEL_COLUMNS], plans, strict=False)
    if count is None or _has_totals(connection, target, [n for n, plan in first if plan.is_text]):
        return None
    columns = [Column(n, comment(header, n)) for n, header in zip(names, headers, strict=True)]
    return Extract(name, str(target), count, columns, warnings=case_notes(connection, str(target), columns))


def _is_plain(dialect: Dialect) -> bool:
    return (
        1 < dialect.width <= MOST_COLUMNS
        and len(dialect.delimiter) == 1
        and dialect.quote in ("", '"')
        and dialect.escape in ("", '"')
        and not dialect.comment
    )


def _sample(path: Path) -> tuple[bytes, list[str]]:
    """(the first bytes, whole lines from the start and from places spread over the file)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD)
        parts = [head[: head.rindex(b"\n") + 1]] if b"\n" in head else []
        for number in range(1, _SLICES + 1):
            file.seek(max(_HEAD, (size - _SLICE) * number // _SLICES))
            part = file.read(_SLICE)
            if part.count(b"\n") > 1:
                parts.append(part[part.index(b"\n") + 1 : part.rindex(b"\n") + 1])
    return head, [line for part in parts for line in part.decode("utf-8-sig").splitlines() if line.strip()]


def _grid(lines: Sequence[str], dialect: Dialect) -> list[list[str | None]]:
    rows = csv.reader(lines, delimiter=dialect.delimiter)
    grid = [[cell.strip() or None for cell in row] for row in rows if len(row) == dialect.width]
    return grid[:PREVIEW] + grid[PREVIEW :: max(1, len(grid) // _SAMPLED)]


def _headers(grid: Sequence[Sequence[str | None]], dialect: Dialect) -> list[str] | None:
    """The names in the first row; None when it is no complete header."""
    found = find_header(grid[:PREVIEW])
    cells = [cell or "" for cell in found.cells]
    return cells if found.row == 0 and found.body == 1 and all(map(readable, cells)) else None


def _plans(grid: Sequence[Sequence[str | None]], labels: Sequence[str], dialect: Dialect) -> list[Plan] | None:
    """A plan for each column; None when one of them needs the careful way."""
    plans = []
    for number, label in enumerate(labels):
        values = [row[number] or "" for row in grid]
        plan = _plan([value[:60] for value in values if value.lower() not in ("", *ex.NULL_WORDS)], label, dialect)
        if plan is None:
            return None
        plans.append(plan)
    return plans


def _plan(sample: list[str], label: str, dialect: Dialect) -> Plan | None:
    options = narrowed(sample, label)
    if not sample or len(options) > 1:
        return None
    if not options or any(map(_CODE.fullmatch, sample)):
        return Plan("VARCHAR", _text(dialect))
    (option,) = options
    if option.kind == "decimal":
        decimals = max(len(value.partition(".")[2]) for value in sample)
        form = rf"{_WHOLE}(?:\.[0-9]{{1,{decimals}}})?"
        return Plan(f"DECIMAL(18,{decimals})", form) if 0 < decimals <= 6 else None
    if option.kind == "boolean" and not {value.lower() for value in sample} <= _TRUTH:
        return None
    if option.type == "TIMESTAMP" and not any(re.search(r"[1-9]", value.partition(":")[2]) for value in sample):
        return None  # all at midnight, as far as can be seen: days or moments, the whole column decides
    if option.kind in _FORMS:
        return Plan(*_FORMS[option.kind])
    if option.kind.removesuffix("_time") not in _IN_QUERY:
        return None
    value = f"CASE WHEN {option.sql} IS NOT NULL THEN {option.sql} WHEN § IS NOT NULL THEN error('') END"
    return Plan("VARCHAR", _text(dialect), value)


def _text(dialect: Dialect) -> str:
    """Any text without blanks at its ends."""
    taken = re.escape(dialect.delimiter) + dialect.quote
    edge = f"[^{taken}{_BLANK}]"
    return rf"{edge}(?:[^{taken}\x00]*{edge})?"


def _pattern(plans: Sequence[Plan], dialect: Dialect) -> str:
    """What a line keeps to: cells may be empty, and in quotes when no line ends within them."""
    cells = []
    for plan in plans:
        if plan.type == "VARCHAR" and dialect.quote:
            inner = rf'[^"{_BLANK}](?:(?:[^"\x00]|"")*(?:[^"{_BLANK}]|""))?'
            cells.append(rf'(?:{plan.pattern}|"(?:{inner})?")?')
        else:
            cells.append(rf'(?:{plan.pattern}|"{plan.pattern}")?' if dialect.quote else f"(?:{plan.pattern})?")
    return re.escape(dialect.delimiter).join(cells)


def _keeps_to(
    connection: duckdb.DuckDBPyConnection, path: Path, plans: Sequence[Plan], dialect: Dialect, header: str
) -> bool:
    """True when every line but the header looks as planned."""
    found = connection.execute(
        "SELECT count(*), count(*) FILTER (regexp_full_match(line, ?)) FROM read_csv(?, auto_detect = false,"
        " header = false, skip = 1, delim = chr(1), quote = '', escape = '', columns = {'line': 'VARCHAR'})",
        [_pattern(plans, dialect), str(path)],
    ).fetchone()
    return found is not None and found[0] == found[1] > 0


def _written(
    connection: duckdb.DuckDBPyConnection, path: Path, plans: Sequence[Plan], dialect: Dialect,
    out: tuple[Sequence[str], Path],
) -> int | None:  # fmt: skip
    """Write the rows; None when some are blank from end to end."""
    names, target = out
    columns = ", ".join(f"'c{n}': '{plan.type}'" for n, plan in enumerate(plans))
    cells = ", ".join(
        f"{plan.value.replace('§', f'c{n}')} AS {quoted(name)}"
        for n, (plan, name) in enumerate(zip(plans, names, strict=True))
    )
    source = (
        f"read_csv({literal(str(path))}, auto_detect = false, header = true, delim = {literal(dialect.delimiter)},"
        f" quote = {literal(dialect.quote)}, escape = {literal(dialect.quote)}, columns = {{{columns}}},"
        f" strict_mode = true, nullstr = [{', '.join(map(literal, _NULLS))}])"
    )
    found = connection.execute(
        f"COPY (SELECT {cells} FROM {source}) TO {literal(str(target))} (FORMAT parquet)"
    ).fetchone()
    blank = " AND ".join(f"{quoted(name)} IS NULL" for name in names)
    empty = connection.execute(f"SELECT 1 FROM read_parquet({literal(str(target))}) WHERE {blank} LIMIT 1").fetchone()
    return int(found[0]) if found and empty is None else None


def _has_totals(connection: duckdb.DuckDBPyConnection, parquet: Path, names: Sequence[str]) -> bool:
    """True when some text may be the label of a total."""
    for name in names:
        connection.execute(  # as a table of its own, or the words would be looked for in every row
            f"CREATE OR REPLACE TEMP TABLE texts AS SELECT DISTINCT {quoted(name)} AS text"
            f" FROM read_parquet({literal(str(parquet))})"
        )
        found = connection.execute(
            f"SELECT text FROM texts WHERE {maybe_label('text')} LIMIT {_MOST_LABELS}"
        ).fetchall()
        if any(rest_of(text) is not None for (text,) in found):
            return True
    return False
