"""Puts what inference was not sure of into words, with the evidence and what would go wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from warehouse.model import lexicon, times, words
from warehouse.model.reading import ReadTable
from warehouse.model.review import ReviewItem
from warehouse.model.schema import NumberColumn, TimeSpec

_SURE = 0.9


def of_key(table: ReadTable, key: tuple[str, ...], confidence: float) -> Iterator[ReviewItem]:
    """A key that only the rows at hand speak for."""
    if key and confidence < _SURE:
        name = " + ".join(key)
        yield ReviewItem(
            kind="key", table=table.name, name=name, confidence=confidence, proposal=list(key),
            finding=f"In {words.phrase(table.records)}, {name} is taken to identify a row.",
            evidence=f"Different in each of the {table.rows:,} rows; the name does not say so.",
            effect="Counts would be wrong if it is not.",
        )  # fmt: skip


def of_time(table: ReadTable, time: TimeSpec | None) -> Iterator[ReviewItem]:
    """A default date that does not stand out from the others."""
    if time and not times.sure(table, time):
        others = [name for name in time.columns if name != time.default]
        yield ReviewItem(
            kind="time", table=table.name, name=time.default, confidence=0.7, proposal=time.default,
            finding=f"In {words.phrase(table.records)}, {time.default} is taken as the date of a row.",
            evidence=f"Other dates: {', '.join(others)}." if others else "It is the only date.",
            effect="Periods and trends would be wrong if it is not.",
        )  # fmt: skip


def of_stocks(table: ReadTable, numbers: Mapping[str, NumberColumn]) -> Iterator[ReviewItem]:
    """Levels such as stock or balance, which must not be added up over time."""
    for name, number in numbers.items():
        if number.additive == "none" and set(table.columns[name].words) & lexicon.STOCKS:
            yield ReviewItem(
                kind="stock", table=table.name, name=name, confidence=0.7, proposal=name,
                finding=f"In {words.phrase(table.records)}, {name} is taken as a level and not added up over time.",
                evidence="Its name speaks of a level, and the table has dates.",
                effect="Totals would be wrong if it is not.",
            )  # fmt: skip
