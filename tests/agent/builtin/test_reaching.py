"""Questions about when a goal is reached: the figure, the goal, and whether it adds up or is of a single period."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.plan import Plan


@pytest.mark.parametrize(
    ("question", "metric", "args"),
    [
        ("When will we reach 50 million revenue this year?", "revenue", {"goal": 5e7, "since": "year"}),
        ("When will revenue hit $2m?", "revenue", {"goal": 2e6}),
        ("When will monthly revenue reach 7 million?", "revenue", {"goal": 7e6, "per": "month"}),
        ("How long until we have 200k orders?", "order_count", {"goal": 2e5}),
        ("By when do we get to 500,000 orders in total?", "order_count", {"goal": 5e5, "since": "start"}),
        ("When will revenue fall below 5k?", "revenue", {"goal": 5000, "below": True}),
    ],
)
def test_when_a_goal_is_reached(ask: Callable[..., Any], question: str, metric: str, args: dict[str, Any]) -> None:
    plan = ask(question)
    assert isinstance(plan, Plan) and plan.steps["s1"].tool == "reach"
    found = plan.steps["s1"].args
    assert found.pop("metric")["metric"] == metric and found == args


@pytest.mark.parametrize("question", ["When was the last order?", "Will we reach 6 million revenue this month?"])
def test_other_questions_keep_their_own_answer(ask: Callable[..., Any], question: str) -> None:
    plan = ask(question)
    assert not isinstance(plan, Plan) or plan.steps["s1"].tool != "reach"
