"""Pacing, trends and peers on simulated data with known truth: coverage of ends, false and missed findings."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from evals.result import Figure
from tools.benchmarking import Cube, all_along, standings
from tools.forecasting.engine import Request, forecast
from tools.pacing import best_week, mixed, usual_course
from tools.periods import Periods
from tools.trending import read

PERIODS = 120
SERIES = 200
CUBES = 60
_DAYS = 500
_EIGHTY = 1.2816
_FIRST = date(2025, 1, 1)


def figures() -> list[Figure]:
    """Coverage of the end of a month at a random day, false trends and breaks, false and found gaps between peers."""
    held = [_month(seed) for seed in range(PERIODS)]
    trends = [_course(seed, 0.0, 0.0) for seed in range(SERIES)]
    rising = [_course(seed, 0.012, 0.0) for seed in range(SERIES // 2)]
    broken = [_course(seed, 0.0, -0.3) for seed in range(SERIES // 2)]
    level = [s for seed in range(CUBES) for s in _peers(seed, 1.0)]
    lagging = [next(s for s in _peers(seed, 0.85) if s.member == "m3") for seed in range(CUBES)]
    coverage = 100 * float(np.mean(held))
    return [
        Figure("pacing: ends inside their 80% range, simulated months", coverage, "%", 74, "more"),
        Figure("pacing: coverage, away from the stated 80%", abs(coverage - 80), "points", 6),
        Figure("trends told of noise", 100 * _share(t[0] != "flat" for t in trends), "%", 5),
        Figure("breaks told of noise", 100 * _share(bool(t[1]) for t in trends), "%", 5),
        Figure("trends of a seventh a year found", 100 * _share(t[0] == "up" for t in rising), "%", 90, "more"),
        Figure("breaks of a quarter found within two months",
               100 * _share(any(abs(b - 22) <= 2 for b in t[1]) for t in broken), "%", 70, "more"),
        Figure("peers told apart though they are alike", 100 * _share(s.real for s in level), "%", 5),
        Figure("members 15 points behind found", 100 * _share(s.real for s in lagging), "%"),
    ]  # fmt: skip


def _share(found: Any) -> float:
    return float(np.mean([bool(f) for f in found]))


def _month(seed: int) -> bool:
    """Whether the end of a month lay inside the range told on a day of it; weekdays, growth, memory, month ends."""
    rng = np.random.default_rng(seed)
    days = [_FIRST + timedelta(days=k) for k in range(_DAYS)]
    noise = np.zeros(_DAYS)
    for k in range(1, _DAYS):
        noise[k] = 0.5 * noise[k - 1] + rng.normal(0, 0.1)
    week = 1 + 0.25 * np.sin(2 * np.pi * np.arange(_DAYS) / 7 + rng.uniform(0, 6))
    late = np.array([1 + rng.uniform(0.2, 0.6) * (d.day > 24) for d in days]) if seed % 3 == 0 else np.ones(_DAYS)
    y = 1000 * (1 + 0.0005 * np.arange(_DAYS)) * week * late * np.exp(noise)
    start = days[-1].replace(day=1)
    end = Periods().next(start, "month") if (Periods().next(start, "month") - days[-1]).days == 1 else start
    start = (end - timedelta(days=1)).replace(day=1)
    elapsed = int(rng.integers(3, (end - start).days - 2))
    cut = (start - _FIRST).days + elapsed
    left = (end - start).days - elapsed
    history = [float(v) for v in y[:cut]]
    done, truth = float(y[cut - elapsed : cut].sum()), float(y[cut - elapsed : cut + left].sum())
    course = usual_course(days[:cut], history, (start, end), "month", elapsed)
    outcome = forecast(y[:cut], Request(tuple(days[: cut + left]), 7, 365.25, left, 0, True, slow=False))
    half = (outcome.total_high["80"] - outcome.total_low["80"]) / 2
    at, spread = mixed(done, course.shares[elapsed], course.off, (done + outcome.total, half / _EIGHTY))
    assert best_week(history) is not None
    return abs(truth - at) <= _EIGHTY * spread


def _course(seed: int, slope: float, step: float) -> tuple[str, list[int]]:
    """Direction and breaks of three years of months with seasons and memory; a step comes at month 22."""
    rng, n = np.random.default_rng(5_000 + seed), 36
    t = np.arange(n)
    noise = np.zeros(n)
    for k in range(1, n):
        noise[k] = 0.2 * noise[k - 1] + rng.normal(0, 0.04)
    y = 100 * np.exp(0.2 * np.sin(2 * np.pi * t / 12) + slope * t + step * (t >= 22) + noise)
    line, breaks, _ = read(y, 12)
    return line.direction, [b.start for b in breaks]


def _peers(seed: int, of_one: float) -> Any:
    """Twenty branches over twelve months that all grow alike; the growth of one is multiplied by `of_one`."""
    rng = np.random.default_rng(9_000 + seed)
    size = rng.lognormal(4, 0.6, 20)[:, None]
    noise = rng.normal(1, 0.08, (2, 20, 12))
    factor = np.where(np.arange(20) == 3, of_one, 1.0)[:, None]
    then, now = size * noise[0], size * noise[1] * 1.05 * factor
    layers = [np.stack([v, np.ones_like(v)], axis=2) for v in (now, then)]
    whole = [np.stack([v.sum(axis=1, keepdims=True), np.ones((20, 1))], axis=2) for v in (now, then)]
    cube = Cube([f"m{k}" for k in range(20)], whole[0], whole[1], layers[0], layers[1], rate=False)
    return standings(cube, all_along(cube))
