"""A tool call in a few words of our own, for people who must choose between two."""

from __future__ import annotations

from typing import Any

from agent.plan import Step
from tools.conditions import in_words
from warehouse.model.adhoc import humanize, output_name
from warehouse.query import MetricQuery

_MOST = 110


def title_of(step: Step) -> str:
    """ "Net revenue by channel, Germany, from 2026-01-01 to 2026-04-01" from the arguments alone."""
    query = step.args.get("query")
    if step.tool == "query_metrics" and isinstance(query, dict):
        return _figures(MetricQuery.model_validate(query))[:_MOST]
    if step.tool == "run_sql":
        return "SQL written for this question"
    if isinstance(query, dict):
        return f"A list of {humanize(str(query.get('table', 'records'))).lower()}"
    return f"{humanize(step.tool)}: {_subject(step.args)}"[:_MOST]


def _subject(args: dict[str, Any]) -> str:
    metric = args.get("metric")
    named = metric.get("metric") if isinstance(metric, dict) else metric
    return humanize(output_name(str(named))) if named else "the data"


def _figures(query: MetricQuery) -> str:
    names = [humanize(output_name(m.column)) for m in query.metrics]
    groups = [humanize(d.field.rpartition(".")[2]).lower() for d in query.dimensions]
    parts = [" and ".join(names) or "Values", *([f"by {' and '.join(groups)}"] if groups else [])]
    said = [in_words(f) for f in query.filters] + ([_when(query)] if _when(query) else [])
    return ", ".join([" ".join(parts), *said])


def _when(query: MetricQuery) -> str:
    time = query.time
    if time is None:
        return ""
    per = f"by {time.grain}" if time.grain else ""
    if time.last is not None:
        window = f"last {time.last.unit}" if time.last.n == 1 else f"last {time.last.n} {time.last.unit}s"
    elif time.to_date is not None:
        window = f"this {time.to_date} so far"
    else:
        ends = [f"from {time.start}" if time.start else "", f"until {time.end}" if time.end else ""]
        window = " ".join(e for e in ends if e)
    return " ".join(p for p in (per, window) if p)
