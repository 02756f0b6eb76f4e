"""Proposes a semantic model from tables alone, so that a dropped file can be asked without anyone modelling it."""

from __future__ import annotations

from dataclasses import dataclass

from warehouse.model import dimensions, joins, keys, lexicon, measures, numbers, reading, times, words
from warehouse.model.probe import Probe
from warehouse.model.reading import ReadTable
from warehouse.model.review import ReviewItem
from warehouse.model.schema import Dimension, Join, Measure, NumberColumn, SemanticModel, Synonym, Table, TimeSpec
from warehouse.model.starters import starters
from warehouse.profile import DataProfile

_PERSON_PARTS = frozenset(("first", "last", "middle", "full", "user", "nick", "display", "short", "long"))


@dataclass(frozen=True)
class Inferred:
    """A proposed model (every entry has a confidence below 1) and what a person should confirm."""

    model: SemanticModel
    review: list[ReviewItem]


@dataclass(frozen=True)
class _Parts:
    key: tuple[str, ...]
    joins: tuple[Join, ...]
    time: TimeSpec | None
    numbers: dict[str, NumberColumn]
    dimensions: dict[str, Dimension]
    name_column: str | None


def infer(profile: DataProfile, probe: Probe, *, name: str) -> Inferred:
    """A model of all tables of `profile`: keys, many-to-one joins, dates, dimensions, numbers, measures and words.

    Deterministic: the same tables and rows give the same model.
    """
    tables = reading.read(profile)
    found = {n: keys.find(t, keys.owned_elsewhere(t, tables.values()), probe) for n, t in tables.items()}
    linked = joins.find(tables, {n: key for n, (key, _) in found.items()}, probe)
    parts = {n: _parts(t, found[n][0], linked.by_table[n]) for n, t in tables.items()}
    counted = measures.find(
        tables,
        {n: p.numbers for n, p in parts.items()},
        {n: frozenset(p.numbers) & frozenset(p.dimensions) for n, p in parts.items()},
    )
    model = SemanticModel(
        model=name,
        currency=_currency(parts),
        tables={n: _table(t, parts[n], counted[n]) for n, t in tables.items()},
    )
    model = model.model_copy(update={"starters": tuple(starters(model, profile))})
    review = [*linked.review, *(item for n, t in tables.items() for item in _doubts(t, parts[n], found[n][1]))]
    return Inferred(model, review)


def _parts(table: ReadTable, key: tuple[str, ...], found: tuple[Join, ...]) -> _Parts:
    linked = frozenset(column for join in found for column in join.on)
    named = dimensions.name_column(table)
    quantities = numbers.find(table, linked, key if len(key) == 1 else ())
    return _Parts(key, found, times.spec(table), quantities, dimensions.find(table, quantities, named), named)


def _table(table: ReadTable, parts: _Parts, counted: dict[str, Measure]) -> Table:
    record = words.phrase(table.record)
    return Table(
        source=table.name,
        label=words.label(table.records),
        record=record,
        records=words.phrase(table.records),
        name_column=parts.name_column,
        key=parts.key,
        joins=parts.joins,
        time=parts.time,
        dimensions={n: _worded(table, n, d) for n, d in parts.dimensions.items()},
        numbers={
            n: number.model_copy(update={"synonyms": _words_for(table, n)}) for n, number in parts.numbers.items()
        },
        measures=counted,
        synonyms=measures.generated(lexicon.synonyms(record)),
        confidence=0.8,
    )


def _worded(table: ReadTable, name: str, dimension: Dimension) -> Dimension:
    return dimension.model_copy(update={"synonyms": _words_for(table, name)})


def _words_for(table: ReadTable, name: str) -> tuple[Synonym, ...]:
    """Other words for a column: its bare word when the label adds the record, `state` for `state name`, the lexicon's."""
    column = table.columns[name]
    spoken, label = words.phrase(column.words), table.label(column)
    found = dict.fromkeys(lexicon.synonyms(spoken) or lexicon.synonyms(column.words[-1]), 0.7)
    if label.lower() != spoken.lower():
        found[spoken] = 0.8
    if len(column.words) > 1 and column.words[-1] == "name" and not _PERSON_PARTS.intersection(column.words):
        found[words.phrase(column.words[:-1])] = 0.9
    return measures.generated(found)


def _currency(parts: dict[str, _Parts]) -> str | None:
    """The currency of the whole model when only one is ever told."""
    seen = {n.unit.currency for p in parts.values() for n in p.numbers.values() if n.unit and n.unit.currency}
    return seen.pop() if len(seen) == 1 else None


def _doubts(table: ReadTable, parts: _Parts, key_confidence: float) -> list[ReviewItem]:
    items = []
    if parts.key and key_confidence < 0.9:
        items.append(
            _doubt(table, "key", " + ".join(parts.key), key_confidence, "is taken to identify a row", "Counts")
        )
    if parts.time and not times.sure(table, parts.time):
        items.append(
            _doubt(table, "time", parts.time.default, 0.7, "is taken as the date of a row", "Periods and trends")
        )
    for name, number in parts.numbers.items():
        stock = set(table.columns[name].words) & lexicon.STOCKS
        if stock and number.additive == "none":
            items.append(_doubt(table, "stock", name, 0.7, "is taken as a level, averaged over time", "Totals"))
    return items


def _doubt(table: ReadTable, kind: str, name: str, confidence: float, finding: str, effect: str) -> ReviewItem:
    return ReviewItem.model_validate(
        {
            "kind": kind,
            "table": table.name,
            "name": name,
            "finding": f"In {words.phrase(table.records)}, {name} {finding}.",
            "effect": f"{effect} would be wrong if it is not.",
            "confidence": confidence,
        }
    )
