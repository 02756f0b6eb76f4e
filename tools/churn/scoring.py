"""How good a risk model is, in figures that need no library: ranking, calibration, and whether one beats another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_BINS = 10
_DRAWS = 300


def auc(score: Numbers, outcome: Numbers) -> float:
    """The chance that one who left scores above one who stayed; ties count half."""
    left = float(outcome.sum())
    stayed = len(outcome) - left
    if not left or not stayed:
        return 0.5
    return float((_ranks(score)[outcome > 0].sum() - left * (left + 1) / 2) / (left * stayed))


def _ranks(score: Numbers) -> Numbers:
    _, back, counts = np.unique(score, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    made: Numbers = ((ends - counts + 1 + ends) / 2)[back]
    return made


def auc_range(score: Numbers, outcome: Numbers) -> tuple[float, float]:
    """95 % interval of the AUC over resampled people."""
    ranked = _Ranked.of(score, outcome)
    return _middle([ranked.auc(weight) for weight in _draws(len(score))])


def lead(better: Numbers, base: Numbers, outcome: Numbers) -> tuple[float, float]:
    """95 % interval of how much one ranking beats another on the same resampled people."""
    one, other = _Ranked.of(better, outcome), _Ranked.of(base, outcome)
    return _middle([one.auc(weight) - other.auc(weight) for weight in _draws(len(outcome))])


@dataclass(frozen=True)
class _Ranked:
    """A ranking sorted once, so that the AUC of resampled people needs only sums."""

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    left: Numbers

    @classmethod
    def of(cls, score: Numbers, outcome: Numbers) -> _Ranked:
        order = np.argsort(score, kind="stable")
        ordered = score[order]
        starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
        return cls(order, starts, outcome[order])

    def auc(self, weight: Numbers) -> float:
        """The AUC when each of them counts so many times."""
        ordered = weight[self.order]
        left = np.add.reduceat(ordered * self.left, self.starts)
        stayed = np.add.reduceat(ordered * (1 - self.left), self.starts)
        below = np.cumsum(stayed) - stayed
        pairs = left.sum() * stayed.sum()
        return float((left * (below + stayed / 2)).sum() / pairs) if pairs else 0.5


def _draws(size: int) -> Iterator[Numbers]:
    """How often each is drawn, with replacement, again and again."""
    rng = np.random.default_rng(0)
    for _ in range(_DRAWS):
        yield np.bincount(rng.integers(0, size, size), minlength=size).astype(np.float64)


def _middle(values: list[float]) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def calibration_error(chance: Numbers, outcome: Numbers) -> float:
    """Mean distance between what was said and what came, over ten bins of probability, by how many are in each."""
    bins = np.minimum((chance * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for at in range(_BINS):
        inside = bins == at
        if inside.any():
            total += inside.mean() * abs(float(chance[inside].mean() - outcome[inside].mean()))
    return float(total)


def brier(chance: Numbers, outcome: Numbers) -> float:
    """Mean squared distance between probability and outcome."""
    return float(((chance - outcome) ** 2).mean())


def lift(score: Numbers, outcome: Numbers, share: float = 0.1) -> float:
    """How many times more often those with the highest scores left than everybody."""
    most = max(1, round(share * len(score)))
    chosen = np.argsort(-score, kind="stable")[:most]
    return float(outcome[chosen].mean() / outcome.mean()) if outcome.any() else 0.0
