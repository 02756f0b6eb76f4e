"""Tells dollars from percent from days, so that a figure is never printed as something it is not."""

from __future__ import annotations

import re

from warehouse.model import lexicon, suffixes
from warehouse.model.bags import bag
from warehouse.model.reading import ReadColumn, ReadTable
from warehouse.model.schema import Unit

_CURRENCIES = {code: code.upper() for code in suffixes.CURRENCIES} | {
    "dollar": "USD", "dollars": "USD", "euro": "EUR", "euros": "EUR", "rupees": "INR",
}  # fmt: skip
_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
_NAMED = {
    "days": "day", "hours": "hour", "hrs": "hour", "minutes": "minute", "mins": "minute", "seconds": "second",
    "secs": "second", "ms": "ms", "milliseconds": "ms", "weeks": "week", "months": "month", "years": "year", "kg": "kg",
    "kilograms": "kg", "grams": "g", "lb": "lb", "lbs": "lb", "pounds": "lb", "km": "km", "kilometers": "km",
    "miles": "mile", "meters": "m", "metres": "m", "cm": "cm", "mm": "mm", "sqft": "sq ft", "kwh": "kWh", "gb": "GB",
    "mb": "MB", "bytes": "byte", "liters": "liter", "litres": "liter", "celsius": "°C", "fahrenheit": "°F",
}  # fmt: skip
_PERCENT_WORDS = bag("percent percentage")
_SHARE_WORDS = bag("rate ratio share probability utilization utilisation")
_SHARED_RATES = bag("tax interest discount conversion churn growth unemployment occupancy return click open")


def money(column: ReadColumn) -> bool:
    """Whether the name or comment speaks of money; a currency code inside it counts."""
    named = {*column.words, column.unit_word or ""}
    if column.profile.unit:
        return column.profile.unit != "%"
    if named & {"count", "number", "rate", "ratio", *_PERCENT_WORDS, "id"}:
        return False
    return bool(named & lexicon.MONEY or named & _CURRENCIES.keys())


def unit_of(table: ReadTable, column: ReadColumn) -> Unit | None:
    """The unit that names, comments, neighbours and range tell; None rather than a guess."""
    share = _share(column)
    if share:
        return share
    if money(column):
        return _currency(table, column)
    commented = re.findall(r"[a-z]+", (column.profile.comment or "").lower()) if column.profile.comment else []
    named = next((_NAMED[w] for w in (column.unit_word, *column.words, *commented) if w in _NAMED), None)
    return Unit(name=named) if named else None


def decimals_of(column: ReadColumn) -> int | None:
    """Digits after the point: 0 for whole numbers, 2 for money, the scale of a decimal, else unknown."""
    if money(column):
        return 0 if column.kind == "integer" else 2
    if column.kind == "integer":
        return 0
    scale = re.search(r",\s*(\d+)\)", column.profile.duckdb_type)
    return min(int(scale[1]), 9) if scale else None


def _share(column: ReadColumn) -> Unit | None:
    named = set(column.words)
    percent = bool(named & _PERCENT_WORDS) or column.profile.unit == "%"
    if not percent and not named & _SHARE_WORDS:
        return None
    low, high = as_number(column.profile.min), as_number(column.profile.max)
    if low is None or high is None:
        return Unit(percent=True) if percent else None
    if low >= -1 and high <= 1:
        return Unit(ratio=True)
    if percent or (named & _SHARED_RATES and high <= 100):
        return Unit(percent=True)
    return None


def _currency(table: ReadTable, column: ReadColumn) -> Unit | None:
    if column.profile.unit and column.profile.unit != "%":
        return Unit(currency=column.profile.unit)
    told = next((_CURRENCIES[w] for w in (column.unit_word, *column.words) if w in _CURRENCIES), None)
    comment = column.profile.comment or ""
    told = told or next((code for symbol, code in _SYMBOLS.items() if symbol in comment), None)
    told = told or next((c for w, c in _CURRENCIES.items() if re.search(rf"\b{w}\b", comment.lower())), None)
    if told:
        return Unit(currency=told)
    beside = next((c for c in table.columns.values() if c.kind == "text" and c.words[-1] == "currency"), None)
    if beside is None or not beside.profile.values:
        return None
    if beside.profile.distinct == 1 and beside.profile.nulls == 0:
        return Unit(currency=str(beside.profile.values[0]).upper())
    return Unit(currency_column=beside.name)


def as_number(text: str | None) -> float | None:
    """An extreme of a profile as a number; None when it is none."""
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None
