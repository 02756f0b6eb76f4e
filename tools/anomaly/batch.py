"""A whole history at once: robust trend and season, a threshold set by the false alarms one accepts, episodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
_Back = Callable[[Values], Values]
FALSE_ALARMS_PER_POINT = 1 / 700  # one in 100 weeks of days
FEWEST = 14
_FULL_SEASONS = 4
_MAD = 1.4826
_NORMAL_TAIL = 3.2
_EXPONENTIAL = 1.15 * float(
    np.log(0.1 / FALSE_ALARMS_PER_POINT)
)  # from the upper tenth down to the budget, with a reserve
_FLOOR = 0.015
_CYCLES = 6
_JOIN = 2
_TREND_SEASONS = 5
_AROUND = 4
_SHIFT = 4.8
_NEW_NORMAL = 8
_STOOD_OUT = 2.5


@dataclass(frozen=True)
class Episode:
    """Points `start` to `end` (both included) that belong together; `surprise` is the largest |z|."""

    start: int
    end: int
    kind: str
    up: bool
    surprise: float


@dataclass
class Scan:
    """Per point what was expected and the range outside of which it is odd, and the episodes found."""

    expected: Values
    low: Values
    high: Values
    threshold: float
    episodes: list[Episode]


def scan(
    y: Values, season: int, year: int = 0, *, counts: bool = False, tests: int = 1,
    marks: tuple[list[int], ...] = (), width: float = 1.0,
) -> Scan:  # fmt: skip
    """Episodes of a series without gaps.

    `season` and `year` in periods (`year` 0: no yearly pattern is known); `tests` is how many series share the budget.
    `marks` are the points of each known event: what it did before is no surprise. `width` widens (above 1) or narrows
    what counts as usual.
    """
    x, back = _transformed(y, counts)
    m = season if len(x) >= _FULL_SEASONS * season else 1
    base, pattern = _expected(x, m)
    rest = x - base - pattern
    spread = _spread(rest, x, m)
    usual = rest / spread
    known = np.where(np.abs(usual) > _STOOD_OUT, rest, 0.0)
    known = _larger(_last_year(known, year, m), _events(known, marks))
    rest = np.sign(rest) * np.maximum(0.0, np.abs(rest) - np.where(np.sign(known) == np.sign(rest), np.abs(known), 0))
    z = rest / spread
    threshold = _threshold(usual, tests) * width
    episodes = _merged(_runs(z, threshold, y), _level_shifts(x - pattern, m, year), max(3 * m, 10))
    middle = _as_before(x - rest, base, pattern, episodes, m)
    low, high = back(middle - threshold * spread), back(middle + threshold * spread)
    return Scan(back(middle), low, high, threshold, episodes)


def _as_before(middle: Values, base: Values, pattern: Values, episodes: list[Episode], m: int) -> Values:
    """The expectation, inside a change of level held at the level before it."""
    held = middle.copy()
    for episode in (e for e in episodes if e.kind == "level_shift"):
        before = float(np.median(base[max(0, episode.start - 4 * m - 10) : max(1, episode.start - m)]))
        inside = slice(episode.start, episode.end + 1)
        held[inside] = before + pattern[inside]
    return held


def _transformed(y: Values, counts: bool) -> tuple[Values, _Back]:
    """Counts on square-root scale, clearly positive figures on logs, the rest as it is."""
    positive = float(np.min(y)) >= 0
    if positive and not counts and float(np.quantile(y, 0.02)) > 0.02 * float(np.median(y)) > 0:
        least = max(0.01 * float(np.median(y)), 1e-9)
        return np.log(np.maximum(y, least)), lambda v: np.asarray(np.exp(v))
    if positive and counts:
        return np.sqrt(y + 0.375), lambda v: np.maximum(0.0, np.maximum(v, 0.0) ** 2 - 0.375)
    return y.astype(np.float64), lambda v: v


def _expected(x: Values, m: int) -> tuple[Values, Values]:
    """Trend by running medians over some seasons and a slowly changing seasonal pattern, two rounds."""
    width = max(_TREND_SEASONS * m, 21 if m <= 1 else 3 * m) | 1
    trend = _running_median(x, min(width, len(x) // 2 * 2 - 1))
    pattern = np.zeros(len(x))
    for _ in range(2 if m > 1 else 0):
        apart = x - trend
        for k in range(m):
            pattern[k::m] = _running_median(apart[k::m], 2 * _CYCLES + 1)
        pattern -= _cycle_mean(pattern, m)
        trend = _running_median(x - pattern, min(width, len(x) // 2 * 2 - 1))
    return _running_mean(trend, max(3, m)), pattern


def _running_median(x: Values, width: int) -> Values:
    """Centred medians; the window is cut off at the ends."""
    half = max(1, width // 2)
    padded = np.concatenate([np.full(half, np.nan), x, np.full(half, np.nan)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    middle: Values = np.nanmedian(windows, axis=1)
    return middle


def _running_mean(x: Values, width: int) -> Values:
    half = max(1, width // 2)
    padded = np.concatenate([np.full(half, np.nan), x, np.full(half, np.nan)])
    mean: Values = np.nanmean(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1), axis=1)
    return mean


def _cycle_mean(x: Values, m: int) -> Values:
    """The mean of the whole season around each point; near the ends of the nearest whole one, for half a week of
    working days would make every weekend at the end of the data look low."""
    total = np.cumsum(np.concatenate([[0.0], x]))
    mean: Values = (total[m:] - total[:-m]) / m
    return mean[np.clip(np.arange(len(x)) - m // 2, 0, len(mean) - 1)]


def _last_year(rest: Values, year: int, m: int) -> Values:
    """What stood out around the same days a year ago, so that a feast that comes each year is no surprise."""
    known = np.zeros(len(rest))
    if not year or len(rest) <= year:
        return known
    back = round(year / m) * m if m > 1 else year
    for at in range(back, len(rest)):
        near = rest[max(0, at - back - _AROUND) : at - back + _AROUND + 1]
        same = near[np.sign(near) == np.sign(rest[at])]
        known[at] = same[np.argmax(np.abs(same))] if len(same) else 0.0
    return known


def _events(rest: Values, marks: tuple[list[int], ...]) -> Values:
    """What stood out at earlier times of the same known event."""
    found = np.zeros(len(rest))
    for points in marks:
        for at in points:
            before = rest[[p for p in points if p < at - _AROUND]]
            same = before[np.sign(before) == np.sign(rest[at])]
            if len(same):
                found[at] = same[np.argmax(np.abs(same))]
    return found


def _larger(a: Values, b: Values) -> Values:
    return np.where(np.abs(a) >= np.abs(b), a, b)


def _spread(rest: Values, x: Values, m: int) -> Values:
    """Local size of the usual misses: a running MAD, not below half the overall one nor a small share of the level."""
    width = max(12 * m, 60) | 1
    overall = _MAD * float(np.median(np.abs(rest)))
    local = _MAD * _running_median(np.abs(rest), min(width, len(rest) // 2 * 2 - 1))
    least = max(0.6 * overall, _FLOOR * max(1.0, float(np.median(np.abs(x))) * 0.02), 1e-12)
    return np.maximum(local, least)


def _threshold(z: Values, tests: int) -> float:
    """The larger of the normal and the fitted exponential tail at the false-alarm budget.

    The tail is read between the 80 % and 97 % quantiles, where anomalies themselves hardly reach.
    """
    size = np.abs(z)
    inner, outer = np.quantile(size, [0.80, 0.97])
    rate = (outer - inner) / np.log(0.20 / 0.03)
    tail = float(np.quantile(size, 0.90)) + rate * (_EXPONENTIAL + float(np.log(tests)))
    return float(max(_NORMAL_TAIL + 0.35 * np.log(tests), tail))


def _runs(z: Values, threshold: float, y: Values) -> list[Episode]:
    """Odd points with their milder neighbours of the same direction, joined over short gaps."""
    episodes: list[Episode] = []
    for at in np.flatnonzero(np.abs(z) > threshold):
        up = bool(z[at] > 0)
        start = end = int(at)
        while start > 0 and (z[start - 1] > 0) == up and abs(z[start - 1]) > 0.6 * threshold:
            start -= 1
        while end + 1 < len(z) and (z[end + 1] > 0) == up and abs(z[end + 1]) > 0.6 * threshold:
            end += 1
        last = episodes[-1] if episodes else None
        if last is not None and last.up == up and start - last.end <= _JOIN + 1:
            start = last.start
            episodes.pop()
        surprise = float(np.max(np.abs(z[start : end + 1])))
        silent = not up and bool(np.all(y[start : end + 1] == 0))
        episodes.append(Episode(start, end, "silence" if silent else "spike" if up else "dip", up, surprise))
    return episodes


def _level_shifts(flat: Values, m: int, year: int) -> list[Episode]:
    """Where the median of the seasons after a point differs from that before; after eight seasons that is normal."""
    width = max(2 * m, 10)
    if len(flat) < 4 * width:
        return []
    medians = np.median(np.lib.stride_tricks.sliding_window_view(flat, width), axis=1)
    jump = medians[width:] - medians[:-width]  # at position k: after minus before, break at k + width
    usual = _MAD * float(np.median(np.abs(jump - np.median(jump)))) + 1e-12
    noise = _MAD * float(np.median(np.abs(np.diff(flat)))) / np.sqrt(width) + 1e-12
    score = (jump - np.median(jump)) / max(usual, noise)
    if year and len(score) > year:
        old = score[: len(score) - year]
        near = np.array([np.max(np.abs(old[max(0, k - 7) : k + 8])) for k in range(len(old))])
        near[near < _STOOD_OUT + 1] = 0.0
        score[year:] = np.sign(score[year:]) * np.maximum(0, np.abs(score[year:]) - near)
    found = []
    while np.max(np.abs(score)) > _SHIFT:
        at = int(np.argmax(np.abs(score)))
        start = at + width
        end = min(len(flat) - 1, start + _NEW_NORMAL * max(m, 4))
        found.append(Episode(start, end, "level_shift", bool(score[at] > 0), float(abs(score[at]))))
        score[max(0, at - 2 * width) : at + 2 * width] = 0.0
    return sorted(found, key=lambda e: e.start)


def _merged(runs: list[Episode], shifts: list[Episode], reach: int) -> list[Episode]:
    """A shift takes the runs around its beginning, where the trend bends, and ends where the next shift begins."""
    kept = list(runs)
    for number, shift in enumerate(shifts):
        after = min(shift.end, shifts[number + 1].start - 1) if number + 1 < len(shifts) else shift.end
        near = [r for r in kept if abs(r.start - shift.start) <= reach]
        same = [r for r in near if r.up == shift.up and abs(r.start - shift.start) <= reach // 3]
        kept = [r for r in kept if r not in near]
        start = min([shift.start, *(r.start for r in same)])
        surprise = max([shift.surprise, *(r.surprise for r in same)])
        kept.append(Episode(start, after, "level_shift", shift.up, surprise))
    return sorted(kept, key=lambda e: (e.start, e.end))
