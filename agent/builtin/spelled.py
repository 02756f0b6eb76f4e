"""Word tables written as running text, so that a vocabulary of hundreds of words can be read on one screen."""

from __future__ import annotations


def phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """`how many | number of` -> (("how", "many"), ("number", "of"))."""
    return tuple(tuple(phrase.split()) for phrase in text.split("|") if phrase.strip())


def mapped(text: str) -> dict[str, str]:
    """`mean => avg | sum => sum` -> {"mean": "avg", "sum": "sum"}."""
    pairs = (entry.split(" => ") for entry in text.split("|") if entry.strip())
    return {key.strip(): value.strip() for key, value in pairs}


def several(text: str) -> dict[str, tuple[str, ...]]:
    """`bought => purchase, order` -> {"bought": ("purchase", "order")}; a key without words gives an empty tuple."""
    pairs = (entry.partition("=>") for entry in text.split("|") if entry.strip())
    return {key.strip(): tuple(w.strip() for w in words.split(",") if w.strip()) for key, _, words in pairs}
