"""The answer that a short reply leans on, found in the thread: resets and undone steps taken into account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.brain import PastTurn
from agent.plan import Plan
from warehouse.query import MetricQuery, RecordQuery

FIGURES, RECORDS = "query_metrics", "list_records"


@dataclass(frozen=True)
class Past:
    """An answered question with a query: its plan, its first rows by output column, and what was asked before it."""

    question: str
    plan: Plan
    rows: tuple[dict[str, Any], ...] = ()
    before: Past | None = None

    @property
    def query(self) -> MetricQuery | None:
        """The metric query behind it, None for a listing."""
        step = _step(self.plan)
        return MetricQuery.model_validate(step[1]["query"]) if step and step[0] == FIGURES else None

    @property
    def records(self) -> RecordQuery | None:
        """The record query behind it, None for figures."""
        step = _step(self.plan)
        return RecordQuery.model_validate(step[1]["query"]) if step and step[0] == RECORDS else None


def last_answer(history: Sequence[PastTurn]) -> Past | None:
    """The newest answer with a query. An undone answer is gone, and nothing before a reset counts."""
    found: Past | None = None
    for turn in history:
        if turn.plan is None or turn.status != "answered":
            continue
        if turn.plan.hints.get("talk") == "reset":
            found = None
        elif _step(turn.plan) is None:
            continue
        elif turn.plan.hints.get("restored") and found is not None and found.before is not None:
            found = found.before
        else:
            found = Past(turn.question, turn.plan, turn.rows, found)
    return found


def _step(plan: Plan) -> tuple[str, dict[str, Any]] | None:
    step = next(iter(plan.steps.values()), None)
    return (step.tool, step.args) if step is not None and step.tool in (FIGURES, RECORDS) else None
