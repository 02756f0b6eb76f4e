"""The figures of a driver tree in both periods, measured once and held to the figure that is explained."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from store.errors import PlainsayError
from tools.derive import number
from tools.drivers.ask import Asked
from tools.drivers.explain import Finding
from tools.drivers.tree import Branch, Followed, follow, grown
from tools.levers.tree import exact, names_in
from warehouse.query import MetricQuery, MetricRef

_SAME = Fraction(1, 10**9)


@dataclass(frozen=True)
class Down:
    """A tree followed with the names people use, or why one that the model gives could not be (`problem`)."""

    followed: Followed | None
    labels: dict[str, str]
    problem: str | None = None

    def said(self) -> str:
        """The first step in words: “orders × average order value”."""
        names = {n: v if v[:2].isupper() else v[:1].lower() + v[1:] for n, v in self.labels.items()}
        return self.followed.tree.said(names) if self.followed else ""


def down(asked: Asked, finding: Finding, rounded: Callable[[Fraction], Fraction]) -> Down | None:
    """Follow the figure's driver tree; None where it has none, or only an obvious one that does not hold here.

    `rounded` brings an effect to the places that the figure has.
    """
    metric = asked.parts.metric
    plain = metric.per is None and metric.formula is None
    found = grown(asked.context.model, metric.metric) if plain and finding.change else None
    if found is None:
        return None
    tree, given = found
    measured = _measured(asked, tree)
    if measured is None:
        return Down(None, {}, "The driver tree cannot be worked out with these filters.") if given else None
    before, after, labels = measured
    whole = [p[0] / p[1] for p in (finding.whole.before, finding.whole.after)]
    if not (_holds(tree, before, whole[0]) and _holds(tree, after, whole[1])):
        text = "The driver tree of the model does not give this figure here, so it was not followed."
        return Down(None, {}, text) if given else None
    made = follow(tree, before, after, finding.change, rounded, given=given)
    return Down(made, labels) if made else None


def _holds(tree: Branch, values: dict[str, Fraction], whole: Fraction) -> bool:
    """Whether the tree's ends give the very figure that is explained."""
    try:
        made = tree.value([values[e.name] for e in tree.ends()])
    except ZeroDivisionError:
        return False
    return abs(made - whole) <= _SAME * max(abs(whole), abs(made))


def _measured(asked: Asked, tree: Branch) -> tuple[dict[str, Fraction], dict[str, Fraction], dict[str, str]] | None:
    """Every figure of the tree before and after, worked out from sums without rounding; None where one is missing."""
    model = asked.context.model
    names = list(dict.fromkeys(b.name for b, _ in tree.all()))
    sums = sorted({m for n in names for m in names_in(model, n)})
    shown = [*sums, *(n for n in names if n not in sums)]
    where = asked.parts.metric.where
    query = MetricQuery(
        metrics=tuple(MetricRef(metric=n, where=where) for n in shown), filters=asked.filters, time=asked.period,
        compare=asked.compare.model_copy(update={"show": ("prev",)}),
    )  # fmt: skip
    try:
        compiled = asked.compiled(query)
        row = asked.run(compiled).table.slice(0, 1).to_pylist()
    except PlainsayError:
        return None
    columns = [c for c in compiled.columns if c.role == "measure"]
    labels = dict(zip(shown, (c.label for c in columns), strict=False))
    at = dict(zip(shown, (c.name for c in columns), strict=False))
    periods = []
    for suffix in (".prev", ""):
        cells = {n: number(row[0].get(at[n] + suffix)) if row and n in at else None for n in sums}
        if any(v is None for v in cells.values()):
            return None
        known = {n: Fraction(v) for n, v in cells.items() if v is not None}
        try:
            periods.append({n: exact(model, n, known) for n in names})
        except ZeroDivisionError:
            return None
    return periods[0], periods[1], labels
