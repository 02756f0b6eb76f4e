"""Is there a direction, and did the level break? Robust answers for a series with seasons and with memory."""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

from tools.forecasting.models import positive

Values = NDArray[np.float64]
TREND = 0.01
_STEP = 4.2
_MOST_BREAKS = 3
_SMALLEST = 0.02
_MOST_MEMORY = 0.9
_SHORT_SEASON = 12
_WAVES = 3


Found = tuple[int, float, float, float]


@dataclass(frozen=True)
class Line:
    """A robust line through the deseasonalised series: fitted `first` and `last`, how likely chance alone is."""

    first: float
    last: float
    rate: float
    chance: float

    @property
    def direction(self) -> str:
        """up, down, or flat where chance may have done it."""
        if self.chance > TREND or self.first == self.last:
            return "flat"
        return "up" if self.last > self.first else "down"


@dataclass(frozen=True)
class Break:
    """At point `start` the level steps to `after` from `before`, where the line would have gone on."""

    start: int
    before: float
    after: float
    score: float


def read(y: Values, season: int) -> tuple[Line, list[Break], Values]:
    """The line, the breaks by time and the series without its seasons."""
    logs = positive(y)
    x = np.log(y) if logs else y.astype(np.float64)
    flat, used = _without_season(x, season)
    limits = (max(season // 2 if season <= 12 else 8, 5), _MOST_BREAKS)
    found = _breaks(flat, (0, len(flat)), limits, used)
    if found and season > 1:  # a step blurs the seasons: take them out beside the clearest one, and look again
        flat, used = _without_season(x, season, found[0][0])
        found = _breaks(flat, (0, len(flat)), limits, used)
    line = _line(flat, used)
    ends: Values = np.exp(flat) if logs else flat
    back = np.exp if logs else np.asarray
    breaks = [Break(at, float(back(before)), float(back(after)), score) for at, score, before, after in sorted(found)]
    first, last = (float(np.exp(v)) if logs else float(v) for v in line[:2])
    rate = (last - first) / max(len(y) - 1, 1)
    return Line(first, last, rate, line[2]), [b for b in breaks if _large(b)], ends


def _without_season(x: Values, season: int, step: int | None = None) -> tuple[Values, int]:
    """The series less its seasonal means (waves for long seasons), fitted beside a line and perhaps a step, and how
    many numbers that took."""
    if season < 2:
        return x, 0
    t = np.arange(len(x), dtype=np.float64)
    if season <= _SHORT_SEASON:
        waves = (np.arange(len(x))[:, None] % season == np.arange(1, season)[None, :]).astype(np.float64)
    else:
        angles = 2 * np.pi * t[:, None] * np.arange(1, _WAVES + 1)[None, :] / season
        waves = np.concatenate([np.sin(angles), np.cos(angles)], axis=1)
    level = (t >= (len(x) if step is None else step)).astype(np.float64)
    design = np.concatenate([np.ones((len(x), 1)), (t - t.mean())[:, None], waves, level[:, None]], axis=1)
    solved, *_ = np.linalg.lstsq(design, x, rcond=None)
    seasonal = waves @ solved[2:-1]
    flat: Values = x - seasonal + seasonal.mean()
    return flat, waves.shape[1]


def _large(found: Break) -> bool:
    return abs(found.after - found.before) >= _SMALLEST * max(abs(found.before), 1e-12)


def _line(flat: Values, used: int) -> tuple[float, float, float]:
    """Theil and Sen's line and the chance by Mann and Kendall's test, its variance widened for memory and for the
    numbers that went into the seasons."""
    n = len(flat)
    i, j = np.triu_indices(n, 1)
    steps = flat[j] - flat[i]
    slope = float(np.median(steps / (j - i)))
    level = float(np.median(flat - slope * np.arange(n)))
    rest = flat - level - slope * np.arange(n)
    score = float(np.sign(steps).sum())
    variance = n * (n - 1) * (2 * n + 5) / 18 * _inflation(rest) * n / max(n - used - 1, 1)
    z = (abs(score) - 1) / sqrt(variance) if variance > 0 else 0.0
    return level, level + slope * (n - 1), min(1.0, erfc(max(z, 0.0) / sqrt(2)))


def _inflation(rest: Values) -> float:
    """How much memory (first-order) widens the variance of a mean."""
    centred = rest - rest.mean()
    whole = float(np.sum(centred**2))
    if whole <= 0:
        return 1.0
    memory = float(np.sum(centred[1:] * centred[:-1])) / whole + 1 / len(rest)
    memory = min(max(memory, 0.0), _MOST_MEMORY)
    return (1 + memory) / (1 - memory)


def _breaks(flat: Values, span: tuple[int, int], limits: tuple[int, int], used: int) -> list[Found]:
    """Steps of level beside a straight line, the clearest first, then within both sides of it.

    `limits` are the least length of a stretch and the most breaks; `used` numbers went into the seasons.
    """
    (start, end), (least, most) = span, limits
    if most <= 0 or end - start < 2 * least + 2:
        return []
    part = flat[start:end]
    spent = used * (end - start) / len(flat)
    steps = [_step(part, k, spent) for k in range(least, len(part) - least + 1)]
    best = max(range(len(steps)), key=lambda k: steps[k][0])
    if steps[best][0] < _STEP:
        return []
    at = start + least + best
    inner = [b for side in ((start, at), (at, end)) for b in _breaks(flat, side, (least, most - 1), used)]
    return sorted([(at, *steps[best]), *inner], key=lambda b: -b[1])[:_MOST_BREAKS]


def _step(part: Values, k: int, spent: float) -> tuple[float, float, float]:
    """How many standard errors a step at `k` is, beside a slope that may bend there, memory counted in; and the line
    there without and with the step."""
    n = len(part)
    t = np.arange(n, dtype=np.float64)
    bend = np.maximum(t - k, 0.0)
    design = np.stack([np.ones(n), t - k, (t >= k).astype(np.float64), bend], axis=1)
    solved, *_ = np.linalg.lstsq(design, part, rcond=None)
    rest = part - design @ solved
    variance = float(np.sum(rest**2)) / max(n - 4 - spent, 1.0)
    inverse = float(np.linalg.inv(design.T @ design)[2, 2])
    spread = sqrt(max(variance * inverse * _inflation(rest), 1e-300))
    return abs(float(solved[2])) / spread, float(solved[0]), float(solved[0] + solved[2])
