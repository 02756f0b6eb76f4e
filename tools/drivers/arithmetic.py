"""Exact splits of a change: every part's contribution, share effects apart from rate effects.

All arithmetic is on fractions, so parts add up to the whole exactly and not almost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

Pair = tuple[Fraction, Fraction]
"""Numerator and denominator; a sum has the denominator 1 throughout."""


@dataclass(frozen=True)
class Cut:
    """What some rows came to in each period: of a sum (value, 1), of a ratio (numerator, denominator)."""

    before: Pair
    after: Pair

    def minus(self, other: Cut) -> Cut:
        """The rows of this cut without those of `other`."""
        return Cut(_less(self.before, other.before), _less(self.after, other.after))


@dataclass(frozen=True)
class Part:
    """A part's own figures, and what it contributed to the change of the whole: `rate` + `mix` = `contribution`.

    `before` and `after` are None where a ratio has nothing to divide by. A sum has no mix.
    """

    before: Fraction | None
    after: Fraction | None
    contribution: Fraction
    rate: Fraction
    mix: Fraction


def sum_part(cut: Cut) -> Part:
    """A part of a sum contributes its own change."""
    before, after = cut.before[0], cut.after[0]
    return Part(before, after, after - before, after - before, Fraction(0))


def ratio_part(cut: Cut, whole: Cut) -> Part:
    """A part of a ratio contributes by its own rate and by its weight in the denominator.

    rate = change of the part's ratio × its mean weight; mix = change of its weight × how far its mean ratio lies from
    the mean of the whole. A ratio missing in one period is taken as unchanged: all of it is mix. The parts of a
    complete split add up to the change of the whole.
    """
    before, after = _divided(cut.before), _divided(cut.after)
    whole_before, whole_after = _divided(whole.before), _divided(whole.after)
    if whole_before is None or whole_after is None:
        raise ZeroDivisionError("the whole has no ratio in one of the periods")
    middle = (whole_before + whole_after) / 2
    then, now = cut.before[1] / whole.before[1], cut.after[1] / whole.after[1]
    contribution = cut.after[0] / whole.after[1] - cut.before[0] / whole.before[1] - (now - then) * middle
    first, last = before if before is not None else after, after if after is not None else before
    mean = (first + last) / 2 if first is not None and last is not None else middle
    mix = (now - then) * (mean - middle)
    return Part(before, after, contribution, contribution - mix, mix)


def change_of(whole: Cut, *, ratio: bool) -> Fraction | None:
    """The change of the whole; None when a ratio does not exist in one of the periods."""
    if not ratio:
        return whole.after[0] - whole.before[0]
    before, after = _divided(whole.before), _divided(whole.after)
    return None if before is None or after is None else after - before


def split(cuts: Sequence[Cut], whole: Cut, *, ratio: bool) -> list[Part]:
    """The parts of the whole: one for each cut (which must not overlap) and a last one for everything else."""
    rest = whole
    for cut in cuts:
        rest = rest.minus(cut)
    return [ratio_part(c, whole) if ratio else sum_part(c) for c in (*cuts, rest)]


def _divided(pair: Pair) -> Fraction | None:
    return pair[0] / pair[1] if pair[1] else None


def _less(a: Pair, b: Pair) -> Pair:
    return a[0] - b[0], a[1] - b[1]
