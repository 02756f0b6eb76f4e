"""Tries a model on the data it is about: every expression run, every metric computed, before anyone relies on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Literal

from store.errors import PlainsayError
from store.principal import Principal
from warehouse import guard
from warehouse.compiled import OutputColumn
from warehouse.compiler import check_model, compile_query
from warehouse.engines.base import Engine
from warehouse.model import store, verified
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile
from warehouse.query import DimRef, Filter, MetricQuery, MetricRef, Span, TimeWindow
from warehouse.snapshot import Snapshot

Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class Trial:
    """What a model is tried on, and by whom; `as_of` is now."""

    profile: DataProfile
    snapshot: Snapshot
    engine: Engine
    principal: Principal
    as_of: datetime


@dataclass(frozen=True)
class Finding:
    """One fault of a model: how bad, where (dotted path, line and column of the file), what, and what to do."""

    severity: Severity
    where: str
    code: str
    message: str
    hint: str | None = None
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True)
class Figure:
    """A metric over all time and over the last full month of the data; None where there is none, or an error."""

    name: str
    label: str
    total: Any = None
    last_month: Any = None
    error: str | None = None


def check(model: SemanticModel, trial: Trial, text: str | None = None) -> list[Finding]:
    """Everything wrong with `model`, errors first: names and joins, then what fails when it is run, then stale queries.

    `text` is the file, for line and column.
    """
    places = store.places(text) if text else {}
    found = [_named(places, "warning" if p.warning else "error", p.where, p) for p in check_model(model, trial.profile)]
    broken = {f.where for f in found if f.severity == "error"}
    found += [_named(places, "error", where, e) for where, e in _failures(model, trial) if where not in broken]
    found += [
        _named(places, "warning", f"verified.{s.number}", s) for s in verified.stale(model, trial.profile, trial.as_of)
    ]
    return sorted(found, key=lambda f: (f.severity, f.line or 0))


def figures(model: SemanticModel, trial: Trial) -> dict[str, Figure]:
    """Every metric and measure, computed over all time and over the last full month of the data."""
    labels = {name: m.label or name for name, m in model.metrics.items()}
    for table in model.tables.values():
        labels |= {name: m.label or name for name, m in table.measures.items()}
    end = _data_end(model, trial)
    month = TimeWindow(last=Span(n=1, unit="month"))
    return {name: _figure(name, label, model, trial, month, end) for name, label in labels.items()}


def changed(before: Mapping[str, Figure], after: Mapping[str, Figure]) -> list[tuple[Figure | None, Figure | None]]:
    """Pairs (before, after) of the metrics whose values differ, that are new, or that are gone."""
    names = dict.fromkeys((*before, *after))
    pairs = ((before.get(n), after.get(n)) for n in names)
    return [(b, a) for b, a in pairs if b is None or a is None or _values(b) != _values(a)]


def faults_of(model: SemanticModel, profile: DataProfile, before: SemanticModel) -> list[Finding]:
    """What would fail when asked in `model` and did not in `before`: found by reading it, without running anything."""
    known = {(p.where, p.message) for p in check_model(before, profile)}
    found = [p for p in check_model(model, profile) if not p.warning and (p.where, p.message) not in known]
    return [_named({}, "error", p.where, p) for p in found]


def figure_of(model: SemanticModel, name: str, trial: Trial) -> tuple[Figure, OutputColumn]:
    """One metric over all time and over the last full month of the data, and how it is written.

    Raises what the compiler or the engine says of it.
    """
    compiled = compile_query(model, _one(name), profile=trial.profile, as_of=trial.as_of, principal=trial.principal)
    _run(model, _one(name), trial, trial.as_of)
    label = compiled.columns[-1].label
    month = TimeWindow(last=Span(n=1, unit="month"))
    return _figure(name, label, model, trial, month, _data_end(model, trial)), compiled.columns[-1]


def _values(figure: Figure) -> tuple[Any, Any, bool]:
    return figure.total, figure.last_month, figure.error is None


def _named(places: Mapping[str, tuple[int, int]], severity: Severity, where: str, fault: Any) -> Finding:
    """A finding with its place in the file: that of the entry, or of the nearest one around it."""
    at = where
    while at and at not in places:
        at = at.rpartition(".")[0]
    line, column = places.get(at, (None, None)) if at else (None, None)
    return Finding(severity, where, fault.code, fault.message, fault.hint, line, column)


def _failures(model: SemanticModel, trial: Trial) -> Iterator[tuple[str, PlainsayError]]:
    for where, query in _attempts(model):
        try:
            _run(model, query, trial, trial.as_of)
        except PlainsayError as error:
            yield where, error


def _attempts(model: SemanticModel) -> Iterator[tuple[str, MetricQuery]]:
    """A query per expression of the model; those over plain columns cannot fail and are left out."""
    for name, table in model.tables.items():
        for n, dimension in table.dimensions.items():
            if dimension.expr is not None:
                yield f"tables.{name}.dimensions.{n}", MetricQuery(dimensions=(DimRef(field=f"{name}.{n}"),), limit=1)
        for n, number in table.numbers.items():
            if number.expr is not None:
                yield f"tables.{name}.numbers.{n}", _one(f"max:{name}.{n}")
        for n in table.measures:
            yield f"tables.{name}.measures.{n}", _one(n)
    for n in model.metrics:
        yield f"metrics.{n}", _one(n)
    conditions = {f"filters.{n}": f.where for n, f in model.filters.items()}
    conditions |= {f"terms.{n}": text for n, text in model.terms.items()}
    for where, text in conditions.items():
        counted = _counted(model, text)
        if counted:
            term = Filter(term=where.split(".", 1)[1])
            yield where, MetricQuery(metrics=(MetricRef(metric=counted),), filters=(term,))


def _one(metric: str) -> MetricQuery:
    return MetricQuery(metrics=(MetricRef(metric=metric),))


def _counted(model: SemanticModel, condition: str) -> str | None:
    """The count of a table that a condition speaks of."""
    tables = (t for n, t in model.tables.items() if f"{n}." in condition)
    return next((n for t in tables for n, m in t.measures.items() if m.agg == "count"), None)


def _figure(name: str, label: str, model: SemanticModel, trial: Trial, month: TimeWindow, end: datetime) -> Figure:
    try:
        total = _run(model, _one(name), trial, trial.as_of)
    except PlainsayError as error:
        return Figure(name, label, error=error.message)
    try:
        latest = _run(model, _one(name).model_copy(update={"time": month}), trial, end)
    except PlainsayError:
        return Figure(name, label, total)  # without a date there is no last month
    return Figure(name, label, total, latest)


def _run(model: SemanticModel, query: MetricQuery, trial: Trial, as_of: datetime) -> Any:
    """The first figure of the query's first row, or None."""
    compiled = compile_query(model, query, profile=trial.profile, as_of=as_of, principal=trial.principal)
    bound = guard.authorize(compiled, trial.principal, model=model, snapshot=trial.snapshot)
    table = trial.engine.run(bound).table
    return table.column(table.num_columns - 1)[0].as_py() if table.num_rows and query.metrics else None


def _data_end(model: SemanticModel, trial: Trial) -> datetime:
    """The moment after the last day of the data, or now when that is earlier."""
    ends = [trial.profile.bounds(name, table.time.default)[1] for name, table in model.tables.items() if table.time]
    last = max((end for end in ends if end is not None), default=None)
    if last is None:
        return trial.as_of
    return min(trial.as_of, datetime.combine(last + timedelta(days=1), time()))
