"""Finds ways to drill down (country, state, city), so that a figure can be opened up one level at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from warehouse.model import words
from warehouse.model.probe import Probe
from warehouse.model.reading import ReadColumn, ReadTable
from warehouse.model.schema import Dimension, Hierarchy, Table

_ORDERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "place": (
        ("continent",), ("country", "nation"), ("region", "territory"), ("state", "province"), ("county",),
        ("city", "town"), ("district", "neighborhood"), ("postal", "zip", "postcode"),
    ),
    "category": (
        ("division",), ("department",), ("group", "family", "line"), ("category", "class"), ("subcategory",),
        ("product", "item"),
    ),
    "organization": (("company",), ("division",), ("department",), ("team",), ("manager",)),
    "model": (("make", "brand", "manufacturer"), ("model",), ("trim", "variant")),
}  # fmt: skip
_CONFIDENCE = 0.8
_TAILS = frozenset(("name", "code", "title"))


def own(table: ReadTable, dimensions: Mapping[str, Dimension], probe: Probe) -> dict[str, Hierarchy]:
    """Hierarchies among the columns of one table: known orders that the rows keep to. One query at most."""
    groups = {name: _levels(table, dimensions, order) for name, order in _ORDERS.items()}
    steps = [(fine, coarse) for found in groups.values() for coarse, fine in pairwise(found)]
    holds = dict(zip(steps, probe.determined(table.name, steps), strict=True)) if steps and table.rows else {}
    result = {}
    for name, found in groups.items():
        run = _longest_run(found, {step for step, kept in holds.items() if kept})
        if len(run) >= 2:
            result[name] = Hierarchy(levels=tuple(run), label=_label(table, run), confidence=_CONFIDENCE)
    return result


def across(tables: Mapping[str, Table]) -> dict[str, dict[str, Hierarchy]]:
    """Hierarchies along joins between tables of things (not events): category to product, country to maker."""
    joined = {j.to for t in tables.values() for j in t.joins}
    return {
        name: {"parents": Hierarchy(levels=tuple(levels), label=_path_label(levels, tables), confidence=_CONFIDENCE)}
        for name, table in tables.items()
        if name in joined and table.time is None and len(levels := _parents(name, tables, ())) >= 2
    }


def _levels(table: ReadTable, dimensions: Mapping[str, Dimension], order: Sequence[tuple[str, ...]]) -> list[str]:
    """The columns that are levels of a known order, coarse to fine; the first of two at the same level."""
    found: dict[int, str] = {}
    for column in table.columns.values():
        level = _level(column, order)
        if level is not None and column.name in dimensions and column.profile.distinct > 1:
            found.setdefault(level, column.name)
    return [found[level] for level in sorted(found)]


def _level(column: ReadColumn, order: Sequence[tuple[str, ...]]) -> int | None:
    named = [w for w in column.words if w not in _TAILS] or list(column.words)
    return next((i for i, level in enumerate(order) if named[-1] in level and column.kind == "text"), None)


def _longest_run(levels: Sequence[str], kept: set[tuple[str, str]]) -> list[str]:
    """The longest stretch of neighbouring levels in which every fine value has one coarse value."""
    best: list[str] = []
    run: list[str] = []
    for level in levels:
        run = [*run, level] if run and (level, run[-1]) in kept else [level]
        best = max(best, run, key=len)
    return best


def _parents(name: str, tables: Mapping[str, Table], seen: tuple[str, ...]) -> list[str]:
    """Name columns from the coarsest table down to `name`; a table that belongs to several is where the path begins."""
    table = tables[name]
    if table.name_column is None or name in seen:
        return []
    outer = [j.to for j in table.joins if j.role is None and tables[j.to].name_column]
    above = _parents(outer[0], tables, (*seen, name)) if len(outer) == 1 else []
    return [*above, f"{name}.{table.name_column}"]


def _label(table: ReadTable, levels: Sequence[str]) -> str:
    return _arrow([words.phrase([w for w in table.columns[n].words if w != "name"] or [n]) for n in levels])


def _path_label(levels: Sequence[str], tables: Mapping[str, Table]) -> str:
    names = [level.split(".", 1)[0] for level in levels]
    return _arrow([tables[n].record or n for n in names])


def _arrow(names: Sequence[str]) -> str:
    text = " › ".join(names)
    return text[:1].upper() + text[1:]
