"""Questions for news reach the insight engine with the right figures and period; all others stay where they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.plan import Decision, Plan

Decide = Callable[..., Decision]


@pytest.mark.parametrize(
    ("question", "args"),
    [
        ("What should I know?", {}),
        ("what changed this week?", {"grain": "week", "running": True}),
        ("What changed last month?", {"grain": "month"}),
        ("Is there anything interesting?", {}),
        ("what stands out this month", {"grain": "month", "running": True}),
        ("Give me the highlights", {}),
        ("Show me the highlights of last quarter", {"grain": "quarter"}),
        ("what's new", {}),
        ("catch me up", {}),
        ("What happened yesterday?", {"grain": "day"}),
        ("what stood out in May 2024?", {"grain": "month", "end": "2024-06-01"}),
        ("Anything interesting in revenue?", {"metrics": [{"metric": "revenue"}]}),
        ("highlights for revenue last week", {"metrics": [{"metric": "revenue"}], "grain": "week"}),
        ("What are the biggest changes in revenue by channel?",
         {"metrics": [{"metric": "revenue"}], "by": [{"field": "orders.channel"}]}),
    ],
)  # fmt: skip
def test_questions_for_news(ask: Decide, question: str, args: dict[str, Any]) -> None:
    decision = ask(question)
    assert isinstance(decision, Plan)
    step = decision.steps["s1"]
    assert step.tool == "insights"
    assert {k: v for k, v in step.args.items() if v} == args


@pytest.mark.parametrize(
    "question",
    ["What is revenue?", "revenue last month", "What was the biggest order?", "new customers last month",
     "what changed in revenue last month?", "Which products are new?"],
)  # fmt: skip
def test_other_questions_stay_where_they_were(ask: Decide, question: str) -> None:
    decision = ask(question)
    assert not (isinstance(decision, Plan) and any(s.tool == "insights" for s in decision.steps.values()))
