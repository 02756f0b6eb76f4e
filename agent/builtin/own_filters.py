"""A figure that leaves rows out by its own definition must not be asked for just those rows: it would say zero."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from agent.builtin.compose import Parts
from agent.builtin.patches import label_of
from agent.builtin.reading import Reading
from agent.builtin.resolve import Chosen, Resolver, Unresolved
from agent.plan import Option
from warehouse.model.schema import Measure
from warehouse.query import AnyOf, Condition, Filter

CODE = "own_filter"
_MOST = 3
_RUNNING = ("running total of", "cumulative total of", "running total", "cumulative", "running")


def check_own_filters(resolver: Resolver, r: Reading, p: Parts) -> None:
    """Raises `Unresolved` where a figure's own condition excludes the rows that were asked for."""
    for chosen in p.chosen:
        asked = [*p.filters, *chosen.where, *p.portion]
        for table, measure in _measures(resolver, chosen.figure.metric):
            for filter_, text in _excluded(resolver, table, measure, asked):
                _refuse(resolver, chosen, (table, measure, filter_), text)
            if r.top is None and (field := _single_group(resolver, table, measure, p.groups)) is not None:
                label = label_of(resolver, field).lower()
                _refuse(resolver, chosen, (table, measure, None), f"other values of {label}")


def check_running(resolver: Resolver, r: Reading, p: Parts) -> None:
    """Raises `Unresolved` where a running total is asked of a figure whose periods cannot be added up."""
    figure = p.chosen[0].figure
    owner = resolver.model.measure_table(figure.metric)
    measure = resolver.model.tables[owner].measures.get(figure.metric) if owner else None
    distinct = measure.agg == "count_distinct" if measure else figure.metric.startswith("count_distinct:")
    if not r.running or not (distinct or figure.metric in resolver.model.metrics):
        return
    why = "counts each one once, and one can occur in several periods" if distinct else "is an average or a rate"
    reason = f"“{figure.label}” {why}, so adding up its periods gives no running total. Each period has its own figure."
    raise Unresolved(reason, CODE, [Option(value=words, label="") for words in _RUNNING])


def _refuse(resolver: Resolver, chosen: Chosen, own: tuple[str, Measure, Filter | None], text: str) -> None:
    table, measure, filter_ = own
    label = chosen.figure.label
    reason = f"“{label}” leaves out {text} by its definition, so there is no such figure for them."
    options = [Option(value=chosen.ask.noun.text, label=other) for other in _others(resolver, table, measure, filter_)]
    raise Unresolved(reason, CODE, options[:_MOST])


def _measures(resolver: Resolver, name: str) -> Iterator[tuple[str, Measure]]:
    """The measures behind a figure that have a condition of their own."""
    owner = resolver.model.measure_table(name)
    if owner is not None:
        measure = resolver.model.tables[owner].measures.get(name)
        if measure is not None and measure.where:
            yield owner, measure
        return
    metric = resolver.model.metrics.get(name)
    for part in (metric.measure, metric.numerator, metric.denominator) if metric else ():
        if part and part != name:
            yield from _measures(resolver, part)


def _excluded(
    resolver: Resolver, table: str, measure: Measure, asked: Iterable[Condition]
) -> Iterator[tuple[Filter, str]]:
    """The conditions that ask for values which the measure never holds, with those values as text."""
    for condition in asked:
        each = condition.any_of if isinstance(condition, AnyOf) else (condition,)
        for one in each:
            if not isinstance(one, Filter) or one.field is None or one.field.part or one.op not in ("=", "in"):
                continue
            lost = [v for v in one.values if not _may_hold(measure, _column(resolver, table, one.field.field), v)]
            if lost:
                yield one, " and ".join(f"“{v}”" for v in lost)


def _column(resolver: Resolver, table: str, field: str) -> str:
    """The stored column behind a field of `table`; empty for a field of another table."""
    owner, name = field.split(".", 1)
    spec = resolver.model.tables[owner].dimensions.get(name)
    return ((spec.expr if spec else None) or name).strip('"') if owner == table else ""


def _may_hold(measure: Measure, column: str, value: object) -> bool:
    """Whether rows of the measure can have `value` in `column`, by the conditions that name single values."""
    for part in _parts(measure.where or ""):
        named, values, negated = part
        if column and named.casefold() == column.casefold() and (str(value) in values) == negated:
            return False
    return True


def _parts(where: str) -> Iterator[tuple[str, set[str], bool]]:
    """Column, values and whether they are excluded, for each “=”, “<>” and “IN” that must hold."""
    try:
        tree = sqlglot.parse_one(where, dialect="duckdb")
    except SqlglotError:
        return
    for node in tree.flatten() if isinstance(tree, exp.And) else (tree,):
        inner = node.this if isinstance(node, exp.Not) else node
        negated = isinstance(node, exp.Not) != isinstance(inner, exp.NEQ)
        if isinstance(inner, (exp.EQ, exp.NEQ)):
            literals = [inner.expression]
        elif isinstance(inner, exp.In):
            literals = list(inner.expressions)
        else:
            continue
        if isinstance(inner.this, exp.Column) and literals and all(isinstance(x, exp.Literal) for x in literals):
            yield inner.this.name, {str(x.this) for x in literals}, negated


def _single_group(resolver: Resolver, table: str, measure: Measure, groups: list[str]) -> str | None:
    """A field to split by of which the measure holds one value only."""
    single = {
        named.casefold() for named, values, negated in _parts(measure.where or "") if not negated and len(values) == 1
    }
    return next((g for g in groups if _column(resolver, table, g).casefold() in single), None)


def _others(resolver: Resolver, table: str, measure: Measure, filter_: Filter | None) -> list[str]:
    """Names of figures that do hold such rows: the same total without the condition, or another of its kind."""
    spec = resolver.model.tables[table]
    plain = (measure.expr or "").strip('"')
    found = [
        f"total {n.label or plain}".lower() for c, n in spec.numbers.items() if c == plain and measure.agg == "sum"
    ]
    for other in spec.measures.values():
        same = other is not measure and (other.agg, other.expr) == (measure.agg, measure.expr)
        column = _column(resolver, table, filter_.field.field) if filter_ and filter_.field else ""
        fits = filter_ is not None and all(_may_hold(other, column, v) for v in filter_.values)
        if same and fits and other.label:
            found.append(other.label.lower())
    if measure.agg in ("count", "count_distinct"):
        found.append(spec.records or table)
    return found
