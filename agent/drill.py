"""Where a mark of a chart leads: questions about one row of an answer, offered only when they can be answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from agent.brain import PlanContext
from agent.builtin.asking import question_of
from agent.builtin.bench import Bench
from agent.builtin.days import add
from agent.builtin.edits import by_lead, changed, narrowed
from agent.builtin.explaining import best_dimensions
from agent.builtin.planner import plan
from agent.builtin.suggest import over_time
from agent.plan import Plan
from tools.evidence import ResultTable
from warehouse.query import DimRef, Filter, MetricQuery

_MOST_SPLITS = 4

WayKind = Literal["why", "split", "course", "only"]


class Way(BaseModel):
    """A question that goes on from one row: why it changed, what it is made of (`by`), its course, or it alone."""

    kind: WayKind
    question: str
    by: str = ""


def ways(raw: dict[str, Any], table: ResultTable, row: str, context: PlanContext) -> list[Way]:
    """The questions about row `row` (its key) of the table that the metric query `raw` gave.

    `context` decides what today means. A row that is not there, or that no condition can name, has none.
    """
    query = MetricQuery.model_validate(raw)
    if row not in table.row_keys or not query.metrics:
        return []
    bench = Bench(context, plan)
    one = _one(query, table, table.row_keys.index(row))
    if one is None:
        return []
    found: dict[str, Way] = {}
    for way in _ways(one, bench):
        found.setdefault(way.question.casefold(), way)
    return list(found.values())


def _ways(one: MetricQuery, bench: Bench) -> Iterator[Way]:
    alone = question_of(one, bench)
    if alone is None:
        return
    why = _why(one, bench)
    if why is not None:
        yield Way(kind="why", question=why)
    for field in best_dimensions(one, bench)[:_MOST_SPLITS]:
        made = changed(one, dimensions=(DimRef(field=field),))
        question = question_of(changed(made, order=by_lead(made)), bench)
        if question is not None:
            yield Way(kind="split", question=question, by=bench.field_label(field).lower())
    course = question_of(over_time(one, bench), bench)
    if course is not None:
        yield Way(kind="course", question=course)
    yield Way(kind="only", question=alone)


def _one(query: MetricQuery, table: ResultTable, at: int) -> MetricQuery | None:
    """The query for one row: its groups become conditions, its moment becomes the period."""
    row = {c.name: v for c, v in zip(table.columns, table.rows[at], strict=True)}
    made = query
    if query.time is not None and query.time.grain is not None:
        when = next((c for c in table.columns if c.role == "time" and c.grain == query.time.grain), None)
        value = row.get(when.name) if when is not None else None
        if when is None or not isinstance(value, str) or query.time.grain == "hour":
            return None
        start, end = _moment(value, query.time.grain)
        time = query.time.model_copy(update={"start": start, "end": end, "last": None, "to_date": None, "grain": None})
        made = changed(query, time=time, compare=None)
    rest: dict[str, Any] = {"dimensions": (), "top": None, "order": (), "having": (), "transforms": (), "compare": None}
    if not query.dimensions:
        return changed(made, **rest) if made is not query else None
    return changed(narrowed(made, row), compare=None)


def _moment(value: str, grain: Any) -> tuple[date, date]:
    start = datetime.fromisoformat(value).date()
    return start, add(start, 1, grain)


def _why(one: MetricQuery, bench: Bench) -> str | None:
    """ "Why did net revenue for Furniture change in Q3 2026?", if it is read as just that."""
    alone = question_of(changed(one, metrics=one.metrics[:1]), bench)
    label = bench.metric_label(one.metrics[0])
    if alone is None or bench.window(one.time) is None or not alone.startswith(label):
        return None
    rest = alone.removeprefix(label)
    head, sign, period = rest.rpartition(" from ") if " from " in rest else rest.rpartition(" in ")
    if not sign and " on " in rest:
        head, sign, period = rest.rpartition(" on ")
    text = f"Why did {label[:1].lower()}{label[1:]}{head} change{sign}{period}?"
    decision = bench.plan(text)
    step = next(iter(decision.steps.values()), None) if isinstance(decision, Plan) else None
    if step is None or step.tool != "explain_change" or step.args["metric"]["metric"] != one.metrics[0].metric:
        return None
    return text if _said(step.args.get("filters") or []) == _values(one) else None


def _said(filters: list[dict[str, Any]]) -> set[str]:
    return {str(v) for f in filters for v in f.get("values") or []}


def _values(query: MetricQuery) -> set[str]:
    return {str(v) for f in query.filters if isinstance(f, Filter) and f.op == "=" for v in f.values}
