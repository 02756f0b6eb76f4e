"""Finds the few groups that tell why a total moved: short combinations whose parts moved alike and unlike the rest.

Every leaf (one member of each dimension) has a size and a move. Without a cause all leaves move in proportion to their
size, but for noise whose spread is fitted on the leaves themselves. A group is the better explanation the more of the
squared noise it takes away, priced by how many groups were looked at and how many conditions it needs. Found groups are
taken out and the rest is looked at again, so two findings never count the same row twice.

Ideas from Adtributor (2014), Squeeze (2019), AutoRoot (2021) and RiskLoc (2022); no code of theirs.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log, prod

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_LEAST_GAIN = 12.0  # beyond the price of the search itself: real noise is wilder than normal noise
_PER_CONDITION = 0.05
_PURER = 1.15
_PER_PART = 2.0  # what picking the best of several parts gains from noise alone
_BINS = 12
_FITS = 5
_ROUNDS = 20
_CRISP = 0.5  # noise below half of a leaf's size: the leaf can be judged alone
_ONE_OFF = 0.5
_A_FEW = 3
_LITTLE = 0.01
_NAMELESS = 0.25
_NEAR, _FAR = 1.345, 4.685  # the usual cuts of Huber's and Tukey's weights, in standard deviations
_TRIMMED = 0.1
_TRIMMED_NORMAL = 0.623  # mean of the lower 90 % of squared standard normal numbers


@dataclass(frozen=True)
class Leaves:
    """One row a leaf: `codes[d]` is its member of dimension d, `moved` its change, `size` its weight."""

    counts: tuple[int, ...]
    codes: tuple[Codes, ...]
    moved: Floats
    size: Floats
    nameless: tuple[int | None, ...] = ()

    @cached_property
    def spread(self) -> Floats:
        """The variance of each leaf's move when nothing happened, judged without the most extreme leaves."""
        return self.spread_of(np.ones(len(self.moved), dtype=bool), _TRIMMED)

    def spread_of(self, among: Mask, trimmed: float) -> Floats:
        """The same judged by some leaves, the `trimmed` share of the most extreme ones left out."""
        return _spread(self.moved, self.size, among & (self.size > 0), trimmed)


@dataclass(frozen=True)
class Limits:
    """How deep to combine, how many groups to name, and the least share of the whole move that is worth naming."""

    depth: int = 2
    most: int = 5
    least_share: float = 0.1
    seconds: float = 1.5


@dataclass(frozen=True)
class Group:
    """Members by dimension number, the leaves it took (those of earlier groups left out), and how surprising it is."""

    members: tuple[tuple[int, int], ...]
    rows: Mask
    gain: float


@dataclass(frozen=True)
class _Table:
    """Sums over the leaves of every combination of some dimensions."""

    dims: tuple[int, ...]
    index: Codes
    shape: tuple[int, ...]
    moved: Floats
    size: Floats
    cross: Floats
    weight: Floats


def find(leaves: Leaves, limits: Limits) -> tuple[list[Group], int]:
    """Groups that stand out, the most telling first, and how many combinations were looked at."""
    search = _Search(leaves, limits)
    found: list[Group] = []
    while len(found) < limits.most and (group := search.best()) is not None:
        found.append(group)
        search.take(group)
    return _confirmed(leaves, found, search.price), search.looked_at


def _confirmed(leaves: Leaves, groups: list[Group], price: float) -> list[Group]:
    """The groups that still stand out once the noise of all other leaves is counted in full, however wild it is."""
    kept = list(groups)
    while kept:
        rest = ~np.any([g.rows for g in kept], axis=0)
        spread = leaves.spread_of(rest, 0.0)
        drift = _typical(leaves, rest, spread)
        gains = [_gain_of(leaves, g.rows, spread, drift) for g in kept]
        weakest = int(np.argmin(gains))
        if gains[weakest] >= price:
            return [Group(g.members, g.rows, gain) for g, gain in zip(kept, gains, strict=True)]
        del kept[weakest]
    return []


def _gain_of(leaves: Leaves, rows: Mask, spread: Floats, drift: float) -> float:
    moved, size, noise = leaves.moved[rows], leaves.size[rows], spread[rows]
    weight = float((size * size / noise).sum())
    return float(((moved - drift * size) * size / noise).sum()) ** 2 / weight if weight > 0 else 0.0


class _Search:
    def __init__(self, leaves: Leaves, limits: Limits) -> None:
        self.leaves, self.limits = leaves, limits
        self.free: Mask = np.ones(len(leaves.moved), dtype=bool)
        self.total = abs(float(leaves.moved.sum()))
        self.ends = time.monotonic() + limits.seconds
        depth = min(limits.depth, len(leaves.counts))
        self.levels = [c for k in range(1, depth + 1) for c in itertools.combinations(range(len(leaves.counts)), k)]
        self.indexes = {dims: _index(leaves, dims) for dims in self.levels}
        self.looked_at = sum(int(np.count_nonzero(np.bincount(self.indexes[d]))) for d in self.levels)
        self.price = _LEAST_GAIN + 2 * log(max(self.looked_at, 2))

    def take(self, group: Group) -> None:
        self.free &= ~group.rows

    def best(self) -> Group | None:
        """The most telling group among the leaves that no earlier one took."""
        if time.monotonic() > self.ends or not self.free.any():
            return None
        drift = self._drift()
        tables = {dims: self._table(dims, drift) for dims in self.levels}
        ranked = sorted(self._candidates(tables), key=lambda c: (-c[0], len(c[1]), c[1], c[2]))
        for _, dims, cell in ranked[:200]:
            if self._holds_together(tables, dims, cell) and not self._is_chance(tables[dims], cell, drift):
                return self._group(tables[dims], cell)
        return None

    def _drift(self) -> float:
        """How much the leaves moved together, per unit of size."""
        return _typical(self.leaves, self.free, self.leaves.spread)

    def _table(self, dims: tuple[int, ...], drift: float) -> _Table:
        leaves, free, index = self.leaves, self.free, self.indexes[dims]
        shape = tuple(leaves.counts[d] for d in dims)
        cells = prod(shape)
        size, moved = leaves.size[free], leaves.moved[free]
        excess, spread, at = moved - drift * size, leaves.spread[free], index[free]

        def added(values: Floats) -> Floats:
            sums: Floats = np.bincount(at, weights=values, minlength=cells).astype(np.float64)
            return sums

        return _Table(
            dims, index, shape, added(moved), added(size), added(excess * size / spread), added(size * size / spread)
        )

    def _candidates(self, tables: dict[tuple[int, ...], _Table]) -> Iterator[tuple[float, tuple[int, ...], int]]:
        least = self.limits.least_share * self.total
        for dims, table in tables.items():
            gain = _gains(table)
            alike = np.sign(table.moved) == np.sign(table.cross)
            worth = np.flatnonzero((gain > self.price) & alike & (np.abs(table.moved) >= max(least, 1e-12)))
            cost = 1 - _PER_CONDITION * (len(dims) - 1)
            for cell in worth[np.argsort(-gain[worth], kind="stable")][:40]:
                yield float(gain[cell]) * cost * self._named(dims, table, int(cell)), dims, int(cell)

    def _named(self, dims: tuple[int, ...], table: _Table, cell: int) -> float:
        """Rows without a value make a poor name: a group with one is passed over for a named one of like gain."""
        if not self.leaves.nameless:
            return 1.0
        members = np.unravel_index(cell, table.shape)
        unnamed = sum(self.leaves.nameless[d] == m for d, m in zip(dims, members, strict=True))
        return float(_NAMELESS**unnamed)

    def _holds_together(self, tables: dict[tuple[int, ...], _Table], dims: tuple[int, ...], cell: int) -> bool:
        """False when a few parts of the group, and not the group, moved: then those parts are the better names."""
        table = tables[dims]
        members = np.unravel_index(cell, table.shape)
        whole = float(_gains(table)[cell])
        for other in range(len(self.leaves.counts)):
            finer = tuple(sorted((*dims, other)))
            if other in dims or finer not in tables:
                continue
            at = tuple(slice(None) if d == other else int(members[dims.index(d)]) for d in finer)
            cross, weight = (v.reshape(tables[finer].shape)[at] for v in (tables[finer].cross, tables[finer].weight))
            parts = int(np.count_nonzero(weight))
            if _best_subset(cross, weight, float(np.sign(table.cross[cell]))) > _PURER * whole + _PER_PART * parts:
                return False
        return True

    def _is_chance(self, table: _Table, cell: int, drift: float) -> bool:
        """Whether a few leaves too small to be judged alone (some large orders) make up most of what stands out."""
        rows = (table.index == cell) & self.free
        moved, size, spread = self.leaves.moved[rows], self.leaves.size[rows], self.leaves.spread[rows]
        excess = (moved - drift * size) * np.sign(table.cross[cell])
        tiny = spread > (_CRISP * size) ** 2
        few = np.argsort(np.where(tiny, excess, 0.0))[-_A_FEW:]
        little = size[few].sum() < _LITTLE * self.leaves.size.sum()
        return bool(little and excess[few].sum() > _ONE_OFF * excess.sum())

    def _group(self, table: _Table, cell: int) -> Group:
        members = tuple(int(m) for m in np.unravel_index(cell, table.shape))
        rows = (table.index == cell) & self.free
        return Group(tuple(zip(table.dims, members, strict=True)), rows, float(_gains(table)[cell]))


def _index(leaves: Leaves, dims: Sequence[int]) -> Codes:
    """The number of each leaf's cell in the grid of `dims`."""
    index = np.zeros(len(leaves.moved), dtype=np.int64)
    for d in dims:
        index = index * leaves.counts[d] + leaves.codes[d]
    return index


def _gains(table: _Table) -> Floats:
    """Squared noise that a move of its own takes away from each cell (chi-square with one degree of freedom)."""
    return np.divide(table.cross**2, table.weight, out=np.zeros_like(table.cross), where=table.weight > 0)


def _best_subset(cross: Floats, weight: Floats, sign: float) -> float:
    """The largest gain of some parts of a group taken together: parts by their own move, the furthest first."""
    kept = weight > 0
    cross, weight = cross[kept] * sign, weight[kept]
    order = np.argsort(-cross / weight, kind="stable")
    gathered, weights = np.cumsum(cross[order]), np.cumsum(weight[order])
    return float(np.max(np.where(gathered > 0, gathered**2 / weights, 0.0), initial=0.0))


def _typical(leaves: Leaves, free: Mask, noise_of: Floats) -> float:
    """Move per unit of size of the leaves that nothing befell: those far off count less and less, then not at all.

    Only leaves whose own noise is small are judged so; of tiny ones (an order there, none here) all are far off.
    """
    there = free & (leaves.size > 0)
    moved, size, spread = leaves.moved[there], leaves.size[there], noise_of[there]
    if not len(size):
        return 0.0
    pull = size**2 / spread
    rate, noise = moved / size, np.sqrt(spread) / size
    middle = float((pull * rate).sum() / pull.sum())
    for step in range(_ROUNDS):
        off = np.abs(rate - middle) / noise
        trust = np.minimum(1.0, _NEAR / np.maximum(off, 1e-12))
        if step >= _ROUNDS // 2:
            trust = np.where(off < _FAR, (1 - (off / _FAR) ** 2) ** 2, 0.0)
        trust = np.where(noise < _CRISP, trust, 1.0)
        if not (trust * pull).any():
            break
        middle = float((trust * pull * rate).sum() / (trust * pull).sum())
    return middle


def _spread(moved: Floats, size: Floats, among: Mask, trimmed: float) -> Floats:
    """Noise variance of each leaf, a·size + b·size², fitted on bins of leaves of like size."""
    if among.sum() < 2:
        return np.ones_like(size)
    sized, rate = size[among], moved[among] / size[among]
    middle = float(np.median(rate)) if trimmed else float(moved[among].sum() / sized.sum())
    scaled = (rate - middle) ** 2 * sized
    order = np.argsort(sized, kind="stable")
    bins = [b for b in np.array_split(order, _BINS) if len(b)]
    by_size, by_square = _line(
        np.array([sized[b].mean() for b in bins]), np.array([_mean_square(scaled[b], trimmed) for b in bins])
    )
    floor = 1e-9 * max(float(size.max()) ** 2, 1e-300)
    return np.maximum(by_size * size + by_square * size**2, floor)


def _mean_square(values: Floats, trimmed: float) -> float:
    if not trimmed:
        return float(values.mean())
    ordered = np.sort(values)
    return float(ordered[: max(1, int(len(ordered) * (1 - trimmed)))].mean()) / _TRIMMED_NORMAL


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Intercept and slope of y over x, both at least zero, by least squares of relative errors."""
    level, slope = float(y.mean()), 0.0
    if not level > 0:
        return 0.0, 0.0
    for _ in range(_FITS):
        expected = level + slope * x
        level, slope = _weighted_line(x, y, 1 / np.maximum(expected, 1e-12 * max(float(y.max()), 1e-300)) ** 2)
    return level, slope


def _weighted_line(x: Floats, y: Floats, w: Floats) -> tuple[float, float]:
    mx, my = float((w * x).sum() / w.sum()), float((w * y).sum() / w.sum())
    varied = float((w * (x - mx) ** 2).sum())
    slope = float((w * (x - mx) * (y - my)).sum()) / varied if varied > 0 else 0.0
    if slope < 0:
        return my, 0.0
    level = my - slope * mx
    return (level, slope) if level >= 0 else (0.0, float((w * x * y).sum() / (w * x * x).sum()))
