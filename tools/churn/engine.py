"""The worker's side of churn: a logistic baseline always, a booster only where it proves better, calibrated chances.

Rows are split so that nobody is on both sides; the figures that are shown come from rows that neither the models nor
the calibration have seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.churn import scoring
from tools.churn.design import UNKNOWN, Category, Column, Columns, Design, Numbers, as_columns, learn

FOLDS = 5
SUSPECT = 0.98
_MANY = 1_000
_PERMUTED = 3_000
CANDIDATES = ("logistic", "booster", "both")


@dataclass
class Model:
    """A fitted pair with the design it reads; `kind` says which of them (or their mean) speaks."""

    design: Design
    linear: Any
    trees: Any
    kind: str = "logistic"

    def scores(self, columns: Columns) -> dict[str, Numbers]:
        """Log-odds by candidate."""
        linear = self.linear.decision_function(self.design.wide(columns))
        trees = self.trees.decision_function(self.design.narrow(columns))
        return {"logistic": linear, "booster": trees, "both": (linear + trees) / 2}

    def score(self, columns: Columns) -> Numbers:
        return self.scores(columns)[self.kind]


def run_json(request: dict[str, Any]) -> dict[str, Any]:
    """`train` rows with `outcome` and `group` (who), perhaps `test` rows with `test_outcome`; `score` is who to judge.

    Without a test, figures come from the folds. `list` are the positions in `score` to give reasons for.
    """
    kinds, train = request["kinds"], as_columns(request["train"], request["kinds"])
    score = as_columns(request["score"], kinds)
    outcome, group = np.array(request["outcome"], dtype=np.float64), np.array(request["group"])
    suspects = [n for n in train if leaks(train[n], kinds[n], outcome)]
    train = {n: v for n, v in train.items() if n not in suspects}
    if not train or not learn(train, kinds).parts:
        return {"refused": "leakage" if suspects else "no_variation", "suspects": suspects}
    found = cross_fitted(train, kinds, outcome, group)
    kind = choose(found, outcome)
    model = fitted(train, kinds, outcome)
    model.kind = kind
    curve = Curve.learn(found[kind], outcome)
    test = as_columns(request["test"], kinds) if request.get("test") else None
    if test is not None:
        seen = np.array(request["test_outcome"], dtype=np.float64)
        figures = _figures(model.scores(test), kind, curve.at(model.score(test)), seen)
        held, known = test, seen
    else:
        figures = _figures(found, kind, cross_calibrated(found[kind], outcome, folds(group, outcome)), outcome)
        held, known = train, outcome
    chances = curve.at(model.score(score))
    for at, row in request.get("known", []):  # people the model was trained on get what it says without them
        chances[at] = float(curve.at(found[kind][row : row + 1])[0])
    return {
        "refused": "", "suspects": suspects, "kind": kind, "figures": figures, "chances": chances.tolist(),
        "overall": importance(model, held, known), "features": [p.name for p in model.design.parts],
        "reasons": reasons(model, score, _to_explain(request, chances)),
    }  # fmt: skip


def _to_explain(request: dict[str, Any], chances: Numbers) -> list[int]:
    """Whom to give reasons for: the highest chances, or the highest chance times worth."""
    worth = np.array(request["worth"]) if request.get("worth") else np.ones(len(chances))
    order = np.argsort(-np.round(chances * worth, 9), kind="stable")
    asked = request.get("only")
    return [asked] if asked is not None else [int(i) for i in order[: request["most"]]]


def leaks(values: Column, kind: str, outcome: Numbers) -> bool:
    """Whether one column alone tells the outcome, by its value or by being there: then it was written afterwards."""
    holes = (np.isnan(values) if kind == "number" else values == UNKNOWN).astype(np.float64)
    if max(scoring.auc(holes, outcome), scoring.auc(-holes, outcome)) > SUSPECT:
        return True
    if kind == "number":
        there = ~np.isnan(values)
        return bool(there.sum() > 50) and abs(scoring.auc(values[there], outcome[there]) - 0.5) > SUSPECT - 0.5
    levels, back, counts = np.unique(values, return_inverse=True, return_counts=True)
    if len(levels) > max(20, len(values) // 20):
        return False
    rate = np.bincount(back, weights=outcome) / counts
    return scoring.auc(rate[back], outcome) > SUSPECT


def fitted(columns: Columns, kinds: dict[str, str], outcome: Numbers) -> Model:
    """Both models on these rows. The tree's settings are fixed: slow, shallow and few, so that it cannot run away."""
    design = learn(columns, kinds)
    linear = import_module("sklearn.linear_model").LogisticRegression(C=1.0, max_iter=1000)
    categories = [isinstance(p, Category) for p in design.parts]
    trees = import_module("sklearn.ensemble").HistGradientBoostingClassifier(
        learning_rate=0.05, max_leaf_nodes=7, max_iter=150, early_stopping=False, random_state=0,
        categorical_features=categories if any(categories) else None,
    )  # fmt: skip
    return Model(design, linear.fit(design.wide(columns), outcome), trees.fit(design.narrow(columns), outcome))


def cross_fitted(
    columns: Columns, kinds: dict[str, str], outcome: Numbers, group: NDArray[np.int64]
) -> dict[str, Numbers]:
    """The log-odds of each row from a model that has not seen its person."""
    made = {c: np.zeros(len(outcome)) for c in CANDIDATES}
    fold = folds(group, outcome)
    for at in range(FOLDS):
        out = np.flatnonzero(fold == at)
        model = fitted(_rows(columns, np.flatnonzero(fold != at)), kinds, outcome[fold != at])
        for name, score in model.scores(_rows(columns, out)).items():
            made[name][out] = score
    return made


def folds(group: NDArray[np.int64], outcome: Numbers) -> NDArray[np.int64]:
    """A fold per row: everybody's rows in one, those who left spread evenly; the same on every run."""
    people, back = np.unique(group, return_inverse=True)
    ever = np.zeros(len(people))
    np.maximum.at(ever, back, outcome)
    fold = np.zeros(len(people), dtype=np.int64)
    rng = np.random.default_rng(0)
    for kind in (0.0, 1.0):
        at = rng.permutation(np.flatnonzero(ever == kind))
        fold[at] = np.arange(len(at)) % FOLDS
    return fold[back]


def choose(found: dict[str, Numbers], outcome: Numbers) -> str:
    """The logistic model, unless another's lead is surely above zero; of two such the simpler one or the better."""
    surely = [c for c in ("both", "booster") if scoring.lead(found[c], found["logistic"], outcome)[0] > 0]
    return max(surely, key=lambda c: round(scoring.auc(found[c], outcome), 4)) if surely else "logistic"


@dataclass(frozen=True)
class Curve:
    """From log-odds to chances: a sigmoid; with many who left its mean with a line through isotonic steps."""

    slope: float
    offset: float
    ends: tuple[float, float]
    knots: Numbers | None = None
    steps: Numbers | None = None

    @classmethod
    def learn(cls, score: Numbers, outcome: Numbers) -> Curve:
        """Fit on scores from models that had not seen these rows."""
        sigmoid = import_module("sklearn.linear_model").LogisticRegression(C=1e6).fit(score[:, None], outcome)
        slope, offset = float(sigmoid.coef_[0][0]), float(sigmoid.intercept_[0])
        ends = (float(score.min()), float(score.max()))
        if outcome.sum() < _MANY:
            return cls(slope, offset, ends)
        isotonic = import_module("sklearn.isotonic").IsotonicRegression(out_of_bounds="clip").fit(score, outcome)
        knots = np.unique(np.quantile(score, np.linspace(0, 1, 101)))
        return cls(slope, offset, ends, knots, isotonic.predict(knots))

    def at(self, score: Numbers) -> Numbers:
        """The chance at each score; beyond what was seen it hardly moves, so that nobody gets a chance made up."""
        inside = np.clip(score, *self.ends)
        score = inside + 0.01 * (score - inside)
        made: Numbers = 1 / (1 + np.exp(-np.clip(self.slope * score + self.offset, -30, 30)))
        if self.knots is not None and self.steps is not None:
            made = (made + np.interp(score, self.knots, self.steps)) / 2
        return np.clip(made, 0.001, 0.999)


def cross_calibrated(score: Numbers, outcome: Numbers, fold: NDArray[np.int64]) -> Numbers:
    """Chances of each row by a curve that has not seen its fold."""
    made = np.zeros(len(score))
    for at in range(FOLDS):
        inside = fold == at
        made[inside] = Curve.learn(score[~inside], outcome[~inside]).at(score[inside])
    return made


def _figures(found: dict[str, Numbers], kind: str, chance: Numbers, outcome: Numbers) -> dict[str, float]:
    low, high = scoring.auc_range(found[kind], outcome)
    return {
        "auc": scoring.auc(found[kind], outcome), "auc_low": low, "auc_high": high,
        "auc_logistic": scoring.auc(found["logistic"], outcome), "auc_booster": scoring.auc(found["booster"], outcome),
        "calibration_error": scoring.calibration_error(chance, outcome), "brier": scoring.brier(chance, outcome),
        "lift": scoring.lift(found[kind], outcome), "left": float(outcome.sum()), "tested": float(len(outcome)),
    }  # fmt: skip


def importance(model: Model, columns: Columns, outcome: Numbers) -> list[list[Any]]:
    """By feature what ranking loses when its values are shuffled, the most first."""
    at = np.unique(np.linspace(0, len(outcome) - 1, min(len(outcome), _PERMUTED)).astype(int))
    rows, seen = _rows(columns, at), outcome[at]
    whole, rng = scoring.auc(model.score(rows), seen), np.random.default_rng(0)
    found = []
    for part in model.design.parts:
        shuffled = rows[part.name][rng.permutation(len(at))]
        found.append([part.name, round(whole - scoring.auc(model.score(rows | {part.name: shuffled}), seen), 6)])
    return sorted(found, key=lambda f: (-f[1], f[0]))


def reasons(model: Model, columns: Columns, people: list[int]) -> list[list[Any]]:
    """For each of these people the features that raise their log-odds above those of somebody typical, most first."""
    rows = _rows(columns, np.array(people, dtype=int)) if people else {}
    if not people:
        return []
    by: dict[str, Numbers] = {p.name: np.zeros(len(people)) for p in model.design.parts}
    if model.kind in ("logistic", "both"):
        wide = model.design.wide(rows)
        moved = (wide - model.design.wide(_means(model, columns)).mean(axis=0)) * model.linear.coef_[0]
        for part, where in zip(model.design.parts, model.design.slices, strict=True):
            by[part.name] += moved[:, where].sum(axis=1)
    if model.kind in ("booster", "both"):
        whole = model.trees.decision_function(model.design.narrow(rows))
        for part in model.design.parts:
            plain = rows | {part.name: np.full(len(people), part.typical())}
            by[part.name] += whole - model.trees.decision_function(model.design.narrow(plain))
    found = []
    for at, person in enumerate(people):
        ranked = sorted(((n, float(v[at])) for n, v in by.items() if v[at] > 0.05), key=lambda f: (-f[1], f[0]))
        found.append([person, [[n, round(v, 4)] for n, v in ranked[:3]]])
    return found


def _means(model: Model, columns: Columns) -> Columns:
    """Enough rows to know the mean of every column of the linear model."""
    size = len(next(iter(columns.values())))
    return _rows(columns, np.unique(np.linspace(0, size - 1, min(size, _PERMUTED)).astype(int)))


def _rows(columns: Columns, at: NDArray[np.int64]) -> Columns:
    return {n: v[at] for n, v in columns.items()}
