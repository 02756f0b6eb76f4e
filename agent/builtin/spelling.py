"""Typing slips put right before a question is given up: one word, one close name, and the answer says so."""

from __future__ import annotations

from collections.abc import Iterable

from agent.builtin.lexicon import Lexicon
from agent.builtin.verbs import EARNING, GROWING, OWNING, TRADING
from agent.builtin.vocabulary import AGGREGATES, GRAINS, HIGH, LOW, STOP_WORDS, UNIT_WORDS
from warehouse.model.values import ValuesIndex

_LEAST = 5
_MOST = 40
"""Letters of the longest word worth correcting: each letter more costs 26 more lookups."""
_LONG = 8
_WORDS = frozenset(
    {*AGGREGATES, *GRAINS, *HIGH, *LOW, *UNIT_WORDS, *TRADING, "compare", "between", "versus", "number", "percentage"}
)
_COMPARED = frozenset(
    {"worse", "worsen", "better", "higher", "lower", "larger", "smaller", "bigger", "fewer", "faster", "slower"}
)
_REAL = frozenset({*EARNING, *GROWING, *OWNING, *STOP_WORDS, *_COMPARED})


def corrections(word: str, lexicon: Lexicon, values: ValuesIndex) -> list[str]:
    """Names, values and words of questions that `word` is one slip away from (two when it is long), best first."""
    low = word.casefold()
    if not _LEAST <= len(low) <= _MOST or not low.isalpha() or low in _REAL:
        return []
    near = [w for w in _pool(lexicon) if w != low and abs(len(w) - len(low)) <= 2 and len(w) >= _LEAST - 1]
    scored = sorted((slips(low, w), w) for w in near if w[:1] == low[:1] or w[1:2] == low[1:2])
    close = [(n, w) for n, w in scored if n <= (2 if len(low) >= _LONG else 1)]
    found = [w for n, w in close if n == close[0][0]]
    typed = [m.value for m in values.match(word) if m.how == "typo"]
    return (
        list(dict.fromkeys([*found, *typed, *_value_words(low, values)]))
        if close or typed
        else _value_words(low, values)
    )


def _pool(lexicon: Lexicon) -> Iterable[str]:
    return {*lexicon.words, *_WORDS}


def _value_words(low: str, values: ValuesIndex) -> list[str]:
    """A word inside a stored value that one more or one other letter gives: nothern -> Northern Germany."""
    found: list[str] = []
    for other in _one_letter_more(low):
        hits = values.match(other)
        found += [m.value for m in hits[:2] if m.how in ("whole", "words") and other in m.value.casefold()]
        if found:
            break
    return list(dict.fromkeys(found))


def _one_letter_more(word: str) -> Iterable[str]:
    swaps = [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)]
    letters = "etaoinsrhldcumfpgwybvkxjqz"
    yield from swaps
    yield from (word[:i] + x + word[i:] for i in range(1, len(word)) for x in letters)


def slips(a: str, b: str) -> int:
    """Letters to add, drop, change or swap with their neighbour to turn one word into the other."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, start=1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]
