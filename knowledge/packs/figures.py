"""Finds figures with their units in prose, so that no benchmark is quoted that its passage does not state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50,
    "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"
_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
_SCALES = {"k": 1_000, "thousand": 1_000, "m": 10**6, "mn": 10**6, "million": 10**6, "bn": 10**9, "billion": 10**9,
           "trillion": 10**12}  # fmt: skip
_FIGURE = re.compile(
    rf"(?<![\w.,])(?P<sign>[$€£¥₹]|(?:USD|EUR|GBP|JPY|CHF|INR)\s?)?(?P<number>{_NUMBER}|\b(?:{'|'.join(_WORDS)})\b)"
    r"(?P<scale>\s?(?:thousand|million|billion|trillion|bn|mn|k|m)\b)?"
    r"(?P<unit>\s?%|\s?per ?cent\b(?:age points?)?|-?\s?[a-z]+)?"
    r"(?P<after>(?:\s+[a-z]+){0,2})",
    re.I,
)
_JOINED = re.compile(rf"({_NUMBER})\s?(?:–|—|-|to|and)\s?(?=[$€£¥]?{_NUMBER})")
_PERCENT = ("percent", "ratio")


@dataclass(frozen=True)
class Figure:
    """A number of a text: its value, the currency before it, whether % follows, the words that follow."""

    value: Decimal
    currency: str | None
    percent: bool
    words: tuple[str, ...]


def found(text: str) -> Iterator[Figure]:
    """Every figure of `text`. The first number of a range ("28 to 35 %") takes the unit of the last one."""
    waiting: list[Figure] = []
    for match in _FIGURE.finditer(text):
        figure = _figure(match)
        if _JOINED.match(text, match.start("number")) and not figure.percent:
            waiting.append(figure)
            continue
        for first in waiting:
            yield Figure(first.value, first.currency or figure.currency, figure.percent, figure.words)
        waiting = []
        yield figure
    yield from waiting


def _figure(match: re.Match[str]) -> Figure:
    number = match["number"].replace(",", "").casefold()
    value = Decimal(_WORDS[number]) if number in _WORDS else Decimal(number)
    scale = (match["scale"] or "").strip().casefold()
    unit = (match["unit"] or "").strip(" -").casefold()
    sign = (match["sign"] or "").strip()
    percent = unit in ("%", "percent", "per cent") or unit.startswith(("percentage", "per cent"))
    words = tuple(w for w in (unit, *(match["after"] or "").casefold().split()) if w and w != "%")
    return Figure(value * _SCALES.get(scale, 1), _SIGNS.get(sign, sign.upper() or None), percent, words)


def states(text: str, value: Decimal, unit: str, currency: str | None = None) -> bool:
    """Whether `text` states `value` in `unit`: percent 0-100, ratio 0-1, money in `currency`, or a counted thing.

    A counted thing must follow the number within three words ("45 days", "60 selling days"). Fails closed.
    """
    return any(_same(figure, value, unit, currency) for figure in found(text))


def _same(figure: Figure, value: Decimal, unit: str, currency: str | None) -> bool:
    if unit == "ratio":
        return (figure.percent and figure.value == value * 100) or (
            figure.value == value and not figure.percent and figure.currency is None
        )
    if figure.value != value:
        return False
    if unit == "percent":
        return figure.percent
    if unit == "money":
        return figure.currency == currency
    word = unit.casefold().split()[-1]
    return not figure.percent and figure.currency is None and any(_alike(word, w) for w in figure.words)


def _alike(unit: str, word: str) -> bool:
    return word in (unit, f"{unit}s", f"{unit}es") or (unit.endswith("y") and word == f"{unit[:-1]}ies")
