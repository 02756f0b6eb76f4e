"""Forecasts on series whose course is known: right when it can be, silent about gains that are not there, leak-free."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from tools.forecasting import models, race
from tools.forecasting.arima import arima
from tools.forecasting.engine import Request, forecast
from tools.forecasting.horizon import read
from tools.forecasting.models import History
from tools.forecasting.segments import reconcile

TODAY = date(2026, 11, 21)


def days(count: int) -> tuple[date, ...]:
    return tuple(date(2024, 1, 1) + timedelta(days=k) for k in range(count))


def weekly(n: int, noise: float, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    t = np.arange(n)
    return 500 + 0.4 * t + 80 * np.sin(2 * np.pi * t / 7) + rng.normal(0, noise, n)


def asked(n: int, horizon: int, season: int = 7) -> Request:
    return Request(days(n + horizon), season, 365.25, horizon, 0, True, slow=False)


def test_trend_and_week_are_found() -> None:
    y = weekly(330, 8.0)
    found = forecast(y[:300], asked(300, 30))
    truth = weekly(330, 0.0)[300:]
    assert np.mean(np.abs(np.array(found.ahead) - truth)) < 8.0
    assert not found.beaten
    assert found.figures["better"] > 0.2
    assert found.total == pytest.approx(sum(found.ahead))
    assert found.total_low["80"] < truth.sum() < found.total_high["80"]


def test_a_random_walk_falls_back_or_gains_little() -> None:
    walks = [1000 + np.cumsum(np.random.default_rng(s).normal(0, 5, 200)) for s in range(6)]
    found = [forecast(w, asked(200, 14, season=1)) for w in walks]
    assert all(abs(f.ahead[-1] - w[-1]) < 80 for f, w in zip(found, walks, strict=True))
    assert sum(f.beaten for f in found) >= 2


def test_the_future_does_not_leak() -> None:
    """Changing what comes after the history changes no forecast; the same input gives the same bits."""
    y = weekly(260, 10.0)
    one, again = forecast(y[:230], asked(230, 30)), forecast(y[:230].copy(), asked(230, 30))
    assert one == again
    changed = y.copy()
    changed[230:] = 0
    assert forecast(changed[:230], asked(230, 30)).ahead == one.ahead


@pytest.mark.parametrize("values", [np.zeros(120), np.full(120, 7.0)])
def test_flat_series_do_not_break(values: np.ndarray) -> None:
    found = forecast(values, asked(120, 7))
    assert found.ahead == pytest.approx([values[0]] * 7)


def test_rare_sales_use_the_intermittent_method() -> None:
    rng = np.random.default_rng(1)
    y = np.where(rng.random(300) < 0.15, rng.poisson(4, 300) + 1.0, 0.0)
    history = History(y, days(330), 7, 365.25)
    assert "intermittent" in race.candidates(history)
    assert models.intermittent(history, 3)[0] == pytest.approx(0.75, abs=0.45)


def test_too_short_says_so() -> None:
    assert forecast(weekly(20, 1.0), asked(20, 30)).problem == "too_little_history"


def test_arima_continues_a_line_and_stays_bounded() -> None:
    line = History(np.arange(60, dtype=float) + 10, days(80), 1)
    assert arima(line, 5) == pytest.approx([70, 71, 72, 73, 74], rel=0.02)
    wild = History(np.cumsum(np.random.default_rng(3).normal(0, 1, 80)), days(400), 1)
    assert np.all(np.isfinite(arima(wild, 300)))


def test_parts_sum_to_the_total() -> None:
    outcomes = [forecast(weekly(200, 10.0, s), asked(200, 14)) for s in range(3)]
    total = forecast(sum(weekly(200, 10.0, s) for s in range(3)), asked(200, 14))
    reconcile(total, outcomes)
    for at in range(14):
        assert total.ahead[at] == pytest.approx(sum(o.ahead[at] for o in outcomes), rel=1e-9)


def test_ranges_hold_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(40):
        y = weekly(220, 20.0, seed)
        found = forecast(y[:200], asked(200, 14))
        inside = (y[200:214] >= found.low["80"]) & (y[200:214] <= found.high["80"])
        held.append(float(np.mean(inside)))
    assert 0.7 <= np.mean(held) <= 0.93


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("next month", "2026-12-01", "2027-01-01"),
        ("next 30 days", "2026-11-21", "2026-12-21"),
        ("30", "2026-11-21", "2026-12-21"),
        ("the next 3 months", "2026-12-01", "2027-03-01"),
        ("until the end of the quarter", "2026-11-21", "2027-01-01"),
        ("in December", "2026-12-01", "2027-01-01"),
        ("rest of the year", "2026-11-21", "2027-01-01"),
        ("next week", "2026-11-23", "2026-11-30"),
        ("tomorrow", "2026-11-22", "2026-11-23"),
        ("March", "2027-03-01", "2027-04-01"),
        ("Q1 2027", "2027-01-01", "2027-04-01"),
    ],
)
def test_horizons_in_words(text: str, start: str, end: str) -> None:
    found = read(text, TODAY)
    assert (found.start.isoformat(), found.end.isoformat()) == (start, end)
