"""BG/NBD and Gamma-Gamma written out: who is still a customer, how often they return, what they spend a time.

Fader, Hardie and Lee, “Counting your customers the easy way” (2005); Fader and Hardie, “The Gamma-Gamma model of
monetary value” (2013). Both run in the worker. Times are in weeks; `x` counts days with a purchase after the first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
_NODES = 32
_STARTS = ((0.5, 5.0, 0.8, 2.5), (1.0, 20.0, 0.3, 3.0), (3.0, 60.0, 2.0, 20.0))
_SPENDING_STARTS = ((4.0, 4.0, 4.0), (1.0, 3.0, 1.0))
_BOUND = 14.0
_MOST_FITTED = 20_000


@dataclass(frozen=True)
class Buying:
    """r and alpha say how often people buy, a and b how soon they stop."""

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, x: Numbers, recency: Numbers, age: Numbers) -> Numbers:
        """The probability that each is still a customer; `recency` is the age at the last purchase."""
        odds = np.log(self.a) - np.log(self.b + np.maximum(x, 1) - 1)
        odds = odds + (self.r + x) * np.log((self.alpha + age) / (self.alpha + recency))
        found: Numbers = np.where(x > 0, 1 / (1 + np.exp(np.minimum(odds, 700))), 1.0)
        return found

    def ahead(self, x: Numbers, recency: Numbers, age: Numbers, weeks: float) -> Numbers:
        """Expected purchases of each in the next `weeks`.

        Those still alive stop after each purchase with a chance p of their own. The mean over p is taken by
        Gauss-Jacobi quadrature, which knows neither the pole at a = 1 nor the overflow for heavy buyers.
        """
        expected = np.empty(len(x))
        for count in np.unique(x):
            rows = np.flatnonzero(x == count)
            ages, back = np.unique(age[rows], return_inverse=True)
            nodes, weights = jacobi(self.b + count - 1, self.a - 1)
            p = np.maximum((nodes + 1) / 2, 1e-300)
            stretch = weeks / (self.alpha + ages)
            each = -np.expm1(-(self.r + count) * np.log1p(np.outer(stretch, p))) / p
            expected[rows] = (each @ weights)[back]
        made: Numbers = expected * self.alive(x, recency, age)
        return made


def jacobi(alpha: float, beta: float) -> tuple[Numbers, Numbers]:
    """Nodes in (-1, 1) and weights of sum 1 for the mean under (1 - t)^alpha (1 + t)^beta (Golub and Welsch, 1969)."""
    k = np.arange(1.0, _NODES)
    both, twice = alpha + beta, 2 * k + alpha + beta
    diagonal = np.append((beta - alpha) / (both + 2), (beta**2 - alpha**2) / (twice * (twice + 2)))
    last = np.append(1.0, (k[1:] + both) / (twice[1:] - 1))  # both vanish together at k = 1
    beside = 2 / twice * np.sqrt(k * (k + alpha) * (k + beta) * last / (twice + 1))
    nodes, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1))
    return nodes, vectors[0] ** 2


@dataclass(frozen=True)
class Spending:
    """p, q and v say what people spend a time and how that differs between them; amounts in units of `scale`."""

    p: float
    q: float
    v: float
    scale: float

    def each(self, count: Numbers, mean: Numbers) -> Numbers:
        """What each is expected to spend a time, from `count` purchases of that mean."""
        found: Numbers = self.scale * self.p * (self.v + count * mean / self.scale) / (self.p * count + self.q - 1)
        return found


def fit_buying(x: Numbers, recency: Numbers, age: Numbers) -> Buying | None:
    """Maximum likelihood over distinct rows with their counts; None when no start converges inside the bounds."""
    rows, counts = np.unique(np.column_stack([x, recency, age]), axis=0, return_counts=True)
    if len(rows) > _MOST_FITTED:
        chosen = np.unique(np.linspace(0, len(rows) - 1, _MOST_FITTED).astype(int))
        rows, counts = rows[chosen], counts[chosen]
    weight = counts.astype(np.float64)
    found = _best(lambda log: _buying_loss(log, rows, weight), _STARTS)
    return Buying(*found) if found is not None else None


def _buying_loss(log: Numbers, rows: Numbers, weight: Numbers) -> tuple[float, Numbers]:
    """Mean negative log-likelihood and its gradient by the logs of r, alpha, a, b."""
    special = import_module("scipy.special")
    lgamma, psi = special.gammaln, special.digamma
    r, alpha, a, b = np.exp(log)
    x, recency, age = rows.T
    again = x > 0
    stayed = -(r + x) * np.log(alpha + age)
    left = np.where(again, np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + recency), -np.inf)
    either = np.logaddexp(stayed, left)
    value = lgamma(r + x) - lgamma(r) + r * np.log(alpha) + either
    value += lgamma(a + b) + lgamma(b + x) - lgamma(b) - lgamma(a + b + x)
    gone = np.exp(left - either)
    there = 1 - gone
    whole = psi(a + b) - psi(a + b + x)
    by = [
        psi(r + x) - psi(r) + np.log(alpha) - there * np.log(alpha + age) - gone * np.log(alpha + recency),
        r / alpha - there * (r + x) / (alpha + age) - gone * (r + x) / (alpha + recency),
        whole + gone / a,
        whole + psi(b + x) - psi(b) - gone / (b + np.maximum(x, 1) - 1),
    ]
    total = weight.sum()
    gradient = np.array([(weight * g).sum() for g in by]) * np.exp(log)
    return -float((weight * value).sum() / total), -gradient / total


def fit_spending(count: Numbers, mean: Numbers) -> Spending | None:
    """Maximum likelihood over those with `count` purchases of a positive mean; None when it does not converge."""
    rows = np.column_stack([count, mean])[(count > 0) & (mean > 0)]
    if len(rows) < 10:
        return None
    scale = float(np.median(rows[:, 1]))
    if len(rows) > _MOST_FITTED:
        rows = rows[np.lexsort(rows.T)]
        rows = rows[np.unique(np.linspace(0, len(rows) - 1, _MOST_FITTED).astype(int))]
    count, mean = rows[:, 0], np.round(rows[:, 1] / scale, 9)
    found = _best(lambda log: _spending_loss(log, count, mean), _SPENDING_STARTS)
    return Spending(found[0], found[1], found[2], scale) if found is not None and found[1] > 1.02 else None


def _spending_loss(log: Numbers, count: Numbers, mean: Numbers) -> tuple[float, Numbers]:
    special = import_module("scipy.special")
    lgamma, psi = special.gammaln, special.digamma
    p, q, v = np.exp(log)
    many, total = p * count, v + count * mean
    value = lgamma(many + q) - lgamma(many) - lgamma(q) + q * np.log(v) + (many - 1) * np.log(mean)
    value += many * np.log(count) - (many + q) * np.log(total)
    by_p = count * (psi(many + q) - psi(many) + np.log(mean) + np.log(count) - np.log(total))
    by_q = psi(many + q) - psi(q) + np.log(v) - np.log(total)
    by_v = q / v - (many + q) / total
    gradient = np.array([by_p.mean(), by_q.mean(), by_v.mean()]) * np.exp(log)
    return -float(value.mean()), -gradient


def _best(
    loss: Callable[[Numbers], tuple[float, Numbers]], starts: tuple[tuple[float, ...], ...]
) -> tuple[float, ...] | None:
    """The best of several starts that converged away from the bounds."""
    minimize = import_module("scipy.optimize").minimize
    found: list[Any] = []
    for start in starts:
        bounds = [(-_BOUND, _BOUND)] * len(start)
        with np.errstate(all="ignore"):
            options = {"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8}
            done = minimize(loss, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
        if np.isfinite(done.fun) and np.abs(done.x).max() < _BOUND - 0.1:
            found.append(done)
    if not found:
        return None
    return tuple(float(v) for v in np.exp(min(found, key=lambda d: float(d.fun)).x))
