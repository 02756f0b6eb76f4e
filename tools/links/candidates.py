"""Which figures could move with another one, and which do so only because they are made of the same rows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from store.errors import PlainsayError
from tools.levers.tree import trees
from tools.registry import ToolContext
from warehouse.compiled import Compiled, OutputColumn
from warehouse.compiler import compile_query
from warehouse.compiler.resolve import metric_home
from warehouse.model.adhoc import adhoc_name, resolve_measure
from warehouse.model.schema import Measure, SemanticModel
from warehouse.query import Condition, MetricQuery, MetricRef, TimeWindow

_WORD = re.compile(r"[A-Za-z_]\w*")
_LEFT_OUT = ("cumulative", "conversion")


@dataclass(frozen=True)
class Figure:
    """A figure that may move with another: its name, its table, and the measures it is made of."""

    name: str
    table: str
    measures: frozenset[str]


def figures(model: SemanticModel) -> list[Figure]:
    """Every dated figure of the model; dated columns that nobody made a figure of are added up or averaged."""
    names = [n for n, m in model.metrics.items() if m.kind not in _LEFT_OUT]
    dated = {n: t for n, t in model.tables.items() if t.time is not None}
    names += [m for t in dated.values() for m, spec in t.measures.items() if spec.agg not in ("min", "max")]
    used = {w for t in dated.values() for m in t.measures.values() for w in _WORD.findall(m.expr or "")}
    for table, spec in dated.items():
        if any(m.agg == "sum" for m in spec.measures.values()):
            continue
        names += [
            adhoc_name("sum" if number.additive == "all" else "avg", table, column)
            for column, number in spec.numbers.items()
            if number.duration is None and not {column, number.expr or column} & used
        ]
    found = (figure(model, name) for name in dict.fromkeys(names))
    return [f for f in found if f is not None and f.table in dated]


def figure(model: SemanticModel, name: str) -> Figure | None:
    """The figure `name`; None when it has no table of its own."""
    home = metric_home(model, name)
    return Figure(name, home, frozenset(_measures(model, name))) if home else None


def _measures(model: SemanticModel, name: str, depth: int = 0) -> set[str]:
    metric = model.metrics.get(name)
    if metric is None or depth > 5:
        return {name}
    parts = [p for p in (metric.measure, metric.numerator, metric.denominator, metric.metric) if p]
    if metric.kind == "derived":
        parts = [w for w in _WORD.findall(metric.expr or "") if w in model.metrics or model.measure_table(w)]
    return {m for part in parts for m in _measures(model, part, depth + 1)}


def built_in(model: SemanticModel, target: Figure, other: Figure) -> bool:
    """Whether two figures must move together by the way they are counted: shared parts, a formula, the same rows."""
    if target.measures & other.measures or trees(model, target.name, (other.name,)):
        return True
    tied = {n for m in model.metrics.values() if m.kind == "ratio" and m.numerator in target.measures
            for n in _measures(model, str(m.denominator))}  # fmt: skip
    if any(_same_column(model, a, b) for a in tied for b in other.measures if len(other.measures) == 1):
        return True
    pairs = [(a, b) for a in target.measures for b in other.measures]
    if len(target.measures) > 1 or len(other.measures) > 1:
        return any(_same_column(model, a, b) for a, b in pairs)
    return any(_bound(model, a, b) for a, b in pairs)


def _bound(model: SemanticModel, a: str, b: str) -> bool:
    found_a, found_b = resolve_measure(model, a), resolve_measure(model, b)
    if found_a is None or found_b is None:
        return False
    same_rows = found_a[0] == found_b[0] and found_a[1].where == found_b[1].where
    adds = all(m.additive == "all" or m.agg in ("count", "count_distinct") for m in (found_a[1], found_b[1]))
    named = found_a[0] == found_b[0] and a in _defined(model) and b in _defined(model)
    return (same_rows and adds and named) or _in_formula(model, a, b) or _same_column(model, a, b)


def _defined(model: SemanticModel) -> set[str]:
    """Measures that add up parts of the same thing: those that some ratio of the model brings together by rows."""
    tied = {n for m in model.metrics.values() if m.kind == "ratio" for n in (m.numerator, m.denominator) if n}
    tables = {t for t in (model.measure_table(n) for n in tied) if t}
    return {m for t in tables for m in model.tables[t].measures}


def _in_formula(model: SemanticModel, a: str, b: str) -> bool:
    return any({a, b} <= _measures(model, name) for name in model.metrics)


def _same_column(model: SemanticModel, a: str, b: str) -> bool:
    """Whether both count or add up the same stored column of a table, or one holds the other's."""
    found = [resolve_measure(model, n) for n in (a, b)]
    if found[0] is None or found[1] is None or found[0][0] != found[1][0]:
        return False
    columns = [_columns(model, t, m) for t, m in (found[0], found[1])]
    return bool(columns[0] & columns[1])


def _columns(model: SemanticModel, table: str, measure: Measure) -> set[str]:
    return {w for w in _WORD.findall(measure.expr or "") if w not in model.tables[table].measures}


@dataclass(frozen=True)
class Loaded:
    """Values of figures by period, and what could not be read."""

    values: dict[str, dict[Any, float]]
    columns: dict[str, OutputColumn]
    compiled: list[Compiled]
    ms: float
    failed: list[str]


def load(context: ToolContext, wanted: Iterable[Figure], filters: tuple[Condition, ...], window: TimeWindow) -> Loaded:
    """The figures period by period, those of one table in one query; one that fails is read alone, then left out."""
    from tools.run import fetch

    groups: dict[str, list[str]] = {}
    for one in wanted:
        groups.setdefault(one.table, []).append(one.name)
    loaded = Loaded({}, {}, [], 0.0, [])
    pending = list(groups.values())
    ms = 0.0
    while pending:
        names = pending.pop(0)
        try:
            query = MetricQuery(
                metrics=tuple(MetricRef(metric=n, alias=f"m{i}") for i, n in enumerate(names)), filters=filters,
                time=window, limit=10_000,
            )  # fmt: skip
            made = compile_query(
                context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
            )
            result = fetch(context, made)
        except PlainsayError:
            if len(names) == 1:
                loaded.failed.append(names[0])
            pending += [[n] for n in names] if len(names) > 1 else []
            continue
        ms += result.ms
        loaded.compiled.append(made)
        _take(loaded, made, names, result.table.to_pylist())
    return Loaded(loaded.values, loaded.columns, loaded.compiled, ms, loaded.failed)


def _take(loaded: Loaded, made: Compiled, names: list[str], rows: list[dict[str, Any]]) -> None:
    time = next(c.name for c in made.columns if c.role == "time")
    by_alias = {c.name: c for c in made.columns if c.role == "measure"}
    for i, name in enumerate(names):
        loaded.columns[name] = by_alias[f"m{i}"]
        loaded.values[name] = {
            r[time]: float(r[f"m{i}"]) for r in rows if r[f"m{i}"] is not None and r[time] is not None
        }
