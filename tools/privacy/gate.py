"""What each skill may do where figures about few people are kept back; one that nobody thought about may nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from store.errors import PlainsayError, QueryRefused
from tools.privacy.people import Part, about_people, parts, rule, told_of
from warehouse.model.schema import Measure, Metric, SemanticModel
from warehouse.query import DimRef, MetricQuery, MetricRef, TimeWindow

if TYPE_CHECKING:
    from tools.evidence import Evidence
    from tools.registry import ToolContext

_OWN = frozenset({"query_metrics"})
"""Keeps back by itself."""
_FREE = frozenset({"look_up", "describe_data", "connected_sources", "refresh_source", "forget_segment"})
"""Tells no figures of people."""
_GROUPS = frozenset(
    {
        "anomalies", "benchmark", "correlate", "explain_change", "forecast", "insights", "pacing", "reach", "trend",
        "what_if",
    }
)  # fmt: skip
"""Tells of groups: splits only by what leaves enough people in every group and period."""
_KEPT: OrderedDict[tuple[Any, ...], SemanticModel] = OrderedDict()
_MOST_KEPT = 24
_LOCK = threading.Lock()


def prepared(context: ToolContext, tool: str, args: BaseModel) -> tuple[ToolContext, BaseModel]:
    """Context and arguments under which a skill may run. Raises `QueryRefused` where its filters single people out."""
    if rule(context.model) is None or tool not in _GROUPS:
        return context, args
    _refuse_few(context, args)
    narrowed = replace_model(context, _narrow(context, _grain(args), _rows_of(context, args)))
    return narrowed, args.model_copy(update={"depth": 1}) if "depth" in type(args).model_fields else args


def checked(context: ToolContext, tool: str, found: Evidence) -> Evidence:
    """The finding, when the skill may tell it. Raises `QueryRefused` for one about single people."""
    if rule(context.model) is None or tool in _OWN | _FREE | _GROUPS:
        return found
    if about_people(context.model, found.source_tables) or not found.source_tables:
        raise QueryRefused(
            "This would look at people one by one. Here only figures about groups of people are told.",
            code="small_cells", hint="Ask for a figure, such as a number, a rate or an average by group.",
        )  # fmt: skip
    return found


def replace_model(context: ToolContext, model: SemanticModel) -> ToolContext:
    """The context with another model; its rights were applied already."""
    from copy import copy

    changed = copy(context)
    changed.model = model
    return changed


def _grain(args: BaseModel) -> str:
    """The shortest period that the skill tells of."""
    told = getattr(args, "grain", None)
    if told in ("day", "week", "month", "hour"):
        return "day" if told == "hour" else str(told)
    window = getattr(args, "period", None)
    if isinstance(window, TimeWindow) and window.start and window.end:
        days = (_day(window.end) - _day(window.start)).days
        return "day" if days < 7 else "week" if days < 28 else "month"
    return "month"


def _day(when: date | datetime) -> date:
    return when.date() if isinstance(when, datetime) else when


def _refuse_few(context: ToolContext, args: BaseModel) -> None:
    """Refuse what is asked about the few that some conditions leave."""
    from tools.privacy.hide import hide
    from tools.run import run
    from warehouse.compiler import compile_query

    filters = tuple(getattr(args, "filters", ()) or ())
    told = getattr(args, "metric", None)
    metric = told if isinstance(told, MetricRef) else MetricRef(metric=str(told)) if told else None
    if metric is None or not (filters or metric.where):
        return
    period = getattr(args, "period", None)
    window = period.model_copy(update={"grain": None}) if isinstance(period, TimeWindow) else None
    query = MetricQuery(
        metrics=(metric,), filters=filters, time=window, compare=getattr(args, "compare", None) if window else None
    )
    compiled = compile_query(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )
    ran = run(context, compiled, table_id="people", title="", limit=2)
    if hide(context, query, ran) is not None:
        raise QueryRefused(
            "This would tell about too few people.", code="small_cells", hint="Ask about a larger group.",
        )  # fmt: skip


def _rows_of(context: ToolContext, args: BaseModel) -> tuple[Part, ...]:
    """The rows that are split: those of the figure, of a rate those it is a share of; all about people without one."""
    told = getattr(args, "metric", None)
    ref = told if isinstance(told, MetricRef) else MetricRef(metric=told) if isinstance(told, str) else None
    if ref is None:
        tables = about_people(context.model, context.model.tables)
        return tuple(Part(t) for t in tables if context.model.tables[t].time is not None)
    metric = context.model.metrics.get(ref.metric)
    if metric is not None and metric.kind == "ratio":
        ref = MetricRef(metric=str(metric.denominator))
    found = parts(context.model, ref)
    return tuple(found) if metric is None or metric.kind == "simple" else tuple(Part(p.table) for p in found)


def _narrow(context: ToolContext, grain: str, rows: tuple[Part, ...]) -> SemanticModel:
    """The model without the splits of tables about people that leave too few of them in some group and period.

    Raises `QueryRefused` where even all groups together are too few in some period.
    """
    key = (str(context.snapshot.catalog), context.snapshot.version, grain, rows, context.model.model)
    with _LOCK:
        known = _KEPT.get(key)
    if known is not None:
        return known
    made = _without(context.model, _sparse(context, grain, rows))
    with _LOCK:
        _KEPT[key] = made
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return made


def _without(model: SemanticModel, gone: set[str]) -> SemanticModel:
    """The model in which nobody can group by the fields `gone` (`table.dimension`)."""
    tables = dict(model.tables)
    for field in gone:
        table, name = field.split(".", 1)
        told = tables[table]
        dimension = told.dimensions[name].model_copy(update={"groupable": False})
        tables[table] = told.model_copy(update={"dimensions": {**told.dimensions, name: dimension}})
    return model.model_copy(update={"tables": tables})


def _sparse(context: ToolContext, grain: str, rows: tuple[Part, ...]) -> set[str]:
    """The fields by which some group of some period has too few people."""
    from tools.drivers.fields import candidates

    gone: set[str] = set()
    for part in rows:
        if not _enough(context, part, None, grain):
            raise QueryRefused(
                f"Some {grain}s have too few people to tell of them one by one.", code="small_cells",
                hint="Ask about longer periods, or a larger group.",
            )  # fmt: skip
        for ref in candidates(context.model, context.profile, part.table):
            if ref.field not in gone and not _enough(context, part, ref, grain):
                gone.add(ref.field)
    return gone


def _enough(context: ToolContext, part: Part, ref: DimRef | None, grain: str) -> bool:
    """Whether every group of every whole period has enough people; no, where they cannot be counted."""
    from tools.run import fetch
    from warehouse.compiler import compile_query

    cells = rule(context.model)
    spec = context.model.tables[part.table]
    counted = Measure(agg="count_distinct", expr=told_of(context.model, part.table), where=part.where)
    measured = spec.model_copy(update={"measures": {**spec.measures, "people_m": counted}})
    people = Metric(kind="simple", measure="people_m", where=part.also)
    model = context.model.model_copy(
        update={
            "tables": {**context.model.tables, part.table: measured},
            "metrics": {**context.model.metrics, "people_here": people},
        }
    )
    time: Any = {"grain": grain, "fill": False}
    query = MetricQuery(
        metrics=(MetricRef(metric="people_here"),), dimensions=(ref,) if ref else (), time=TimeWindow(**time),
        limit=50_000,
    )  # fmt: skip
    try:
        compiled = compile_query(
            model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
        )
        rows = fetch(context, compiled).table
    except PlainsayError:
        return False
    at = next(i for i, c in enumerate(compiled.columns) if c.role == "time")
    value = next(i for i, c in enumerate(compiled.columns) if c.role == "measure")
    when, counts = rows.column(at).to_pylist(), rows.column(value).to_pylist()
    ends = {min(when, default=None, key=str), max(when, default=None, key=str)}  # the periods cut by the data's ends
    pairs = zip(when, counts, strict=True)
    return cells is not None and all(not n or n >= cells.least for w, n in pairs if w not in ends)
