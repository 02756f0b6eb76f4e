"""Planted truths for skills about customers: groups that are there or not, buyers and leavers by a known law."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.result import Figure
from tools.churn import scoring
from tools.fitting import fit
from tools.lifetime.model import fit_buying

Numbers = NDArray[np.float64]
BUYING = (0.6, 6.0, 0.9, 2.6)


def figures() -> list[Figure]:
    """Each planted truth as one figure with the bound it must keep."""
    return [*_groups(), *_buyers(), *_leavers()]


# groups -------------------------------------------------------------------------------------------------------------


def cluster(points: Numbers, method: str, k: int | None = None) -> dict[str, Any]:
    """What the worker finds in these points."""
    return fit("segments", {"columns": {str(i): c.tolist() for i, c in enumerate(points.T)}, "method": method, "k": k})


def four(seed: int = 5) -> tuple[Numbers, NDArray[np.int64]]:
    """Four round groups in three figures, six spreads apart, and the group of each row."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, 800)
    centres = np.array([[0, 0, 0], [6, 0, 0], [0, 6, 0], [0, 0, 6]])
    return 20 + centres[truth] + rng.normal(0, 1, (800, 3)), truth


def rings(seed: int = 5) -> tuple[Numbers, NDArray[np.int64]]:
    """Two rings, one inside the other."""
    rng = np.random.default_rng(seed)
    truth, turn = rng.integers(0, 2, 800), rng.uniform(0, 2 * np.pi, 800)
    radius = np.where(truth, 1, 4) + rng.normal(0, 0.15, 800)
    return np.column_stack([radius * np.cos(turn), radius * np.sin(turn)]), truth


def clouds(seed: int = 5) -> dict[str, Numbers]:
    """Points without any groups: a round cloud, a long one, an even box, a long tail."""
    rng = np.random.default_rng(seed)
    return {
        "round": rng.normal(0, 1, (800, 3)),
        "long": rng.multivariate_normal([0, 0], [[1, 0.85], [0.85, 1]], 800),
        "box": rng.uniform(0, 1, (800, 2)),
        "tail": rng.lognormal(0, 1, (800, 3)),
    }


def _groups() -> list[Figure]:
    agree = import_module("sklearn.metrics").adjusted_rand_score
    points, truth = four()
    found = cluster(points, "kmeans")
    order = np.random.default_rng(1).permutation(len(points))
    shuffled = cluster(points[order], "kmeans")
    units = cluster(points * np.array([100.0, 0.01, 7.0]), "kmeans")
    same = agree(np.array(found["labels"])[order], shuffled["labels"]) + agree(found["labels"], units["labels"])
    ring, inside = rings()
    invented = sum(not cluster(p, m)["refused"] for p in clouds().values() for m in ("kmeans", "density"))
    return [
        Figure("groups, planted: four found (adjusted Rand)", float(agree(truth, found["labels"])), "", 0.95, "more"),
        Figure("groups, planted: how many of four", found["k"], "", 4, "more"),
        Figure("groups, planted: groups claimed in four clouds without any", invented, "", 0),
        Figure("groups, planted: rings found by density", float(agree(inside, cluster(ring, "density")["labels"])), "",
               0.95, "more"),
        Figure("groups, planted: rings cut up by k-means", float(not cluster(ring, "kmeans")["refused"]), "", 0),
        Figure("groups, planted: same after shuffling and other units", float(same) / 2, "", 1.0, "more"),
    ]  # fmt: skip


# buyers -------------------------------------------------------------------------------------------------------------


def buyers(seed: int, people: int, weeks: float) -> tuple[Numbers, Numbers, Numbers]:
    """Returns, age at the last purchase and age of people who buy and stop as the model says."""
    r, alpha, a, b = BUYING
    rng = np.random.default_rng(seed)
    rate, stop = rng.gamma(r, 1 / alpha, people), rng.beta(a, b, people)
    age = weeks - rng.uniform(0, weeks / 3, people)
    x, recency = np.zeros(people), np.zeros(people)
    for i in range(people):
        at = rng.exponential(1 / rate[i])
        while at < age[i]:
            x[i], recency[i] = x[i] + 1, at
            if rng.random() < stop[i]:
                break
            at += rng.exponential(1 / rate[i])
    return x, recency, age


def _buyers() -> list[Figure]:
    """Expected purchases of the true law against those of the law that was learnt from what it drew."""
    errors = []
    for seed in range(5):
        x, recency, age = buyers(seed, 4_000, 78)
        found = fit_buying(x, recency, age)
        if found is None:
            return [Figure("buyers, planted: not converged", 1, "", 0)]
        truth = type(found)(*BUYING)
        errors.append(found.ahead(x, recency, age, 52).sum() / truth.ahead(x, recency, age, 52).sum() - 1)
    return [Figure("buyers, planted: mean error of expected purchases", 100 * float(np.mean(np.abs(errors))), "%", 5)]


# leavers ------------------------------------------------------------------------------------------------------------


def leavers(seed: int, rows: int, strength: float = 1.0, base: float = -1.0) -> dict[str, Any]:
    """A request of people who leave by a known logistic law (strength 0: by a coin), with the true chances."""
    rng = np.random.default_rng(seed)
    one, two, kind = rng.normal(0, 1, rows), rng.normal(0, 1, rows), rng.integers(0, 3, rows)
    odds = base + strength * (1.2 * one - 0.8 * two + np.array([0.0, 0.7, -0.7])[kind])
    chance = 1 / (1 + np.exp(-odds))
    outcome = (rng.random(rows) < chance).astype(float)
    holes: list[float | None] = one.tolist()
    columns: dict[str, list[Any]] = {"one": holes, "two": two.tolist(), "kind": [f"k{k}" for k in kind]}
    kinds = {"one": "number", "two": "number", "kind": "category"}
    return {
        "train": columns, "kinds": kinds, "outcome": outcome.tolist(), "group": list(range(rows)), "score": columns,
        "most": 5, "truth": chance.tolist(),
    }  # fmt: skip


def _leavers() -> list[Figure]:
    known = leavers(1, 6_000)
    truth, outcome = np.array(known["truth"]), np.array(known["outcome"])
    found = fit("churn", known)["figures"]
    coin = fit("churn", leavers(2, 3_000, strength=0.0))["figures"]
    rare = fit("churn", leavers(3, 12_000, base=-5.3))["figures"]
    leaky = leavers(4, 2_000)
    leaky["train"] = leaky["train"] | {"left_on": [None if not y else float(i) for i, y in enumerate(leaky["outcome"])]}
    leaky["score"], leaky["kinds"] = leaky["train"], leaky["kinds"] | {"left_on": "number"}
    return [
        Figure("leavers, planted: AUC short of the true law's", scoring.auc(truth, outcome) - found["auc"], "", 0.01),
        Figure("leavers, planted: calibration error", found["calibration_error"], "", 0.03),
        Figure("leavers, planted: AUC on a coin (told from 0.60)", coin["auc"], "", 0.6),
        Figure("leavers, planted: calibration error, one in a hundred leaves", rare["calibration_error"], "", 0.03),
        Figure("leavers, planted: columns written afterwards that were caught",
               float(fit("churn", leaky)["suspects"] == ["left_on"]), "", 1, "more"),
    ]  # fmt: skip
