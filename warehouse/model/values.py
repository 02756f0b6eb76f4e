"""The values people name in questions ("Germany", "Ford"), indexed once per load so that a lookup takes no query."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson

from warehouse.model.bags import bag
from warehouse.model.postings import Near, Postings
from warehouse.model.words import plural, singular

VERSION = 1
SEPARATOR = "\x7f"  # between values in the file; JSON need not escape it, and no kept value holds it
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SMALL_WORDS = bag("in or me hi ok is as at to of by us it no on so an be do if my up we all any")
_LEAST_TYPO = 5
_LEAST_PREFIX = 3
_MOST_PER_WORD = 60
_MOST_PREFIXED = 20


@dataclass(frozen=True)
class ValueMatch:
    """A value found in a question. `score` is 1.0 for the whole value, less for a part or a typo; `how` says which.

    `how` is one of whole, synonym, inflection, words, prefix, typo; whole values and synonyms score 0.99 or more.
    """

    table: str
    dimension: str
    value: str
    score: float
    how: str


@dataclass(frozen=True)
class IndexedColumn:
    """A dimension in the index; `complete` is false when it has more values than were kept."""

    table: str
    dimension: str
    complete: bool = True


def fold(text: str) -> str:
    """Text as it is compared: no case, no accents, words separated by single spaces."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return " ".join(_WORD.findall(plain.replace("’", "'"))) or " ".join(plain.split())


@dataclass(frozen=True)
class IndexParts:
    """What an index holds: values in runs per column (`firsts` are where runs begin) and text to value positions."""

    columns: list[IndexedColumn] = field(default_factory=list)
    firsts: list[int] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    forms: Postings = field(default_factory=lambda: Postings.of({}))
    synonyms: Postings = field(default_factory=lambda: Postings.of({}))
    words: Postings = field(default_factory=lambda: Postings.of({}))
    backwards: list[str] = field(default_factory=list)
    longest: int = 0


class ValuesIndex:
    """Distinct values of the text dimensions (up to a cap per column), with lookup by whole value, word and typo."""

    def __init__(self, parts: IndexParts | None = None) -> None:
        """The index over `parts`; without them it is empty."""
        held = parts or IndexParts()
        self._parts = held
        self._near = Near(held.forms, held.backwards)
        self._match = lru_cache(maxsize=4096)(self._find)

    @classmethod
    def load(cls, path: Path) -> ValuesIndex:
        """The index saved at `path`; empty when there is none or it was written by another version.

        Raises `ValueError`, `KeyError`, `TypeError` or `AttributeError` when it is damaged.
        """
        try:
            data = orjson.loads(path.read_bytes())
        except FileNotFoundError:
            return cls()
        if not isinstance(data, dict):
            raise ValueError("an index of values is a JSON object")
        if data.get("version") != VERSION:
            return cls()
        return cls(
            IndexParts(
                columns=[IndexedColumn(*c) for c in data["columns"]],
                firsts=data["firsts"],
                values=data["values"].split(SEPARATOR) if data["values"] else [],
                forms=Postings.read(data["forms"]),
                synonyms=Postings.read(data["synonyms"]),
                words=Postings.read(data["words"]),
                backwards=data["backwards"].split("\n") if data["backwards"] else [],
                longest=data["longest"],
            )
        )

    def save(self, path: Path) -> None:
        """Write the index to `path` in one step."""
        held = self._parts
        data: dict[str, Any] = {
            "version": VERSION,
            "columns": [[c.table, c.dimension, c.complete] for c in held.columns],
            "firsts": held.firsts,
            "values": SEPARATOR.join(held.values),
            "forms": held.forms.written(),
            "synonyms": held.synonyms.written(),
            "words": held.words.written(),
            "backwards": "\n".join(held.backwards),
            "longest": held.longest,
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.draft")
        draft.write_bytes(orjson.dumps(data))
        draft.replace(path)

    def __len__(self) -> int:
        return len(self._parts.values)

    def match(self, phrase: str, limit: int = 8) -> list[ValueMatch]:
        """Matches of one phrase, best first: whole value, declared synonym, all words of a value, one typo.

        Little words such as "in" or "us" match a value ("IN", "US") only when written just like it.
        """
        return list(self._match(phrase)[:limit])

    def longest_phrase(self) -> int:
        """Most words of any value, so that a parser knows how far to look ahead."""
        return self._parts.longest

    def complete(self, table: str, dimension: str) -> bool:
        """Whether every value of the dimension is in the index, so that one not found does not exist."""
        return any(c.complete for c in self._parts.columns if (c.table, c.dimension) == (table, dimension))

    def columns(self) -> tuple[IndexedColumn, ...]:
        """The dimensions in the index."""
        return tuple(self._parts.columns)

    def values_of(self, table: str, dimension: str) -> list[str]:
        """The indexed values of one dimension, sorted."""
        held = self._parts
        for i, column in enumerate(held.columns):
            if (column.table, column.dimension) == (table, dimension):
                end = held.firsts[i + 1] if i + 1 < len(held.firsts) else len(held.values)
                return sorted(held.values[held.firsts[i] : end])
        return []

    def _find(self, phrase: str) -> tuple[ValueMatch, ...]:
        text = fold(phrase)
        if not text:
            return ()
        best: dict[int, tuple[float, str]] = {}
        if text in _SMALL_WORDS:
            written = [i for i in self._parts.forms.get(text) if self._parts.values[i] == phrase.strip()]
            spelled = self._parts.synonyms.get(text) if phrase.strip().isupper() else ()
            _note(best, [(i, 1.0, "whole") for i in written] + [(i, 0.99, "synonym") for i in spelled])
            return self._ranked(best)
        for found in (self._whole(text), self._inflected(text), self._by_words(text), self._by_prefix(text)):
            _note(best, found)
        if not best or max(score for score, _ in best.values()) < 0.9:
            _note(best, self._by_typo(text))
        return self._ranked(best)

    def _whole(self, text: str) -> Iterator[tuple[int, float, str]]:
        """Equal but for case and accents."""
        for i in self._parts.forms.get(text):
            yield i, 1.0, "whole"
        for i in self._parts.synonyms.get(text):
            yield i, 0.99, "synonym"

    def _inflected(self, text: str) -> Iterator[tuple[int, float, str]]:
        *first, last = text.split(" ")
        for other in {singular(last), plural(last)} - {last}:
            form = " ".join([*first, other])
            for i in (*self._parts.forms.get(form), *self._parts.synonyms.get(form)):
                yield i, 0.95, "inflection"

    def _by_words(self, text: str) -> Iterator[tuple[int, float, str]]:
        """All words of the phrase in the value, in order: `ford` in `Ford Motor Company`."""
        asked = text.split(" ")
        rarest = min((self._parts.words.get(w) for w in asked), key=len)
        for i in rarest[:_MOST_PER_WORD]:
            form = fold(self._parts.values[i])
            if form != text and _in_order(asked, form.split(" ")):
                first = 0.05 if form.startswith(asked[0] + " ") else 0.0
                yield i, 0.6 + 0.2 * len(text) / len(form) + first, "words"

    def _by_prefix(self, text: str) -> Iterator[tuple[int, float, str]]:
        if " " in text or len(text) < _LEAST_PREFIX:
            return
        for word in self._parts.words.longer(text, _MOST_PREFIXED):
            for i in self._parts.words.get(word)[:3]:
                yield i, 0.4 + 0.15 * len(text) / len(word), "prefix"

    def _by_typo(self, text: str) -> Iterator[tuple[int, float, str]]:
        if len(text) < _LEAST_TYPO or text.isdigit():
            return
        for form in self._near.within_one(text):
            for i in self._parts.forms.get(form):
                yield i, 0.85 - 0.5 / len(text), "typo"

    def _ranked(self, best: dict[int, tuple[float, str]]) -> tuple[ValueMatch, ...]:
        found = [self._as_match(i, score, how) for i, (score, how) in best.items()]
        return tuple(sorted(found, key=lambda m: (-m.score, len(m.value), m.table, m.dimension, m.value))[:64])

    def _as_match(self, i: int, score: float, how: str) -> ValueMatch:
        held = self._parts
        column = held.columns[bisect_right(held.firsts, i) - 1]
        return ValueMatch(column.table, column.dimension, held.values[i], round(score, 4), how)


def _note(best: dict[int, tuple[float, str]], found: Iterable[tuple[int, float, str]]) -> None:
    for i, score, how in found:
        if score > best.get(i, (0.0, ""))[0]:
            best[i] = (score, how)


def _in_order(asked: Sequence[str], held: Sequence[str]) -> bool:
    rest = iter(held)
    return all(word in rest for word in asked)
