"""The candidates that need nothing but numpy: each takes a history and gives the next steps, in milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
YEAR_DAYS = 365.25
_ALPHAS = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99])
_SEASONAL_AT = 1.645
_HALF_LIFE = 4
_DAY_HOURS = 24


@dataclass(frozen=True)
class History:
    """A series without gaps: `y` by period, `days` the first day of each (history and future), `season` its length.

    `days` has at least len(y) + horizon entries; `year` is the number of periods in a year (0 when unknown). `marks`
    has a row for each of `days` and a column for each known event: how many of its days the period holds.
    """

    y: Values
    days: tuple[date, ...]
    season: int
    year: float = 0.0
    marks: Values | None = None

    def until(self, end: int) -> History:
        """The first `end` points, with the calendar kept: the calendar is known in advance."""
        return History(self.y[:end], self.days, self.season, self.year, self.marks)


Model = Callable[[History, int], Values]


def seasonal_naive(h: History, horizon: int) -> Values:
    """The last season again; without a season the last value."""
    m = h.season if len(h.y) >= h.season else 1
    return np.resize(h.y[-m:], horizon)


def drift(h: History, horizon: int) -> Values:
    """The last value, moved on by the average step of the whole history."""
    step = (h.y[-1] - h.y[0]) / max(1, len(h.y) - 1)
    steps: Values = h.y[-1] + step * np.arange(1, horizon + 1)
    return steps


def theta(h: History, horizon: int) -> Values:
    """The Theta method (Assimakopoulos, Nikolopoulos 2000): smoothing plus half the trend, deseasonalised."""
    with_log = positive(h.y)
    y = np.log(h.y) if with_log else h.y
    pattern = seasonal_pattern(y, h.season)
    n = len(y)
    flat = y - pattern[np.arange(n) % h.season]
    level, alpha = smoothed(flat)
    slope = float(np.polyfit(np.arange(n), flat, 1)[0]) / 2
    lag = (1 - (1 - alpha) ** n) / alpha
    steps = np.arange(horizon)
    ahead = level + slope * (steps + lag) + pattern[(n + steps) % h.season]
    return np.exp(ahead) if with_log else ahead


def ets(h: History, horizon: int) -> Values:
    """Exponential smoothing with damped trend and additive season (on logs when positive), best of a fixed grid.

    All settings of the grid run side by side, so that a fit costs one pass over the history.
    """
    with_log = positive(h.y)
    y = np.log(h.y) if with_log else h.y
    m = h.season if len(y) >= 2 * h.season + 2 else 1
    grid = _grid(m > 1)
    level, trend, season, errors = _run_grid(y, m, grid)
    warm = min(m, len(y) // 3)
    spread = np.mean(errors[warm:] ** 2, axis=0) + 1e-300
    used = 1 + (grid[1] > 0) * 2 + (grid[3] > 0)
    best = int(np.argmin((len(y) - warm) * np.log(spread) + 2 * used))
    phi = grid[2][best]
    growth = np.cumsum(phi ** np.arange(1, horizon + 1))
    positions = (len(y) + np.arange(horizon)) % m
    ahead: Values = level[best] + growth * trend[best] + season[positions, best]
    return np.exp(ahead) if with_log else ahead


def _grid(seasonal: bool) -> tuple[Values, Values, Values, Values]:
    gammas = (0.0, 0.05, 0.15, 0.3) if seasonal else (0.0,)
    flat = [(a, 0.0, 1.0, g) for a, g in product(_ALPHAS, gammas)]
    sloped = [(a, a * b, p, g) for a, b, p, g in product(_ALPHAS[1::2], (0.02, 0.1, 0.3), (0.9, 0.98), gammas)]
    columns = np.array(flat + sloped).T
    return columns[0], columns[1], columns[2], columns[3]


def _run_grid(y: Values, m: int, grid: tuple[Values, Values, Values, Values]) -> tuple[Values, Values, Values, Values]:
    """Final level and trend (one per setting), seasons (m x settings) and one-step errors (points x settings)."""
    alpha, beta, phi, gamma = grid
    size = len(alpha)
    pattern = seasonal_pattern(y, m)
    start = y[: max(m, 2)] - pattern[np.arange(max(m, 2)) % m]
    level = np.full(size, float(np.mean(start)))
    trend = np.zeros(size)
    season = np.repeat(pattern[:, None], size, axis=1)
    errors = np.empty((len(y), size))
    for t, value in enumerate(y):
        row = season[t % m]
        carried = phi * trend
        error = value - (level + carried + row)
        level = level + carried + alpha * error
        trend = np.where(beta > 0, carried + beta * error, 0.0)
        season[t % m] = row + gamma * (1 - alpha) * error
        errors[t] = error
    return level, trend, season, errors


def calendar_fit(h: History, y: Values, horizon: int) -> Values:
    """Trend, weekday and time of year by ridge regression: fitted values of the history, then of the steps ahead."""
    n = len(y)
    design = _design(h, n + horizon)
    weights = 0.5 ** ((n - 1 - np.arange(n)) / max(n / 2, 2 * h.year or h.season * 8))
    past = design[:n] * weights[:, None]
    penalty = np.eye(design.shape[1]) * 0.05
    penalty[0, 0] = 0.0
    fitted: Values = design @ np.linalg.solve(past.T @ design[:n] + penalty, past.T @ y)
    return fitted


def regression(h: History, horizon: int) -> Values:
    """Trend, weekday and time of year by ridge regression, moved to where the last points lie."""
    with_log = positive(h.y)
    y = np.log(h.y) if with_log else h.y
    n = len(y)
    fitted = calendar_fit(h, y, horizon)
    rest = y - fitted[:n]
    level, _ = smoothed(rest)
    fade = 0.5 ** (np.arange(1, horizon + 1) / max(1.0, _HALF_LIFE * max(h.season, 4)))
    ahead: Values = fitted[n:] + level * fade
    return np.exp(ahead) if with_log else ahead


def _design(h: History, size: int) -> Values:
    n = len(h.y)
    time = np.arange(size) / max(1, n - 1)
    columns = [np.ones(size), np.minimum(time, 1 + 0.5 * np.maximum(time - 1, 0))]
    columns += [np.maximum(time - knot, 0) for knot in (0.25, 0.5, 0.75) if n >= 40]
    if 1 < h.season <= 24 and n >= 2 * h.season:
        columns += [np.arange(size) % h.season == k for k in range(1, h.season)]
    if h.year and n >= 1.5 * h.year and h.year > h.season:
        hourly = h.season == _DAY_HOURS
        years = np.arange(size) / h.year if hourly else np.array([d.toordinal() for d in h.days[:size]]) / YEAR_DAYS
        order = 8 if n >= 2 * h.year else 4
        for k in range(1, min(order, int(h.year // 3)) + 1):
            columns += [np.sin(2 * np.pi * k * years), np.cos(2 * np.pi * k * years)]
    return np.column_stack(columns).astype(float)


def last_year(h: History, horizon: int) -> Values:
    """The same weeks of a year ago, moved to this year's level: knows peaks that come once a year."""
    back = round(h.year / h.season) * h.season if h.season < h.year / 2 else round(h.year)
    recent = min(4 * h.season if h.season > 1 else 8, len(h.y) - back)
    now, then = h.y[-recent:], h.y[-recent - back : -back]
    start = len(h.y) - back
    pattern = np.resize(h.y[start:], horizon) if horizon > back else h.y[start : start + horizon]
    if positive(h.y) and float(np.sum(then)) > 0:
        scaled: Values = pattern * float(np.sum(now) / np.sum(then))
        return scaled
    moved: Values = pattern + float(np.mean(now) - np.mean(then))
    return moved


def intermittent(h: History, horizon: int) -> Values:
    """Croston's method with the Syntetos-Boylan correction (2005), for series that are mostly zero."""
    hits = np.flatnonzero(h.y)
    if not len(hits):
        return np.zeros(horizon)
    alpha, size, gap = 0.1, float(h.y[hits[0]]), float(np.mean(np.diff(hits))) if len(hits) > 1 else float(len(h.y))
    for before, at in pairwise(hits):
        size += alpha * (float(h.y[at]) - size)
        gap += alpha * (float(at - before) - gap)
    return np.full(horizon, (1 - alpha / 2) * size / max(gap, 1.0))


def smoothed(y: Values) -> tuple[float, float]:
    """The last level of simple exponential smoothing and its weight, best of a fixed set by one-step error."""
    level = np.full(len(_ALPHAS), float(np.mean(y[: min(len(y), 8)])))
    loss = np.zeros(len(_ALPHAS))
    for value in y:
        error = value - level
        loss += error * error
        level = level + _ALPHAS * error
    best = int(np.argmin(loss))
    return float(level[best]), float(_ALPHAS[best])


def seasonal_pattern(y: Values, m: int) -> Values:
    """Additive indices by position in the season (length m); zeros where no season can be told from chance."""
    if m < 2 or len(y) < 2 * m or not _is_seasonal(y, m):
        return np.zeros(max(m, 1))
    apart = y - _moving_mean(y, m)
    usable = [apart[k::m][~np.isnan(apart[k::m])] for k in range(m)]
    if any(len(u) == 0 for u in usable):
        return np.zeros(m)
    pattern = np.array([np.median(u) if len(u) > 4 else np.mean(u) for u in usable])
    centred: Values = pattern - pattern.mean()
    return centred


def _is_seasonal(y: Values, m: int) -> bool:
    """The autocorrelation test of the M3 competition at the seasonal lag, 90 %."""
    step = np.diff(y)
    step = step - step.mean()
    power = float(step @ step)
    if power <= 0 or len(step) <= m:
        return False
    lags = np.array([float(step[k:] @ step[:-k]) / power for k in range(1, m + 1)])
    limit = _SEASONAL_AT * np.sqrt((1 + 2 * np.sum(lags[:-1] ** 2)) / len(step))
    return bool(lags[-1] > min(limit, 0.6))


def _moving_mean(y: Values, m: int) -> Values:
    """Centred mean over one season, NaN at the ends."""
    kernel = np.ones(m) / m if m % 2 else np.r_[0.5, np.ones(m - 1), 0.5] / m
    half = len(kernel) // 2
    middle = np.convolve(y, kernel, "valid")
    padded = np.full(len(y), np.nan)
    padded[half : half + len(middle)] = middle
    return padded


def positive(y: Values) -> bool:
    """Positive throughout and far enough from zero that ratios mean something."""
    return bool(np.min(y) > 0 and np.min(y) > 0.02 * np.median(y))
