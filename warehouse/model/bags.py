"""Word lists written as plain text, which stays readable where a list of fifty quoted strings would not."""

from __future__ import annotations


def bag(text: str) -> frozenset[str]:
    """The words of `text` as a set."""
    return frozenset(text.split())
