"""Ranges made from the backtest's own errors (split conformal), so that “80 %” is something that was checked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.forecasting.models import Values

LEVELS = (80, 95)
_NORMAL_RATIO = 1.53  # a 95 % range is this much wider than an 80 % one for bell-shaped errors
_FEWEST = 4


@dataclass(frozen=True)
class Band:
    """Half widths per step at 80 % and 95 %, and of the total over the asked steps."""

    steps: dict[int, Values]
    total: dict[int, float]
    tested: bool
    reached: float


def band(forecasts: list[Values], actual: list[Values], ahead: Values, asked: slice) -> Band:
    """Half widths around `ahead` from past errors; `asked` are the steps whose total is wanted.

    Errors are taken relative to the forecast when all is positive, so that ranges grow with the level. Where the past
    could try fewer steps than are wanted, the errors of its last step grow on with the square root of time.
    """
    pairs = list(zip(forecasts, actual, strict=False))
    tried, beyond, whole_asked = len(pairs[0][0]), len(ahead), asked
    relative = all(float(np.min(f)) > 0 for f, _ in pairs) and float(np.min(ahead)) > 0
    size = ahead if relative else np.ones_like(ahead)
    misses = np.stack([np.abs(a - f) / (f if relative else 1.0) for f, a in pairs])
    if tried < beyond:
        further = np.sqrt(np.arange(tried + 1, beyond + 1) / tried)
        misses = np.hstack([misses, misses[:, -1:] * further])
        asked = slice(min(asked.start, tried - 1), tried)
    widths = {lv: _grown(_pooled(misses, lv)) * size for lv in LEVELS}
    whole = (float(np.sum(ahead[whole_asked])) if relative else 1.0) * np.sqrt(beyond / tried)
    sums = np.array([_off(f[asked], a[asked], relative) for f, a in pairs])
    totals = {lv: _quantile(sums, lv) * whole for lv in LEVELS}
    return Band(widths, totals, len(pairs) >= _FEWEST, _reached(misses))


def _off(forecast: Values, actual: Values, relative: bool) -> float:
    miss = abs(float(np.sum(actual - forecast)))
    return miss / float(np.sum(forecast)) if relative else miss


def _pooled(misses: Values, level: int) -> Values:
    """A quantile per step, over this step and its neighbours at all origins."""
    steps = misses.shape[1]
    reach = np.maximum(1, np.arange(steps) // 6)
    return np.array([_quantile(misses[:, max(0, s - r) : s + r + 1], level) for s, r in enumerate(reach)])


def _quantile(misses: Values, level: int) -> float:
    """The conformal quantile, interpolated; with few origins the 95 % one is stretched from the 80 % one."""
    flat = misses.ravel()
    count = len(flat)
    inner = float(np.quantile(flat, min(1.0, 0.8 * (count + 1) / count)))
    if level == LEVELS[0]:
        return inner
    outer = float(np.quantile(flat, min(1.0, 0.95 * (count + 1) / count)))
    return max(outer, _NORMAL_RATIO * inner)


def _grown(widths: Values) -> Values:
    """Never narrower further out than the average of the steps before."""
    mean: Values = np.cumsum(widths) / np.arange(1, len(widths) + 1)
    return np.maximum(widths, mean)


def _reached(misses: Values) -> float:
    """How often an 80 % range made from all other origins held, over all origins."""
    count = misses.shape[0]
    if count < _FEWEST:
        return 0.0
    held = [misses[k] <= _grown(_pooled(np.delete(misses, k, axis=0), LEVELS[0])) for k in range(count)]
    return float(np.mean(np.stack(held)))
