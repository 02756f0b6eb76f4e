"""The race on the user's own past: candidates forecast old stretches they have not seen, and their errors decide."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tools.forecasting import known, library, models
from tools.forecasting.arima import arima
from tools.forecasting.models import History, Model, Values

BASELINE = "seasonal_naive"
BLEND = "blend"
MARGIN = 0.98
MOST_ORIGINS = 12
_FEWEST_ORIGINS = 2
_NEWER = 0.95
_SHARPNESS = 8
_NEWEST = 3
_SPAN = 12
_ZEROS = 0.4
_LOST = 1.6
_TRIAL = 3
_SLOW_ORIGINS = 6
_COMBINED = {
    "median_naive": ("ets", "theta", BASELINE),
    "median_trend": ("ets", "theta", "regression"),
}
_SLOW: dict[str, Model] = {"prophet": library.prophet}
_MODELS: dict[str, Model] = {
    BASELINE: models.seasonal_naive,
    "drift": models.drift,
    "theta": models.theta,
    "ets": models.ets,
    "regression": models.regression,
    "arima": arima,
    "last_year": models.last_year,
    "intermittent": models.intermittent,
    **_SLOW,
}
_KNOWING = {"ets", "regression", "arima", "last_year"}  # raced on a past without known events too


@dataclass
class Race:
    """Forecasts of each candidate per origin (newest first), beside what came to be.

    `scale` is the mean absolute error of the seasonal naive one step ahead inside the history, the unit of MASE.
    """

    ends: list[int]
    actual: list[Values]
    scale: float
    forecasts: dict[str, list[Values]] = field(default_factory=dict)

    def errors(self, name: str) -> Values:
        """Mean absolute error in units of `scale`, one per origin raced, newest first."""
        pairs = zip(self.forecasts[name], self.actual, strict=False)
        return np.array([np.mean(np.abs(f - a)) for f, a in pairs]) / self.scale

    def mase(self, name: str, origins: int | None = None) -> float:
        """The weighted mean over the newest `origins`; newer origins weigh more."""
        found = self.errors(name)[:origins]
        return float(np.average(found, weights=_NEWER ** np.arange(len(found))))

    def wape(self, name: str) -> float:
        """Sum of absolute errors over the sum of absolute actuals."""
        pairs = list(zip(self.forecasts[name], self.actual, strict=False))
        whole = sum(float(np.sum(np.abs(a))) for _, a in pairs)
        return sum(float(np.sum(np.abs(f - a))) for f, a in pairs) / whole if whole else float("inf")


def candidates(h: History) -> dict[str, Model]:
    """The cheap candidates that this history can feed."""
    names = [BASELINE, "theta", "ets", "arima", "regression"]
    if np.mean(h.y == 0) > _ZEROS:
        names = [BASELINE, "intermittent", "ets"]
    elif h.year and len(h.y) >= 1.35 * h.year + h.season:
        names.append("last_year")
    if not np.any(models.seasonal_pattern(h.y, h.season)):
        names.append("drift")
    return {n: _MODELS[n] for n in names}


def origins(n: int, horizon: int, least: int, most: int = MOST_ORIGINS) -> list[int]:
    """Where backtests end, newest first: horizons that are over, going back at most twelve of them."""
    last = n - horizon
    first = max(least, last - max(horizon * 2, min(n // 2, _SPAN * horizon)))
    if last < first:
        return []
    step = max(1, (last - first) // max(1, most - 1))
    return list(range(last, first - 1, -step))[:most]


def run(h: History, horizon: int, *, least: int, slow: bool = True, most: int = MOST_ORIGINS) -> Race | None:
    """Race all candidates; None when the history is too short for two backtests."""
    ends = origins(len(h.y), horizon, least, most)
    if len(ends) < _FEWEST_ORIGINS:
        return None
    m = h.season if len(h.y) > 2 * h.season else 1
    scale = float(np.mean(np.abs(h.y[m:] - h.y[:-m]))) or 1.0
    race = Race(ends, [h.y[e : e + horizon] for e in ends], scale)
    for name, model in candidates(h.until(ends[-1])).items():
        race.forecasts[name] = [model(h.until(e), horizon) for e in ends]
    if h.marks is not None and np.any(known.effects(h)):
        pasts = [known.cleaned(h.until(e), horizon) for e in ends]
        for name in sorted(_KNOWING & race.forecasts.keys()):
            race.forecasts[name + known.SUFFIX] = [p.forecast(_MODELS[name]) for p in pasts]
    _combine(race)
    if slow:
        _race_slow(race, h, horizon)
    return race


def _combine(race: Race) -> None:
    for name, parts in _COMBINED.items():
        if all(p in race.forecasts for p in parts):
            stacks = zip(*(race.forecasts[p] for p in parts), strict=True)
            race.forecasts[name] = [np.median(np.stack(s), axis=0) for s in stacks]


def _race_slow(race: Race, h: History, horizon: int) -> None:
    """Costly candidates run on the newest origins, and stop when they fall far behind."""
    best = min(race.forecasts, key=race.mase)
    for name, model in _SLOW.items():
        if not library.prophet_affordable(h.until(race.ends[min(len(race.ends), _SLOW_ORIGINS) - 1])):
            continue
        race.forecasts[name] = []
        for done, end in enumerate(race.ends[:_SLOW_ORIGINS], start=1):
            race.forecasts[name].append(model(h.until(end), horizon))
            if done == _TRIAL and race.mase(name, done) > _LOST * race.mase(best, done):
                break


@dataclass(frozen=True)
class Choice:
    """Who forecasts: weights by candidate (sum 1), the best single one, and the blend's error relative to the baseline.

    `beaten` is true when nothing was better than the baseline by 2 %, which then forecasts alone.
    """

    weights: dict[str, float]
    best: str
    ratio: float
    beaten: bool


def choose(race: Race) -> Choice:
    """Candidates that beat the baseline by 2 % overall, and on the newest origins too, blended by past accuracy.

    The better one weighs by the eighth power, so that clear winners speak nearly alone and close calls share.
    """
    ratios = {n: _against_baseline(race, n) for n in race.forecasts if len(race.forecasts[n]) >= _enough(race)}
    good = {n: r for n, r in ratios.items() if r < MARGIN and _against_baseline(race, n, _NEWEST) < 1}
    good = {n: r for n, r in good.items() if not _outdone(n, ratios)}
    if not good:
        return Choice({BASELINE: 1.0}, BASELINE, 1.0, True)
    best = min(good, key=lambda n: good[n])
    raw = {n: (good[best] / r) ** _SHARPNESS for n, r in {**good, BASELINE: 1.0}.items()}
    whole = sum(raw.values())
    weights = {n: w / whole for n, w in raw.items()}
    race.forecasts[BLEND] = [blend({n: f[k] for n, f in race.forecasts.items() if k < len(f)}, weights)
                             for k in range(len(race.ends))]  # fmt: skip
    return Choice(weights, best, _against_baseline(race, BLEND), False)


def _outdone(name: str, ratios: dict[str, float]) -> bool:
    """Of a candidate with and without known events the better one runs; level, the one that knows them."""
    if name.endswith(known.SUFFIX):
        return ratios[name] > ratios[name.removesuffix(known.SUFFIX)]
    return ratios.get(name + known.SUFFIX, float("inf")) <= ratios[name]


def blend(forecasts: dict[str, Values], weights: dict[str, float]) -> Values:
    """The weighted mean of the candidates that are there."""
    used = [n for n in weights if n in forecasts]
    mean: Values = np.average([forecasts[n] for n in used], axis=0, weights=[weights[n] for n in used])
    return mean


def _enough(race: Race) -> int:
    return min(len(race.ends), _SLOW_ORIGINS)


def _against_baseline(race: Race, name: str, newest: int | None = None) -> float:
    """Error relative to the baseline on the same origins, so that candidates with fewer origins compare fairly."""
    count = min(len(race.forecasts[name]), newest or len(race.ends))
    base = race.mase(BASELINE, count)
    return race.mase(name, count) / base if base else 1.0


def predict(choice: Choice, h: History, horizon: int) -> Values:
    """The chosen candidates' forecast from the end of the history."""
    return blend({name: single(name, h, horizon) for name in choice.weights}, choice.weights)


def single(name: str, h: History, horizon: int) -> Values:
    """One candidate's forecast by name."""
    parts = _COMBINED.get(name)
    if parts:
        return np.asarray(np.median(np.stack([_MODELS[p](h, horizon) for p in parts]), axis=0))
    if name.endswith(known.SUFFIX):
        return known.cleaned(h, horizon).forecast(_MODELS[name.removesuffix(known.SUFFIX)])
    return _MODELS[name](h, horizon)
