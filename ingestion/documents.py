"""Reads JSON: a list of records, one record a line, or an object around one list; nested objects become columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import orjson

from ingestion.delimited import Raw, from_rows
from ingestion.extract import MAX_CELL_BYTES, Unreadable
from ingestion.shaping import check_width

_DEPTH = 3
_NAMED = 5
Record = dict[str, Any]


def raw_document(connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> Raw:
    """The records of a JSON file at `path` (UTF-8). Falls back to one record a line when the file is written so."""
    content = path.read_bytes()
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        line = content[: error.pos].count(b"\n") + 1
        if _has_lines(content):
            return raw_lines(connection, path, scratch)
        raise Unreadable("The file is not valid JSON.", "Check the brackets, quotes and commas.", line) from error
    records = _records(document)
    return _raw(connection, lambda: iter(records), scratch)


def raw_lines(connection: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> Raw:
    """The records of a file with one JSON object a line; lines that are none are left out and named."""
    bad: list[tuple[int, str]] = []
    for number, _, fault in _parsed_lines(path):
        if fault:
            bad.append((number, fault))

    def records() -> Iterator[Record]:
        return (record for _, record, fault in _parsed_lines(path) if not fault)

    if bad and next(records(), None) is None:
        raise Unreadable("No line holds a JSON object.", "Write one JSON object a line.", bad[0][0])
    raw = _raw(connection, records, scratch)
    if bad:
        named = "; ".join(f"line {number}: {fault}" for number, fault in bad[:_NAMED])
        more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
        raw.warnings.append(f"{len(bad):,} lines left out ({named}{more}).")
    return raw


def _parsed_lines(path: Path) -> Iterator[tuple[int, Record, str]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                yield number, {}, "not valid JSON"
                continue
            yield (number, record, "") if isinstance(record, dict) else (number, {}, "not a JSON object")


def _has_lines(content: bytes) -> bool:
    """True when the first line alone is a JSON object."""
    first = content.lstrip().split(b"\n", 1)[0]
    try:
        return isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return False


def _records(document: Any) -> list[Record]:
    """The list of records inside a document. Raises `Unreadable` when there is none."""
    if isinstance(document, dict):
        document = _inner_list(document)
    if not document:
        raise Unreadable("The file holds no records.", "Export it again with its data.")
    if all(isinstance(item, dict) for item in document):
        return list(document)
    if all(isinstance(item, list) for item in document):
        return _from_arrays(document)
    return [item if isinstance(item, dict) else {"value": item} for item in document]


def _inner_list(document: Record) -> list[Any]:
    lists = [v for v in document.values() if isinstance(v, list) and any(isinstance(item, dict) for item in v)]
    if len(lists) == 1:
        return lists[0]
    if len(lists) > 1:
        raise Unreadable(
            "The file holds several lists of records.", "Save each list as a file of its own, as a list of objects."
        )
    members = list(document.values())
    if len(members) > 1 and all(isinstance(member, dict) for member in members):
        return [{"key": key, **member} for key, member in document.items()]
    if members and all(isinstance(member, list) for member in members):
        length = max(map(len, members))
        return [{k: v[i] if i < len(v) else None for k, v in document.items()} for i in range(length)]
    return [document] if document else []


def _from_arrays(rows: list[list[Any]]) -> list[Record]:
    """A list of lists whose first one names the columns."""
    head, *body = rows
    names = [str(cell) if cell not in (None, "") else f"column_{i}" for i, cell in enumerate(head, 1)]
    return [dict(zip(names, row, strict=False)) for row in body]


def _raw(connection: duckdb.DuckDBPyConnection, records: Callable[[], Iterator[Record]], scratch: Path) -> Raw:
    positions: dict[str, int] = {}
    for record in records():
        for key, _ in _flat(record):
            positions.setdefault(key, len(positions))
        check_width(len(positions))
    if not positions:
        raise Unreadable("The file holds no records.", "Export it again with its data.")
    rows = (_row(record, positions) for record in records())
    raw = from_rows(connection, rows, len(positions), scratch)
    raw.headers = list(positions)
    return raw


def _row(record: Record, positions: dict[str, int]) -> list[str | None]:
    cells: list[str | None] = [None] * len(positions)
    for key, value in _flat(record):
        cells[positions[key]] = _text(value)
    return cells


def _flat(record: Record, prefix: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """The leaves of nested objects as `outer.inner`; lists and what lies deeper stay whole."""
    for key, value in record.items():
        if isinstance(value, dict) and value and depth < _DEPTH:
            yield from _flat(value, f"{prefix}{key}.", depth + 1)
        else:
            yield f"{prefix}{key}", value


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        text = value
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, (int, float)):
        text = repr(value)
    else:
        text = orjson.dumps(value).decode()
    if text is not None and len(text) > MAX_CELL_BYTES:
        limit = f"{MAX_CELL_BYTES // 1_000_000} MB"
        raise Unreadable(f"A value is longer than {limit}.", "Leave such values out of the file.")
    return text
