"""A file of dates and numbers has one figure: “forecast the next 18 months” needs no name for it, “value” is enough."""

from __future__ import annotations

import re
from typing import Any

from agent.brain import PlanContext
from agent.builtin.text import fold
from store.errors import NotEnough
from tools.meant import meant
from warehouse.model.adhoc import resolve_measure

_FILLER = re.compile(
    r"\b(?:the|a|an|my|our|this|these|it|its|all|total|sum|data|file|table|series|numbers?|figures?|values?|course|time"
    r"|of|for|in|on|to|with|by|and|ahead|forward|out|further|there|any|anything|something|me|us|please|coming)\b"
)


def only_figure(context: PlanContext, subject: str) -> dict[str, Any] | None:
    """The metric argument of a skill along time for what is left of a question; None where it names something else."""
    model = context.model
    plain = " ".join(subject.split())
    names = {n: m for t in model.tables.values() if t.time for n, m in t.measures.items() if m.agg != "count"}
    for name, measure in names.items():
        own = {name, measure.label or name, (measure.expr or "").strip('"')}
        if plain and plain in {fold(o).casefold().replace("_", " ") for o in own}:
            return {"metric": name}
    if _FILLER.sub("", plain).strip():
        return None
    try:
        found = meant(model, None)
    except NotEnough:
        return None
    return {"metric": found.metric} if resolve_measure(model, found.metric) else None
