"""Gives lists of records inside JSON records tables of their own, joined to the records they came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import duckdb
import orjson

from ingestion.delimited import Raw, from_rows
from ingestion.extract import MAX_CELL_BYTES, Extract, Unreadable
from ingestion.names import readable, slug, table_name
from ingestion.shaping import check_width
from warehouse.literals import literal, quoted
from warehouse.model.words import singular

_DEPTH = 3
_MOST_TABLES = 20
_NAMED = 5
_BARE_KEYS = frozenset(("id", "key", "uuid", "guid", "number", "no", "nr", "code"))
_KEY_ENDS = re.compile(r"_(id|key|uuid|guid|number|no|nr|code)$")
Record = dict[str, Any]
Kind = Literal["empty", "value", "records", "values", "other"]


@dataclass(frozen=True)
class Owner:
    """The table that a list lies in: its `part` of the file, its stored key column, and that column's type."""

    part: str | None
    column: str
    kind: str


@dataclass(frozen=True)
class Source:
    """Records on their way to one table; each comes with the key of its owner (None without owner).

    `header` is what the column with the owner's key is called, `part` where in the file the records lie.
    """

    name: str
    records: Callable[[], Iterator[tuple[Any, Record]]]
    part: str | None = None
    owner: Owner | None = None
    header: str = ""
    depth: int = 1


@dataclass
class _Survey:
    """The leaves of all records in order of appearance, each with the kinds of value it holds."""

    kinds: dict[str, set[Kind]] = field(default_factory=dict)

    def of(self, kind: Kind) -> list[str]:
        """The leaves that hold nothing but this kind."""
        return [name for name, kinds in self.kinds.items() if kinds - {"empty"} == {kind}]

    @property
    def mixed(self) -> list[str]:
        """The leaves that cannot be anything but JSON text."""
        return [n for n, kinds in self.kinds.items() if "other" in kinds or len(kinds - {"empty"}) > 1]


class Nest:
    """Turns records into tables; `shape` stores one raw table under a name."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, scratch: Path, shape: Callable[[Raw, str], Extract]
    ) -> None:
        self._connection, self._scratch, self._shape, self._tables = connection, scratch, shape, 0

    def extracts(self, source: Source) -> Iterator[Extract]:
        """The table of the records, then those of the lists in them. Raises `Unreadable` when there are no records."""
        survey = _surveyed(source)
        self._tables += 1
        inner = survey.of("records") if source.depth < _DEPTH else []
        inner = inner[: max(0, _MOST_TABLES - self._tables)]
        key = _key(source, survey) if inner else None
        numbered = _free(f"{source.name}_row", survey) if inner and key is None else None
        raw = self._raw(source, survey, inner, numbered)
        raw.warnings += _notes(survey, inner)
        for name in inner:
            raw.warnings.append(
                f"“{name}” holds lists of records: they became a table of their own, "
                f"“{table_name(f'{source.name}_{name}')}”, joined by “{_link(source.name, key or numbered or '')}”."
            )
        extract = self._shape(raw, source.name)
        extract.part = source.part
        if source.owner:
            link = {"columns": [extract.columns[0].name], "to": source.owner.part, "to_columns": [source.owner.column]}
            extract.foreign_keys = [link]
        owner = self._owner(extract, key or numbered) if inner else None
        yield extract
        for name in inner:
            if owner:
                yield from self.extracts(_inner(source, name, owner, key, numbered))

    def _raw(self, source: Source, survey: _Survey, inner: list[str], numbered: str | None) -> Raw:
        joined = set(survey.of("values"))
        headers = [name for name in survey.kinds if name not in inner]
        positions = {name: i for i, name in enumerate(headers)}
        leading = [header for header in (source.header, numbered) if header]

        def rows() -> Iterator[list[str | None]]:
            for number, (owner, record) in enumerate(source.records(), 1):
                cells: list[str | None] = [None] * len(headers)
                for name, value in flat(record):
                    if name in positions:
                        cells[positions[name]] = _listed(value) if name in joined else _text(value)
                ahead = ([_text(owner)] if source.header else []) + ([str(number)] if numbered else [])
                yield ahead + cells

        width = len(leading) + len(headers)
        if not width:
            raise Unreadable("The file holds no records.", "Export it again with its data.")
        raw = from_rows(self._connection, rows(), width, self._scratch)
        raw.headers = [*leading, *headers]
        if source.owner and source.owner.kind == "VARCHAR":
            raw.declared = ["plain", *[""] * (width - 1)]
        return raw

    def _owner(self, extract: Extract, key: str | None) -> Owner | None:
        """The stored key of a table, noted as its primary key."""
        column = next((c.name for c in extract.columns if (c.comment or c.name) == readable(key)), None)
        if column is None:
            return None
        extract.primary_key = [column]
        described = self._connection.execute(
            f"DESCRIBE SELECT {quoted(column)} FROM read_parquet({literal(extract.parquet)})"
        ).fetchone()
        return Owner(extract.part, column, described[1] if described else "VARCHAR")


def _surveyed(source: Source) -> _Survey:
    survey = _Survey()
    for _, record in source.records():
        for name, value in flat(record):
            survey.kinds.setdefault(name, set()).add(_kind(value))
        check_width(len(survey.kinds))
    return survey


def _kind(value: Any) -> Kind:
    if value is None or value == [] or value == {}:
        return "empty"
    if isinstance(value, dict):
        return "other"
    if not isinstance(value, list):
        return "value"
    if all(isinstance(item, dict) for item in value):
        return "records"
    return "other" if any(isinstance(item, (dict, list)) for item in value) else "values"


def _notes(survey: _Survey, inner: list[str]) -> list[str]:
    notes = []
    if joined := survey.of("values"):
        notes.append(f"{_named(joined)}: lists of values, joined to one text each.")
    kept = [*survey.mixed, *(name for name in survey.of("records") if name not in inner)]
    if kept:
        notes.append(
            f"{_named(kept)}: nested too deeply or unevenly for a table, kept as JSON text. "
            "Save such a list as a file of its own to ask about it."
        )
    return notes


def _named(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(f"“{readable(name)}”" for name in names[:_NAMED]) + more


def _key(source: Source, survey: _Survey) -> str | None:
    """The field whose values tell the records apart, if one is named as a key."""
    stem = slug(source.name)
    fields = [name for name in survey.of("value") if "empty" not in survey.kinds[name] and "." not in name]
    for name in sorted(fields, key=lambda name: not _is_bare(name)):
        own = _KEY_ENDS.sub("", slug(name))
        named = own != slug(name) and (stem.startswith(own) or name == next(iter(survey.kinds)))
        if (_is_bare(name) or named) and _is_unique(source, name):
            return name
    return None


def _is_bare(name: str) -> bool:
    return slug(name) in _BARE_KEYS


def _is_unique(source: Source, name: str) -> bool:
    seen: set[str | None] = set()
    for _, record in source.records():
        text = (_text(record.get(name)) or "").strip()
        if not text or text in seen:
            return False
        seen.add(text)
    return True


def _link(table: str, key: str) -> str:
    """What the key of `table` is called in the tables of its lists: `order_id` for the id of orders."""
    *before, last = table.split("_")
    return "_".join([*before, singular(last), slug(key)]) if _is_bare(key) else key


def _free(name: str, survey: _Survey) -> str:
    return name if name not in survey.kinds else f"{name}_number"


def _inner(source: Source, name: str, owner: Owner, key: str | None, numbered: str | None) -> Source:
    """The records of the list `name` in each record of `source`."""

    def records() -> Iterator[tuple[Any, Record]]:
        for number, (_, record) in enumerate(source.records(), 1):
            items = next((value for leaf, value in flat(record) if leaf == name), None)
            for item in items or ():
                yield (record[key] if key else number), item

    header = _link(source.name, key or numbered or "")
    taken = {leaf for _, item in records() for leaf, _ in flat(item)}
    header = f"parent_{header}" if header in taken else header
    part = f"{source.part}.{name}" if source.part else name
    return Source(table_name(f"{source.name}_{name}"), records, part, owner, header, source.depth + 1)


def flat(record: Record, prefix: str = "", depth: int = 1) -> Iterator[tuple[str, Any]]:
    """The leaves of nested objects as `outer.inner`; lists and what lies deeper stay whole."""
    for key, value in record.items():
        if isinstance(value, dict) and value and depth < _DEPTH:
            yield from flat(value, f"{prefix}{key}.", depth + 1)
        else:
            yield f"{prefix}{key}", value


def _listed(values: list[Any] | None) -> str | None:
    """A list of plain values as one text."""
    texts = [text for value in values or () if (text := _text(value))]
    return _checked(", ".join(texts)) if texts else None


def _text(value: Any) -> str | None:
    if _kind(value) == "empty":
        return None
    if isinstance(value, str):
        return _checked(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, (int, float)) else _checked(orjson.dumps(value).decode())


def _checked(text: str) -> str:
    if len(text) > MAX_CELL_BYTES:
        limit = f"{MAX_CELL_BYTES // 1_000_000} MB"
        raise Unreadable(f"A value is longer than {limit}.", "Leave such values out of the file.")
    return text
