"""What a metric is made of: sums that can be cut into parts, alone or as numerator and denominator."""

from __future__ import annotations

from dataclasses import dataclass

from store.errors import LimitReached, UnknownName, unknown
from warehouse.model.adhoc import adhoc_name, resolve_measure
from warehouse.model.schema import Measure, Metric, SemanticModel
from warehouse.query import MetricRef

_SUMS = ("sum", "count", "count_distinct")


@dataclass(frozen=True)
class Parts:
    """A metric as sums over `table`. With two it is their ratio; `averaged` says that the first is their average.

    A `level` (stock, balance) adds up over groups, and not over days.
    """

    metric: MetricRef
    sums: tuple[MetricRef, ...]
    table: str
    averaged: bool = False
    level: bool = False

    @property
    def ratio(self) -> bool:
        return len(self.sums) == 2


def parts_of(model: SemanticModel, asked: MetricRef) -> Parts:
    """How the change of a metric can be cut up.

    Raises `UnknownName` for a metric the model does not have, `LimitReached` for one whose parts make no whole.
    """
    if asked.per is not None:
        return Parts(asked, (_of(asked, asked.metric), MetricRef(metric=asked.per)), _home(model, asked.metric))
    if asked.formula is not None:
        raise _no_parts((asked.alias or "the result of the formula").replace("_", " "))
    metric = model.metrics.get(asked.metric)
    if metric is not None:
        return _of_metric(model, asked, metric)
    found = resolve_measure(model, asked.metric)
    if found is None:
        raise _unknown(model, asked.metric)
    table, measure = found
    if measure.agg == "avg":
        return _of_average(asked, table, measure)
    level = measure.semi_additive
    if measure.agg not in _SUMS or (level is not None and level.per != "table"):
        raise _no_parts(measure.label or asked.metric)
    return Parts(asked, (asked,), table, level=level is not None)


def _of_metric(model: SemanticModel, asked: MetricRef, metric: Metric) -> Parts:
    label = metric.label or asked.metric
    if metric.kind == "ratio" and not metric.where:
        sums = (_of(asked, str(metric.numerator)), _of(asked, str(metric.denominator)))
        for each in sums:
            if len(parts_of(model, each).sums) != 1:
                raise _no_parts(label)
        if any(parts_of(model, each).level for each in sums):
            raise _no_parts(label)
        return Parts(asked, sums, _home(model, str(metric.numerator)))
    if metric.kind == "simple":
        inner = parts_of(model, MetricRef(metric=str(metric.measure)))
        if inner.ratio:
            raise _no_parts(label)
        return Parts(asked, (asked,), inner.table, level=inner.level)
    if metric.kind == "derived" and not set(str(metric.expr)) & {"*", "/"}:
        return Parts(asked, (asked,), _home(model, asked.metric))
    raise _no_parts(label)


def _of_average(asked: MetricRef, table: str, measure: Measure) -> Parts:
    """An average is its sum over how many rows have a value; one with weights or conditions of its own is neither."""
    if measure.weight or measure.where or not measure.expr:
        raise _no_parts(measure.label or asked.metric)
    column = asked.metric.split(".", 1)[1] if asked.metric.startswith("avg:") else asked.metric
    counted = _of(asked, adhoc_name("count", table, column))
    return Parts(asked, (_of(asked, asked.metric), counted), table, averaged=True)


def _of(asked: MetricRef, metric: str) -> MetricRef:
    return MetricRef(metric=metric, where=asked.where)


def _home(model: SemanticModel, name: str) -> str:
    """The table that the first measure under `name` is read from."""
    found = resolve_measure(model, name)
    if found is not None:
        return found[0]
    metric = model.metrics.get(name)
    if metric is None:
        raise _unknown(model, name)
    inner = metric.measure or metric.numerator
    if inner is None:
        words = str(metric.expr or "").replace("(", " ").replace(")", " ").split()
        inner = next((w for w in words if w in model.metrics or model.measure_table(w)), None)
    if inner is None:
        raise _no_parts(metric.label or name)
    return _home(model, inner)


def _unknown(model: SemanticModel, name: str) -> UnknownName:
    return unknown("metric", name, [*model.metrics, *(m for t in model.tables.values() for m in t.measures)])


def _no_parts(label: str) -> LimitReached:
    return LimitReached(
        f"The change of “{label}” cannot be cut into parts that add up.",
        code="no_parts",
        hint="Ask why a total, a count, an average or a ratio changed.",
    )
