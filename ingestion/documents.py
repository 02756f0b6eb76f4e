"""Finds the records of a JSON file: a list of them, one a line, or an object around one list."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from ingestion.extract import Unreadable
from ingestion.names import readable
from ingestion.nested import Record

_NAMED = 5


@dataclass
class Document:
    """The records of a file, to be gone through as often as needed, and what was left out of it."""

    records: Callable[[], Iterator[Record]]
    warnings: list[str] = field(default_factory=list)


def read_document(path: Path) -> Document:
    """The records of a JSON file at `path` (UTF-8). Falls back to one record a line when the file is written so."""
    content = path.read_bytes()
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        line = content[: error.pos].count(b"\n") + 1
        if _has_lines(content):
            return read_lines(path)
        raise Unreadable("The file is not valid JSON.", "Check the brackets, quotes and commas.", line) from error
    records = _records(document)
    return Document(lambda: iter(records), _left_out(document, records))


def read_lines(path: Path) -> Document:
    """The records of a file with one JSON object a line; lines that are none are left out and named."""
    bad: list[tuple[int, str]] = []
    for number, _, fault in _parsed_lines(path):
        if fault:
            bad.append((number, fault))

    def records() -> Iterator[Record]:
        return (record for _, record, fault in _parsed_lines(path) if not fault)

    if bad and next(records(), None) is None:
        raise Unreadable("No line holds a JSON object.", "Write one JSON object a line.", bad[0][0])
    found = Document(records)
    if bad:
        named = "; ".join(f"line {number}: {fault}" for number, fault in bad[:_NAMED])
        more = f" and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
        found.warnings.append(f"{len(bad):,} lines left out ({named}{more}).")
    return found


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


def _left_out(document: Any, records: list[Record]) -> list[str]:
    """Names what lies beside the one list of records that became the table."""
    if not isinstance(document, dict) or not any(value is not None and value == records for value in document.values()):
        return []
    beside = [f"“{readable(key)}”" for key, value in document.items() if value and value != records]
    return [f"Beside its list of records the file holds {', '.join(beside)}: left out."] if beside else []


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
