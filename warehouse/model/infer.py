"""Proposes a semantic model from tables alone, so that a dropped file can be asked without anyone modelling it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from warehouse.model import (
    called,
    dimensions,
    doubts,
    hierarchies,
    joins,
    keys,
    lexicon,
    measures,
    number_columns,
    outcomes,
    reading,
    spoken,
    times,
    words,
)
from warehouse.model.probe import Probe
from warehouse.model.reading import ReadColumn, ReadTable
from warehouse.model.review import ReviewItem
from warehouse.model.schema import (
    Bridge,
    Described,
    Dimension,
    Hierarchy,
    Join,
    Measure,
    Metric,
    NumberColumn,
    SemanticModel,
    Table,
    TimeSpec,
)
from warehouse.model.starters import starters
from warehouse.profile import DataProfile


@dataclass(frozen=True)
class Inferred:
    """A proposed model (every entry has a confidence below 1) and what a person should confirm."""

    model: SemanticModel
    review: list[ReviewItem]


Entry = TypeVar("Entry", bound=Described)
Records = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class _Parts:
    key: tuple[str, ...]
    joins: tuple[Join, ...]
    time: TimeSpec | None
    numbers: dict[str, NumberColumn]
    dimensions: dict[str, Dimension]
    name_column: str | None
    hierarchies: dict[str, Hierarchy]


def infer(profile: DataProfile, probe: Probe, *, name: str) -> Inferred:
    """A model of all tables of `profile`: keys, many-to-one joins, dates, dimensions, numbers, measures and words.

    Deterministic: the same tables and rows give the same model.
    """
    tables = {n: replace(t, record=called.record(t)) if t.alone else t for n, t in reading.read(profile, probe).items()}
    found = {n: keys.find(t, keys.owned_elsewhere(t, tables.values()), probe) for n, t in tables.items()}
    linked = joins.find(tables, {n: key for n, (key, _) in found.items()}, probe)
    records = frozenset(record for t in tables.values() for record in t.names)
    parts = {n: _parts(t, found[n][0], linked.by_table[n], records, probe) for n, t in tables.items()}
    heads = measures.heads(tables, {n: p.numbers for n, p in parts.items()})
    counted = measures.find(
        tables,
        {n: p.numbers for n, p in parts.items()},
        {n: frozenset(p.numbers) & frozenset(p.dimensions) for n, p in parts.items()},
        heads,
    )
    made = {n: _table(t, parts[n], counted[n]) for n, t in tables.items()}
    metrics: dict[str, Metric] = {}
    for n, t in tables.items():
        made[n], rates = outcomes.with_rates(t, made[n], made[n].dimensions)
        metrics |= rates
    for n, levels in hierarchies.across(made).items():
        made[n] = made[n].model_copy(update={"hierarchies": {**levels, **made[n].hierarchies}})
    model = SemanticModel(model=name, currency=_currency(parts), tables=made, metrics=metrics)
    model = model.model_copy(update={"starters": tuple(starters(model, profile))})
    review = list(linked.review)
    for n, t in tables.items():
        review += doubts.of_key(t, parts[n].key, found[n][1])
        review += doubts.of_time(t, parts[n].time)
        review += doubts.of_stocks(t, parts[n].numbers)
    return Inferred(model, review)


def _parts(table: ReadTable, key: tuple[str, ...], found: tuple[Join, ...], records: Records, probe: Probe) -> _Parts:
    joined = {column for join in found for column in join.on}
    linked = frozenset(joined | {c.name for c in table.columns.values() if _refers(c, records)})
    named = dimensions.name_column(table)
    quantities = number_columns.find(table, linked, key if len(key) == 1 else ())
    groups = dimensions.find(table, quantities, named, linked)
    levels = hierarchies.own(table, groups, probe)
    return _Parts(key, found, times.spec(table), quantities, groups, named, levels)


def _refers(column: ReadColumn, records: Records) -> bool:
    """Whether a column is called like the rows of some table, so that its numbers are ids even when no join holds."""
    plain = column.kind == "integer" and not lexicon.has(
        column.words, lexicon.QUANTITIES | lexicon.MONEY | lexicon.RATES
    )
    return plain and (column.words in records or any(column.words == record[-1:] for record in records))


def _table(table: ReadTable, parts: _Parts, counted: dict[str, Measure]) -> Table:
    record = words.phrase(table.record)
    joined = frozenset(column for join in parts.joins for column in join.on)
    return Table(
        source=table.name,
        label=words.label(table.records),
        record=record,
        records=words.phrase(table.records),
        name_column=parts.name_column,
        key=parts.key,
        joins=parts.joins,
        bridge=Bridge() if _links_two(table, parts) else None,
        time=parts.time and parts.time.model_copy(update={"columns": _worded(table, parts.time.columns, joined)}),
        dimensions=_worded(table, parts.dimensions, joined),
        numbers=_worded(table, parts.numbers, joined),
        measures=measures.as_levels(table, parts.key, counted),
        hierarchies=parts.hierarchies,
        synonyms=measures.generated(lexicon.synonyms(record)),
        confidence=0.8,
    )


def _links_two(table: ReadTable, parts: _Parts) -> bool:
    """Whether a row says nothing but that one thing belongs to another: two joins are its key, and no quantity."""
    joined = {column for join in parts.joins for column in join.on}
    return len(parts.joins) == 2 and set(parts.key) == joined and not parts.numbers and not parts.time


def _worded(table: ReadTable, entries: Mapping[str, Entry], joined: frozenset[str]) -> dict[str, Entry]:
    """The entries with the other words for their columns."""
    return {
        name: entry.model_copy(
            update={
                "synonyms": measures.generated(
                    spoken.synonyms(table, table.columns[name], entry.label or name, linked=name in joined)
                )
            }
        )
        for name, entry in entries.items()
    }


def _currency(parts: dict[str, _Parts]) -> str | None:
    """The currency of the whole model when only one is ever told."""
    seen = {n.unit.currency for p in parts.values() for n in p.numbers.values() if n.unit and n.unit.currency}
    return seen.pop() if len(seen) == 1 else None
