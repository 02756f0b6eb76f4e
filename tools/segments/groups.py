"""Groups as the data fall, in the worker: a group is claimed only when it stands out, holds still and is no accident.

Rows are sorted by their values before anything is fitted and seeds are fixed, so that neither the order of rows nor
the unit of a figure changes anything.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Labels = NDArray[np.int64]

MOST_GROUPS = 8
SMALLEST = 0.03
CLEAR, STABLE, USABLE, VALLEY = 0.25, 0.8, 0.6, 0.5
_FIT, _JUDGED, _NULL = 6_000, 1_500, 800
_DENSE, _TREE = 20_000, 3_000
_RESAMPLES, _CLOUDS = 10, 8
_SKEWED = 1.0
Fit = Callable[["Numbers", int, int], "Labels"]


@dataclass
class Grouping:
    """Group of each row (-1 is none), and how sure that is. `refused` says why there are no groups."""

    labels: Labels
    k: int = 0
    silhouette: float = 0.0
    stability: float = 0.0
    by_chance: float = 0.0
    valley: float = 0.0
    left_out: float = 0.0
    tried: int = 0
    refused: str = ""


def run_json(request: dict[str, Any]) -> dict[str, Any]:
    """The worker's task: `columns` by name, `method`, perhaps `k`."""
    columns = [np.array(c, dtype=np.float64) for c in request["columns"].values()]
    logs = [is_skewed(c) for c in columns]
    points = np.column_stack([standard(c) for c in columns])
    order = np.lexsort(points.T[::-1])
    found = _METHODS[request["method"]](points[order], request.get("k"))
    labels = np.full(len(points), -1, dtype=np.int64)
    labels[order] = found.labels
    return {**vars(found), "labels": labels.tolist(), "logs": logs}


def is_skewed(values: Numbers) -> bool:
    """Whether a figure is better seen on a log scale: never negative, with a long tail to the right."""
    if values.min() < 0 or values.std() == 0:
        return False
    return float(np.mean(((values - values.mean()) / values.std()) ** 3)) > _SKEWED


def standard(values: Numbers) -> Numbers:
    """The figure on a log scale if skewed, centred, with spread 1, and rounded: the unit cannot matter."""
    if is_skewed(values):
        positive = values[values > 0]
        values = np.log(values + (0.0 if len(positive) == len(values) else float(np.median(positive)) * 0.05))
    spread = values.std()
    made: Numbers = np.round((values - values.mean()) / spread, 8) if spread > 0 else np.zeros_like(values)
    return made


def _kmeans(points: Numbers, k: int, seed: int) -> Labels:
    model = import_module("sklearn.cluster").KMeans(k, n_init=3, random_state=seed)
    labels: Labels = model.fit_predict(points).astype(np.int64)
    return labels


def _ward(points: Numbers, k: int, _seed: int) -> Labels:
    hierarchy = import_module("scipy.cluster.hierarchy")
    labels: Labels = hierarchy.fcluster(hierarchy.linkage(points, "ward"), k, "maxclust").astype(np.int64) - 1
    return labels


def _by_centres(points: Numbers, asked: int | None, fit: Fit, most: int) -> Grouping:
    """The k that stands out most among those that hold still; none when nothing beats a single cloud."""
    sample = _thinned(points, most)
    wanted = [asked] if asked else list(range(2, MOST_GROUPS + 1))
    candidates = []
    for k in wanted:
        labels = fit(sample, k, 0)
        if _smallest(labels) >= SMALLEST or asked:
            candidates.append((_silhouette(sample, labels, _JUDGED), k, labels))
    best = Grouping(np.full(len(points), -1), tried=len(wanted), refused="unclear")
    for silhouette, k, labels in sorted(candidates, key=lambda c: (-c[0], c[1])):
        found = Grouping(best.labels, k, silhouette, tried=len(wanted), refused="unclear")
        if silhouette >= CLEAR:
            found.refused = _doubt(found, sample, labels, fit, USABLE if asked else STABLE)
        if not best.k or (not found.refused and best.refused):
            best = found
            best.labels = _nearest(points, _centres(sample, labels))
        if not best.refused:
            break
    return best


def _doubt(found: Grouping, sample: Numbers, labels: Labels, fit: Fit, stable: float) -> str:
    """Why these groups are not to be believed; the cheapest test first, and none after one has failed."""
    found.valley = _valley(sample, labels)
    if found.valley > VALLEY:
        return "one_cloud"
    found.by_chance = _by_chance(sample, found.k, fit)
    if found.silhouette <= found.by_chance:
        return "one_cloud"
    found.stability = _stability(sample, labels, found.k, fit)
    return "" if found.stability >= stable else "unstable"


def _smallest(labels: Labels) -> float:
    counts = np.bincount(labels[labels >= 0]) if (labels >= 0).any() else np.zeros(1)
    return float(counts.min() / len(labels))


def _stability(sample: Numbers, labels: Labels, k: int, fit: Fit) -> float:
    """Mean adjusted Rand index between the groups and those of ten resamples."""
    agree = import_module("sklearn.metrics").adjusted_rand_score
    rng = np.random.default_rng(0)
    size = min(len(sample), 1_500)
    scores = []
    for seed in range(_RESAMPLES):
        chosen = np.sort(rng.choice(len(sample), size, replace=True))
        centres = _centres(sample[chosen], fit(sample[chosen], k, seed + 1))
        scores.append(agree(labels, _nearest(sample, centres)))
    return float(np.mean(scores))


def _by_chance(sample: Numbers, k: int, fit: Fit) -> float:
    """The best silhouette that as many groups reach in a single cloud: round of the same spread, or even in a box."""
    rng = np.random.default_rng(1)
    size = min(len(sample), _NULL)
    centre = sample.mean(axis=0)
    _, _, axes = np.linalg.svd(sample - centre, full_matrices=False)
    turned = (sample - centre) @ axes.T
    best = 0.0
    for seed in range(_CLOUDS):
        if seed % 2:
            cloud = rng.normal(0, turned.std(axis=0) + 1e-12, (size, sample.shape[1]))
        else:
            cloud = rng.uniform(turned.min(axis=0), turned.max(axis=0), (size, sample.shape[1]))
        best = max(best, _silhouette(cloud, fit(cloud, k, seed), size))
    return best


def _valley(points: Numbers, labels: Labels) -> float:
    """How full it is half-way between neighbouring groups, against around their centres; 1 is no valley at all."""
    centres, worst = _centres(points, labels), 0.0
    for a, b in _neighbours(points, centres):
        axis = centres[b] - centres[a]
        pair = points[(labels == a) | (labels == b)]
        along = (pair - centres[a]) @ axis / (axis @ axis)
        at = [float((np.abs(along - place) < 0.125).sum()) for place in (0.0, 0.5, 1.0)]
        worst = max(worst, at[1] / max(1.0, min(at[0], at[2])))
    return worst


def _neighbours(points: Numbers, centres: Numbers) -> list[tuple[int, int]]:
    """Pairs of groups that touch: for some rows they are the nearest two."""
    distance = np.stack([((points - c) ** 2).sum(axis=1) for c in centres], axis=1)
    nearest = np.sort(np.argsort(distance, axis=1, kind="stable")[:, :2], axis=1)
    pairs, counts = np.unique(nearest, axis=0, return_counts=True)
    return [(int(a), int(b)) for (a, b), n in zip(pairs, counts, strict=True) if n >= 0.01 * len(points)]


def _silhouette(points: Numbers, labels: Labels, most: int) -> float:
    at = np.unique(np.linspace(0, len(points) - 1, most).astype(int)) if len(points) > most else slice(None)
    if len(np.unique(labels[at])) < 2:
        return 0.0
    return float(import_module("sklearn.metrics").silhouette_score(points[at], labels[at]))


def _thinned(points: Numbers, most: int) -> Numbers:
    """Every so-manieth row of the sorted rows: a fair sample that knows no row order."""
    if len(points) <= most:
        return points
    thinned: Numbers = points[np.unique(np.linspace(0, len(points) - 1, most).astype(int))]
    return thinned


def _centres(points: Numbers, labels: Labels) -> Numbers:
    return np.array([points[labels == g].mean(axis=0) for g in np.unique(labels[labels >= 0])])


def _nearest(points: Numbers, centres: Numbers) -> Labels:
    distance = np.stack([((points - c) ** 2).sum(axis=1) for c in centres], axis=1)
    labels: Labels = distance.argmin(axis=1).astype(np.int64)
    return labels


def by_kmeans(points: Numbers, k: int | None) -> Grouping:
    """Round groups."""
    return _by_centres(points, k, _kmeans, _FIT)


def by_tree(points: Numbers, k: int | None) -> Grouping:
    """Ward's hierarchy, cut where the groups stand out most; fitted on at most 3,000 rows."""
    return _by_centres(points, k, _ward, _TREE)


def by_density(points: Numbers, _k: int | None) -> Grouping:
    """Groups of any shape, dense inside and apart from each other; what lies between them is left out."""
    sample = _thinned(points, _DENSE)
    labels = _dense(sample)
    k = int(labels.max()) + 1
    found = Grouping(np.full(len(points), -1), k, tried=1, left_out=float((labels < 0).mean()))
    if k < 2 or found.left_out > 1 / 3:
        found.refused = "unclear"
        return found
    found.stability = _dense_stability(sample, labels)
    found.silhouette = _silhouette(sample[labels >= 0], labels[labels >= 0], _JUDGED)
    if found.stability < USABLE:
        found.refused = "unstable"
        return found
    found.labels = labels if len(sample) == len(points) else labels[_closest(sample, points)]
    found.left_out = float((found.labels < 0).mean())
    return found


def _dense(points: Numbers) -> Labels:
    size = max(15, int(SMALLEST * len(points)))
    model = import_module("sklearn.cluster").HDBSCAN(min_cluster_size=size, min_samples=8, copy=True)
    labels: Labels = model.fit_predict(points).astype(np.int64)
    return labels


def _dense_stability(sample: Numbers, labels: Labels) -> float:
    """Agreement with the groups found in four random halves."""
    agree = import_module("sklearn.metrics").adjusted_rand_score
    rng, scores = np.random.default_rng(0), []
    for _ in range(4):
        chosen = np.sort(rng.choice(len(sample), min(4_000, max(2, int(0.6 * len(sample)))), replace=False))
        scores.append(agree(labels[chosen], _dense(sample[chosen])))
    return float(np.mean(scores))


def _closest(known: Numbers, points: Numbers) -> Labels:
    tree = import_module("scipy.spatial").cKDTree(known)
    found: Labels = tree.query(points)[1].astype(np.int64)
    return found


_METHODS: dict[str, Callable[[Numbers, int | None], Grouping]] = {
    "kmeans": by_kmeans, "hierarchical": by_tree, "density": by_density,
}  # fmt: skip
