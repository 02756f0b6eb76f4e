"""ARIMA without moving averages by least squares: differences chosen by spread, lags by AIC, in a millisecond."""

from __future__ import annotations

import numpy as np

from tools.forecasting.models import History, Values, positive, seasonal_pattern

_MOST_LAGS = 6
_LESS_SPREAD = 0.9


def arima(h: History, horizon: int) -> Values:
    """ARIMA(p,d,0)(P,D,0): seasonal difference when there is a season, one more when it calms the series, p by AIC."""
    with_log = positive(h.y)
    y = np.log(h.y) if with_log else h.y
    m = h.season
    seasonal = m > 1 and len(y) >= 2.5 * m + 8 and bool(np.any(seasonal_pattern(y, m)))
    calm = y[m:] - y[:-m] if seasonal else y
    steps = np.diff(calm)
    differenced = bool(np.std(steps) < _LESS_SPREAD * np.std(calm))
    z = steps if differenced else calm
    ahead = _autoregression(z, horizon, m if seasonal and len(z) > 3 * m else 0)
    if differenced:
        ahead = calm[-1] + np.cumsum(ahead)
    if seasonal:
        whole = np.concatenate([y, np.zeros(horizon)])
        for k in range(horizon):
            whole[len(y) + k] = whole[len(y) + k - m] + ahead[k]
        ahead = whole[len(y) :]
    return np.exp(ahead) if with_log else ahead


def _autoregression(z: Values, horizon: int, extra: int) -> Values:
    """The next values of a stationary series from its own lags (and lag `extra`), the number of lags by AIC."""
    most = max(0, min(_MOST_LAGS, len(z) // 6))
    start = max(most, extra)
    best: tuple[float, list[int], Values] | None = None
    for count in range(most + 1):
        lags = [*range(1, count + 1), *([extra] if extra > count else [])]
        design = np.column_stack([np.ones(len(z) - start), *(z[start - lag : len(z) - lag] for lag in lags)])
        weights = np.asarray(np.linalg.lstsq(design, z[start:], rcond=None)[0], dtype=np.float64)
        loss = float(np.mean((z[start:] - design @ weights) ** 2)) + 1e-300
        score = (len(z) - start) * float(np.log(loss)) + 2 * len(lags)
        if best is None or score < best[0]:
            best = (score, lags, weights)
    assert best is not None
    _, lags, weights = best
    values = list(z)
    limit = 3 * float(np.max(np.abs(z))) + 1e-12  # an explosive fit must not run away
    for _ in range(horizon):
        step = float(weights[0] + sum(w * values[-lag] for w, lag in zip(weights[1:], lags, strict=True)))
        values.append(float(np.clip(step, -limit, limit)))
    return np.array(values[len(z) :])
