"""The anomaly suite: planted business events in simulated daily metrics, beside the plain seasonal z-score."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evals import nab
from evals.result import Figure, SuiteResult
from tools.anomaly.batch import Values, scan
from tools.anomaly.stream import Stream

METRICS, DAYS = 100, 730
_NEAR = 3


@dataclass(frozen=True)
class Planted:
    """What was planted where; both ends included."""

    kind: str
    start: int
    end: int


def run(data: Path) -> SuiteResult:
    """Four events in each metric; clean twins count false alarms. The threshold is the one of the tool."""
    cases: list[dict[str, Any]] = []
    began = time.process_time()
    clean = sum(len(scan(metric(seed), 7, 364).episodes) for seed in range(METRICS))
    seconds = (time.process_time() - began) / METRICS
    for name, find in (("ours", _ours), ("seasonal z", _plain)):
        cases.append({"method": name, **_score(find)})
    ours, plain = cases
    figures = [
        Figure("precision, planted events", ours["precision"], "", 0.9, "more"),
        Figure("recall, planted events", ours["recall"], "", 0.8, "more"),
        Figure("precision of the seasonal z-score", plain["precision"], ""),
        Figure("recall of the seasonal z-score", plain["recall"], ""),
        Figure("false alarms in 100 metric-weeks, clean", clean / (METRICS * DAYS / 7) * 100, "", 1.0),
        Figure("alerts per outage", ours["per_outage"], "", 1.05),
        Figure("1,000 daily series of 2 years, processor time", 1000 * seconds, "s", 20),
    ]
    figures += nab.figures(data, _causal, _causal_plain)
    return SuiteResult("anomalies", "accuracy", figures, cases)


def _causal(values: list[float], warm: int) -> list[int]:
    """Alarms of the streaming detector; its threshold is the tool's false-alarm budget, set before any scoring."""
    stream = Stream(warm=warm, quiet=warm)
    return [k for k, value in enumerate(values) if stream.step(value) >= 1]


def _causal_plain(values: list[float], warm: int) -> list[int]:
    """The peer: three standard deviations from the warm-up's mean, with the same quiet time."""
    mean, spread = statistics.fmean(values[:warm]), statistics.pstdev(values[:warm]) or 1e-12
    alarms: list[int] = []
    for k, value in enumerate(values[warm:], start=warm):
        if abs(value - mean) > 3 * spread and (not alarms or k - alarms[-1] > warm):
            alarms.append(k)
    return alarms


def metric(seed: int) -> Values:
    """Two years of a business metric: growth, week, a soft yearly course, noise with now and then a heavier tail."""
    rng = np.random.default_rng(seed)
    t = np.arange(DAYS)
    week = 1 + rng.uniform(0.1, 0.3) * np.sin(2 * np.pi * t / 7) + 0.1 * (t % 7 == 5)
    year = 1 + 0.15 * np.sin(2 * np.pi * t / 365.25 + rng.uniform(0, 6))
    noise = rng.normal(0, 0.05, DAYS) if seed % 4 else 0.04 * rng.standard_t(6, DAYS)
    course: Values = 1000 * (1 + 0.3 * t / DAYS) * week * year * np.exp(noise)
    return course


def planted(seed: int) -> tuple[Values, list[Planted]]:
    """A metric with a spike, a dip, a five-day outage and a lasting loss of level."""
    y, rng = metric(seed), np.random.default_rng(10_000 + seed)
    spike, dip, outage, shift = (int(rng.integers(*r)) for r in ((390, 430), (470, 510), (550, 590), (640, 690)))
    y[spike] *= 1.6
    y[dip] *= 0.6
    y[outage : outage + 5] *= 0.2
    y[shift:] *= 0.72
    events = [Planted("spike", spike, spike), Planted("dip", dip, dip), Planted("outage", outage, outage + 4)]
    return y, [*events, Planted("level shift", shift, DAYS - 1)]


def _ours(y: Values) -> list[tuple[int, int]]:
    return [(e.start, e.end) for e in scan(y, 7, 364).episodes]


def _plain(y: Values) -> list[tuple[int, int]]:
    """The peer: distance from the weekday's mean over the last eight weeks, three standard deviations."""
    found: list[tuple[int, int]] = []
    for at in range(56, len(y)):
        past = y[at - 56 : at : 7]
        if abs(y[at] - past.mean()) > 3 * max(float(past.std(ddof=1)), 1e-9):
            if found and at - found[-1][1] <= _NEAR:
                found[-1] = (found[-1][0], at)
            else:
                found.append((at, at))
    return found


def _score(find: Any) -> dict[str, float]:
    """An episode is right when it begins near a planted event or inside it; each event counts once."""
    hits = right = alarms = events = per_outage = 0
    for seed in range(METRICS):
        y, truth = planted(seed)
        found = find(y)
        alarms += len(found)
        events += len(truth)
        for event in truth:
            last = min(event.end, event.start + 4) + _NEAR
            near = [f for f in found if event.start - _NEAR <= f[0] <= last]
            hits += bool(near)
            right += len(near) if event.kind != "outage" else bool(near)
            per_outage += len(near) if event.kind == "outage" else 0
    return {"precision": right / max(alarms, 1), "recall": hits / events, "per_outage": per_outage / METRICS}
