"""Recency, frequency and money as scores from 1 to 5 and a name for each pair: ties stay together, whatever the order.

A score is 1 + floor(5 × entities below / all entities), so equal figures get equal scores and half of all customers
buying once is no reason to score them apart. Frequency and money are averaged, half rounded up, to FM.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Scores = NDArray[np.int64]

CHAMPIONS, LOYAL, POTENTIAL, NEW, PROMISING = "Champions", "Loyal", "Potential loyalists", "New", "Promising"
ATTENTION, SLEEPY, CANNOT_LOSE = "Need attention", "About to sleep", "Can't lose them"
AT_RISK, HIBERNATING, LOST = "At risk", "Hibernating", "Lost"
NAMES = (CHAMPIONS, LOYAL, POTENTIAL, NEW, PROMISING, ATTENTION, SLEEPY, CANNOT_LOSE, AT_RISK, HIBERNATING, LOST)

_ROWS = {  # recency 5 (just here) to 1, each from FM 5 to FM 1
    5: (CHAMPIONS, CHAMPIONS, POTENTIAL, POTENTIAL, NEW),
    4: (CHAMPIONS, LOYAL, POTENTIAL, PROMISING, PROMISING),
    3: (LOYAL, LOYAL, ATTENTION, SLEEPY, SLEEPY),
    2: (CANNOT_LOSE, AT_RISK, AT_RISK, HIBERNATING, HIBERNATING),
    1: (CANNOT_LOSE, AT_RISK, HIBERNATING, LOST, LOST),
}
GRID = {(r, 5 - place): name for r, row in _ROWS.items() for place, name in enumerate(row)}

MEANING = {
    CHAMPIONS: "bought lately, often and for much",
    LOYAL: "buy often and for much",
    POTENTIAL: "bought lately, for a fair amount so far",
    NEW: "bought lately, little so far",
    PROMISING: "bought not long ago, little so far",
    ATTENTION: "middling in everything, and getting quiet",
    SLEEPY: "little bought, and getting quiet",
    CANNOT_LOSE: "were among the best, and have gone quiet",
    AT_RISK: "used to buy well, and have gone quiet",
    HIBERNATING: "bought little, long ago",
    LOST: "bought least, longest ago",
}
ADVICE = {
    CHAMPIONS: "thank them and show them new things first",
    LOYAL: "offer what goes with what they buy",
    POTENTIAL: "invite them back with a reason for the next purchase",
    NEW: "help with the first purchase and suggest the second",
    PROMISING: "keep in touch",
    ATTENTION: "a timely offer",
    SLEEPY: "remind them before they are gone",
    CANNOT_LOSE: "call them in person",
    AT_RISK: "win them back with a personal offer",
    HIBERNATING: "a cheap reminder at most",
    LOST: "leave them be, and spend on others",
}


def scores(values: Numbers) -> Scores:
    """1 to 5 by the share of entities with a smaller value; equal values, equal scores."""
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    made: Scores = 1 + (5 * below) // max(1, len(values))
    return made


def segments(last: Numbers, frequency: Numbers, money: Numbers | None) -> tuple[list[str], Scores]:
    """The name of each entity's segment, and its scores as columns r, f, m, fm. Without `money`, FM is F."""
    r, f = scores(last), scores(frequency)
    m = scores(money) if money is not None else f
    fm = (f + m + 1) // 2
    return [GRID[int(a), int(b)] for a, b in zip(r, fm, strict=True)], np.stack([r, f, m, fm], axis=1)
