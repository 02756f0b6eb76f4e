"""Ranges, tests and survival curves equal scipy's and the textbook's."""

from __future__ import annotations

import random
import warnings

import pytest
from scipy import stats

from tools.cohorts.stats import chi_square_tail, difference, same_rate, trend, wilson
from tools.cohorts.survival import Spell, kaplan_meier, log_rank, quantile, share_at

TREATED: list[Spell] = [
    *((t, True, 1) for t in (6, 6, 6, 7, 10, 13, 16, 22, 23)),
    *((t, False, 1) for t in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)),
]
CONTROL: list[Spell] = [(t, True, 1) for t in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)]


@pytest.mark.parametrize("df", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("x", [0.0, 0.5, 3.84, 12.0, 40.0])
def test_chi_square_tails_are_scipys(x: float, df: int) -> None:
    assert chi_square_tail(x, df) == pytest.approx(stats.chi2.sf(x, df), rel=1e-9)


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (3, 14), (50, 100), (14, 14)])
def test_wilson_is_scipys(hits: int, n: int) -> None:
    wanted = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits, n) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


def test_the_six_mp_trial_of_the_textbook() -> None:
    """Freireich (1963): S(6) .857, S(22) .538, median 23 weeks; log-rank 16.79 on one degree of freedom."""
    curve = kaplan_meier(TREATED)
    assert share_at(curve, 6).share == pytest.approx(0.857, abs=5e-4)
    assert share_at(curve, 22).share == pytest.approx(0.538, abs=5e-4)
    assert quantile(curve)[0] == 23
    assert log_rank([TREATED, CONTROL]) == pytest.approx(stats.chi2.sf(16.79, 1), rel=0.01)
    assert log_rank([TREATED, TREATED]) == pytest.approx(1.0)


def test_curves_and_ranges_are_scipys() -> None:
    rng = random.Random(1)
    spells = [(float(rng.randrange(1, 40)), rng.random() < 0.7, 1) for _ in range(120)]
    data = stats.CensoredData(uncensored=[t for t, e, _ in spells if e], right=[t for t, e, _ in spells if not e])
    found = stats.ecdf(data).sf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ranges = found.confidence_interval(method="log-log")
    ours = {p.at: p for p in kaplan_meier(spells)}
    for at, share, low in zip(found.quantiles, found.probabilities, ranges.low.probabilities, strict=True):
        if at in ours and share > 0:
            assert (ours[at].share, ours[at].low) == pytest.approx((share, low), abs=1e-9)


def test_ranges_of_curves_hold_what_is_true() -> None:
    """A constant risk of .05 a period with people cut off at random: S(10) lies inside the 95 % range 93-97 times."""
    rng, inside, runs = random.Random(9), 0, 300
    for _ in range(runs):
        spells = []
        for _ in range(80):
            left = next(t for t in range(1, 400) if rng.random() < 0.05)
            cut = rng.randrange(5, 60)
            spells.append((float(min(left, cut)), left <= cut, 1))
        point = share_at(kaplan_meier(spells), 10)
        inside += point.low <= 0.95**10 <= point.high
    assert 0.925 <= inside / runs <= 0.985


def test_rates_that_differ_by_chance_are_not_called_different() -> None:
    assert same_rate([(30, 100), (33, 100), (28, 100)]) > 0.5
    assert same_rate([(30, 100), (60, 100)]) < 0.001
    assert difference((30, 100), (60, 100)).low > 0
    assert trend([(30, 100), (31, 100), (29, 100), (30, 100)]).p > 0.5
    assert trend([(20, 100), (30, 100), (40, 100), (50, 100)]).p < 0.001
