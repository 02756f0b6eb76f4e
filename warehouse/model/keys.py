"""Finds what identifies a row, because counting and joining are only safe on a key."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from math import prod

from warehouse.model import lexicon
from warehouse.model.bags import bag
from warehouse.model.probe import Probe
from warehouse.model.reading import ReadColumn, ReadTable

ID_WORDS = bag("id key code uuid guid number")
_MOST_PARTS = 6
_LONGEST_NAME = 60
_FEWEST = 5  # rows that must differ before being different says anything


def bare_id(column: ReadColumn) -> bool:
    """Whether the column is called just `id` (or `row_id`, `key`, `uuid`)."""
    return column.words in (("id",), ("row", "id"), ("key",), ("uuid",), ("guid",))


def owns(table: ReadTable, column: ReadColumn) -> float:
    """How much the name of `column` says it identifies rows of `table`: 3 its own id, 2 an abbreviation, else 0."""
    if bare_id(column):
        return 3.0
    return max(_owned_as(name, column) for name in table.names)


def _owned_as(record: tuple[str, ...], column: ReadColumn) -> float:
    last, base = column.words[-1], "".join(column.words[:-1])
    if last in ID_WORDS and base == "".join(record):
        return 3.0
    if last == "name" and base == "".join(record):
        return 2.5
    if last in ID_WORDS and base and (record[-1] == base or (len(base) >= 3 and record[-1].startswith(base))):
        return 2.0
    initial = len(record) == 1 and column.name.lower() == f"{record[0][0]}id"
    return 2.0 if column.words == record or initial else 0.0


def owned_elsewhere(table: ReadTable, tables: Iterable[ReadTable]) -> frozenset[str]:
    """The columns of `table` whose name says they identify rows of another table."""
    others = [other for other in tables if other.name != table.name]
    return frozenset(
        c.name
        for c in table.columns.values()
        if not bare_id(c) and any(owns(other, c) > owns(table, c) for other in others)
    )


def id_like(column: ReadColumn) -> bool:
    """Whether the name says identifier: ends in id, key, code, number …, or looks like `aid`."""
    last = column.words[-1]
    return last in ID_WORDS or (len(column.words) == 1 and 2 < len(last) <= 5 and last.endswith("id"))


def find(table: ReadTable, foreign: frozenset[str], probe: Probe) -> tuple[tuple[str, ...], float]:
    """The key of a table and how sure it is (0-1); () when nothing identifies a row.

    `foreign` are the columns that other tables own: unique or not, they are tried last.
    """
    declared = tuple(c for c in table.profile.primary_key if c in table.columns)
    if declared:
        return declared, 0.99
    if table.rows == 0:
        named = [c.name for c in table.columns.values() if owns(table, c) >= 3]
        return tuple(named[:1]), 0.6
    own = _own_id(table, foreign, probe)
    return own or _composite(table, probe) or _borrowed(table, probe) or _any_unique(table, probe) or ((), 0.0)


_Found = tuple[tuple[str, ...], float]


def _own_id(table: ReadTable, foreign: frozenset[str], probe: Probe) -> _Found | None:
    named = [c for c in table.columns.values() if (owns(table, c) or id_like(c)) and c.name not in foreign]
    for column in sorted(named, key=lambda c: (-owns(table, c), c.kind != "integer")):
        if column.kind in ("text", "integer") and column.looks_unique and probe.unique(table.name, [column.name]):
            return (column.name,), 0.9 if owns(table, column) >= 3 or id_like(column) else 0.7
    return None


def _composite(table: ReadTable, probe: Probe) -> _Found | None:
    """Ids, with a date or a period (`product, day`), that only together occur once; enough values must differ."""
    whole = [c for c in table.columns.values() if c.profile.nulls == 0]
    pairs = len(whole) == len(table.columns) <= 3 and all(c.kind == "integer" for c in whole)
    parts = whole if pairs else [c for c in whole if id_like(c) or _period(c)]
    for size in (2, 3):
        for chosen in combinations(parts[:_MOST_PARTS], size):
            names = tuple(c.name for c in chosen)
            ids = sum(pairs or id_like(c) for c in chosen)
            possible = prod(c.profile.distinct for c in chosen) >= table.rows
            if ids >= size - 1 and possible and probe.unique(table.name, names):
                return names, 0.7
    return None


def _period(column: ReadColumn) -> bool:
    return column.temporal or (column.kind in ("integer", "text") and not lexicon.CALENDAR.isdisjoint(column.words))


def _borrowed(table: ReadTable, probe: Probe) -> _Found | None:
    """Another table's id or name that happens to be unique here, as in a table of extra facts about it."""
    for column in table.columns.values():
        named = id_like(column) or column.words[-1] == "name"
        plausible = named and column.kind in ("text", "integer") and column.looks_unique
        if plausible and probe.unique(table.name, [column.name]):
            return (column.name,), 0.7
    return None


def _any_unique(table: ReadTable, probe: Probe) -> _Found | None:
    """A short text that is different in every row of a table that says nothing else about what a row is."""
    for column in table.columns.values():
        short = column.kind == "text" and (column.profile.max_length or 0) <= _LONGEST_NAME
        if table.rows >= _FEWEST and short and column.looks_unique and probe.unique(table.name, [column.name]):
            return (column.name,), 0.6
    return None
