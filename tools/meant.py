"""Which figure is meant where a column is named instead of a metric, or where there is one figure and none is named."""

from __future__ import annotations

from store.errors import NotEnough
from warehouse.model.adhoc import resolve_measure
from warehouse.model.schema import Measure, SemanticModel
from warehouse.query import MetricRef


def meant(model: SemanticModel, asked: str | MetricRef | None) -> MetricRef:
    """The metric asked for; a stored number by its column name is its total; none at all is the only figure with dates.

    A name nobody knows stays as it is, for the compiler to refuse. Raises `NotEnough` when several figures could be
    meant.
    """
    if isinstance(asked, str):
        asked = MetricRef(metric=asked)
    if asked is None:
        return MetricRef(metric=_only(model))
    if asked.metric in model.metrics or resolve_measure(model, asked.metric) is not None:
        return asked
    named = [n for n, m in _dated(model) if m.expr is not None and m.expr.strip('"') == asked.metric]
    return asked.model_copy(update={"metric": named[0]}) if named else asked


def _dated(model: SemanticModel) -> list[tuple[str, Measure]]:
    """Measures of tables with dates, totals before averages."""
    found = [(n, m) for t in model.tables.values() if t.time for n, m in t.measures.items() if m.agg != "count"]
    return sorted(found, key=lambda pair: ("sum", "avg").index(pair[1].agg) if pair[1].agg in ("sum", "avg") else 2)


def _only(model: SemanticModel) -> str:
    dated = _dated(model)
    columns = {m.expr for _, m in dated}
    if len(columns) == 1:
        return dated[0][0]
    names = " or ".join(sorted({(m.label or n).lower() for n, m in dated})[:3])
    raise NotEnough(
        f"Several figures could be meant, such as {names}." if dated else "There is no figure with dates here.",
        code="no_metric" if dated else "no_time",
        hint="Name the metric." if dated else "Load figures with their dates.",
    )  # fmt: skip
