"""Text to numbers in flat sorted lists: it loads in one gulp where dictionaries of lists would take seconds."""

from __future__ import annotations

import base64
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

from rapidfuzz.distance import Levenshtein

_LAST = "\U0010ffff"


class Postings:
    """A read-only mapping from text to the positions of values, sorted by length and then by text."""

    def __init__(self, keys: list[str], starts: array[int], ids: array[int]) -> None:
        """`ids[starts[i]:starts[i + 1]]` belong to `keys[i]`."""
        self._keys, self._starts, self._ids = keys, starts, ids
        self._spans = _spans(keys)

    @classmethod
    def of(cls, lookup: Mapping[str, Sequence[int]]) -> Postings:
        """The postings of a dictionary."""
        keys = sorted(lookup, key=lambda k: (len(k), k))
        starts = array("I", [0, *accumulate(len(lookup[k]) for k in keys)])
        return cls(keys, starts, array("I", (i for k in keys for i in lookup[k])))

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Postings:
        """What `written` gave."""
        return cls(data["keys"].split("\n") if data["keys"] else [], _unpacked(data["starts"]), _unpacked(data["ids"]))

    def written(self) -> dict[str, Any]:
        """Plain data for a file; keys hold no line breaks because folding removes them."""
        return {"keys": "\n".join(self._keys), "starts": _packed(self._starts), "ids": _packed(self._ids)}

    def get(self, key: str) -> Sequence[int]:
        """The positions for `key`; empty when there are none."""
        low, high = self._spans.get(len(key), (0, 0))
        at = bisect_left(self._keys, key, low, high)
        found = at < high and self._keys[at] == key
        return self._ids[self._starts[at] : self._starts[at + 1]] if found else ()

    def every(self) -> list[str]:
        """All keys, shortest first."""
        return self._keys

    def starting(self, head: str, length: int) -> list[str]:
        """The keys of one length that begin with `head`."""
        return _between(self._keys, self._spans, head, length)

    def longer(self, head: str, most: int) -> Iterator[str]:
        """Up to `most` keys that begin with `head` and are longer, shortest first."""
        for length in sorted(n for n in self._spans if n > len(head)):
            for key in self.starting(head, length):
                if most <= 0:
                    return
                most -= 1
                yield key


class Near:
    """Finds keys one edit away: one edit leaves either the first or the last half of a phrase untouched."""

    def __init__(self, postings: Postings, backwards: list[str]) -> None:
        """`backwards` are the keys spelled backwards, sorted by length and then by text."""
        self._postings, self._backwards = postings, backwards
        self._spans = _spans(backwards)

    @staticmethod
    def backwards(postings: Postings) -> list[str]:
        """The reversed keys that the constructor wants."""
        return sorted((key[::-1] for key in postings.every()), key=lambda k: (len(k), k))

    def within_one(self, text: str) -> list[str]:
        """The keys at distance one (a letter changed, added, left out, or two swapped), sorted."""
        lengths = [n for n in (len(text) - 1, len(text), len(text) + 1) if n in self._spans]
        if not lengths:
            return []
        swapped = {text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(len(text) - 1)} - {text}
        found = {s for s in swapped if self._postings.get(s)}
        half = len(text) // 2
        for length in lengths:
            found.update(k for k in self._postings.starting(text[:half], length) if _one_edit(text, k))
            tails = _between(self._backwards, self._spans, text[half:][::-1], length)
            found.update(k[::-1] for k in tails if _one_edit(text, k[::-1]))
        return sorted(found)


def _packed(numbers: array[int]) -> str:
    return base64.b64encode(numbers.tobytes()).decode()


def _unpacked(text: str) -> array[int]:
    return array("I", base64.b64decode(text))


def _one_edit(text: str, key: str) -> bool:
    return bool(Levenshtein.distance(text, key, score_cutoff=1) == 1)


def _spans(keys: list[str]) -> dict[int, tuple[int, int]]:
    """Where the keys of each length begin and end; found by halving, so it costs nothing on a long list."""
    spans, low = {}, 0
    while low < len(keys):
        length = len(keys[low])
        high = bisect_left(keys, length + 1, low, key=len)
        spans[length] = (low, high)
        low = high
    return spans


def _between(keys: list[str], spans: Mapping[int, tuple[int, int]], head: str, length: int) -> list[str]:
    low, high = spans.get(length, (0, 0))
    start = bisect_left(keys, head, low, high)
    return keys[start : bisect_left(keys, head + _LAST, start, high)]
