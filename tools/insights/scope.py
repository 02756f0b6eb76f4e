"""What is looked at: which figures of the model, how much people care for each, and by which splits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from store.errors import NotEnough, PlainsayError
from tools.drivers.fields import candidates, conditions_of, described
from tools.drivers.parts import Parts, parts_of
from tools.evidence import Column
from tools.registry import ToolContext
from warehouse.compiler import compile_query
from warehouse.model.adhoc import adhoc_name, resolve_measure
from warehouse.model.schema import SemanticModel
from warehouse.query import DimRef, MetricQuery, MetricRef

MOST_FIGURES = 12
MOST_SPLITS = 12
_PLAIN = 0.55
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_GOOD, _MONEY, _ASKED = 0.2, 0.1, 0.15


@dataclass(frozen=True)
class Figure:
    """A metric as positions among its table's sums: `top` alone, or `top` over `bottom`.

    A `level` does not add up over days. `own` are the fields that say which rows count: to split by them tells nothing.
    """

    ref: MetricRef
    column: Column
    top: int
    bottom: int | None
    relevance: float
    level: bool = False
    own: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        return self.column.label

    @property
    def rate(self) -> bool:
        """Whether it is a percentage, which moves by points."""
        return self.column.unit is not None and (self.column.unit.ratio or self.column.unit.percent)


@dataclass(frozen=True)
class Subject:
    """The figures of one fact table, the sums they are made of, its time column and its splits; the last sum counts
    stored rows."""

    table: str
    time: str
    figures: tuple[Figure, ...]
    sums: tuple[MetricRef, ...]
    splits: tuple[tuple[DimRef, str], ...]


def subjects(
    context: ToolContext, asked: tuple[MetricRef, ...], by: tuple[DimRef, ...], time_column: str | None
) -> list[Subject]:
    """The figures asked for (or all worth telling of) by fact table, the table with the most relevant ones first.

    Raises what naming an unknown metric raises, and `NotEnough` (`no_time`) when no figure has a date.
    """
    named = _named(context.model, asked) or _all(context)
    by_table: dict[str, list[tuple[MetricRef, Parts]]] = {}
    for ref, parts in named:
        spec = context.model.tables[parts.table]
        if spec.time is not None and not parts.averaged:
            by_table.setdefault(parts.table, []).append((ref, parts))
    found = [_subject(context, table, refs, by, time_column) for table, refs in by_table.items()]
    if not found:
        raise NotEnough("These figures have no date, so they have no before and after.", code="no_time")
    return sorted(found, key=lambda s: -sum(f.relevance for f in s.figures))


def _named(model: SemanticModel, asked: tuple[MetricRef, ...]) -> list[tuple[MetricRef, Parts]]:
    """The figures that were asked for; what is made of several tables has no course of its own and is left out."""
    found = [(ref, parts_of(model, ref)) for ref in asked]
    kept = [pair for pair in found if len(homes(model, pair[0].metric) | homes(model, pair[0].per or "")) == 1]
    if found and not kept:
        label = found[0][0].metric.replace("_", " ")
        raise NotEnough(
            f"“{label}” is made of figures of several tables, which I follow one table at a time.",
            code="no_time", hint="Ask for the figures that it is made of.",
        )  # fmt: skip
    return kept


def homes(model: SemanticModel, name: str) -> set[str]:
    """The tables of all measures that a metric is made of, however deep they lie."""
    metric = model.metrics.get(name)
    if metric is None:
        found = resolve_measure(model, name)
        return {found[0]} if found is not None else set()
    words = [metric.measure, metric.numerator, metric.denominator, *_WORD.findall(metric.expr or "")]
    inner = {w for w in words if w and w != name and (w in model.metrics or resolve_measure(model, w))}
    return {table for word in inner for table in homes(model, word)}


def _all(context: ToolContext) -> list[tuple[MetricRef, Parts]]:
    """Every metric and measure that can be cut into parts, the most relevant first."""
    model = context.model
    names = [*model.metrics, *(m for t in model.tables.values() if t.time for m in t.measures)]
    found = []
    for name in dict.fromkeys(names):
        try:
            parts = parts_of(model, MetricRef(metric=name))
            if len(homes(model, name)) == 1:  # one table, one look
                found.append((MetricRef(metric=name), parts))
        except PlainsayError:
            continue
    order = sorted(found, key=lambda p: -_relevance(context, p[0].metric))
    return order[:MOST_FIGURES]


def _subject(
    context: ToolContext, table: str, refs: list[tuple[MetricRef, Parts]], by: tuple[DimRef, ...], column: str | None
) -> Subject:
    spec = context.model.tables[table]
    assert spec.time is not None
    sums = list(dict.fromkeys(s for _, parts in refs for s in parts.sums))
    figures = []
    for ref, parts in refs:
        bottom = sums.index(parts.sums[1]) if parts.ratio else None
        figures.append(
            Figure(
                ref,
                column_of(context, ref),
                sums.index(parts.sums[0]),
                bottom,
                _relevance(context, ref.metric),
                parts.level,
                conditions_of(context.model, table, parts.sums[0].metric),
            )
        )
    when = column if column and column.startswith(f"{table}.") else f"{table}.{spec.time.default}"
    rows = MetricRef(metric=adhoc_name("count", table, when.rpartition(".")[2]))
    fields = by or tuple(candidates(context.model, context.profile, table)[:MOST_SPLITS])
    splits = tuple((f, described(context.model, f)[0]) for f in fields)
    return Subject(table, when, tuple(figures), (*sums, rows), splits)


def column_of(context: ToolContext, ref: MetricRef) -> Column:
    """What people call a figure, its unit and its good direction, as a column of a table."""
    compiled = compile_query(
        context.model, MetricQuery(metrics=(ref,)), profile=context.profile, as_of=context.as_of,
        principal=context.principal,
    )  # fmt: skip
    found = next(c for c in compiled.columns if c.role == "measure")
    return Column(**{**found.model_dump(exclude={"lineage"}), "lineage": found.lineage})


def _relevance(context: ToolContext, name: str) -> float:
    """0-1: more for a figure with a good direction, for money, and for one the opening questions speak of."""
    model = context.model
    home = model.measure_table(name)
    spec = model.metrics.get(name) or (model.tables[home].measures[name] if home else None)
    if spec is None:
        return _PLAIN
    words = [w.casefold() for w in (spec.label or name.replace("_", " "), *spec.words())]
    asked = " ".join([*model.starters, *(v.question for v in model.verified)]).casefold()
    money = spec.unit is not None and spec.unit.currency is not None
    return _PLAIN + _GOOD * bool(spec.good) + _MONEY * money + _ASKED * any(w in asked for w in words)


def span(context: ToolContext, subject: Subject, end: date | None = None) -> tuple[date, date] | None:
    """First and last day of the subject's data, today (and what lies from `end` on) cut off; None when unknown."""
    table, _, column = subject.time.rpartition(".")
    spec = context.model.tables[table]
    first, last = context.profile.bounds(spec.source, column)
    if first is None or last is None:
        return None
    return first, min(last, min(context.as_of.date(), end or date.max) - timedelta(days=1))
