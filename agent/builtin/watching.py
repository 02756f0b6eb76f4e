"""“Tell me when revenue drops below 100k” asks for an alert, which the doors offer: what is answered is how it stands.

Without this the level would be read as a goal, and the sentence as a question about the day on which it is reached.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from agent.brain import PlanContext
from agent.builtin.text import fold
from agent.plan import Decision, Plan

Planner = Callable[[PlanContext], Decision]

_ASKED = re.compile(
    r"^(?:(?:please|can you|could you) )*(?:(?:tell|alert|warn|notify|ping|message|e-?mail|inform) (?:me|us)"
    r"|let (?:me|us) know),? (?:as soon as|when(?:ever)?|if|once) (?:the |our |my )?(?P<what>.+?)"
    r" (?:(?:drop|fall|sink|decrease|decline|dip|shrink|rise|jump|grow|increase|climb|go|get|run|stay)(?:e?s)?"
    r"(?: down| up)?|is|are)? ?(?:to )?(?:below|under|beneath|less than|lower than|fewer than|above|over|beyond"
    r"|more than|higher than|greater than|by(?: more than| at least| over)?) [$€£]?\d[\w.,]*(?: ?%| percent| per cent"
    r"| thousand| million| billion| dollars| euros?| pounds?)?(?P<per> an?| per| each| in an?)?(?P<grain> day| week"
    r"| month)?$"
)
_PACE = re.compile(r"^(daily|weekly|monthly) ")
_LAST = {"daily": "yesterday", "day": "yesterday", "weekly": "last week", "week": "last week"}


def watched(context: PlanContext, planner: Planner) -> Decision | None:
    """The plan for the figure as it stands in the last whole period; None for what asks for no such alert."""
    text = " ".join(re.sub(r"[?!]", " ", fold(context.question).casefold()).split()).rstrip(" .")
    asked = _ASKED.match(text)
    if asked is None:
        return None
    pace = _PACE.match(asked["what"])
    period = _LAST.get(pace[1] if pace else (asked["grain"] or "").strip(), "last month")
    figure = _PACE.sub("", asked["what"])
    decision = planner(replace(context, question=f"{figure} {period}", history=()))
    return decision if isinstance(decision, Plan) else None
