"""Names a model gave to figures, replaced by our own: a column is called what it is, never what somebody called it."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from tools.conditions import in_words
from warehouse.model.adhoc import output_name
from warehouse.query import MetricQuery, MetricRef

_LONGEST = 80
_BY = ("by", "of", "column")


def honest(tool: str, args: dict[str, Any]) -> dict[str, Any]:
    """The arguments without the model's titles and names; what refers to a name follows it. Broken ones are left."""
    args = {k: v for k, v in args.items() if k != "title"}
    query = args.get("query")
    if tool != "query_metrics" or not isinstance(query, dict):
        return args
    try:
        typed = MetricQuery.model_validate(query)
    except ValidationError:
        return args
    names = {m.alias: _name(m) for m in typed.metrics if m.alias}
    if not names:
        return args
    metrics = [_renamed_metric(raw, m, names) for raw, m in zip(query["metrics"], typed.metrics, strict=True)]
    rest = {k: _followed(v, names) for k, v in query.items() if k != "metrics"}
    return {**args, "query": {**rest, "metrics": metrics}}


def _renamed_metric(raw: dict[str, Any], metric: MetricRef, names: dict[str, str]) -> dict[str, Any]:
    kept = {k: v for k, v in raw.items() if k != "alias"}
    return {**kept, "alias": names[metric.alias]} if metric.alias else kept


def _name(metric: MetricRef) -> str:
    """What the figure is: its metric, what it is divided by, and which rows it counts."""
    parts = [output_name(metric.metric)]
    parts += ["per", output_name(metric.per)] if metric.per else []
    parts += ["where", *(in_words(c) for c in metric.where)] if metric.where else []
    parts += ["over", *(in_words(c) for c in metric.per_where)] if metric.per_where else []
    return re.sub(r"\W+", "_", " ".join(parts)).strip("_")[:_LONGEST].rstrip("_")


def _followed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_followed(v, names) for v in value]
    if not isinstance(value, dict):
        return value
    return {k: _moved(v, names) if k in _BY and isinstance(v, str) else _followed(v, names) for k, v in value.items()}


def _moved(reference: str, names: dict[str, str]) -> str:
    """`profit`, `profit.growth` and `profit_growth` under the new name."""
    for old, new in names.items():
        if reference == old or (reference.startswith(old) and reference[len(old) : len(old) + 1] in (".", "_")):
            return new + reference[len(old) :]
    return reference
