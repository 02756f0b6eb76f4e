"""Tables of leaves with causes planted into them, the same for a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest

from tools.drivers.search import Group, Leaves

Cause = frozenset[tuple[int, int]]


@dataclass(frozen=True)
class Planted:
    """Leaves and what was done to them, as (dimension, member) pairs."""

    leaves: Leaves
    causes: list[Cause]


def members(group: Group) -> Cause:
    return frozenset(group.members)


def plant(seed: int, conditions: int, *, strength: float = 0.6, rows: int = 6000) -> Planted:
    """Sales of a shop: orders fall on leaves by chance; those of one combination go missing in the second period."""
    dice = np.random.default_rng(seed)
    counts = tuple(int(c) for c in dice.integers(3, 9, 4))
    weights = [dice.dirichlet(np.full(c, 4.0)) for c in counts]
    cause = [(int(d), int(dice.integers(counts[d]))) for d in dice.choice(4, conditions, replace=False)]
    tables = []
    for period in (0, 1):
        codes = np.array([dice.choice(c, rows, p=w) for c, w in zip(counts, weights, strict=True)])
        worth = dice.lognormal(3, 0.7, rows)
        if period and conditions:
            hit = np.all([codes[d] == m for d, m in cause], axis=0)
            worth[hit & (dice.random(rows) < strength)] = 0.0
        index = np.ravel_multi_index(tuple(codes), counts)
        tables.append(np.bincount(index, weights=worth, minlength=int(np.prod(counts))))
    before, after = tables
    kept = np.flatnonzero(before + after)
    unravelled = tuple(c[kept].astype(np.int64) for c in np.unravel_index(np.arange(len(before)), counts))
    leaves = Leaves(counts, unravelled, (after - before)[kept], ((after + before) / 2)[kept])
    return Planted(leaves, [frozenset(cause)] if conditions else [])


@pytest.fixture
def planted() -> Callable[..., Planted]:
    """Leaves of a seed with a cause of so many conditions."""
    return plant
