"""Doorways that look at a question before all others: their words would be taken for something else further on."""

from __future__ import annotations

from agent.brain import PlanContext
from agent.builtin.benchmark import benchmarked
from agent.builtin.customers import about_customers
from agent.builtin.insights import Planner, whats_new
from agent.builtin.pacing import paced
from agent.builtin.reaching import reaching
from agent.builtin.reviewing import reviewed
from agent.builtin.sources import of_sources
from agent.builtin.trending import trending
from agent.builtin.watching import watched
from agent.plan import Decision

DOORS = (of_sources, whats_new, reviewed, watched, reaching, paced, trending, benchmarked, about_customers)


def asked_first(context: PlanContext, planner: Planner) -> Decision | None:
    """The decision of the first doorway that knows the question; None when none does."""
    for door in DOORS:
        decision = door(context, planner)
        if decision is not None:
            return decision
    return None
