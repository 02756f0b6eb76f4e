"""Tails of distributions and the rule that keeps many tests honest, without a library that takes a second to load."""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, log, sqrt

DISCOVERY_RATE = 0.10


def two_sided(t: float, freedom: float) -> float:
    """How likely Student's t is at least as far out as `t`; Wallace's approximation, good to a few percent."""
    if freedom <= 0:
        return 1.0
    z = (8 * freedom + 1) / (8 * freedom + 3) * sqrt(freedom * log(1 + t * t / freedom))
    return min(1.0, erfc(z / sqrt(2)))


def discoveries(chances: Sequence[float], rate: float = DISCOVERY_RATE) -> list[bool]:
    """Benjamini and Hochberg (1995): which of the tests stand when a share of `rate` of them may be false."""
    order = sorted(range(len(chances)), key=lambda i: chances[i])
    last = max((k for k, i in enumerate(order, start=1) if chances[i] <= rate * k / len(chances)), default=0)
    kept = set(order[:last])
    return [i in kept for i in range(len(chances))]
