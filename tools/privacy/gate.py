"""What each skill may do where figures about few people are kept back; one that nobody thought about may nothing."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel

from store.errors import PlainsayError, QueryRefused
from tools.privacy.people import Part, about_people, parts, rule, told_of
from warehouse.model.adhoc import adhoc_name
from warehouse.model.schema import Measure, Metric, SemanticModel
from warehouse.query import Condition, DimRef, Filter, MetricQuery, MetricRef, TimeWindow

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
_LOOKS_AROUND = frozenset({"insights"})
"""Looks at many figures: those of tables with too few people are left out, and the others are told."""
_KEPT: OrderedDict[tuple[Any, ...], SemanticModel] = OrderedDict()
_MOST_KEPT = 24
_LOCK = threading.Lock()


class _Wanted(NamedTuple):
    """What a skill is about to look at: rows in periods of a length, perhaps under conditions."""

    tool: str
    grain: str
    rows: tuple[Part, ...]
    filters: tuple[Condition, ...]
    named: bool


def prepared(context: ToolContext, tool: str, args: BaseModel) -> tuple[ToolContext, BaseModel]:
    """Context and arguments under which a skill may run. Raises `QueryRefused` where its filters single people out."""
    if rule(context.model) is None or tool not in _GROUPS:
        return context, args
    _refuse_few(context, args)
    filters = tuple(getattr(args, "filters", ())) if tool in _LOOKS_AROUND else ()
    named = tool not in _LOOKS_AROUND or bool(getattr(args, "metrics", ()))
    wanted = _Wanted(tool, _grain(args), _rows_of(context, args), filters, named)
    narrowed = replace_model(context, _narrow(context, wanted))
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
    """Refuse what is asked about the few that some conditions leave, or leave out."""
    filters = tuple(getattr(args, "filters", ()) or ())
    for metric in _figures(context, args):
        if (filters or metric.where) and _few(context, args, metric, filters):
            raise QueryRefused(
                "This would tell about too few people.", code="small_cells", hint="Ask about a larger group.",
            )  # fmt: skip


def _figures(context: ToolContext, args: BaseModel) -> tuple[MetricRef, ...]:
    """The figures that are asked about; how many records there are, where a skill looks at all of them."""
    told = getattr(args, "metric", None)
    if told:
        return (told if isinstance(told, MetricRef) else MetricRef(metric=str(told)),)
    several = getattr(args, "metrics", None)
    if several is None:
        return ()
    tables = [t for t in about_people(context.model, context.model.tables) if context.model.tables[t].time is not None]
    columns = {t: context.model.tables[t].time for t in tables}
    return tuple(several) or tuple(
        MetricRef(metric=adhoc_name("count", t, time.default)) for t, time in columns.items() if time is not None
    )


def _few(context: ToolContext, args: BaseModel, metric: MetricRef, filters: tuple[Condition, ...]) -> bool:
    from tools.privacy.hide import hide
    from tools.run import run
    from warehouse.compiler import compile_query

    period = getattr(args, "period", None)
    window = period.model_copy(update={"grain": None}) if isinstance(period, TimeWindow) else None
    query = MetricQuery(
        metrics=(metric,), filters=filters, time=window, compare=getattr(args, "compare", None) if window else None
    )
    compiled = compile_query(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )
    return hide(context, query, run(context, compiled, table_id="people", title="", limit=2)) is not None


def _rows_of(context: ToolContext, args: BaseModel) -> tuple[Part, ...]:
    """The rows that are split: those of the figure, of a rate those it is a share of; all about people without one."""
    told = getattr(args, "metric", None)
    several = tuple(getattr(args, "metrics", ()))
    if several:
        return tuple(dict.fromkeys(part for ref in several for part in _rows_of_figure(context, ref)))
    ref = told if isinstance(told, MetricRef) else MetricRef(metric=told) if isinstance(told, str) else None
    if ref is None:
        tables = about_people(context.model, context.model.tables)
        return tuple(Part(t) for t in tables if context.model.tables[t].time is not None)
    return _rows_of_figure(context, ref)


def _rows_of_figure(context: ToolContext, ref: MetricRef) -> tuple[Part, ...]:
    metric = context.model.metrics.get(ref.metric)
    if metric is not None and metric.kind == "ratio":
        ref = MetricRef(metric=str(metric.denominator))
    found = parts(context.model, ref)
    return tuple(found) if metric is None or metric.kind == "simple" else tuple(Part(p.table) for p in found)


def _narrow(context: ToolContext, wanted: _Wanted) -> SemanticModel:
    """The model without the splits of tables about people that leave too few of them in some group and period.

    Raises `QueryRefused` where even all groups together are too few in some period.
    """
    key = (str(context.snapshot.catalog), context.snapshot.version, wanted, context.model.model)
    with _LOCK:
        known = _KEPT.get(key)
    if known is not None:
        return known
    made = _without(context.model, *_sparse(context, wanted))
    with _LOCK:
        _KEPT[key] = made
        while len(_KEPT) > _MOST_KEPT:
            _KEPT.popitem(last=False)
    return made


def _without(model: SemanticModel, gone: set[str], few: set[str]) -> SemanticModel:
    """The model in which nobody can group by the fields `gone` (`table.dimension`), nor follow the tables `few`."""
    tables = dict(model.tables)
    for field in gone:
        table, name = field.split(".", 1)
        told = tables[table]
        dimension = told.dimensions[name].model_copy(update={"groupable": False})
        tables[table] = told.model_copy(update={"dimensions": {**told.dimensions, name: dimension}})
    for table in few:
        tables[table] = tables[table].model_copy(update={"time": None})
    return model.model_copy(update={"tables": tables})


def _sparse(context: ToolContext, wanted: _Wanted) -> tuple[set[str], set[str]]:
    """The fields by which some group of some period has too few people, and tables where all of it has."""
    from tools.drivers.fields import candidates

    gone: set[str] = set()
    few: set[str] = set()
    for part in wanted.rows:
        if not _enough(context, part, None, wanted) or not _left_out_enough(context, part, wanted):
            few.add(part.table)
            continue
        for ref in candidates(context.model, context.profile, part.table):
            if ref.field not in gone and not _enough(context, part, ref, wanted):
                gone.add(ref.field)
    told = {part.table for part in wanted.rows} if wanted.named else set(context.model.tables)
    if few and (wanted.tool not in _LOOKS_AROUND or not told - few):
        raise QueryRefused(
            f"Some {wanted.grain}s have too few people to tell of them one by one.", code="small_cells",
            hint="Ask about longer periods, or a larger group.",
        )  # fmt: skip
    return gone, few


def _left_out_enough(context: ToolContext, part: Part, wanted: _Wanted) -> bool:
    """Whether conditions leave out no few either: with and without them, the difference would tell of those."""
    for number, condition in enumerate(wanted.filters):
        rest = wanted.filters[:number] + wanted.filters[number + 1 :]
        if not isinstance(condition, Filter) or condition.field is None:
            return False
        if not _enough(context, part, condition.field, wanted._replace(filters=rest)):
            return False
    return True


def _enough(context: ToolContext, part: Part, ref: DimRef | None, wanted: _Wanted) -> bool:
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
    time: Any = {"grain": wanted.grain, "fill": False}
    query = MetricQuery(
        metrics=(MetricRef(metric="people_here"),), dimensions=(ref,) if ref else (), time=TimeWindow(**time),
        filters=wanted.filters, limit=50_000,
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
