"""Tells quantities from codes and sums from averages: a summed zip code or unit price is a silent wrong answer."""

from __future__ import annotations

from typing import Literal, cast

from warehouse.model import lexicon, units, words
from warehouse.model.bags import bag
from warehouse.model.keys import bare_id
from warehouse.model.reading import ReadColumn, ReadTable
from warehouse.model.schema import Additivity, NumberColumn

MOST_GROUPS = 50
_MOST_SMALL = 1000
_OFTEN = 20  # rows for each fractional value, such as half years, before it is worth a group


def find(table: ReadTable, linked: frozenset[str], key: tuple[str, ...]) -> dict[str, NumberColumn]:
    """The quantities of a table; `linked` are its columns used by joins, which are codes like its key."""
    return {
        c.name: _number_column(table, c)
        for c in table.columns.values()
        if c.numeric and c.name not in linked and c.name not in key and not is_code(table, c)
    }


def is_code(table: ReadTable, column: ReadColumn) -> bool:
    """Whether digits only name something: ids, years, zips, phones, coordinates, flags, serial numbers."""
    named, last = set(column.words), column.words[-1]
    if named & lexicon.CODES and not (named & {"count", "number", "total"} and last not in lexicon.CODES):
        return True
    if bare_id(column) or (column.kind == "integer" and last.endswith("id") and len(last) <= 5):
        return True
    if named & lexicon.CALENDAR:
        return _calendar(column)
    if _years(column):
        return True
    if _flag(column) or _link_table(table):
        return True
    if last in ("number", "#"):
        return _serial_number(column)
    return _sequence(table, column)


def groupable(column: ReadColumn) -> bool:
    """Whether a quantity is also worth grouping by: whole, few values, and small ones (age, rating, cylinders)."""
    p = column.profile
    if units.money(column) or not 0 < p.distinct <= MOST_GROUPS:
        return False
    if lexicon.has(column.words, lexicon.ORDINALS) and (p.integral or "rating" in column.words):
        return True
    high = units.as_number(p.max)
    if high is None or high > _MOST_SMALL:
        return False
    return p.distinct * (2 if column.kind == "integer" else _OFTEN) <= p.rows


def additivity(table: ReadTable, column: ReadColumn) -> Additivity:
    """`all` when adding rows up means something, `none` for rates, prices, scores, attributes and stock levels."""
    named = set(column.words)
    if named & {"total", "sum", "amount", "revenue", "count", "quantity"} and not named & {"average", "avg", "rate"}:
        return "all"
    if "price" in named and _price_of_a_sale(table, column):
        return "all"
    if "unit" in named and named & lexicon.MONEY:
        return "none"  # what one piece costs
    if "rate" in named or "ratio" in named or "percent" in named:
        return "none"
    if column.words[0] in ("number", "count", "total") or column.words[-1] in lexicon.QUANTITIES:
        return "none" if _level_over_time(table, named) else "all"
    if _level_over_time(table, named):
        return "none"
    return "none" if named & lexicon.RATES else "all"


def summed(column: ReadColumn, additive: Additivity) -> bool:
    """Whether the natural figure is the sum; lengths or salaries may be summed too but are usually averaged."""
    counted = lexicon.has(column.words, bag("total sum amount number count"))
    return additive == "all" and (counted or not lexicon.has(column.words, lexicon.EXTENTS))


def _price_of_a_sale(table: ReadTable, column: ReadColumn) -> bool:
    """A price is an amount when each row is one sale; with a quantity beside it, it is a price per unit."""
    named = set(column.words)
    if named & {"unit", "list", "average", "per", "retail", "base", "open", "close", "high", "low"}:
        return False
    quantity = any(
        set(c.words) & {"quantity", "units", "shares", "volume"} for c in table.columns.values() if c.numeric
    )
    sold = bool(named & {"sale", "sold", "sales", "selling", "total", "paid", "purchase", "final"})
    return sold and not quantity and bool(set(table.record) & lexicon.EVENTS)


def _level_over_time(table: ReadTable, named: set[str]) -> bool:
    """Stock levels add up across things but not across days; tables of daily snapshots repeat them."""
    return bool(named & lexicon.STOCKS) and any(c.temporal for c in table.columns.values())


def _calendar(column: ReadColumn) -> bool:
    """A year or month as such; `years of experience` and `minutes played` are quantities."""
    named, low, high = set(column.words), units.as_number(column.profile.min), units.as_number(column.profile.max)
    if "year" in named and low is not None and high is not None and low >= 1000 and high <= 2999:
        return True
    if "year" in named and low is None:
        return True
    if named & lexicon.MONEY or named & lexicon.RATES - {"open", "close", "high", "low"}:
        return False
    return (
        column.words[-1] in lexicon.CALENDAR and "per" not in named and (high is None or high <= 60 or high >= 190001)
    )


def _years(column: ReadColumn) -> bool:
    """`contract until`, `member since`: whole numbers that are all years, under a name that asks for one."""
    low, high = units.as_number(column.profile.min), units.as_number(column.profile.max)
    if not column.profile.integral or low is None or high is None or units.money(column):
        return False
    return low >= 1900 and high <= 2100 and lexicon.has(column.words, lexicon.SINCE)


def _flag(column: ReadColumn) -> bool:
    p = column.profile
    zero_one = column.profile.integral and p.min in ("0", "0.0") and p.max in ("1", "1.0") and 0 < p.distinct <= 2
    counted = lexicon.has(column.words, lexicon.QUANTITIES) or units.money(column)
    return zero_one and (lexicon.has(column.words, lexicon.FLAGS) or (p.rows >= 20 and not counted))


def _link_table(table: ReadTable) -> bool:
    """Two or three whole-number columns with no word of quantity between them: pairs of ids under whatever names."""
    columns = table.columns.values()
    speaking = lexicon.QUANTITIES | lexicon.RATES | lexicon.EXTENTS | lexicon.MONEY | lexicon.CALENDAR
    return 2 <= len(columns) <= 3 and all(c.kind == "integer" and not lexicon.has(c.words, speaking) for c in columns)


def _serial_number(column: ReadColumn) -> bool:
    """`house number` names a house; `citation number` counts citations: the noun and the spread decide."""
    p, high = column.profile, units.as_number(column.profile.max)
    if len(column.words) == 1 or set(column.words[:-1]) & lexicon.CODE_NUMBERS:
        return p.integral
    most = 10_000 if set(column.words[:-1]) & lexicon.NUMBERED else 1_000_000
    return p.integral and ((p.rows >= 20 and p.distinct > 0.9 * p.rows) or (high is not None and high >= most))


def _sequence(table: ReadTable, column: ReadColumn) -> bool:
    """Different in every row and without gaps: a row number, whatever it is called."""
    p, low, high = column.profile, units.as_number(column.profile.min), units.as_number(column.profile.max)
    if not column.looks_unique or not p.integral or p.rows < 20 or low is None or high is None:
        return False
    quantity = lexicon.has(column.words, lexicon.QUANTITIES | lexicon.RATES) or units.money(column)
    return not quantity and high - low + 1 <= p.rows * 1.05


def _number_column(table: ReadTable, column: ReadColumn) -> NumberColumn:
    additive = additivity(table, column)
    return NumberColumn(
        label=_label(table, column),
        description=column.profile.comment,
        expr=column.expression if column.as_text else None,
        type=cast(Literal["integer", "decimal", "float"], column.kind),
        unit=units.unit_of(table, column),
        additive=additive,
        good=direction(column),
        decimals=units.decimals_of(column),
        confidence=0.8,
    )


def _label(table: ReadTable, column: ReadColumn) -> str:
    """`citation number` counts citations, so it reads as their number."""
    if column.words[-1] == "number" and len(column.words) > 1:
        return words.label(["number", "of", *column.words[:-2], words.many(column.words[-2])])
    return table.label(column)


def direction(column: ReadColumn) -> Literal["up", "down"] | None:
    """Whether more is better, when the name tells."""
    if lexicon.has(column.words, lexicon.GOOD_DOWN):
        return "down"
    return "up" if lexicon.has(column.words, lexicon.GOOD_UP) else None
