"""How many people stand behind a figure: the same question once more, counting the people instead."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from store.errors import QueryRefused
from warehouse.model.schema import Measure, Metric, SemanticModel, SmallCells, Table
from warehouse.query import MetricRef

_ADHOC = re.compile(r"(\w+):([^.]+)\..+")
_WORD = re.compile(r"[A-Za-z_]\w*")
_SINGLE = ("min", "max")  # the figure of one person, however large the group
_DEEPEST = 12


@dataclass(frozen=True)
class Part:
    """A figure's own rows: those of `table` that meet `where` (of the measure) and `also` (of the metric)."""

    table: str
    where: str | None = None
    also: str | None = None
    single: bool = False


def rule(model: SemanticModel) -> SmallCells | None:
    """The rule about few people, when the model has one."""
    return model.small_cells


def told_of(model: SemanticModel, table: str) -> str | None:
    """The column that tells apart the people whom rows of `table` are about; None when they are about nobody.

    A table whose rows belong to records about people is about people too.
    """
    cells = model.small_cells
    if cells is None or table not in model.tables:
        return None
    if table in cells.persons:
        return cells.persons[table]
    seen, waiting = {table}, [table]
    while waiting:
        for join in model.tables[waiting.pop()].joins:
            if join.to in cells.persons:
                key = model.tables[table].key
                return key[0] if key else next(iter(join.on))
            if join.to not in seen and join.to in model.tables:
                seen.add(join.to)
                waiting.append(join.to)
    return None


def about_people(model: SemanticModel, tables: Iterable[str]) -> list[str]:
    """Those of the tables whose rows are about people."""
    return [t for t in tables if told_of(model, t) is not None]


def parts(model: SemanticModel, ref: MetricRef) -> list[Part]:
    """What a figure is made of, as far as it is about people. Raises `QueryRefused` when that cannot be told."""
    names = [ref.metric, *([ref.per] if ref.per else []), *(p.metric for p in ref.parts)]
    found = dict.fromkeys(part for name in names for part in _of(model, name, None, 0))
    return [part for part in found if told_of(model, part.table) is not None]


def _of(model: SemanticModel, name: str, also: str | None, depth: int) -> Iterator[Part]:
    if depth > _DEEPEST:
        raise unsure()
    if (adhoc := _ADHOC.fullmatch(name)) is not None:
        yield Part(adhoc[2], None, also, adhoc[1] in _SINGLE)
        return
    metric = model.metrics.get(name)
    if metric is not None:
        for inner, where in _inside(model, metric):
            yield from _of(model, inner, where or also, depth + 1)
        return
    home = model.measure_table(name)
    if home is None:
        raise unsure()
    measure = model.tables[home].measures[name]
    yield Part(home, measure.where, also, measure.agg in _SINGLE)


def _inside(model: SemanticModel, metric: Metric) -> Iterator[tuple[str, str | None]]:
    """The figures that a metric is made of, each with the condition that the metric adds."""
    if metric.kind == "conversion":
        home = str(metric.entity).split(".", 1)[0]
        yield f"count:{home}.{str(metric.entity).split('.', 1)[-1]}", None
        return
    named = [metric.measure, metric.numerator, metric.denominator, metric.metric]
    known = {*model.metrics, *(m for t in model.tables.values() for m in t.measures)}
    named += [w for w in _WORD.findall(metric.expr or "") if w in known]
    for name in dict.fromkeys(n for n in named if n):
        yield name, metric.where


def unsure() -> QueryRefused:
    """What is refused because nobody can say how many people it is about."""
    return QueryRefused(
        "I cannot tell how many people this figure is about, so it is kept back.", code="small_cells",
        hint="Ask for one of the defined figures, for a larger group.",
    )  # fmt: skip


@dataclass(frozen=True)
class Counting:
    """The model with people to count: `refs` by output column of the query they belong to."""

    model: SemanticModel
    refs: dict[str, tuple[MetricRef, ...]]
    singles: frozenset[str]

    @property
    def all_refs(self) -> tuple[MetricRef, ...]:
        """Every count once."""
        found = {r.column: r for refs in self.refs.values() for r in refs}
        return tuple(found.values())


def counting(model: SemanticModel, refs: Iterable[MetricRef], columns: dict[MetricRef, str]) -> Counting:
    """For every figure about people the counts of the people in each of its parts, under names of our own."""
    tables: dict[str, Table] = dict(model.tables)
    metrics: dict[str, Metric] = dict(model.metrics)
    wanted: dict[str, tuple[MetricRef, ...]] = {}
    singles: set[str] = set()
    number = 0
    for ref in refs:
        mine: list[MetricRef] = []
        conditions = (ref.where, ref.per_where, *(p.where for p in ref.parts))
        for part in parts(model, ref):
            if part.single:
                singles.add(columns[ref])
            for where in dict.fromkeys(conditions) if ref.combined else (ref.where,):
                measure, metric = f"people_m{number}", f"people_{number}"
                number += 1
                counted = Measure(agg="count_distinct", expr=told_of(model, part.table), where=part.where)
                table = tables[part.table]
                tables[part.table] = table.model_copy(update={"measures": {**table.measures, measure: counted}})
                metrics[metric] = Metric(kind="simple", measure=measure, where=part.also)
                mine.append(MetricRef(metric=metric, where=where))
        if mine:
            wanted[columns[ref]] = tuple(mine)
    changed = model.model_copy(update={"tables": tables, "metrics": metrics})
    return Counting(changed, wanted, frozenset(singles))
