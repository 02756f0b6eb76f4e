"""Finds tables that describe the same things side by side and share a key but no name for it: `cars`, `car names`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations

from warehouse.model.keys import id_like, owns
from warehouse.model.probe import Probe
from warehouse.model.reading import ReadColumn, ReadTable
from warehouse.model.review import ReviewItem
from warehouse.model.schema import Join

_FEWEST = 10  # rows below which equal keys 1..n say nothing
CONFIDENCE = 0.75


def find(
    tables: Mapping[str, ReadTable], keys: Mapping[str, tuple[str, ...]], linked: Mapping[str, tuple[Join, ...]],
    probe: Probe,
) -> list[tuple[str, Join]]:  # fmt: skip
    """One-to-one joins (table, join): as many rows, the same key values, and one's record named after the other's.

    They lead from the table with more quantities to the other. Tables already joined to each other are left alone.
    """
    pairs = ((t, u) for t, u in permutations(tables.values(), 2) if _named_after(t, u) and t.rows == u.rows >= _FEWEST)
    apart = ((t, u) for t, u in pairs if not _joined(t, u, linked))
    return [found for whole, part in apart for found in _twin(whole, part, keys, probe)]


def review_of(table: str, join: Join) -> ReviewItem:
    """What a person should confirm about a one-to-one join."""
    (column,) = join.on
    return ReviewItem(
        kind="join", table=table, name=column, confidence=join.confidence, proposal={"to": join.to, "on": join.on},
        evidence="Both tables have as many rows, and every value is found on both sides.",
        finding=f"{table}.{column} and {join.to}.{join.on[column]} hold the same values, so rows are put together.",
        effect="Columns of the one would be told of the wrong row of the other if it is not so.",
    )  # fmt: skip


def _named_after(whole: ReadTable, part: ReadTable) -> bool:
    """`car name` is named after `car`."""
    return len(part.record) > len(whole.record) and part.record[: len(whole.record)] == whole.record


def _joined(left: ReadTable, right: ReadTable, linked: Mapping[str, tuple[Join, ...]]) -> bool:
    return any(j.to == right.name for j in linked[left.name]) or any(j.to == left.name for j in linked[right.name])


def _twin(
    whole: ReadTable, part: ReadTable, keys: Mapping[str, tuple[str, ...]], probe: Probe
) -> Iterator[tuple[str, Join]]:
    key, other = keys[whole.name], keys[part.name]
    if len(key) != 1 or len(other) != 1 or owns(part, part.columns[other[0]]) >= 3:
        return
    if whole.columns[key[0]].kind != part.columns[other[0]].kind:
        return
    same = probe.contained(part.name, other[0], whole.name, key[0])
    if same == 1.0 and probe.contained(whole.name, key[0], part.name, other[0]) == 1.0:
        source, target = sorted((whole, part), key=_quantities, reverse=True)
        on = {(keys[source.name])[0]: keys[target.name][0]}
        yield source.name, Join(to=target.name, on=on, confidence=CONFIDENCE)


def _quantities(table: ReadTable) -> int:
    return sum(_quantity(c) for c in table.columns.values())


def _quantity(column: ReadColumn) -> bool:
    return column.numeric and not id_like(column)
