"""What moves together beyond chance: trend and season taken out, each series whitened, lags searched, p by blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

DRAWS = 499
_SEED = 20_240_229
_MOST_ORDER = {"day": 14, "week": 6, "month": 3, "quarter": 2}
_HARMONICS = {"day": 6, "week": 6}
_WANDERS = 0.6
_CLIP = 4.0
_ALIKE = 0.98


def run_json(request: dict[str, Any]) -> dict[str, Any]:
    """Links of `target` with each of `candidates` (lists with null for what is missing), the same days in all.

    Takes `grain`, `lags` (largest, in periods) and perhaps `control`. Gives for each candidate: r, low, high, lag
    (positive: it runs ahead of the target), p, n, alike, partial and the profile of r over lags.
    """
    target, grain = _numbers(request["target"]), str(request["grain"])
    control = _numbers(request["control"]) if request.get("control") else None
    found = {
        name: link(target, _numbers(values), grain, int(request["lags"]), control)
        for name, values in request["candidates"].items()
    }
    return {"links": found}


def _numbers(values: list[float | None]) -> Numbers:
    import numpy as np

    return np.array([np.nan if v is None else v for v in values], dtype=float)


def link(target: Numbers, other: Numbers, grain: str, lags: int, control: Numbers | None = None) -> dict[str, Any]:
    """How one candidate moves with the target over the days that both have."""
    import numpy as np

    both = np.isfinite(target) & np.isfinite(other)
    if not both.any():
        return {"n": 0}
    first, last = np.flatnonzero(both)[[0, -1]]
    y_raw, x_raw = target[first : last + 1], other[first : last + 1]
    y_clean, x_clean = cleaned(y_raw, grain), cleaned(x_raw, grain)
    taken = _known(len(y_raw), grain).shape[1] + 1
    n = min(len(y_clean), len(x_clean))
    if n < 3 * lags or n < 10 or not np.std(y_clean) or not np.std(x_clean):
        return {"n": n}
    y, x = _ranked(y_clean[-n:]), _ranked(x_clean[-n:])
    profile = _profile(y, x, lags)
    best = int(np.argmax(np.abs(profile)))
    r, lag = float(profile[best]), best - lags
    size = n - abs(lag)
    half = 1.96 / max(1.0, _effective(y, x, size) - 3) ** 0.5
    low, high = np.tanh(np.arctanh(np.clip(r, -0.999, 0.999)) + np.array([-half, half]))
    return {
        "n": n, "r": r, "low": float(low), "high": float(high), "lag": lag, "p": _chance(y, x, lags, abs(r), taken),
        "alike": bool(abs(profile[lags]) > _ALIKE), "profile": [round(float(v), 4) for v in profile],
        "elasticity": _elasticity(y_raw, x_raw, lag, grain) if np.nanmin(y_raw) > 0 and np.nanmin(x_raw) > 0 else None,
        "partial": _partial(y, x, lag, control[first : last + 1], grain) if control is not None else None,
    }  # fmt: skip


def cleaned(values: Numbers, grain: str) -> Numbers:
    """A series without trend, weekdays and the year's course, differenced where it wanders, and whitened."""
    import numpy as np

    rest = _settled(values, grain)
    return _clipped(_whitened(_clipped(rest), _MOST_ORDER.get(grain, 2))) if np.std(rest) else rest


def _settled(values: Numbers, grain: str) -> Numbers:
    """A series (its logarithm where it is above zero) without trend and season, differenced where it wanders."""
    import numpy as np

    filled = _filled(values)
    if len(filled) < 8 or np.std(filled) == 0:
        return np.zeros(len(filled))
    level = np.log(filled) if np.min(filled) > 0 else filled
    known = _known(len(level), grain)
    rest = level - known @ np.linalg.lstsq(known, level, rcond=None)[0]
    if np.std(rest) == 0:
        return np.zeros(len(rest))
    if _lagged(rest, 1) > _WANDERS:
        rest = np.diff(level)
        known = known[1:]
        rest = rest - known @ np.linalg.lstsq(known, rest, rcond=None)[0]
    return rest


def _filled(values: Numbers) -> Numbers:
    import numpy as np

    at = np.arange(len(values))
    known = np.isfinite(values)
    return np.interp(at, at[known], values[known])


def _known(n: int, grain: str) -> Numbers:
    """What the calendar alone explains: a trend, weekdays or months, and waves of the year when it is seen twice."""
    import numpy as np

    at = np.arange(n)
    columns = [np.ones(n), at / max(1, n - 1)]
    season = {"day": 7, "month": 12, "quarter": 4}.get(grain, 1)
    if season > 1 and n >= 3 * season:
        columns += [(at % season == k).astype(float) for k in range(1, season)]
    year = {"day": 365.25, "week": 52.18}.get(grain)
    if year is not None and n >= 1.5 * year:
        for k in range(1, _HARMONICS[grain] + 1):
            columns += [np.sin(2 * np.pi * k * at / year), np.cos(2 * np.pi * k * at / year)]
    return np.column_stack(columns)


def _clipped(values: Numbers) -> Numbers:
    import numpy as np

    middle = np.median(values)
    spread = 1.4826 * np.median(np.abs(values - middle)) or np.std(values) or 1.0
    return np.clip(values, middle - _CLIP * spread, middle + _CLIP * spread)


def _lagged(values: Numbers, k: int) -> float:
    centred = values - values.mean()
    return float(centred[k:] @ centred[:-k] / (centred @ centred))


def _whitened(values: Numbers, most: int) -> Numbers:
    """What an autoregression of the order that BIC prefers leaves over."""
    import numpy as np

    n = len(values)
    most = min(most, n // 6)
    centred = values - values.mean()
    best: tuple[float, Numbers] = (n * np.log(np.mean(centred**2)), centred[most:])
    for order in range(1, most + 1):
        past = np.column_stack([centred[most - k : n - k] for k in range(1, order + 1)])
        now = centred[most:]
        rest = now - past @ np.linalg.lstsq(past, now, rcond=None)[0]
        score = len(now) * np.log(max(1e-300, float(np.mean(rest**2)))) + order * np.log(len(now))
        if order == 1:
            best = (len(now) * np.log(np.mean(now**2)), now)
        if score < best[0]:
            best = (score, rest)
    return best[1]


def _ranked(values: Numbers) -> Numbers:
    """Ranks (ties share theirs) with mean 0 and variance 1, so that a correlation of them is Spearman's."""
    import numpy as np

    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2)[where]
    found: Numbers = (ranks - ranks.mean()) / ranks.std()
    return found


def _shifts(x: Numbers, lags: int) -> Numbers:
    """One column a lag from -lags to lags, each scaled so that its product with a target is their correlation."""
    import numpy as np

    n = len(x)
    columns = np.zeros((n, 2 * lags + 1))
    for k in range(-lags, lags + 1):
        to, of = (slice(k, None), slice(None, n - k)) if k >= 0 else (slice(None, n + k), slice(-k, None))
        columns[to, k + lags] = x[of] / (n - abs(k))
    return columns


def _profile(y: Numbers, x: Numbers, lags: int) -> Numbers:
    found: Numbers = y @ _shifts(x, lags)
    return found


def _chance(y: Numbers, x: Numbers, lags: int, r: float, taken: int) -> float:
    """How often blocks of the target in any other order reach a correlation as large at their best lag.

    `taken` is how many figures were fitted to take trend and season out of both: what is left is alike by so much.
    """
    import numpy as np

    n = len(y)
    length = max(2, round(n ** (1 / 3)))
    draw = np.random.default_rng(_SEED)
    starts = draw.integers(0, n, size=(DRAWS, -(-n // length)))
    at = (starts[:, :, None] + np.arange(length)).reshape(DRAWS, -1)[:, :n] % n
    wider = (n / max(n - taken, n / 3)) ** 0.5
    reached = wider * np.abs(y[at] @ _shifts(x, lags)).max(axis=1)
    return float((1 + np.sum(reached >= r - 1e-12)) / (DRAWS + 1))


def _effective(y: Numbers, x: Numbers, n: int) -> float:
    """How many independent points the two series are worth (Bartlett)."""
    most = min(10, n // 4)
    shared = 1 + 2 * sum(_lagged(y, k) * _lagged(x, k) for k in range(1, most + 1))
    return n / max(0.5, shared)


def _elasticity(target: Numbers, other: Numbers, lag: int, grain: str) -> list[float] | None:
    """By how many percent the target was higher when the other was 1 % higher: slope of logarithms at the lag, range.

    The range is that of 2,000 draws of blocks of time.
    """
    import numpy as np

    y, x = _clipped(_settled(target, grain)), _clipped(_settled(other, grain))
    n = min(len(y), len(x))
    y, x = y[-n:], x[-n:]
    k = abs(lag)
    y, x = (y[k:], x[: n - k]) if lag >= 0 else (y[: n - k], x[k:])
    n, length = len(y), max(2, round(len(y) ** (1 / 3)))
    starts = np.random.default_rng(_SEED).integers(0, n, size=(2_000, -(-n // length)))
    at = (starts[:, :, None] + np.arange(length)).reshape(2_000, -1)[:, :n] % n
    spread = np.mean(x[at] ** 2, axis=1) - np.mean(x[at], axis=1) ** 2
    slopes = (np.mean(y[at] * x[at], axis=1) - np.mean(y[at], axis=1) * np.mean(x[at], axis=1)) / spread
    slope = float(np.cov(y, x)[0, 1] / np.var(x, ddof=1))
    low, high = np.quantile(slopes, [0.025, 0.975])
    return [slope, float(low), float(high)]


def _partial(y: Numbers, x: Numbers, lag: int, control: Numbers, grain: str) -> float | None:
    """The correlation that is left when both are freed of a third figure, at the target's time and at the lag's."""
    import numpy as np

    clean = cleaned(control, grain)
    n = min(len(y), len(clean))
    if n < 20 or not np.std(clean):
        return None
    y, x, z = y[-n:], x[-n:], _ranked(clean[-n:])
    k = abs(lag)
    ahead, behind = (slice(k, None), slice(None, n - k))
    ys, xs = (y[ahead], x[behind]) if lag >= 0 else (y[behind], x[ahead])
    both = np.column_stack([np.ones(n - k), z[ahead], z[behind]]) if k else np.column_stack([np.ones(n), z])
    rests = [v - both @ np.linalg.lstsq(both, v, rcond=None)[0] for v in (ys, xs)]
    spread = float(np.std(rests[0]) * np.std(rests[1]))
    return float(np.mean(rests[0] * rests[1]) / spread) if spread else None


def chosen(ps: list[float], q: float = 0.1, most: float = 0.03) -> list[bool]:
    """Which of several tests hold: Benjamini and Hochberg (1995) at `q`, and each below `most` by itself."""
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    last = max((rank for rank, i in enumerate(order, start=1) if ps[i] <= q * rank / len(ps)), default=0)
    held = set(order[:last])
    return [i in held and p <= most for i, p in enumerate(ps)]
