"""How long something lasts when many have not ended yet: Kaplan-Meier, and log-rank to compare groups."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tools.cohorts.stats import Z95, chi_square_tail

Spell = tuple[float, bool, int]
"""A length, whether it ended then (else it was still running), and how many had it."""


@dataclass(frozen=True)
class Point:
    """The share still there right after time `at`, with its 95 % range, and how many were watched until then."""

    at: float
    share: float
    low: float
    high: float
    at_risk: int


def kaplan_meier(spells: Sequence[Spell]) -> list[Point]:
    """The share that lasts longer than each length at which some ended, shortest first.

    Source: Kaplan and Meier (1958); the range is Greenwood's on the log(-log) scale, as in Kalbfleisch and Prentice.
    """
    ended, left = _counted(spells)
    share, spread = 1.0, 0.0
    found: list[Point] = []
    at_risk = sum(n for _, _, n in spells)
    for at in sorted({*ended, *left}):
        d = ended.get(at, 0)
        if d:
            share *= 1 - d / at_risk
            spread += d / (at_risk * (at_risk - d)) if at_risk > d else 0.0
            found.append(Point(at, share, *_range(share, spread), at_risk))
        at_risk -= d + left.get(at, 0)
    return found


def _counted(spells: Sequence[Spell]) -> tuple[dict[float, int], dict[float, int]]:
    ended: dict[float, int] = {}
    running: dict[float, int] = {}
    for at, over, n in spells:
        side = ended if over else running
        side[at] = side.get(at, 0) + n
    return ended, running


def _range(share: float, spread: float) -> tuple[float, float]:
    if share <= 0.0 or share >= 1.0:
        return share, share
    width = Z95 * math.sqrt(spread) / abs(math.log(share))
    return share ** math.exp(width), share ** math.exp(-width)


def share_at(curve: Sequence[Point], at: float) -> Point:
    """The share that lasts longer than `at`."""
    before = [p for p in curve if p.at <= at]
    return before[-1] if before else Point(at, 1.0, 1.0, 1.0, curve[0].at_risk if curve else 0)


def quantile(curve: Sequence[Point], share: float = 0.5) -> tuple[float | None, float | None, float | None]:
    """The time by which `share` of all have ended, with its 95 % range; None where the curve does not reach it."""
    middle = next((p.at for p in curve if p.share <= 1 - share), None)
    low = next((p.at for p in curve if p.low <= 1 - share), None)
    high = next((p.at for p in curve if p.high <= 1 - share), None)
    return middle, low, high


def log_rank(groups: Sequence[Sequence[Spell]]) -> float:
    """The chance that several groups differ this much when all last alike.

    Source: Mantel (1966), Peto and Peto (1972); ties by the hypergeometric variance.
    """
    import numpy as np

    sides = [_counted(g) for g in groups]
    at_risk = np.array([sum(n for _, _, n in g) for g in groups], dtype=float)
    k = len(groups)
    excess, spread = np.zeros(k), np.zeros((k, k))
    for at in sorted({t for ended, running in sides for t in (*ended, *running)}):
        gone = np.array([ended.get(at, 0) for ended, _ in sides], dtype=float)
        d, n = gone.sum(), at_risk.sum()
        if d and n > 1:
            share = at_risk / n
            excess += gone - d * share
            spread += d * (n - d) / (n - 1) * (np.diag(share) - np.outer(share, share))
        at_risk -= gone + np.array([running.get(at, 0) for _, running in sides], dtype=float)
    reduced = spread[:-1, :-1]
    if k < 2 or not np.any(reduced):
        return 1.0
    statistic = float(excess[:-1] @ np.linalg.pinv(reduced) @ excess[:-1])
    return chi_square_tail(statistic, int(np.linalg.matrix_rank(reduced)))
