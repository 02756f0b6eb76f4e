"""The workspace's columns and the pack's columns as binding compares them: words, kinds, values, shapes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from knowledge.packs.parts import Column, Entity
from tools.binding.names import Tokens, tokens
from warehouse.model.schema import SemanticModel, Table
from warehouse.profile import ColumnProfile, DataProfile

Kind = Literal["integer", "decimal", "text", "boolean", "date", "timestamp", "other"]
_KINDS: tuple[tuple[str, Kind], ...] = (
    ("VARCHAR", "text"), ("UUID", "text"), ("ENUM", "text"), ("BOOL", "boolean"), ("TIMESTAMP", "timestamp"),
    ("DATETIME", "timestamp"), ("DATE", "date"), ("DECIMAL", "decimal"), ("DOUBLE", "decimal"), ("FLOAT", "decimal"),
    ("REAL", "decimal"), ("TINYINT", "integer"), ("SMALLINT", "integer"), ("INTEGER", "integer"),
    ("BIGINT", "integer"), ("HUGEINT", "integer"), ("UTINYINT", "integer"), ("USMALLINT", "integer"),
    ("UINTEGER", "integer"), ("UBIGINT", "integer"),
)  # fmt: skip
_FITS: dict[str, frozenset[Kind]] = {
    "id": frozenset({"integer", "text"}),
    "text": frozenset({"text"}),
    "category": frozenset({"text", "integer", "boolean"}),
    "flag": frozenset({"boolean", "integer", "text"}),
    "date": frozenset({"date", "timestamp"}),
    "timestamp": frozenset({"timestamp", "date"}),
    "number": frozenset({"integer", "decimal"}),
    "money": frozenset({"integer", "decimal"}),
    "percent": frozenset({"integer", "decimal"}),
    "ratio": frozenset({"decimal", "integer"}),
}
_COUNTS = frozenset({"quantity", "count", "number", "unit", "id", "day", "hour", "minute", "percent", "rate", "ratio"})
_TRUE = frozenset({"1", "true", "t", "y", "yes"})
_FALSE = frozenset({"0", "false", "f", "n", "no"})


@dataclass(frozen=True)
class Stored:
    """A column of the workspace: its spellings, kind and profile."""

    table: str
    name: str
    kind: Kind
    spellings: tuple[Tokens, ...]
    profile: ColumnProfile

    @property
    def expression(self) -> str:
        """The column as it stands in expressions of the model."""
        plain = self.name.isidentifier() and self.name.isascii()
        return self.name if plain else '"' + self.name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Wanted:
    """A column of the pack with the spellings it is known by, each with how much that says (0-1)."""

    entity: str
    name: str
    told: Column
    spellings: tuple[tuple[Tokens, float], ...]


def kind_of(profile: ColumnProfile) -> Kind:
    """What a stored column holds."""
    stored = profile.duckdb_type.upper()
    return next((kind for start, kind in _KINDS if stored.startswith(start)), "other")


def stored_columns(model: SemanticModel, profile: DataProfile) -> dict[str, list[Stored]]:
    """Every table of the model that has data, with its columns."""
    return {
        name: [_stored(name, table, column) for column in profile.tables[table.source].columns.values()]
        for name, table in model.tables.items()
        if table.source in profile.tables
    }


def _stored(name: str, table: Table, column: ColumnProfile) -> Stored:
    known = table.dimensions.get(column.name) or table.numbers.get(column.name)
    written = [column.name, column.comment or "", known.label or "" if known and known.confidence == 1 else ""]
    spellings = dict.fromkeys(tokens(w) for w in written if w)
    return Stored(name, column.name, kind_of(column), tuple(spellings), column)


def wanted_columns(name: str, entity: Entity) -> list[Wanted]:
    """The columns of an entity as they are looked for."""
    return [Wanted(name, c, told, _spellings(c, told)) for c, told in entity.columns.items()]


def _spellings(name: str, column: Column) -> tuple[tuple[Tokens, float], ...]:
    weighed: dict[Tokens, float] = {}
    for spelled, weight in [
        (name, 1.0), (column.label or name, 0.98), *((s, 0.96) for s in column.synonyms),
        *((n, 0.94) for n in column.names),
    ]:  # fmt: skip
        weighed.setdefault(tokens(spelled), weight)
    return tuple(weighed.items())


def entity_words(name: str, entity: Entity) -> list[tuple[Tokens, float]]:
    """What tables of an entity are called."""
    said = [(name, 1.0), (entity.label, 1.0), *((s, 0.97) for s in entity.synonyms), *((n, 0.95) for n in entity.names)]
    return [(tokens(text), weight) for text, weight in said]


def fits(wanted: Wanted, stored: Stored) -> bool:
    """Whether a stored column can be what is wanted, by kind, fill and range alone."""
    column, profile = wanted.told, stored.profile
    if stored.kind not in _FITS[column.kind] or (profile.rows and profile.nulls >= profile.rows):
        return False
    if column.kind in ("money", "number", "percent", "ratio") and not _in_range(column, profile):
        return False
    if column.kind == "flag" and profile.distinct > 2:
        return False
    if column.kind == "money" and profile.unit == "%":
        return False
    if column.kind == "category" and stored.kind == "integer" and profile.distinct > 60:
        return False
    if column.kind == "money":
        return not _says_count(stored)
    return True


def _says_count(stored: Stored) -> bool:
    """Whether a number's name says that it is no money: its last word counts something."""
    return any(s[-1] in _COUNTS for s in stored.spellings if s)


def _in_range(column: Column, profile: ColumnProfile) -> bool:
    low, high = column.range
    if column.kind == "percent" and column.range == (None, None):
        low, high = Decimal(-200), Decimal(1000)
    if column.kind == "ratio" and column.range == (None, None):
        low, high = Decimal(-2), Decimal(10)
    typical = _number(profile.mean)
    if typical is None:
        return True
    return (low is None or typical >= low) and (high is None or typical <= high)


def _number(value: object) -> Decimal | None:
    try:
        return None if value is None else Decimal(str(value))
    except InvalidOperation:
        return None


def plain_value(value: object) -> str:
    """A stored value for comparison: lower case, only letters and digits."""
    return re.sub(r"[^a-z0-9]+", "", str(value).casefold())


def mapped_values(column: Column, profile: ColumnProfile) -> dict[str, tuple[str, ...]]:
    """Canonical value -> the stored values that say it. A stored value that could be two says none."""
    spelled: dict[str, set[str]] = {}
    for canonical, others in column.values.items():
        for text in (canonical, *others):
            spelled.setdefault(plain_value(text), set()).add(canonical)
        if column.kind == "flag":
            for text in _TRUE if canonical in ("true", "yes") else _FALSE if canonical in ("false", "no") else ():
                spelled.setdefault(text, set()).add(canonical)
    found: dict[str, list[str]] = {}
    for value in profile.values:
        meant = spelled.get(plain_value(value), set())
        if len(meant) == 1:
            found.setdefault(next(iter(meant)), []).append(str(value))
    return {canonical: tuple(values) for canonical, values in found.items()}


def values_of(column: Column, profile: ColumnProfile) -> dict[str, tuple[str, ...]]:
    """Canonical value -> stored values; a category whose values the pack leaves open has its own."""
    if column.kind == "category" and not column.values:
        return {str(v): (str(v),) for v in profile.values}
    return mapped_values(column, profile)


def value_share(mapped: Mapping[str, tuple[str, ...]], profile: ColumnProfile) -> float:
    """Which part (0-1) of the common stored values is understood."""
    known = sum(len(v) for v in mapped.values())
    return known / len(profile.values) if profile.values else 0.0


def stored_value(values: Mapping[str, tuple[str, ...]], said: str) -> tuple[str, ...]:
    """The stored values that a value of a pack's condition stands for; none when the data has no such value."""
    if said in values:
        return values[said]
    same = [stored for canonical, stored in values.items() if plain_value(canonical) == plain_value(said)]
    return same[0] if len(same) == 1 else ()
