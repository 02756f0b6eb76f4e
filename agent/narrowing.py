"""Conditions laid over a whole plan, so that one choice on a page narrows every answer that stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.plan import Plan
from store.errors import InvalidRequest
from tools import registry
from warehouse.query import DimRef, Filter


def condition(field: str, value: str) -> Filter:
    """The condition that a field (`table.name`) holds a value."""
    return Filter(field=DimRef(field=field), op="=", values=(value,))


def narrowed(plan: Plan, conditions: Sequence[Filter]) -> Plan:
    """The plan with `conditions` on every step. Raises `InvalidRequest` for a step that takes no conditions."""
    if not conditions:
        return plan
    added = [c.model_dump(mode="json", exclude_defaults=True) for c in conditions]
    steps = {k: s.model_copy(update={"args": _with(s.tool, s.args, added)}) for k, s in plan.steps.items()}
    return plan.model_copy(update={"steps": steps})


def _with(tool: str, args: dict[str, Any], added: list[dict[str, Any]]) -> dict[str, Any]:
    if isinstance(args.get("query"), dict):
        query = args["query"]
        return {**args, "query": {**query, "filters": _joined(query.get("filters"), added)}}
    if "filters" in registry.get(tool).args.model_fields:
        return {**args, "filters": _joined(args.get("filters"), added)}
    raise InvalidRequest(
        "This answer cannot be narrowed to a part of the data.", code="cannot_narrow", hint="Take the filter off."
    )


def _joined(own: Any, added: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Conditions of the page take the place of the answer's own ones on the same field."""
    fields = {a["field"]["field"] for a in added}
    kept = [f for f in own or [] if (f.get("field") or {}).get("field") not in fields]
    return [*kept, *added]
