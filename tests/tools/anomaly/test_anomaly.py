"""Planted oddities are found once, clean series stay quiet, and what comes every year is no surprise."""

from __future__ import annotations

import numpy as np
import pytest

from tools.anomaly.batch import scan
from tools.anomaly.engine import run_json
from tools.anomaly.stream import Stream


def series(seed: int, n: int = 730) -> np.ndarray:
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    season = 1 + 0.25 * np.sin(2 * np.pi * t / 7) + 0.1 * (t % 7 == 5)
    return 1000 * (1 + 0.3 * t / n) * season * np.exp(rng.normal(0, 0.05, n))


def test_clean_series_are_quiet() -> None:
    alarms = sum(len(scan(series(s), 7, 364).episodes) for s in range(20))
    assert alarms / (20 * 730 / 7) * 100 <= 1.5, "per 100 weeks"


@pytest.mark.parametrize("factor", [1.6, 0.5])
def test_single_days_are_found(factor: float) -> None:
    found = 0
    for seed in range(20):
        y = series(seed)
        y[500] *= factor
        found += any(e.start <= 500 <= e.end and e.up == (factor > 1) for e in scan(y, 7, 364).episodes)
    assert found >= 19


def test_an_outage_is_one_episode() -> None:
    y = series(3)
    y[600:605] = 0
    near = [e for e in scan(y, 7, 364, counts=True).episodes if 590 <= e.start <= 615]
    assert [(e.start, e.end, e.kind) for e in near] == [(600, 604, "silence")]


def test_a_change_of_level_is_one_episode_with_its_start() -> None:
    found = 0
    for seed in range(20):
        y = series(seed)
        y[650:] *= 0.7
        near = [e for e in scan(y, 7, 364).episodes if abs(e.start - 650) <= 4]
        found += len(near) == 1 and near[0].kind == "level_shift" and not near[0].up
    assert found >= 17


def test_a_feast_of_every_year_is_no_surprise() -> None:
    y = series(5, 900)
    for at in (330, 330 + 364, 331, 331 + 364):
        y[at] *= 2
    assert not [e for e in scan(y, 7, 364).episodes if 690 <= e.start <= 700]


def test_mondays_are_no_anomaly() -> None:
    y = series(6)
    y[::7] *= 0.4
    assert len(scan(y, 7, 364).episodes) <= 2


def test_sparse_counts_and_constants_do_not_break() -> None:
    rng = np.random.default_rng(0)
    request = {"season": 7, "year": 364, "counts": True}
    sparse, flat = rng.poisson(0.3, 400).tolist(), [5.0] * 400
    scans = run_json({**request, "series": [sparse, flat]})["scans"]
    assert len(scans[0]["episodes"]) <= 6
    assert scans[1]["episodes"] == []


def test_short_histories_get_a_plain_look() -> None:
    request = {"season": 7, "year": 364, "counts": False}
    y = [100.0, 103, 98, 101, 99, 102, 100, 97, 104, 100, 101, 99, 100, 102, 250]
    (found,) = run_json({**request, "series": [y]})["scans"]
    assert [(e["start"], e["kind"]) for e in found["episodes"]] == [(14, "spike")]
    (none,) = run_json({**request, "series": [y[:10]]})["scans"]
    assert none["episodes"] == []


def test_the_stream_alarms_once_and_early() -> None:
    rng = np.random.default_rng(2)
    values = np.concatenate([rng.normal(10, 1, 600), rng.normal(18, 1, 100)])
    stream = Stream(warm=150, quiet=150)
    alarms = [k for k, v in enumerate(values) if stream.step(float(v)) >= 1]
    assert len([a for a in alarms if a >= 600]) == 1
    assert 600 <= next(a for a in alarms if a >= 600) <= 612
    assert len([a for a in alarms if a < 600]) <= 1


def test_a_weekend_at_the_end_of_the_data_is_a_weekend() -> None:
    rng = np.random.default_rng(4)
    week = np.array([405.0, 405, 405, 405, 405, 275, 275])
    for length in range(700, 707):
        y = np.resize(week, length) * rng.normal(1, 0.004, length)
        found = scan(y, 7, 364)
        assert np.all(np.abs(found.expected - y)[-4:] < 0.03 * y[-4:]) and not found.episodes
