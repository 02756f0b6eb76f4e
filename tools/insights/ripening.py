"""Figures that go on filling after their day: stays that have not ended, orders that may still come back.

What was admitted yesterday and has left already stayed a day at most, and of yesterday's orders hardly any has come
back. Such a figure sinks towards the end of the data on every day on which it is read, and its newest days are no news.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tools.insights.course import Mask
    from tools.insights.panel import Floats, Reader
    from tools.insights.scope import Figure, Subject

LOOKED_BACK = 280
_EDGES = (0, 1, 2, 3, 5, 8, 15, 29, 57)
_PLATEAU = 84
_YOUNG = 0.5
_RIPE = 0.9
_STEP = 0.04
_STEPS = 3
_NOTHING = 0.03
_LOWEST = 0.4
_OTHER_ENDS = tuple(range(29, 127, 7))


def unripe_days(reader: Reader, subject: Subject, last: date) -> list[int]:
    """By figure of a subject, how many days before the end of the data (`last`) are still filling; 0 for most."""
    after = last + timedelta(days=1)
    days, sums = reader.days(subject, after - timedelta(days=LOOKED_BACK), after)
    if len(days) < _PLATEAU:
        return [0] * len(subject.figures)
    return [_unripe(days, sums, figure, last) for figure in subject.figures]


def filling(unripe: Sequence[int], end: date, last: date) -> frozenset[int]:
    """The figures whose period that ends before `end` is not ripe yet where the data end on `last`."""
    age = (last - end).days + 1
    return frozenset(k for k, days in enumerate(unripe) if age < days)


def _unripe(days: list[date], sums: Floats, figure: Figure, last: date) -> int:
    """The age in days from which on a figure is what it will be; 0 where it does not sink towards the end, or did so
    towards other days too, as whatever swings does."""
    top = sums[:, figure.top]
    bottom = sums[:, figure.bottom] if figure.bottom is not None else sums[:, -1]
    ages = np.array([(last - d).days for d in days])
    found = _ripens(ages, top, bottom)
    if not found or any(_ripens(ages - back, top, bottom) for back in _OTHER_ENDS):
        return 0
    return found


def _ripens(ages: Floats, top: Floats, bottom: Floats) -> int:
    """The age at which a rate that rises with age, step by step, has come to what it is in the months before."""
    usual = _rate(top, bottom, (ages >= _EDGES[-1]) & (ages < _EDGES[-1] + _PLATEAU))
    if usual is None or usual <= 0 or not _steady(ages, top, bottom, usual):
        return 0
    before, steps = -1.0, 0
    for first, end in pairwise(_EDGES):
        rate = _rate(top, bottom, (ages >= first) & (ages < end))
        if rate is None:
            continue
        share = rate / usual
        if share >= _RIPE:
            return first if steps >= _STEPS else 0
        if 0 <= before <= _NOTHING and share <= _NOTHING:
            continue  # nothing has come back yet of several days
        if share < before + _STEP or (not steps and share > _YOUNG):
            return 0
        before, steps = share, steps + 1
    return 0


def _steady(ages: Floats, top: Floats, bottom: Floats, usual: float) -> bool:
    """Whether a rate was there in each week of the months before; what comes and goes, as discounts, does not ripen."""
    weeks = range(_EDGES[-1], _EDGES[-1] + _PLATEAU, 7)
    rates = [_rate(top, bottom, (ages >= week) & (ages < week + 7)) for week in weeks]
    return all(rate is not None and rate >= _LOWEST * usual for rate in rates)


def _rate(top: Floats, bottom: Floats, chosen: Mask) -> float | None:
    below = float(bottom[chosen].sum())
    return float(top[chosen].sum()) / below if below > 0 else None
