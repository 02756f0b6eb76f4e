"""A model's sentence taken apart: its places become cells, its names and numerals too where they match one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from itertools import islice, product

from agent.llm.book import Book, Place
from tools.derive import number

Piece = str | Place
_PLACE = re.compile(r"\{([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)(?::[a-z_]+)?\}")
_NUMERAL = re.compile(
    r"(?P<sign>[-−+])?(?P<money>[$€£¥₹])?(?P<digits>\d[\d,]*(?:\.\d+)?)(?:\s?(?P<scale>[KMBT]\b|thousand|million|billion)"
    r"|(?P<percent>\s?(?:%|percent\b)))?",
    re.IGNORECASE,
)
_SCALES = {"k": 3, "thousand": 3, "m": 6, "million": 6, "b": 9, "billion": 9, "t": 12}
_MONEY = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR"}
_MOST_READINGS = 64
_SAFE = re.compile(r"[\w\s,.;:'’“”\"$€£¥₹%&/+−–—-]*")


def readings(text: str, book: Book) -> list[list[Piece]]:
    """The ways to read a sentence with every numeral bound to a cell; none when a place or a numeral fits no cell."""
    placed = _placed(text, book)
    if placed is None or not all(_SAFE.fullmatch(p) for p in placed if isinstance(p, str)):
        return []
    named = [q for p in placed for q in ([p] if isinstance(p, Place) else _named(p, book))]
    slots = [s for p in named for s in ([[p]] if isinstance(p, Place) else _numerals(p, book))]
    return [list(r) for r in islice(product(*slots), _MOST_READINGS)] if all(slots) else []


def _placed(text: str, book: Book) -> list[Piece] | None:
    pieces: list[Piece] = []
    at = 0
    for found in _PLACE.finditer(text):
        place = book.place(*found.groups())
        if place is None:
            return None
        pieces += [text[at : found.start()], place]
        at = found.end()
    pieces.append(text[at:])
    return [p for p in pieces if p != ""]


def _named(text: str, book: Book) -> list[Piece]:
    """Names of groups, periods and filters in plain words, as their cells."""
    lowered = text.casefold()
    if len(lowered) != len(text):
        return [text]
    for label, place in book.labels:
        start = lowered.find(label)
        while start >= 0 and not _whole(lowered, start, start + len(label)):
            start = lowered.find(label, start + 1)
        if start >= 0:
            end = start + len(label)
            return [*_named(text[:start], book), place, *_named(text[end:], book)]
    return [text] if text else []


def _whole(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    return not (before.isalnum() or after.isalnum())


def _numerals(text: str, book: Book) -> list[Sequence[Piece]]:
    """The text in turns of one wording and the cells that each numeral may be."""
    slots: list[Sequence[Piece]] = []
    at = 0
    for found in _NUMERAL.finditer(text):
        slots += [[text[at : found.start()]], _matching(found, book)]
        at = found.end()
    slots.append([text[at:]])
    return [s for s in slots if list(s) != [""]]


def _matching(found: re.Match[str], book: Book) -> list[Piece]:
    digits = found["digits"].replace(",", "")
    said = Decimal(digits) * (-1 if found["sign"] in ("-", "−") else 1)
    places = len(digits.partition(".")[2])
    return [p for p in book.figure_places() if _is(p, said, places, found)]


def _is(place: Place, said: Decimal, places: int, found: re.Match[str]) -> bool:
    """Whether the numeral is the cell within its own rounding, in the cell's unit."""
    value, unit = number(place.value), place.column.unit
    if value is None:
        return False
    ratio = unit is not None and (unit.ratio or unit.percent)
    if bool(found["percent"]) != ratio:
        return False
    if found["money"] and (unit is None or unit.currency != _MONEY[found["money"]]):
        return False
    shown = value * 100 if unit is not None and unit.ratio else value
    scaled = shown / Decimal(10) ** _SCALES.get((found["scale"] or "").casefold(), 0)
    if place.derivation in ("delta", "growth") and not found["sign"]:
        scaled = abs(scaled)
    return abs(scaled - said) <= Decimal(5).scaleb(-places - 1)
