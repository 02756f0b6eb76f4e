"""Other words for what somebody asks, because people seldom search with the words that a passage was written in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import resources

from knowledge.words import stems

Phrase = tuple[str, ...]
_LONGEST = 4  # words of a phrase that is looked for


class Synonyms:
    """Which phrases mean the same, from groups of them; phrases are compared by their stems."""

    def __init__(self, groups: Iterable[Iterable[str]]) -> None:
        self._others: dict[Phrase, dict[Phrase, None]] = {}
        for group in groups:
            self._add([p for p in dict.fromkeys(tuple(stems(words)) for words in group) if p])

    def _add(self, phrases: Sequence[Phrase]) -> None:
        for phrase in phrases:
            known = self._others.setdefault(phrase, {})
            known.update(dict.fromkeys(other for other in phrases if other != phrase))

    def of(self, words: Sequence[str]) -> list[tuple[Phrase, tuple[Phrase, ...]]]:
        """Every phrase in a row of stems that has synonyms, with these."""
        found = []
        for start in range(len(words)):
            for length in range(1, _LONGEST + 1):
                phrase = tuple(words[start : start + length])
                if len(phrase) == length and phrase in self._others:
                    found.append((phrase, tuple(self._others[phrase])))
        return found


@lru_cache(maxsize=1)
def everyday() -> tuple[tuple[str, ...], ...]:
    """Groups of words that people in companies use for the same thing, whatever their trade."""
    text = resources.files("knowledge").joinpath("everyday.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return tuple(tuple(word.strip() for word in line.split(",")) for line in lines)
