"""Figures that fill after their day are held back; what falls for good, swings, or comes and goes is not."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from tools.evidence import Column
from tools.insights.ripening import _unripe, filling
from tools.insights.scope import Figure
from warehouse.query import MetricRef

LAST, DAYS = date(2026, 11, 20), 280
RATE = Figure(MetricRef(metric="rate"), Column(name="rate", label="Rate", type="float", role="measure"), 0, 1, 0.7)


def _held(share_at_age: list[float], *, noise: float = 0.04, seed: int = 3) -> int:
    """Days held back of a rate that is `share_at_age` of its usual level on the newest days, and usual before."""
    rng = np.random.default_rng(seed)
    bottom = rng.normal(900, 40, DAYS)
    usual = 0.2 * rng.normal(1, noise, DAYS)
    for age, share in enumerate(share_at_age):
        usual[DAYS - 1 - age] *= share
    days = [LAST - timedelta(days=DAYS - 1 - k) for k in range(DAYS)]
    return _unripe(days, np.stack([bottom * usual, bottom, bottom], axis=1), RATE, LAST)


def test_stays_that_have_not_ended_and_orders_that_may_come_back_are_held_back() -> None:
    assert _held([0.15, 0.35, 0.5, 0.65, 0.72, 0.85, 0.88]) == 8
    assert _held([0.0] * 4 + [0.1, 0.12, 0.2, 0.25] + [0.4] * 7 + [0.7] * 14) == 29


@pytest.mark.parametrize(
    "share", [[0.2], [0.2, 0.2], [0.3] * 5, [0.4] * 12, [0.6] * 40, [1.4, 1.2], [1.0], [0.1, 1.0, 1.0], [0.0] * 6]
)  # fmt: skip
def test_what_fell_is_told(share: list[float]) -> None:
    assert _held(share) == 0


def test_what_swings_or_comes_and_goes_is_told() -> None:
    assert all(_held([], noise=0.35, seed=seed) == 0 for seed in range(20))
    ended = [0.0] * 20 + [0.4] * 9 + [0.8] * 28
    assert _held(ended + [0.0] * 40) == 0


def test_a_period_is_ripe_when_its_last_day_is() -> None:
    assert filling([8, 0, 29], LAST + timedelta(days=1), LAST) == {0, 2}
    assert filling([8, 0, 29], LAST - timedelta(days=7), LAST) == {2}
