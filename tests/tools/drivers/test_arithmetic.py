"""Contributions add up to the change exactly, whatever the parts: sums, ratios, averages, members that come and go."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest

from tools.drivers.arithmetic import Cut, change_of, ratio_part, split

ONE = Fraction(1)


def cut(n0: int, d0: int, n1: int, d1: int) -> Cut:
    return Cut((Fraction(n0), Fraction(d0)), (Fraction(n1), Fraction(d1)))


def together(cuts: list[Cut]) -> Cut:
    before = tuple(sum((c.before[i] for c in cuts), Fraction(0)) for i in (0, 1))
    after = tuple(sum((c.after[i] for c in cuts), Fraction(0)) for i in (0, 1))
    return Cut((before[0], before[1]), (after[0], after[1]))


@pytest.mark.parametrize("seed", range(60))
def test_parts_add_up_to_the_change(seed: int) -> None:
    dice = random.Random(seed)
    cuts = [
        cut(dice.randint(0, 900), dice.choice([0, dice.randint(1, 999)]), dice.randint(0, 900), dice.randint(0, 999))
        for _ in range(dice.randint(2, 12))
    ]
    cuts.append(cut(5, 7, 11, 13))
    whole = together(cuts)
    kept = cuts[: dice.randint(1, len(cuts))]
    for ratio in (True, False):
        parts = split(kept, whole, ratio=ratio)
        change = change_of(whole, ratio=ratio)
        assert change is not None
        assert sum((p.contribution for p in parts), Fraction(0)) == change
        assert all(p.rate + p.mix == p.contribution for p in parts)
        if not ratio:
            assert all(p.mix == 0 for p in parts)


def test_order_of_the_parts_changes_nothing() -> None:
    cuts = [cut(10, 100, 30, 120), cut(7, 50, 7, 90), cut(0, 0, 4, 10)]
    whole = together(cuts)
    forward = {p.contribution for p in split(cuts, whole, ratio=True)}
    assert forward == {p.contribution for p in split(cuts[::-1], whole, ratio=True)}


def test_a_pure_shift_of_weights_has_no_rate() -> None:
    cuts = [cut(10, 100, 20, 200), cut(40, 100, 4, 10)]
    parts = [ratio_part(c, together(cuts)) for c in cuts]
    assert [p.rate for p in parts] == [0, 0]
    assert sum(p.mix for p in parts) == change_of(together(cuts), ratio=True)


def test_a_pure_change_of_rates_has_no_mix() -> None:
    cuts = [cut(10, 100, 20, 100), cut(40, 100, 44, 100)]
    parts = [ratio_part(c, together(cuts)) for c in cuts]
    assert [p.mix for p in parts] == [0, 0]


def test_every_group_rises_and_the_whole_falls() -> None:
    """Simpson: (1/10, 90/100) becomes (20/100, 9.5/10)."""
    cuts = [cut(1, 10, 20, 100), cut(180, 200, 19, 20)]
    parts = [ratio_part(c, together(cuts)) for c in cuts]
    assert all(p.rate > 0 for p in parts)
    assert sum(p.contribution for p in parts) == change_of(together(cuts), ratio=True)
    assert sum(p.contribution for p in parts) < 0


def test_a_ratio_that_is_missing_in_one_period_is_all_mix() -> None:
    part = ratio_part(cut(0, 0, 5, 10), cut(50, 100, 60, 110))
    assert part.before is None and part.rate == 0 and part.mix == part.contribution
