"""From a prepared series to a forecast that says how good it was on old data; runs in the fitting worker."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np

from tools.forecasting import known, models, ranges
from tools.forecasting.models import History, Values
from tools.forecasting.race import BASELINE, BLEND, Choice, Race, choose, predict, run

MOST_SLOW = 2
_FEWEST_POINTS = 10
_LEAST_BRIEF = 5


@dataclass
class Outcome:
    """The forecast of one series; bands by level ("80", "95") as [low, high] lists over the asked steps.

    `total` is the sum over the asked steps (their mean when the figure does not add up). Ratios are 0-1. `problem` is
    set, and the rest empty, when the history cannot carry a backtest. `events` are those that the forecast counts on
    within the asked steps: what a day of each does, as a ratio (0.2 = 20 % more) where the series is positive.
    """

    ahead: list[float] = field(default_factory=list)
    low: dict[str, list[float]] = field(default_factory=dict)
    high: dict[str, list[float]] = field(default_factory=dict)
    total: float = 0.0
    total_low: dict[str, float] = field(default_factory=dict)
    total_high: dict[str, float] = field(default_factory=dict)
    variance: float = 0.0
    method: str = BASELINE
    weights: dict[str, float] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)
    beaten: bool = False
    tested: bool = False
    problem: str | None = None
    events: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What to forecast: series of equal length over `days` (history, then future), and which future steps count.

    `brief` allows a history that can try only a part of the horizon on itself; the ranges then widen beyond that part.
    """

    days: tuple[date, ...]
    season: int
    year: float
    horizon: int
    first: int
    adds_up: bool
    slow: bool = True
    brief: bool = False
    marks: dict[str, list[float]] = field(default_factory=dict)


def run_json(request: dict[str, Any]) -> dict[str, Any]:
    """`{"series": [[…]], "days": […], …}` to `{"outcomes": […]}`, one per series in order."""
    asked = Request(
        tuple(date.fromisoformat(d) for d in request["days"]),
        request["season"], request["year"], request["horizon"], request["first"], request["adds_up"],
        request.get("slow", True) and len(request["series"]) <= MOST_SLOW, request.get("brief", False),
        request.get("marks", {}),
    )  # fmt: skip
    outcomes = [forecast(np.array(y, dtype=np.float64), asked) for y in request["series"]]
    return {"outcomes": [asdict(o) for o in outcomes]}


def forecast(y: Values, asked: Request) -> Outcome:
    """Race, choose, forecast and put ranges around it. Deterministic."""
    marks = np.array(list(asked.marks.values()), dtype=np.float64).T if asked.marks else None
    history = History(y, asked.days, asked.season, asked.year, marks)
    least = max(asked.season + 2 if asked.season <= 24 else 2 * asked.season, _FEWEST_POINTS)
    race, tried = run(history, asked.horizon, least=least, slow=asked.slow), asked.horizon
    if race is None and asked.brief:
        least = max(asked.season + 2, _LEAST_BRIEF)
        tried = max(1, min(asked.horizon, (len(y) - least) // 2))
        race = run(history, tried, least=least, slow=False)
    if race is None:
        return Outcome(problem="too_little_history")
    choice = choose(race)
    ahead = predict(choice, history, asked.horizon)
    floor = 0.0 if float(np.min(y)) >= 0 else -np.inf
    ahead = np.maximum(ahead, floor)
    window = slice(asked.first, asked.horizon)
    name = BASELINE if choice.beaten else BLEND
    band = ranges.band(race.forecasts[name], race.actual, ahead, window)
    seen = slice(min(asked.first, tried - 1), tried)
    found = _outcome(asked, choice, band, _figures(race, choice, band, seen), np.maximum(ahead[window], floor))
    found.tested = found.tested and tried == asked.horizon
    found.events = _counted_on(history, asked, choice)
    return found


def _counted_on(history: History, asked: Request, choice: Choice) -> dict[str, float]:
    """Events ahead whose doings the chosen candidates use."""
    if history.marks is None or not any(n.endswith(known.SUFFIX) for n in choice.weights):
        return {}
    n = len(history.y)
    ahead = history.marks[n + asked.first : n + asked.horizon].sum(axis=0)
    found = known.effects(history)
    ratio = models.positive(history.y)
    return {
        name: float(np.expm1(e) if ratio else e)
        for name, e, days in zip(asked.marks, found, ahead, strict=True)
        if e and days
    }


def _outcome(asked: Request, choice: Choice, band: ranges.Band, figures: dict[str, float], ahead: Values) -> Outcome:
    scale = 1.0 if asked.adds_up else 1.0 / len(ahead)
    total = float(np.sum(ahead)) * scale
    found = Outcome(
        ahead=ahead.tolist(), total=total, method=choice.best, weights=choice.weights, figures=figures,
        beaten=choice.beaten, tested=band.tested, variance=(band.total[80] * scale) ** 2,
    )  # fmt: skip
    nonnegative = float(np.min(ahead)) >= 0
    for level in ranges.LEVELS:
        width = band.steps[level][asked.first : asked.horizon]
        low = ahead - width
        found.low[str(level)] = (np.maximum(low, 0) if nonnegative else low).tolist()
        found.high[str(level)] = (ahead + width).tolist()
        least = total - band.total[level] * scale
        found.total_low[str(level)] = max(0.0, least) if nonnegative else least
        found.total_high[str(level)] = total + band.total[level] * scale
    return found


def _figures(race: Race, choice: Choice, band: ranges.Band, window: slice) -> dict[str, float]:
    name = BASELINE if choice.beaten else BLEND
    return {
        "mase": race.mase(name),
        "baseline_mase": race.mase(BASELINE),
        "wape": race.wape(name),
        "baseline_wape": race.wape(BASELINE),
        "total_error": _total_error(race, name, window),
        "baseline_total_error": _total_error(race, BASELINE, window),
        "better": 1 - choice.ratio,
        "coverage": band.reached,
        "origins": float(len(race.ends)),
        "candidates": float(len([n for n in race.forecasts if n != BLEND])),
    }


def _total_error(race: Race, name: str, window: slice) -> float:
    """How far totals over the asked steps were off: sum of absolute misses over the sum of the totals."""
    pairs = list(zip(race.forecasts[name], race.actual, strict=False))
    whole = sum(abs(float(np.sum(a[window]))) for _, a in pairs)
    missed = sum(abs(float(np.sum(f[window] - a[window]))) for f, a in pairs)
    return missed / whole if whole else float("inf")
