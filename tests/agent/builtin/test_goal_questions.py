"""Goals, trends and peers asked in many wordings reach their skills; plain figures stay plain figures."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.plan import Clarify, Decision, Plan

Ask = Callable[..., Decision]


def step(decision: Decision) -> tuple[str, dict[str, Any]]:
    assert isinstance(decision, Plan), decision
    return decision.steps["s1"].tool, decision.steps["s1"].args


@pytest.mark.parametrize(
    ("question", "goal", "period"),
    [
        ("Are we on track for 6 million revenue this month?", {"goal": 6e6}, "month"),
        ("Will we reach $2.5M revenue this quarter?", {"goal": 2.5e6}, "quarter"),
        ("How much revenue do we need per day to hit 400k this month?", {"goal": 4e5}, "month"),
        ("Are we on pace for 10% more revenue than last year?", {"growth": 0.1}, "month"),
        ("What is the chance of reaching 1,200,000 revenue this year?", {"goal": 1.2e6}, "year"),
    ],
)
def test_goals(ask: Ask, question: str, goal: dict[str, float], period: str) -> None:
    tool, args = step(ask(question))
    assert tool == "pacing"
    assert args == {"metric": {"metric": "revenue"}, "period": period} | goal


def test_without_a_goal_it_is_asked_for(ask: Ask) -> None:
    decision = ask("are we on track this quarter?")
    assert isinstance(decision, Clarify)
    assert all(o.patch["steps"]["s1"]["tool"] == "pacing" for o in decision.options)


@pytest.mark.parametrize(
    "question",
    ["Is revenue trending up?", "Has revenue really been growing?", "Is there a real trend in revenue?",
     "Since when has revenue been falling?", "What is the underlying trend of revenue?", "Where is revenue heading?",
     "change points in revenue"],
)  # fmt: skip
def test_trends(ask: Ask, question: str) -> None:
    tool, args = step(ask(question))
    assert (tool, args["metric"]) == ("trend", {"metric": "revenue"})


@pytest.mark.parametrize(
    ("question", "metric"),
    [
        ("Compare our channels fairly on revenue", "revenue"),
        ("Benchmark our channels on revenue", "revenue"),
        ("Which channels are behind their peers in revenue?", "revenue"),
        ("Like for like revenue by channel", "revenue"),
        ("How do our channels compare on revenue, like for like?", "revenue"),
    ],
)
def test_peers(ask: Ask, question: str, metric: str) -> None:
    tool, args = step(ask(question))
    assert tool == "benchmark"
    assert args == {"metric": {"metric": metric}, "by": {"field": "orders.channel"}}


@pytest.mark.parametrize(
    "question",
    ["How much revenue did we make per month?", "Revenue target", "revenue by channel", "What is the trend of revenue?",
     "Is revenue growing?", "revenue this month compared to last month"],
)  # fmt: skip
def test_plain_figures_stay_plain(ask: Ask, question: str) -> None:
    decision = ask(question)
    tools = {s.tool for s in decision.steps.values()} if isinstance(decision, Plan) else set()
    assert not tools & {"pacing", "trend", "benchmark", "insights"}
