"""The worker's side of lifetime value: fit, look back at what the fit would have said, then look ahead.

BG/NBD tends to say too little in total and the shrunk past rate too much. How much of each to take is learnt on a
stretch the fit has not seen, and the error that is shown comes from a later stretch that neither has seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from tools.lifetime.model import Buying, Numbers, Spending, fit_buying, fit_spending

TOP = 0.1
_STEPS = 21
_LEVELS = (0.7, 1.4)
_WEEKS_A_YEAR = 365.25 / 7


@dataclass(frozen=True)
class Seen:
    """What is known of each at one day: returns after the first purchase, ages in weeks, and their mean amount."""

    x: Numbers
    recency: Numbers
    age: Numbers
    mean: Numbers

    @property
    def count(self) -> Numbers:
        return self.x

    def only(self, rows: Any) -> Seen:
        return Seen(self.x[rows], self.recency[rows], self.age[rows], self.mean[rows])


@dataclass(frozen=True)
class Fitted:
    """Both ways to look ahead, how much of the past rate is taken (0-1; 1 when BG/NBD did not converge), and the level
    by which all of it is moved.
    """

    buying: Buying | None
    rate: tuple[float, float]
    share: float
    level: float = 1.0

    def ahead(self, seen: Seen, weeks: float) -> Numbers:
        """Expected purchases of each in the next `weeks`."""
        steady = shrunk(self.rate, seen, weeks)
        if self.buying is None:
            return self.level * steady
        made: Numbers = (1 - self.share) * self.buying.ahead(seen.x, seen.recency, seen.age, weeks)
        return self.level * (made + self.share * steady)


def run_json(request: dict[str, Any]) -> dict[str, Any]:
    """`before`, `cut` and `now` are what is known at three days, `then` and `since` the purchases after the first two.

    Also `spent` (amount after the cut), `past` (amount up to it), `weeks` of both stretches, `months` ahead and
    `discount` a year. Rows with x < 0 had not come yet.
    """
    seen = {n: known_at(request[n]) for n in ("before", "cut", "now")}
    figures = backtest(seen, request)
    since = np.array(request["since"])
    there = seen["cut"].x >= 0
    fitted = fit(seen["now"], *learn_mix(seen["cut"].only(there), since[there], request["weeks"][1]))
    spending = fit_spending(seen["now"].count, seen["now"].mean)
    expected, value = ahead(fitted, spending, seen["now"], request["months"], request["discount"])
    buying = fitted.buying
    alive = buying.alive(seen["now"].x, seen["now"].recency, seen["now"].age) if buying else np.ones(len(expected))
    return {
        "expected": expected.tolist(), "value": value.tolist() if value is not None else None, "alive": alive.tolist(),
        "figures": figures, "share": fitted.share, "level": fitted.level, "converged": buying is not None,
        "buying": [buying.r, buying.alpha, buying.a, buying.b] if buying else [],
        "spending": [spending.p, spending.q, spending.v * spending.scale] if spending else [],
        "together": _together(seen["now"]),
    }  # fmt: skip


def known_at(raw: dict[str, list[float]]) -> Seen:
    """What was known at a day, from lists by name."""
    return Seen(*(np.array(raw[n], dtype=np.float64) for n in ("x", "recency", "age", "mean")))


def fit(seen: Seen, share: float, level: float = 1.0) -> Fitted:
    """Both models on what is known."""
    buying = fit_buying(seen.x, seen.recency, seen.age)
    return Fitted(buying, steady_rate(seen), share if buying else 1.0, level)


def learn_mix(seen: Seen, later: Numbers, weeks: float) -> tuple[float, float]:
    """How much of the past rate makes the smallest squared error in what came later, and what level that misses.

    Only half of the missed level is made good: a single stretch may have had a season of its own.
    """
    fitted = fit(seen, 0.0)
    model, steady = fitted.ahead(seen, weeks), shrunk(fitted.rate, seen, weeks)
    shares = np.linspace(0, 1, _STEPS) if fitted.buying is not None else np.ones(1)
    errors = [float(((model + s * (steady - model) - later) ** 2).mean()) for s in shares]
    share = float(shares[int(np.argmin(errors))])
    expected = float((model + share * (steady - model)).sum())
    missed = later.sum() / expected if expected > 0 and later.sum() > 0 else 1.0
    return share, float(np.clip(np.sqrt(missed), *_LEVELS))


def backtest(seen: dict[str, Seen], request: dict[str, Any]) -> dict[str, float]:
    """How far off this would have been since the cut, beside the past rate and a ranking by past spend."""
    early = seen["before"].x >= 0
    then = np.array(request["then"])[early]
    enough = early.sum() >= TOP * len(early)
    mix = learn_mix(seen["before"].only(early), then, request["weeks"][0]) if enough else (0.0, 1.0)
    there = seen["cut"].x >= 0
    known, later = seen["cut"].only(there), np.array(request["since"])[there]
    weeks = request["weeks"][1]
    fitted = fit(known, *mix)
    expected = fitted.ahead(known, weeks)
    past_rate = known.x / np.maximum(known.age, 1 / 7) * weeks
    spending = fit_spending(known.count, known.mean)
    value = expected * spending.each(known.count, known.mean) if spending else expected
    spent, past = np.array(request["spent"])[there], np.array(request["past"])[there]
    return {
        "total_error": _relative(expected.sum(), later.sum()),
        "value_error": _relative(value.sum(), spent.sum()) if spending else 0.0,
        "past_total_error": _relative(past_rate.sum(), later.sum()),
        "rmse": _rmse(expected, later), "past_rmse": _rmse(past_rate, later),
        "mae": float(np.abs(expected - later).mean()),
        "top_share": top_share(value, spent), "past_top_share": top_share(past, spent),
        "perfect_top_share": top_share(spent, spent), "share": fitted.share, "level": fitted.level,
        "tested": float(there.sum()),
    }  # fmt: skip


def top_share(rank_by: Numbers, spent: Numbers) -> float:
    """What the top tenth by `rank_by` holds of everything spent."""
    most = max(1, round(TOP * len(spent)))
    chosen = np.argsort(-rank_by, kind="stable")[:most]
    return float(spent[chosen].sum() / spent.sum()) if spent.sum() > 0 else 0.0


def ahead(
    fitted: Fitted, spending: Spending | None, seen: Seen, months: int, discount: float
) -> tuple[Numbers, Numbers | None]:
    """Expected purchases of each over `months`, and their value with later quarters discounted at a yearly rate."""
    steps = [min(m, months) for m in range(3, months + 3, 3)]
    before, expected, worth = 0, np.zeros(len(seen.x)), np.zeros(len(seen.x))
    for month in steps:
        until = fitted.ahead(seen, month / 12 * _WEEKS_A_YEAR)
        worth += (until - expected) / (1 + discount) ** ((before + month) / 24)
        before, expected = month, until
    return expected, worth * spending.each(seen.count, seen.mean) if spending else None


def steady_rate(seen: Seen) -> tuple[float, float]:
    """Shape and scale of how rates differ between people who never stop, by their mean and spread."""
    special, minimize = import_module("scipy.special"), import_module("scipy.optimize").minimize
    rows, counts = np.unique(np.column_stack([seen.x, seen.age]), axis=0, return_counts=True)
    x, age = rows.T

    def loss(log: Numbers) -> float:
        r, alpha = np.exp(log)
        value = special.gammaln(r + x) - special.gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + age)
        return -float((counts * value).sum() / counts.sum())

    done = minimize(loss, np.log([0.5, 8.0]), method="Nelder-Mead", options={"xatol": 1e-6, "fatol": 1e-10})
    r, alpha = np.exp(done.x)
    return float(r), float(alpha)


def shrunk(rate: tuple[float, float], seen: Seen, weeks: float) -> Numbers:
    """The past rate of each, drawn towards everybody's."""
    made: Numbers = (rate[0] + seen.x) / (rate[1] + seen.age) * weeks
    return made


def _together(seen: Seen) -> float:
    """Correlation of how often and how much a time: Gamma-Gamma takes them as independent."""
    again = (seen.x > 0) & (seen.mean > 0)
    if again.sum() < 10 or seen.x[again].std() == 0 or seen.mean[again].std() == 0:
        return 0.0
    return float(np.corrcoef(seen.x[again], seen.mean[again])[0, 1])


def _rmse(guess: Numbers, actual: Numbers) -> float:
    return float(np.sqrt(((guess - actual) ** 2).mean()))


def _relative(guess: float, actual: float) -> float:
    return float(guess / actual - 1) if actual else 0.0
