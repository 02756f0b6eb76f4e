"""The forecast suite: our race on outside series beside seasonal naive and Prophet; coverage on simulated ones."""

from __future__ import annotations

import csv
import math
import time
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from evals.result import Figure, SuiteResult
from tools.forecasting import library, models
from tools.forecasting.engine import Request, forecast
from tools.forecasting.models import History, Values

ORIGINS = 8
SIMULATED = 200
_EXAMPLES = "ml/prophet_examples/example_"


@dataclass(frozen=True)
class Case:
    """An outside series with the horizon it is asked for; `most` caps the history as the tool does."""

    name: str
    stamps: list[datetime]
    y: Values
    season: int
    year: float
    horizon: int
    most: int


def run(data: Path) -> SuiteResult:
    """Rolling origins over the younger third of each series; nothing is chosen by name."""
    cases = [_score(case) for case in _cases(data)]
    ratios = [c["mase"] / c["naive_mase"] for c in cases]
    peers = [c["prophet_mase"] / c["naive_mase"] for c in cases if c["prophet_mase"]]
    inside, totals = _coverage()
    figures = [
        Figure("MASE against seasonal naive", _geometric(ratios), "x", 0.86),
        Figure("worst series against seasonal naive", max(ratios), "x", 1.10),
        Figure("coverage of 80% ranges, simulated", 100 * inside, "%", 74, "more"),
        Figure("coverage, away from the stated 80%", abs(100 * inside - 80), "points", 6),
        Figure("coverage of 80% ranges of totals, simulated", 100 * totals, "%"),
        Figure("coverage of 80% ranges, outside series", 100 * float(np.mean([c["held"] for c in cases])), "%"),
        Figure("seconds a series with its backtest", float(np.mean([c["seconds"] for c in cases])), "s", 3),
    ]
    if peers:
        ours = float(np.mean([c["seconds"] for c in cases if c["prophet_mase"]]))
        theirs = float(np.mean([c["prophet_seconds"] for c in cases if c["prophet_mase"]]))
        figures.insert(1, Figure("Prophet alone against seasonal naive", _geometric(peers), "x"))
        figures.append(Figure("Prophet with the same backtest, times our seconds", theirs / ours, "x", 5, "more"))
    return SuiteResult("forecast", "accuracy", figures, cases)


def _geometric(values: list[float]) -> float:
    return math.exp(sum(math.log(v) for v in values) / len(values))


def _score(case: Case) -> dict[str, Any]:
    """Mean errors over the origins; Prophet alone on the same ones, where it is installed."""
    step = max(1, min(2 * case.horizon, len(case.y) // 3 // ORIGINS))
    ends = [len(case.y) - case.horizon - k * step for k in range(ORIGINS)]
    ours, naive, prophet, held, spent, theirs = [], [], [], [], 0.0, 0.0
    for end in ends:
        from_ = max(0, end - case.most)
        y, actual = case.y[from_:end], case.y[end : end + case.horizon]
        stamps = case.stamps[from_ : end + case.horizon]
        days = tuple(s.date() for s in stamps)
        scale = float(np.mean(np.abs(y[case.season :] - y[: -case.season])))
        began = time.perf_counter()
        found = forecast(y, Request(days, case.season, case.year, case.horizon, 0, True, slow=False))
        spent += time.perf_counter() - began
        history = History(y, days, case.season, case.year)
        ours.append(float(np.mean(np.abs(np.array(found.ahead) - actual))) / scale)
        naive.append(float(np.mean(np.abs(models.seasonal_naive(history, case.horizon) - actual))) / scale)
        held.append(float(np.mean((actual >= found.low["80"]) & (actual <= found.high["80"]))))
        if find_spec("prophet") is not None:
            began = time.perf_counter()
            ahead = library.prophet_at(history, [s.isoformat() for s in stamps])
            theirs += (time.perf_counter() - began) * (1 + found.figures["origins"])
            prophet.append(float(np.mean(np.abs(ahead - actual))) / scale)
    return {
        "series": f"{case.name}, {case.horizon}", "mase": float(np.mean(ours)), "naive_mase": float(np.mean(naive)),
        "prophet_mase": float(np.mean(prophet)) if prophet else None, "held": float(np.mean(held)),
        "seconds": spent / ORIGINS, "prophet_seconds": theirs / ORIGINS,
    }  # fmt: skip


def _coverage() -> tuple[float, float]:
    """Share of future points, and of totals, inside their 80 % ranges on simulated daily series."""
    inside: list[float] = []
    totals: list[bool] = []
    for seed in range(SIMULATED):
        y = simulated(seed, 214)
        days = tuple(date(2024, 1, 1) + timedelta(days=k) for k in range(214))
        found = forecast(y[:200], Request(days, 7, 365.25, 14, 0, True, slow=False))
        actual = y[200:]
        inside.append(float(np.mean((actual >= found.low["80"]) & (actual <= found.high["80"]))))
        totals.append(found.total_low["80"] <= float(np.sum(actual)) <= found.total_high["80"])
    return float(np.mean(inside)), float(np.mean(totals))


def simulated(seed: int, n: int) -> Values:
    """Trend, week and noise that is partly carried over, of a strength drawn per series."""
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    carried = rng.choice([0.0, 0.3, 0.6])
    noise = rng.normal(0, rng.uniform(10, 40), n)
    for k in range(1, n):
        noise[k] += carried * noise[k - 1]
    course: Values = 600 + rng.uniform(-0.3, 0.8) * t + rng.uniform(0, 120) * np.sin(2 * np.pi * t / 7) + noise
    return course


def _cases(data: Path) -> list[Case]:
    views = _daily(_read(data / f"{_EXAMPLES}wp_log_peyton_manning.csv", "ds", "y"))
    walkers = _daily(_read(data / f"{_EXAMPLES}pedestrians_covid.csv", "ds", "y"))
    retail = _read(data / f"{_EXAMPLES}retail_sales.csv", "ds", "y")
    heat = _hourly(_read(data / f"{_EXAMPLES}yosemite_temps.csv", "ds", "y"))
    weeks = _read(data / "ml/robyn_mmm/dt_simulated_weekly.csv", "DATE", "revenue")
    return [
        Case("web views", *views, 7, 365.25, 30, 1095),
        Case("web views", *views, 7, 365.25, 90, 1095),
        Case("pedestrians", *walkers, 7, 365.25, 7, 1095),
        Case("pedestrians", *walkers, 7, 365.25, 30, 1095),
        Case("retail sales", list(retail), np.array(list(retail.values())), 12, 12.0, 12, 180),
        Case("temperature", *heat, 24, 0.0, 48, 1440),
        Case("weekly revenue", list(weeks), np.array(list(weeks.values())), 52, 52.18, 13, 312),
    ]


def _read(path: Path, when: str, what: str) -> dict[datetime, float]:
    with path.open(encoding="utf-8") as file:
        rows = [(r[when], r[what]) for r in csv.DictReader(file)]
    return {datetime.fromisoformat(w): float(v) for w, v in rows if v not in ("", "NaN", "NA")}


def _daily(cells: dict[datetime, float]) -> tuple[list[datetime], Values]:
    return _regular({k.replace(hour=0, minute=0): [v] for k, v in cells.items()}, timedelta(days=1))


def _hourly(cells: dict[datetime, float]) -> tuple[list[datetime], Values]:
    hours: dict[datetime, list[float]] = {}
    for stamp, value in cells.items():
        hours.setdefault(stamp.replace(minute=0, second=0), []).append(value)
    return _regular(hours, timedelta(hours=1))


def _regular(cells: dict[datetime, list[float]], step: timedelta) -> tuple[list[datetime], Values]:
    """Every period between the first and the last, gaps on a straight line."""
    first, last = min(cells), max(cells)
    stamps = [first + k * step for k in range(int((last - first) / step) + 1)]
    known = [k for k, s in enumerate(stamps) if s in cells]
    means = [float(np.mean(cells[stamps[k]])) for k in known]
    filled: Values = np.interp(np.arange(len(stamps)), known, means)
    return stamps, filled
