"""The few statistics that rates and lengths of stay need, written out so that they depend on no library."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Z95 = 1.959963984540054


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """The 95 % interval of a rate (Wilson, 1927); (0, 1) of nothing."""
    if n == 0:
        return 0.0, 1.0
    p = hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def normal_tail(z: float) -> float:
    """The chance of a normal value at least |z| away, both ways."""
    return math.erfc(abs(z) / math.sqrt(2))


def chi_square_tail(x: float, df: int) -> float:
    """The chance of a chi-square value above `x`, by the closed sums for whole degrees of freedom."""
    if x <= 0:
        return 1.0
    half = x / 2
    if df % 2 == 0:
        term = total = 1.0
        for k in range(1, df // 2):
            term *= half / k
            total += term
        return min(1.0, math.exp(-half) * total)
    total, term = math.erfc(math.sqrt(half)), math.sqrt(half) / math.gamma(1.5) * math.exp(-half)
    for k in range(1, (df + 1) // 2):
        total += term
        term *= half / (k + 0.5)
    return min(1.0, total)


@dataclass(frozen=True)
class Difference:
    """Rate b less rate a, its 95 % range (Newcombe's hybrid of two Wilson intervals), and the chance without one."""

    size: float
    low: float
    high: float
    p: float


def difference(a: tuple[int, int], b: tuple[int, int]) -> Difference:
    """How far two rates (hits, n) are apart; the p-value is the pooled two-sided z-test's."""
    pa, pb = a[0] / a[1], b[0] / b[1]
    (la, ha), (lb, hb) = wilson(*a), wilson(*b)
    gap = pb - pa
    low = gap - math.sqrt((pb - lb) ** 2 + (ha - pa) ** 2)
    high = gap + math.sqrt((hb - pb) ** 2 + (pa - la) ** 2)
    pooled = (a[0] + b[0]) / (a[1] + b[1])
    spread = math.sqrt(pooled * (1 - pooled) * (1 / a[1] + 1 / b[1]))
    return Difference(gap, low, high, normal_tail(gap / spread) if spread else 1.0)


def same_rate(cells: Sequence[tuple[int, int]]) -> float:
    """The chance that several rates (hits, n) differ this much when all are the same (chi-square)."""
    hits, n = sum(h for h, _ in cells), sum(m for _, m in cells)
    p = hits / n if n else 0.0
    if p in (0.0, 1.0) or len(cells) < 2:
        return 1.0
    return chi_square_tail(sum((h - m * p) ** 2 / (m * p * (1 - p)) for h, m in cells if m), len(cells) - 1)


@dataclass(frozen=True)
class Trend:
    """How a rate moves from one cohort to the next (a share per cohort), and the chance without any trend."""

    slope: float
    p: float


def trend(cells: Sequence[tuple[int, int]]) -> Trend:
    """The linear trend of rates (hits, n) in order. Source: Cochran (1954), Armitage (1955).

    The variance is widened by what the cohorts scatter beyond chance, so that noisy cohorts are no trend.
    """
    n = sum(m for _, m in cells)
    p = sum(h for h, _ in cells) / n
    mean = sum(i * m for i, (_, m) in enumerate(cells)) / n
    spread = sum(m * (i - mean) ** 2 for i, (_, m) in enumerate(cells))
    if spread == 0 or p in (0.0, 1.0):
        return Trend(0.0, 1.0)
    slope = sum((i - mean) * (h - m * p) for i, (h, m) in enumerate(cells)) / spread
    left = sum((h - m * (p + slope * (i - mean))) ** 2 / (m * p * (1 - p)) for i, (h, m) in enumerate(cells))
    wider = max(1.0, left / (len(cells) - 2)) if len(cells) > 2 else 1.0
    return Trend(slope, normal_tail(slope / math.sqrt(wider * p * (1 - p) / spread)))
