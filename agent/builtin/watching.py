"""“Tell me when revenue drops below 100k” asks for an alert, which the doors offer: what is answered is how it stands.

Without this the level would be read as a goal, and the sentence as a question about the day on which it is reached.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from agent.alert_words import heard, wished
from agent.brain import PlanContext
from agent.builtin.text import fold
from agent.plan import Decision, Plan

Planner = Callable[[PlanContext], Decision]

_PACE = re.compile(r"^(?:the |our |my )?(?P<pace>daily|weekly|monthly)? ?", re.I)
_GRAINS = {"daily": "day", "weekly": "week", "monthly": "month"}
_LAST = {"day": "yesterday", "week": "last week"}
_STANDS = ("threshold", "change")


def watched(context: PlanContext, planner: Planner) -> Decision | None:
    """The plan for the figure as it stands in the last whole period; None for what asks for no such alert."""
    asked = wished(fold(context.question))
    found = heard(asked) if asked is not None else None
    if found is None or found.kind not in _STANDS:
        return None
    pace = _PACE.match(found.what)
    said = (pace["pace"] or "").casefold() if pace else ""
    period = _LAST.get(_GRAINS.get(said) or found.fields.get("grain", "month"), "last month")
    decision = planner(replace(context, question=f"{_PACE.sub('', found.what, count=1)} {period}", history=()))
    return decision if isinstance(decision, Plan) else None
