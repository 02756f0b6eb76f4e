"""Finds passages by their words (BM25), which needs no model and never misses a rare term."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_SMALL = (
    "a an the of in on at for to from by with and or is are was were be been do does did what which who how when where"
    " why our we you your i me my it its this that these those there here as than then so can could should would will"
    " shall may might much many have has had not no if about into over tell show explain mean means"
)
_STOP = frozenset(_SMALL.split())
_K, _B, _TITLE = 1.4, 0.6, 3  # BM25's saturation and length weights; a title word counts three times
_ENDINGS = ("ations", "ation", "ings", "ing", "ies", "ied", "edly", "ed", "es", "s", "ly")


def stems(text: str) -> list[str]:
    """The words of a text that say something, without their endings."""
    return [_stem(w) for w in _WORD.findall(text.casefold().replace("’", "'")) if w not in _STOP]


def _stem(word: str) -> str:
    word = word.removesuffix("'s")
    for ending in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 3:
            return rest + "y" if ending in ("ies", "ied") else rest.removesuffix("e")
    return word.removesuffix("e") if len(word) > 4 else word


@dataclass(frozen=True)
class Text:
    """What is searched: an id, a title and the text under it."""

    id: str
    title: str
    text: str
    also: tuple[str, ...] = ()


class Keywords:
    """An index of texts by word, made once for a set of texts."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self._ids = [t.id for t in texts]
        self._bags = [Counter([*stems(" ".join((t.title, *t.also))) * _TITLE, *stems(t.text)]) for t in texts]
        self._sizes = [sum(bag.values()) for bag in self._bags]
        self._mean = sum(self._sizes) / len(self._sizes) if self._sizes else 1.0
        self._in = Counter(word for bag in self._bags for word in bag)

    def search(self, query: str, limit: int) -> list[tuple[str, float]]:
        """Ids with their scores, best first; only texts that share a word with the query."""
        wanted = dict.fromkeys(stems(query))
        scored = [(self._score(i, wanted), i) for i in range(len(self._ids))]
        best = sorted((s for s in scored if s[0] > 0), key=lambda s: (-s[0], self._ids[s[1]]))
        return [(self._ids[i], score) for score, i in best[:limit]]

    def _score(self, number: int, wanted: dict[str, None]) -> float:
        bag, size, total = self._bags[number], self._sizes[number], len(self._ids)
        score = 0.0
        for word in wanted:
            if often := bag.get(word, 0):
                rare = math.log(1 + (total - self._in[word] + 0.5) / (self._in[word] + 0.5))
                score += rare * often * (_K + 1) / (often + _K * (1 - _B + _B * size / self._mean))
        return score
