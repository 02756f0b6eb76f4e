"""How a cell reads in a sentence: one rule for money, counts, percentages and periods in every numeral we write."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from tools.evidence import Column

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "CNY": "CN¥"}
_SCALES = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"))
MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
EMPTY = "no value"
_YES_NO = frozenset(("yes", "no", "true", "false", "y", "n"))

Text = tuple[str, int | None]
"""What is shown, and to how many decimals (of the shown scale) it was rounded."""


def cell_text(value: Any, column: Column, style: str = "full") -> Text:
    """A cell in words; styles: full, auto (short above a million), brief (no decimals above 1,000), abs, signed,
    percent_abs, percent_signed, points, whole (a chance in whole percent), label, inside (a figure's name within a
    sentence)."""
    if value is None:
        named = column.role in ("dimension", "time")
        return (f"(no {column.label.lower()})" if named else EMPTY), None
    number = _number(value, column)
    if number is None:
        text = _named(value, column) if style in ("label", "inside") else _label(value, column)
        return (text[:1].lower() + text[1:] if style == "inside" and not text[:2].isupper() else text), None
    return _STYLES.get(style, _full)(number, column)


def _number(value: Any, column: Column) -> Decimal | None:
    if column.type not in ("integer", "decimal", "float") or column.grain:
        return None
    if column.role == "dimension" and column.unit is None and not isinstance(value, float):
        return None  # a code or a year: "2023", never "2,023"
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _full(number: Decimal, column: Column) -> Text:
    if _is_ratio(column):
        return _percent(number, column)
    places = _places(number, column)
    return _dress(_group(abs(number), places), number, column), places


def _auto(number: Decimal, column: Column) -> Text:
    if _is_ratio(column):
        return _percent(number, column)
    for scale, letter in _SCALES:
        if abs(number) >= scale:
            return _dress(_group(abs(number) / scale, 2) + letter, number, column), 2
    return _full(number, column)


def _brief(number: Decimal, column: Column) -> Text:
    """As short as a summary wants it: thousands without decimals, millions as `_auto`."""
    if _is_ratio(column) or not 1000 <= abs(number) < _SCALES[-1][0]:
        return _auto(number, column)
    return _dress(_group(abs(number), 0), number, column), 0


def _percent(number: Decimal, column: Column) -> Text:
    shown = number * 100
    places = 1 if abs(shown) >= Decimal("0.05") or shown == 0 else 2
    if column.decimals is not None:
        places = max(column.decimals, places)
    return f"{'-' if shown < 0 else ''}{_group(abs(shown), places)}%", places


def _points(number: Decimal, column: Column) -> Text:
    """The change of a percentage: "1.2 percentage points"."""
    shown = number * 100 if _is_ratio(column) else number
    places = 1 if abs(shown) >= Decimal("0.05") or shown == 0 else 2
    text = f"{'-' if shown < 0 else ''}{_group(abs(shown), places)}"
    return f"{text} percentage point{'' if text in ('1.0', '-1.0') else 's'}", places


def _absolute(style: Callable[[Decimal, Column], Text]) -> Callable[[Decimal, Column], Text]:
    return lambda number, column: style(abs(number), column)


def _signed(style: Callable[[Decimal, Column], Text]) -> Callable[[Decimal, Column], Text]:
    def render(number: Decimal, column: Column) -> Text:
        text, places = style(number, column)
        return (f"+{text}" if number > 0 else text), places

    return render


_STYLES: dict[str, Callable[[Decimal, Column], Text]] = {
    "full": _full,
    "auto": _auto,
    "brief": _brief,
    "abs": _absolute(_auto),
    "signed": _signed(_auto),
    "percent_abs": _absolute(_percent),
    "percent_signed": _signed(_percent),
    "points": _absolute(_points),
    "whole": lambda number, _column: (f"{_group(abs(number) * 100, 0)}%", 0),
}


def _is_ratio(column: Column) -> bool:
    return column.unit is not None and column.unit.ratio


def _places(number: Decimal, column: Column) -> int:
    if column.decimals is not None:
        return column.decimals
    if column.type == "integer" or number == number.to_integral_value():
        return 0
    if column.unit is not None and (column.unit.currency or column.unit.currency_column):
        return 2
    size = abs(number)
    return 1 if size >= 100 else 2 if size >= 1 else 4


def _group(number: Decimal, places: int) -> str:
    return f"{number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):,f}"


def _dress(digits: str, number: Decimal, column: Column) -> str:
    sign = "-" if number < 0 and any(c in "123456789" for c in digits) else ""
    unit = column.unit
    if unit is not None and unit.currency:
        symbol = _SYMBOLS.get(unit.currency)
        return f"{sign}{symbol}{digits}" if symbol else f"{sign}{unit.currency} {digits}"
    if unit is not None and unit.percent:
        return f"{sign}{digits}%"
    return f"{sign}{digits}"


def _label(value: Any, column: Column) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.type in ("date", "datetime") or column.grain:
        return period_label(str(value), column.grain)
    return str(value)


def _named(value: Any, column: Column) -> str:
    """A member's name inside a sentence. "Remote yes", "Rating 5": what is no word is said with its column's name."""
    said = _label(value, column)
    dated = column.type in ("date", "datetime", "time") or column.grain
    if column.role != "dimension" or dated or (said.casefold() not in _YES_NO and any(c.isalpha() for c in said)):
        return said
    return f"{column.label} {said}"


_MEASURES = frozenset({
    "second", "minute", "hour", "day", "week", "month", "year", "mile", "kilometer", "kilometre", "meter", "metre",
    "foot", "pound", "kilogram", "ton", "tonne", "gallon", "liter", "litre", "point", "degree", "kilowatt hour",
})  # fmt: skip


def unit_words(column: Column, one: bool = False) -> str:
    """ " hours" after a time or a measure: of “21.1” nobody knows whether it is hours or minutes.

    Empty for everything that says its unit itself, as “Overtime hours” and “$3” do.
    """
    name = column.unit.name if column.unit is not None else None
    words = set(re.findall(r"[a-z]+", column.label.casefold()))
    if name is None or name not in _MEASURES or words & {name, f"{name}s"}:
        return ""
    return f" {name}" if one else f" {name}s".replace("foots", "feet")


def period_label(iso: str, grain: str | None) -> str:
    """An ISO date or time as people say it at that grain: "October 2026", "Q3 2026", "week of Oct 19, 2026"."""
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    if grain == "year":
        return str(moment.year)
    if grain == "quarter":
        return f"Q{(moment.month - 1) // 3 + 1} {moment.year}"
    if grain == "month":
        return f"{MONTH_NAMES[moment.month - 1]} {moment.year}"
    day = short_day(moment.date())
    if grain == "week":
        return f"the week of {day}"
    if grain == "hour" or (moment.hour or moment.minute or moment.second):
        return f"{day}, {moment:%H:%M}"
    return day


def short_day(day: date) -> str:
    """ "Oct 21, 2026"."""
    return f"{MONTH_NAMES[day.month - 1][:3]} {day.day}, {day.year}"
