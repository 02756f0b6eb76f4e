"""How a figure is held against the one before it, in the same words in every channel."""

from __future__ import annotations

from collections.abc import Mapping


def beside(figure: Mapping[str, str]) -> str:
    """ "+3.6% on the week before", or "from $10,200 the week before" where it says what it was; "" for no change."""
    change = figure["change"]
    if not change.strip("+-0.%"):
        return ""
    return f"{change} {'the' if change.startswith('from ') else 'on the'} {figure['against']}"


def in_brackets(figure: Mapping[str, str]) -> str:
    """The same behind a figure."""
    said = beside(figure)
    return f" ({said})" if said else ""
