"""The doorways to skills beyond plain figures, in the order in which they look at a question."""

from __future__ import annotations

from agent.brain import PlanContext
from agent.builtin.borrow import Planner
from agent.builtin.dropping import dropping
from agent.builtin.following import followed
from agent.builtin.moving_with import linking
from agent.builtin.supposing import supposing
from agent.plan import Decision

DOORS = (supposing, linking, followed, dropping)


def asked_of_skills(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision of the first doorway that knows the question; None when none does."""
    for door in DOORS:
        decision = door(context, planner)
        if decision is not None:
            return decision
    return None
