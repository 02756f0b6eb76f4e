"""Reads the profile once into words and kinds, so that every rule of inference sees names and types the same way."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from warehouse.literals import quoted
from warehouse.model import lexicon, suffixes, words
from warehouse.model.bags import bag
from warehouse.model.probe import Probe
from warehouse.profile import ColumnProfile, DataProfile, TableProfile

Kind = Literal["text", "integer", "decimal", "float", "boolean", "date", "timestamp", "instant", "time", "other"]
GENERIC = bag(
    "id name type status code number date time kind class title key description level comment notes "
    "flag value amount total count"
)
_MEANINGFUL = bag("num no number total tot avg average max min sum count cnt is has date pct percent net gross")
_KINDS: dict[str, Kind] = {
    "VARCHAR": "text", "UUID": "text", "ENUM": "text", "BOOLEAN": "boolean", "DATE": "date", "TIME": "time",
    "DOUBLE": "float", "FLOAT": "float", "REAL": "float", "DECIMAL": "decimal",
    "TINYINT": "integer", "SMALLINT": "integer", "INTEGER": "integer", "BIGINT": "integer", "HUGEINT": "integer",
    "UTINYINT": "integer", "USMALLINT": "integer", "UINTEGER": "integer", "UBIGINT": "integer",
    "TIMESTAMP": "timestamp", "TIMESTAMP_S": "timestamp", "TIMESTAMP_MS": "timestamp", "TIMESTAMP_NS": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "instant", "TIMESTAMPTZ": "instant",
}  # fmt: skip


_NUMBERISH = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?")
_NO_VALUE = bag("null none na n/a nil - ? unknown missing")
_LONGEST_NUMBER = 20
_NUMBERS = ("integer", "decimal", "float")
_CAST: dict[Kind, str] = {"integer": "BIGINT", "float": "DOUBLE"}


@dataclass(frozen=True)
class ReadColumn:
    """A column with its words (prefix dropped, abbreviations spelled out) and its kind.

    `as_text` is true for numbers that are stored as text; `kind` and the extremes of `profile` are then the numbers.
    `unit_word` is the unit that stood at the end of the name and is no part of what people call it.
    """

    name: str
    profile: ColumnProfile
    words: tuple[str, ...]
    kind: Kind
    as_text: bool = False
    unit_word: str | None = None

    @property
    def stored(self) -> str:
        """The column as it stands in expressions of the model: bare when it is a plain name, else quoted."""
        return self.name if self.name.isidentifier() and self.name.isascii() else quoted(self.name)

    @property
    def expression(self) -> str:
        """What the column says: as it is stored, or as a number when that is kept as text."""
        return f"TRY_CAST({self.stored} AS {_CAST[self.kind]})" if self.as_text else self.stored

    @property
    def numeric(self) -> bool:
        return self.kind in _NUMBERS

    @property
    def temporal(self) -> bool:
        return self.kind in ("date", "timestamp", "instant")

    @property
    def filled(self) -> float:
        """Share of rows with a value; 1.0 for an empty table."""
        return 1 - self.profile.nulls / self.profile.rows if self.profile.rows else 1.0

    @property
    def looks_unique(self) -> bool:
        """As many different values as rows, as far as the profile counted exactly."""
        p = self.profile
        close = p.distinct == p.rows if p.distinct_exact else p.distinct > 0.9 * p.rows
        return p.nulls == 0 and close


@dataclass(frozen=True)
class ReadTable:
    """A table with the words for one of its rows; `stem` is its whole name in singular words."""

    name: str
    profile: TableProfile
    record: tuple[str, ...]
    stem: tuple[str, ...]
    columns: dict[str, ReadColumn] = field(default_factory=dict)
    alone: bool = False

    @property
    def rows(self) -> int:
        return self.profile.rows

    @property
    def names(self) -> tuple[tuple[str, ...], ...]:
        """What the table may be called inside the name of a column that refers to it."""
        return (self.record,) if self.record == self.stem else (self.record, self.stem)

    @property
    def records(self) -> tuple[str, ...]:
        return tuple(words.records_words(self.record))

    def label(self, column: ReadColumn) -> str:
        """A readable name; where there are several tables, bare words such as `type` get the record ("Order type")."""
        if column.words[0] in ("number", "count") and column.words[1:2] == ("of",):
            return words.label([*column.words[:-1], words.many(column.words[-1])])
        if len(column.words) > 1 and column.words[-1] in ("yn", "flag", "indicator"):
            return words.label(column.words[:-1])
        lone = len(column.words) == 1 and column.words[0] in GENERIC and not self.alone
        timed = column.words in (("date", "time"), ("created", "time"))
        if (lone or timed) and column.words[0] not in self.record:
            return words.label([*self.record, *column.words])
        return words.label(column.words)


def kind_of(duckdb_type: str) -> Kind:
    """What a DuckDB type is to a business user."""
    return _KINDS.get(duckdb_type.upper().split("(")[0].strip(), "other")


def read(profile: DataProfile, probe: Probe) -> dict[str, ReadTable]:
    """All tables of the profile, in its order."""
    prefix = words.shared_prefix(list(profile.tables))
    known, brought = _known_words(profile), _brought(profile)
    tables = {
        name: _read_table(table, brought.get(name, prefix), known, probe) for name, table in profile.tables.items()
    }
    initials = _initial_ids(tables)
    return {name: _with_initials(table, initials, len(tables) == 1) for name, table in tables.items()}


def _brought(profile: DataProfile) -> dict[str, int]:
    """Leading parts that only say which connection brought a table, where what is left means this table alone."""
    sources = profile.tables.get("connected_sources")
    ids = sources.columns["connection_id"].values if sources and "connection_id" in sources.columns else []
    found = {n: f"{one}_" for n in profile.tables for one in sorted(ids, key=len) if n.startswith(f"{one}_")}
    plain = Counter(n.removeprefix(found.get(n, "")) for n in profile.tables)
    return {n: len(words.split(mark)) for n, mark in found.items() if plain[n.removeprefix(mark)] == 1}


def _initial_ids(tables: dict[str, ReadTable]) -> dict[str, tuple[str, ...]]:
    """Ids named by the first letter of their table (`aid` of author), where only one table can be meant."""
    owners: dict[str, list[tuple[str, ...]]] = {}
    for table in tables.values():
        short = f"{table.record[0][0]}id"
        for name in table.columns:
            if len(table.record) == 1 and name.lower() == short:
                owners.setdefault(name, []).append((*table.record, "id"))
    return {name: found[0] for name, found in owners.items() if len(found) == 1}


def _with_initials(table: ReadTable, initials: dict[str, tuple[str, ...]], alone: bool) -> ReadTable:
    columns = {n: replace(c, words=initials.get(n, c.words)) for n, c in table.columns.items()}
    return replace(table, columns=columns, alone=alone)


def _known_words(profile: DataProfile) -> frozenset[str]:
    """Words that may be half of a run-together name: those of the dictionary and all that stand alone in some name."""
    names = [n for t in profile.tables.values() for n in (t.name, *t.columns)]
    alone = {part for name in names for part in words.split(name) if len(words.split(name)) > 1}
    tables = {words.singular(part) for name in profile.tables for part in words.split(name)}
    return lexicon.WORDS | {part for part in alone | tables if len(part) > 2}


def _read_table(table: TableProfile, prefix: int, known: frozenset[str], probe: Probe) -> ReadTable:
    record = tuple(words.record_words(table.name, prefix))
    stem = tuple(words.singular(w) for w in words.expand(words.split(table.name)[prefix:])) or record
    dropped = _droppable(list(table.columns), record)
    columns = {name: _read_column(column, dropped, known) for name, column in table.columns.items()}
    called = Counter(c.words for c in columns.values())
    columns = {  # price_usd beside price_eur, or beside price: the unit tells them apart
        n: c if called[c.words] == 1 else replace(c, words=_spelled(table.columns[n], dropped, known), unit_word=None)
        for n, c in columns.items()
    }
    return ReadTable(table.name, table, record, stem, {n: _as_number(table, c, probe) for n, c in columns.items()})


def _droppable(names: Sequence[str], record: Sequence[str]) -> int:
    """How many leading parts of the column names say nothing; a prefix that is only half the table's name does."""
    same = words.shared_prefix(names)
    parts = words.split(names[0])[:same] if same else []
    meaningful = next((i for i, part in enumerate(parts) if part in _MEANINGFUL), same)
    half = set(words.expand(parts[:meaningful])) < set(record)
    return 0 if half else meaningful


def _read_column(column: ColumnProfile, dropped: int, known: frozenset[str]) -> ReadColumn:
    kind = kind_of(column.duckdb_type)
    parts = _parts(column, dropped, known)
    spoken, unit = suffixes.parted(parts) if kind in _NUMBERS else (parts, None)
    return ReadColumn(column.name, column, _words(spoken, column.name), kind, unit_word=unit)


def _spelled(column: ColumnProfile, dropped: int, known: frozenset[str]) -> tuple[str, ...]:
    """All words of a name, its unit too."""
    return _words(_parts(column, dropped, known), column.name)


def _parts(column: ColumnProfile, dropped: int, known: frozenset[str]) -> list[str]:
    return [word for part in words.split(column.name)[dropped:] for word in words.apart(part, known)]


def _words(parts: Sequence[str], name: str) -> tuple[str, ...]:
    spelled = words.expand(parts) or [name]
    if len(spelled) == 2 and spelled[0] == "number" and words.singular(spelled[1]) != spelled[1]:
        spelled.insert(1, "of")  # `number_products` counts products
    return tuple(spelled)


def _as_number(table: TableProfile, column: ReadColumn, probe: Probe) -> ReadColumn:
    """Text that only holds numbers is read as numbers when its name or its fractions say that it measures something."""
    if column.kind != "text" or not _numberish(column) or not lexicon.CODES.isdisjoint(column.words):
        return column
    found = probe.numbers(table.name, column.name)
    if found is None or (found.integral and lexicon.MEASURED.isdisjoint(column.words)):
        return column
    profile = column.profile.model_copy(update=found.model_dump())
    return replace(column, profile=profile, kind="integer" if found.integral else "float", as_text=True)


def _numberish(column: ReadColumn) -> bool:
    """Whether the common values look like numbers, short of asking the data."""
    values = [str(v).strip() for v in column.profile.values]
    numbers = sum(bool(_NUMBERISH.fullmatch(v)) for v in values)
    marks = sum(v.lower() in _NO_VALUE or not v for v in values)
    short = (column.profile.max_length or 0) <= _LONGEST_NUMBER
    return short and numbers > 0 and numbers + marks == len(values)
