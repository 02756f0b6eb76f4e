"""Driver trees worked out: how much of a change each figure made that another is composed of, down to the ends.

The change of the top is split over the ends of the tree exactly. A tree of products and ratios whose figures are all
positive is split by logarithmic means (additive LMDI-I, Ang 2004), any other by Shapley values: the mean effect of an
end over all orders in which the ends could have changed. A branch made what its ends made together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from math import factorial, log, prod

from warehouse.model.driver_tree import DriverTree
from warehouse.model.schema import Metric, SemanticModel

MOST_ENDS = 10
_DEEPEST = 6
LOG_MEAN = "logarithmic means (LMDI)"
SHAPLEY = "Shapley values"


@dataclass(frozen=True)
class Branch:
    """A figure of the tree and what it is made of; `taken_off` says which parts of a sum count as negative."""

    name: str
    operation: str = ""
    parts: tuple[Branch, ...] = ()
    taken_off: int = 0

    def ends(self) -> list[Branch]:
        """The branches without parts, left to right; one figure may stand at several ends."""
        return [e for p in self.parts for e in p.ends()] if self.parts else [self]

    def all(self, depth: int = 0) -> Iterator[tuple[Branch, int]]:
        """Every branch with its depth, from the top down and left to right."""
        yield self, depth
        for part in self.parts:
            yield from part.all(depth + 1)

    def value(self, ends: list[Fraction]) -> Fraction:
        """The top's value from those of the ends, in their order, which are used up. Raises `ZeroDivisionError`."""
        if not self.parts:
            return ends.pop(0)
        values = [p.value(ends) for p in self.parts]
        if self.operation == "product":
            return prod(values, start=Fraction(1))
        if self.operation == "ratio":
            return values[0] / values[1]
        kept = len(values) - self.taken_off
        return sum(values[:kept], Fraction(0)) - sum(values[kept:], Fraction(0))

    def powers(self, power: int = 1) -> list[int]:
        """Of a tree of products and ratios: 1 for each end above the line, -1 for each below it."""
        if not self.parts:
            return [power]
        signs = (power, -power) if self.operation == "ratio" else (power,) * len(self.parts)
        return [s for p, sign in zip(self.parts, signs, strict=True) for s in p.powers(sign)]

    def said(self, labels: Mapping[str, str]) -> str:
        """What the top is made of, one step down: “orders × average order value”."""
        sign = {"product": " × ", "ratio": " ÷ ", "sum": " + "}[self.operation]
        names = [labels[p.name] for p in self.parts]
        kept = len(names) - self.taken_off
        return " − ".join([sign.join(names[:kept]), *names[kept:]])


@dataclass(frozen=True)
class Effect:
    """What one branch made of the change of the top, and how much it changed itself (None from zero)."""

    branch: Branch
    parent: str
    depth: int
    growth: Fraction | None
    effect: Fraction


@dataclass(frozen=True)
class Followed:
    """A tree followed from the top: every branch with its effect; those of one depth below one parent add up."""

    tree: Branch
    effects: tuple[Effect, ...]
    method: str
    given: bool


def grown(model: SemanticModel, name: str) -> tuple[Branch, bool] | None:
    """The tree under a figure, and whether the model gives it; the obvious one is read off its ratios. None without."""
    given = name in model.driver_trees
    tree = _trimmed(_given(model, name, ()) if given else _inferred(model, name))
    return (tree, given) if tree.parts else None


def _given(model: SemanticModel, name: str, above: tuple[str, ...]) -> Branch:
    step = model.driver_trees.get(name)
    if step is None or name in above or len(above) >= _DEEPEST:
        return Branch(name)
    return _branch(name, step, tuple(_given(model, p, (*above, name)) for p in step.parts))


def _branch(name: str, step: DriverTree, parts: tuple[Branch, ...]) -> Branch:
    return Branch(name, step.operation, parts, len(step.minus))


def _inferred(model: SemanticModel, name: str) -> Branch:
    """A total as a count times the average of each; an average once more, where another ratio lies between."""
    metric = model.metrics.get(name)
    if metric is not None and metric.kind == "ratio":
        return _between(model, name, metric) if not metric.where else Branch(name)
    for other, spec in model.metrics.items():
        if _plain_ratio(spec) and spec.numerator == name:
            return Branch(name, "product", (Branch(str(spec.denominator)), _between(model, other, spec)))
    return Branch(name)


def _between(model: SemanticModel, name: str, metric: Metric) -> Branch:
    """Revenue per order as units per order times revenue per unit, when the model has both."""
    ratios = [(n, m) for n, m in model.metrics.items() if n != name and _plain_ratio(m)]
    for first, upper in ratios:
        for second, lower in ratios:
            chained = upper.denominator == lower.numerator
            if chained and (upper.numerator, lower.denominator) == (metric.numerator, metric.denominator):
                return Branch(name, "product", (Branch(second), Branch(first)))
    return Branch(name)


def _plain_ratio(metric: Metric) -> bool:
    return metric.kind == "ratio" and not metric.where and metric.numerator != metric.denominator


def _trimmed(tree: Branch) -> Branch:
    """The tree with its lowest steps left out until it is small enough to be worked out in no time."""
    depth = max(d for _, d in tree.all())
    while len(tree.ends()) > MOST_ENDS and depth > 1:
        depth -= 1
        tree = _cut_at(tree, depth)
    return tree


def _cut_at(tree: Branch, depth: int) -> Branch:
    if depth == 0:
        return Branch(tree.name)
    return replace(tree, parts=tuple(_cut_at(p, depth - 1) for p in tree.parts))


def follow(
    tree: Branch,
    before: Mapping[str, Fraction],
    after: Mapping[str, Fraction],
    change: Fraction,
    rounded: Callable[[Fraction], Fraction] = Fraction,
    *,
    given: bool = True,
) -> Followed | None:
    """Every branch's part in `change`, which add up exactly; None where a figure of the tree cannot be divided by."""
    ends = [e.name for e in tree.ends()]
    then, now = [before[n] for n in ends], [after[n] for n in ends]
    try:
        by_mean = _log_means(tree, then, now, change)
        made = by_mean or _shapley(tree, then, now)
    except ZeroDivisionError:
        return None
    made = [rounded(m) for m in made]
    made[-1] = change - sum(made[:-1], Fraction(0))
    effects = tuple(_effects(tree, "", 0, list(made), (before, after)))[1:]
    return Followed(tree, effects, LOG_MEAN if by_mean else SHAPLEY, given)


def _effects(
    branch: Branch, parent: str, depth: int, made: list[Fraction], values: tuple[Mapping[str, Fraction], ...]
) -> Iterator[Effect]:
    """The branch and all below it; `made` holds the effects of the ends not yet used up."""
    before, after = values[0][branch.name], values[1][branch.name]
    growth = (after - before) / abs(before) if before else None
    if not branch.parts:
        yield Effect(branch, parent, depth, growth, made.pop(0))
        return
    below = [e for p in branch.parts for e in _effects(p, branch.name, depth + 1, made, values)]
    whole = sum((e.effect for e in below if e.depth == depth + 1), Fraction(0))
    yield Effect(branch, parent, depth, growth, whole)
    yield from below


def _log_means(tree: Branch, then: list[Fraction], now: list[Fraction], change: Fraction) -> list[Fraction] | None:
    """None where the tree has a sum in it or a figure is not positive."""
    sums = any(b.operation == "sum" for b, _ in tree.all())
    if sums or min(*then, *now) <= 0 or not change:
        return None
    grown_by = [p * log(b / a) for p, a, b in zip(tree.powers(), then, now, strict=True)]
    whole = sum(grown_by)
    mean = float(change) / whole if whole else float(tree.value(list(now)))
    return [Fraction(mean * g) for g in grown_by]


def _shapley(tree: Branch, then: list[Fraction], now: list[Fraction]) -> list[Fraction]:
    count = len(then)
    values = [tree.value([now[i] if mask >> i & 1 else then[i] for i in range(count)]) for mask in range(1 << count)]
    weights = [Fraction(factorial(k) * factorial(count - 1 - k), factorial(count)) for k in range(count)]
    made = []
    for i in range(count):
        without = (m for m in range(1 << count) if not m >> i & 1)
        terms = (weights[m.bit_count()] * (values[m | 1 << i] - values[m]) for m in without)
        made.append(sum(terms, Fraction(0)))
    return made
