"""Known events in a forecast: what each did before is taken out of the past and put back where it comes again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.forecasting.models import History, Model, Values, calendar_fit, positive

SUFFIX = "_known"
_CLEAR = 3.0
_FEWEST_TIMES = 2
_LASTING = 3
_MAD = 1.4826
_ROUNDS = 2


def effects(h: History) -> Values:
    """What a day of each event does, by column of `marks`: on logs where the series is positive, else in its own unit.

    Zero for events that were too rare, or did nothing that stands out of the usual misses.
    """
    assert h.marks is not None  # only asked where there are events
    n = len(h.y)
    y = np.log(h.y) if positive(h.y) else h.y
    past = h.marks[:n]
    found = np.zeros(past.shape[1])
    for _ in range(_ROUNDS):
        rest = y - past @ found
        misses = y - calendar_fit(h, rest, 0)
        found = np.array([_effect(misses, past[:, k], past) for k in range(past.shape[1])])
    return found


def _effect(misses: Values, days: Values, every: Values) -> float:
    """The mean miss a day of the event, when it is clear of chance, drawn a little to zero for the few times seen."""
    on = days > 0
    count = int(np.sum(on))
    times = int(np.sum(on & ~np.r_[False, on[:-1]]))
    if times < _FEWEST_TIMES and count < _LASTING:
        return 0.0
    usual = misses[np.sum(every, axis=1) == 0]
    usual = usual if len(usual) > 10 else misses
    spread = _MAD * float(np.median(np.abs(usual - np.median(usual)))) + 1e-12
    each = misses[on] / days[on]
    mean = float(np.median(each)) if count > 4 else float(np.mean(each))
    if abs(mean - float(np.median(usual))) < _CLEAR * spread / np.sqrt(count):
        return 0.0
    return mean * count / (count + 1)


@dataclass(frozen=True)
class Cleaned:
    """A history without the doings of events, and how to put those of the steps ahead back."""

    history: History
    ahead: Values
    ratio: bool

    def forecast(self, model: Model) -> Values:
        """The candidate's forecast with the events in it."""
        plain = model(self.history, len(self.ahead))
        return np.asarray(plain * np.exp(self.ahead) if self.ratio else plain + self.ahead)


def cleaned(h: History, horizon: int) -> Cleaned:
    """The history as it would have been without the events. It must have `marks`."""
    assert h.marks is not None  # only asked where there are events
    n, ratio = len(h.y), positive(h.y)
    moved = h.marks[: n + horizon] @ effects(h)
    y = h.y * np.exp(-moved[:n]) if ratio else h.y - moved[:n]
    return Cleaned(History(y, h.days, h.season, h.year), moved[n:], ratio)
