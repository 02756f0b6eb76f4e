"""Turns whatever people call their files and columns into names that SQL and the semantic model can carry unquoted."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

MAX_LENGTH = 60
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
        default deferrable desc describe distinct do else end except false fetch for foreign from group having in
        initially intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer
        pivot_wider placing primary qualify references returning select show some summarize symmetric table then to
        trailing true union unique unpivot using variadic when where window with""",
    )
)
_LETTERS = {
    **dict(zip("абвгдеёзийклмнопрстуфыэ", "abvgdeezijklmnoprstufye", strict=True)),
    "ж": "zh", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ь": "", "ю": "yu", "я": "ya",
    "і": "i", "ї": "i", "є": "e", "ґ": "g",
    **dict(zip("αβγδεζηικλμνξοπρστυφω", "abgdeziiklmnxoprstyfo", strict=True)),
    "θ": "th", "χ": "ch", "ψ": "ps", "ς": "s",
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
}  # fmt: skip
_SIGNS = {"%": " pct ", "#": " no ", "&": " and ", "€": " eur ", "$": " usd ", "£": " gbp "}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def readable(text: object) -> str:
    """A header as a person would write it: one line, single spaces, no control characters, at most 200 characters."""
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in str(text or ""))
    return " ".join(kept.split())[:200]


def slug(text: str) -> str:
    """`text` in ASCII lower case with `_`; empty when nothing of it can be written in ASCII letters and digits."""
    spread = _CAMEL.sub(" ", unicodedata.normalize("NFC", text))
    latin = "".join(_latin(c) for c in spread)
    words = re.findall(r"[a-z0-9]+", latin.lower())
    return "_".join(words)[:MAX_LENGTH].strip("_")


def _latin(char: str) -> str:
    if char.isascii():
        return char
    lowered = char.lower()
    if lowered in _LETTERS:
        return _LETTERS[lowered]
    base = "".join(c for c in unicodedata.normalize("NFKD", lowered) if not unicodedata.combining(c))
    return "".join(_LETTERS.get(c, c) if c.isascii() or c in _LETTERS else " " for c in base)


def _safe(name: str, fallback: str) -> str:
    if not name:
        return fallback
    if name[0].isdigit():
        name = f"{fallback.split('_')[0][0]}_{name}"
    return f"{name}_" if name.lower() in _RESERVED else name


def table_name(text: str) -> str:
    """A clean table name for a file, sheet or source table; `data` when nothing readable is left."""
    return _safe(slug(text), "table_data")


def kept_name(text: str, fallback: str = "table_data") -> str:
    """A name from a database, unchanged when it is a plain identifier already."""
    if _PLAIN.fullmatch(text) and len(text) <= MAX_LENGTH:
        return _safe(text, fallback)
    return _safe(slug(text), fallback)


def column_names(headers: Sequence[object], *, keep: bool = False) -> list[str]:
    """One clean, unique name per header, in order; blank ones become `column_N` (N counts from 1)."""
    names: list[str] = []
    taken: set[str] = set()
    for position, header in enumerate(headers, 1):
        fallback, text = f"column_{position}", readable(header)
        name = kept_name(text, fallback) if keep else _safe(_column_slug(text), fallback)
        name = unique(name, taken)
        taken.add(name.lower())
        names.append(name)
    return names


def _column_slug(text: str) -> str:
    plain = slug(text)
    return plain or slug("".join(_SIGNS.get(c, c) for c in text))


def unique(name: str, taken: Iterable[str]) -> str:
    """`name`, or `name_2`, `name_3` … when it is in `taken` (lower-case names)."""
    used = set(taken)
    if name.lower() not in used:
        return name
    number = 2
    while f"{name}_{number}".lower() in used:
        number += 1
    return f"{name}_{number}"


def comment(header: object, name: str) -> str | None:
    """The readable original of a header when it says more than the clean name does."""
    text = readable(header)
    return text if text and text != name else None
