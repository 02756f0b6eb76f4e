"""Names for groups that nobody named: by the two figures in which a group differs most from everybody."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tools.segments.groups import standard

Numbers = NDArray[np.float64]

_WORDS = {
    "recency": ("recent", "long away"), "frequency": ("rare", "frequent"), "value": ("low value", "high value"),
    "average": ("small purchases", "large purchases"), "tenure": ("new", "long-standing"),
}  # fmt: skip
_PLAIN = 0.35


@dataclass(frozen=True)
class Trait:
    """A figure in which a group differs: its median there and over all, and by how many spreads."""

    feature: str
    words: str
    typical: float
    overall: float
    distance: float


@dataclass
class Named:
    """A group's name and what tells it apart, most telling first."""

    name: str
    traits: list[Trait] = field(default_factory=list)


def named(features: dict[str, Numbers], groups: NDArray[np.int64]) -> dict[int, Named]:
    """A name for each group number; groups that would share a name get a third trait, then a letter."""
    traits = {int(g): _traits(features, groups == g) for g in np.unique(groups[groups >= 0])}
    found: dict[int, Named] = {}
    taken: set[str] = set()
    for group, own in sorted(traits.items()):
        name = next((n for most in (2, 3, 5) if (n := _joined(own, most)) not in taken), "")
        letters = (f"{_joined(own, 2)} {letter}" for letter in "BCDEFGH")
        name = name or next(n for n in letters if n not in taken)
        taken.add(name)
        found[group] = Named(name, own)
    return found


def _traits(features: dict[str, Numbers], inside: NDArray[np.bool_]) -> list[Trait]:
    made = []
    for name, values in features.items():
        scale = standard(values)
        distance = float(scale[inside].mean() - scale.mean())
        words = _WORDS.get(name, (f"low {name}", f"high {name}"))[distance > 0]
        made.append(Trait(name, words, float(np.median(values[inside])), float(np.median(values)), distance))
    return sorted(made, key=lambda t: (-abs(t.distance), t.feature))


def _joined(traits: list[Trait], most: int) -> str:
    said = [t.words for t in traits[:most] if abs(t.distance) >= _PLAIN] or ["middling"]
    text = ", ".join(said)
    return text[:1].upper() + text[1:]
