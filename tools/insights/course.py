"""How far each member is off its usual course in every period, and how far that usually goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.insights.panel import Floats

Mask = NDArray[np.bool_]
_MAD = 1.4826
_CHI = 0.4549  # median of a squared standard normal
_PRIOR = 6.0
_EFFICIENT = 0.4  # of the median deviation beside the standard deviation
_FLOOR = 0.6
_LEAST_PAIRS = 12
_MOST_FREEDOM = 16.0
_LEAST_ROWS = 20.0
_EVERY = 0.9  # of the periods
_BELL = ((100, 0.95, 1.96), (100, 0.99, 2.7), (400, 0.998, 3.3))  # least points, quantile, where it should be
_FEW = 4
_STOOD_OUT = 2.0


@dataclass(frozen=True)
class Shape:
    """How periods hang together: so many before one make its base, so many make a year (0: none is used)."""

    base: int
    season: int


@dataclass(frozen=True)
class Course:
    """By member: `off` in the last period, its usual `spread`, degrees of `freedom`, whether it can be judged.

    `off` and `spread` are logarithms of a share of the whole (or of the whole itself), differences for ratios.
    `weight` is how much of last year's deviation was taken out.
    """

    off: Floats
    spread: Floats
    freedom: float
    judged: Mask
    weight: float


def course(deviations: Floats, size: Floats, rows: Floats, shape: Shape) -> Course:
    """From deviations by member and period (nan where unknown), `size` that noise shrinks with, and stored rows."""
    season = shape.season if deviations.shape[1] > shape.season + shape.base + 1 else 0
    weight = _seasonal(deviations, season)
    adjusted = deviations.copy()
    if weight:
        adjusted[:, season:] -= weight * np.nan_to_num(deviations[:, :-season])
        adjusted[:, :season] = np.nan
    past = adjusted[:, :-1]
    known = np.isfinite(past)
    count = known.sum(axis=1).astype(np.float64)
    own = (_MAD * np.nanmedian(np.abs(np.where(known.any(axis=1, keepdims=True), past, 0.0)), axis=1)) ** 2
    prior = _expected_variance(past, size[:, :-1], size[:, -1])
    freedom = _EFFICIENT * count
    spread2 = (_PRIOR * prior + freedom * own) / (_PRIOR + freedom)
    spread2 = np.maximum(spread2, _FLOOR * prior)
    base_rows = rows[:, -1 - shape.base : -1].mean(axis=1)
    told = (base_rows >= _LEAST_ROWS) | _kept_books(rows[:, :-1])
    enough = (count >= max(6, shape.base)) & told & np.isfinite(adjusted[:, -1])
    spread = np.sqrt(np.maximum(spread2, 1e-18)) * _tails(past, np.sqrt(np.maximum(spread2, 1e-18)))
    typical = float(np.median(freedom[enough])) if enough.any() else 0.0
    off = _less_last_year(adjusted[:, -1], (1 - weight) * deviations, spread, season)
    return Course(off, spread, min(_MOST_FREEDOM, min(_PRIOR, deviations.shape[0] / 3) + typical), enough, weight)


def _kept_books(rows: Floats) -> Mask:
    """Members with the same few rows in every period, as books have: one row then is a sum and no single event."""
    usual = np.median(rows, axis=1, keepdims=True)
    found: Mask = (usual[:, 0] >= 1) & ((rows == usual).mean(axis=1) >= _EVERY)
    return found


def _seasonal(deviations: Floats, season: int) -> float:
    """How much of a deviation comes back a year later, 0-1: the slope over all pairs, when there are enough."""
    if not season or deviations.shape[1] - 1 <= season:
        return 0.0
    now, then = deviations[:, season:-1], deviations[:, : -1 - season]
    both = np.isfinite(now) & np.isfinite(then)
    if both.sum() < _LEAST_PAIRS:
        return 0.0
    a, b = now[both], then[both]
    low, high = np.quantile(b, (0.02, 0.98))
    a, b = np.clip(a, low, high), np.clip(b, low, high)
    scale = float(np.sum(b * b))
    slope = float(np.sum(a * b)) / scale if scale > 0 else 0.0
    return min(1.0, slope) if slope > 0.2 else 0.0


def _less_last_year(off: Floats, left: Floats, spread: Floats, season: int) -> Floats:
    """Without what a member did a year ago too, when it stood out then in the same direction.

    `left` are deviations as far as the pooled seasonal weight has not taken them out.
    """
    if not season:
        return off
    then = np.nan_to_num(left[:, -1 - season])
    known = np.where((np.abs(then) > _STOOD_OUT * spread) & (np.sign(then) == np.sign(off)), np.abs(then), 0.0)
    found: Floats = np.sign(off) * np.maximum(0.0, np.abs(off) - known)
    return found


def _expected_variance(past: Floats, size: Floats, last: Floats) -> Floats:
    """Variance of a deviation as the size of the member makes one expect: a part that shrinks with it, one that stays.

    Fitted on medians of small and large members, so that a few true stories do not widen it.
    """
    known = np.isfinite(past) & (size > 0)
    if not known.any():
        return np.full(len(last), np.inf)
    squares, sizes = past[known] ** 2 / _CHI, size[known]
    shrinking = float(np.median(squares * sizes))
    large = sizes >= np.quantile(sizes, 0.75)
    staying = max(0.0, float(np.median(squares[large])) - shrinking / float(np.median(sizes[large])))
    return np.where(last > 0, shrinking / np.maximum(last, 1e-300), np.inf) + staying


def _tails(past: Floats, spread: Floats) -> float:
    """How much wider than bell-shaped the past was, at least 1: heavy tails must not pass for news."""
    scaled = np.abs(past / spread[:, None])
    scaled = scaled[np.isfinite(scaled)]
    known = [(q, bell) for least, q, bell in _BELL if len(scaled) >= least]
    return max([1.0, *(float(np.quantile(scaled, q)) / bell for q, bell in known)])


def parts(top: Floats, bottom: Floats, whole: tuple[Floats, Floats], base: int, *, ratio: bool) -> Floats:
    """Deviations of members from their own course relative to the whole, by member and period."""
    if ratio:
        return _of_ratios(top, bottom, whole, base)
    with np.errstate(divide="ignore", invalid="ignore"):
        before = _window(top, base) / _window(whole[0], base)
        found = np.log(top / whole[0]) - np.log(before)
    found[~np.isfinite(found)] = np.nan
    return _beside_peers(found, top)


def wholes(top: Floats, bottom: Floats, base: int, *, ratio: bool) -> Floats:
    """The same for the whole itself: how far it is off the mean of the periods before."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if ratio:
            found = top / bottom - _window(top, base) / _window(bottom, base)
        else:
            found = np.log(top) - np.log(_window(top, base) / base)
    found[~np.isfinite(found)] = np.nan
    return found


def _of_ratios(top: Floats, bottom: Floats, whole: tuple[Floats, Floats], base: int) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        now = top / bottom - whole[0] / whole[1]
        then = _window(top, base) / _window(bottom, base) - _window(whole[0], base) / _window(whole[1], base)
    found: Floats = now - then
    found[~np.isfinite(found)] = np.nan
    return _beside_peers(found, bottom)


def _beside_peers(deviations: Floats, size: Floats) -> Floats:
    """Deviations from what the middle member did: one member that moves the whole must not make all others look odd."""
    if deviations.shape[0] < _FEW:
        return deviations
    held = np.where(np.isfinite(deviations), deviations, 0.0)
    weight = np.where(np.isfinite(deviations), np.sqrt(np.maximum(size, 0.0)), 0.0)
    order = np.argsort(held, axis=0)
    passed = np.cumsum(np.take_along_axis(weight, order, axis=0), axis=0)
    place = np.argmax(passed >= passed[-1] / 2, axis=0)
    middle = np.take_along_axis(held, np.take_along_axis(order, place[None, :], axis=0), axis=0)
    found: Floats = deviations - middle
    return found


def _window(values: Floats, base: int) -> Floats:
    """Sum of the `base` periods before each; nan where there are not so many."""
    total = np.cumsum(values, axis=1)
    found = np.full_like(values, np.nan, dtype=np.float64)
    found[:, base:] = total[:, base - 1 : -1]
    if values.shape[1] > base + 1:
        found[:, base + 1 :] -= total[:, : -base - 1]
    return found
