"""The values people name in questions ("Germany", "Ford"), indexed once per load so that a lookup takes no query."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ValueMatch:
    """A value found in a question. `score` is 1.0 for the whole value, less for a part or a typo; `how` says which."""

    table: str
    dimension: str
    value: str
    score: float
    how: str


class ValuesIndex:
    """Distinct values of the text dimensions (up to a cap per column), with lookup by whole value, word and typo."""

    @classmethod
    def load(cls, path: Path) -> ValuesIndex:
        """The index saved at `path`; empty when there is none."""
        raise NotImplementedError

    def match(self, phrase: str, limit: int = 8) -> list[ValueMatch]:
        """Matches of one phrase, best first: whole value, declared synonym, all words of a value, one typo."""
        raise NotImplementedError

    def longest_phrase(self) -> int:
        """Most words of any value, so that a parser knows how far to look ahead."""
        raise NotImplementedError
