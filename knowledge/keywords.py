"""Finds passages by their words (BM25), which needs no model and never misses a rare term."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.synonyms import Phrase, Synonyms
from knowledge.words import stems

__all__ = ["Keywords", "Text", "stems"]

_K, _B, _TITLE = 1.4, 0.6, 3  # BM25's saturation and length weights; a title word counts three times
_OTHER = 0.8  # what a synonym counts against the word that was said


@dataclass(frozen=True)
class Text:
    """What is searched: an id, a title and the text under it."""

    id: str
    title: str
    text: str
    also: tuple[str, ...] = ()
    told: tuple[str, ...] = ()


class Keywords:
    """An index of texts by word, made once for a set of texts; with `synonyms` other words for the same count too."""

    def __init__(self, texts: Sequence[Text], synonyms: Synonyms | None = None) -> None:
        self._ids = [t.id for t in texts]
        bags = [_bag(t) for t in texts]
        sizes = [sum(bag.values()) for bag in bags]
        mean = sum(sizes) / len(sizes) if sizes else 1.0
        found: dict[str, dict[int, int]] = {}
        for number, bag in enumerate(bags):
            for word, often in bag.items():
                found.setdefault(word, {})[number] = often
        self._scores = {word: _weighed(places, sizes, mean) for word, places in found.items()}
        self._synonyms = synonyms or Synonyms(())

    def search(self, query: str, limit: int) -> list[tuple[str, float]]:
        """Ids with their scores, best first; only texts that share a word, or a synonym of one, with the query."""
        words = stems(query)
        scores = {word: dict(self._scores.get(word, {})) for word in words}
        for phrase, others in self._synonyms.of(words):
            for number, score in self._best(others).items():
                for word in phrase:
                    scores[word][number] = max(scores[word].get(number, 0.0), _OTHER * score / len(phrase))
        total: Counter[int] = Counter()
        for told in scores.values():
            total.update(told)
        best = sorted(total.items(), key=lambda kv: (-kv[1], self._ids[kv[0]]))
        return [(self._ids[number], score) for number, score in best[:limit]]

    def _best(self, phrases: Sequence[Phrase]) -> dict[int, float]:
        """For each text the score of the phrase that fits it best; it must hold all words of that phrase."""
        best: dict[int, float] = {}
        for phrase in phrases:
            each = [self._scores.get(word, {}) for word in phrase]
            for number in set(each[0]).intersection(*each[1:]):
                score = sum(scores[number] for scores in each) / len(each)
                best[number] = max(best.get(number, 0.0), score)
        return best


def _bag(text: Text) -> Counter[str]:
    return Counter([*stems(" ".join((text.title, *text.also))) * _TITLE, *stems(" ".join((text.text, *text.told)))])


def _weighed(places: Mapping[int, int], sizes: Sequence[int], mean: float) -> dict[int, float]:
    """BM25's score of one word in each text that has it."""
    rare = math.log(1 + (len(sizes) - len(places) + 0.5) / (len(places) + 0.5))
    return {
        number: rare * often * (_K + 1) / (often + _K * (1 - _B + _B * sizes[number] / mean))
        for number, often in places.items()
    }
