"""Sentences that ask for an alert are answered with how the figure stands, not with a goal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.plan import Plan


@pytest.mark.parametrize(
    "sentence",
    [
        "tell me when revenue drops below 100k",
        "Alert me if revenue falls by more than 20 %",
        "Please let me know as soon as our revenue is above $2 million a month.",
    ],
)
def test_the_present_state_is_told(ask: Callable[..., Any], sentence: str) -> None:
    plan = ask(sentence)
    assert isinstance(plan, Plan) and plan.steps["s1"].tool == "query_metrics"
    assert (
        plan.model_dump(mode="json")["steps"]["s1"]["args"]
        == (ask("revenue last month").model_dump(mode="json")["steps"]["s1"]["args"])
    )


@pytest.mark.parametrize("question", ["Tell me when revenue will hit 50 million", "When will revenue fall below 5k?"])
def test_a_question_about_the_day_stays_one(ask: Callable[..., Any], question: str) -> None:
    plan = ask(question)
    assert isinstance(plan, Plan) and plan.steps["s1"].tool == "reach"
