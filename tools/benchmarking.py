"""A fair comparison with peers: who was there all along, what the mix alone would give, what is more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.insights.chance import discoveries, two_sided

Floats = NDArray[np.float64]
LEAST_MONTHS = 6
_FLOOR = 0.1


@dataclass(frozen=True)
class Cube:
    """`now` and `then` by member and mix cell; `months` by member and month (now, then). Each has two layers: what is
    counted and, for rates, what it is divided by (ones for sums)."""

    members: list[Any]
    now: Floats
    then: Floats
    months_now: Floats
    months_then: Floats
    rate: bool


@dataclass(frozen=True)
class Standing:
    """One member: its `value` (a rate, or its growth), what its mix would give at its peers' (`fair`), what all peers
    have (`peers`), how likely chance makes such a gap."""

    member: Any
    value: float
    fair: float
    peers: float
    chance: float
    real: bool = False

    @property
    def gap(self) -> float:
        """What is its own."""
        return self.value - self.fair

    @property
    def mix(self) -> float:
        """What comes from its mix."""
        return self.fair - self.peers


def all_along(cube: Cube) -> NDArray[np.bool_]:
    """Members with something in every month of both periods: only they can be compared like for like."""
    rows = 1 if cube.rate else 0
    there = np.asarray((cube.months_now[:, :, rows] > 0).all(axis=1))
    return there if cube.rate else np.asarray(there & (cube.months_then[:, :, rows] > 0).all(axis=1))


def standings(cube: Cube, kept: NDArray[np.bool_], *, low_is_good: bool = False) -> list[Standing]:
    """Every kept member beside its peers, best first; which gaps are real is decided over all of them together."""
    now, then = cube.now[kept], cube.then[kept]
    monthly = cube.months_now[kept], cube.months_then[kept]
    found = []
    for i, member in enumerate(m for m, k in zip(cube.members, kept, strict=True) if k):
        others = np.arange(len(now)) != i
        value, fair, peers = (_rate if cube.rate else _growth)(now, then, i, others)
        gaps = _monthly(monthly, i, others, rate=cube.rate)
        found.append(Standing(member, value, fair, peers, _chance(gaps, value - fair)))
    real = discoveries([s.chance for s in found])
    made = [Standing(**{**vars(s), "real": ok}) for s, ok in zip(found, real, strict=True)]
    return sorted(made, key=lambda s: (s.gap if low_is_good else -s.gap, str(s.member)))


def _rate(now: Floats, _then: Floats, i: int, others: NDArray[np.bool_]) -> tuple[float, float, float]:
    """The member's rate, its peers' rates at its own mix (indirect standardisation), its peers' rate."""
    top, bottom = now[others, :, 0].sum(axis=0), now[others, :, 1].sum(axis=0)
    peers = float(top.sum() / bottom.sum())
    cell = np.divide(top, bottom, out=np.full_like(top, peers), where=bottom > 0)
    weight = now[i, :, 1]
    return float(now[i, :, 0].sum() / weight.sum()), float((weight * cell).sum() / weight.sum()), peers


def _growth(now: Floats, then: Floats, i: int, others: NDArray[np.bool_]) -> tuple[float, float, float]:
    """The member's growth, the growth its mix would have had at its peers' growth by cell, its peers' growth."""
    after, before = now[others, :, 0].sum(axis=0), then[others, :, 0].sum(axis=0)
    peers = float(after.sum() / before.sum()) - 1
    cell = np.divide(after, before, out=np.full_like(after, 1 + peers), where=before > 0) - 1
    base = then[i, :, 0]
    return float(now[i, :, 0].sum() / base.sum()) - 1, float((base * cell).sum() / base.sum()), peers


def _monthly(months: tuple[Floats, Floats], i: int, others: NDArray[np.bool_], *, rate: bool) -> Floats:
    """The member's distance from its peers month by month."""
    now, then = months
    if rate:
        peers = now[others, :, 0].sum(axis=0) / np.maximum(now[others, :, 1].sum(axis=0), 1e-300)
        return np.asarray(now[i, :, 0] / now[i, :, 1] - peers)
    own = now[i, :, 0] / then[i, :, 0]
    peers = now[others, :, 0].sum(axis=0) / np.maximum(then[others, :, 0].sum(axis=0), 1e-300)
    return np.asarray(own - peers)


def _chance(gaps: Floats, gap: float) -> float:
    """How likely months that jump as these do make a gap of this size; memory is counted in."""
    n = len(gaps)
    if n < LEAST_MONTHS:
        return 1.0
    rest = gaps - gaps.mean()
    whole = float(np.sum(rest**2))
    if whole <= 0:
        return 1.0 if gap == 0 else 0.0
    memory = min(max(float(np.sum(rest[1:] * rest[:-1])) / whole + 1 / n, _FLOOR), 0.8)
    spread = (whole / (n - 1) / n * (1 + memory) / (1 - memory)) ** 0.5
    return two_sided(gap / spread, n - 1)


def together(cube: Cube, kept: NDArray[np.bool_]) -> tuple[float, float]:
    """Growth (or rate) of the kept together, and of everybody."""

    def one(now: Floats, then: Floats) -> float:
        if cube.rate:
            return float(now[:, :, 0].sum() / now[:, :, 1].sum())
        before = float(then[:, :, 0].sum())
        return float(now[:, :, 0].sum()) / before - 1 if before else float("nan")

    return one(cube.now[kept], cube.then[kept]), one(cube.now, cube.then)
