"""Questions about the data itself go to the describing tool, by everyday words."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.mark.parametrize(
    ("question", "args"),
    [
        ("what can I ask?", {"topic": "overview"}),
        ("What data do you have?", {"topic": "overview"}),
        ("help", {"topic": "overview"}),
        ("show me all tables", {"topic": "overview"}),
        ("what does revenue mean?", {"topic": "metric", "name": "revenue"}),
        ("how is average order value calculated?", {"topic": "metric", "name": "aov"}),
        ("define basket size", {"topic": "metric", "name": "aov"}),
        ("what columns are in orders?", {"topic": "table", "name": "orders"}),
        ("describe the customers table", {"topic": "table", "name": "customers"}),
    ],
)
def test_describing(ask: Callable, question: str, args: dict[str, str]) -> None:
    decision = ask(question)
    assert decision.intent == "describe"
    assert decision.steps["s1"].tool == "describe_data"
    assert decision.steps["s1"].args == args


def test_what_is_not_in_the_model_is_not_described(ask: Callable) -> None:
    assert ask("what does glorbix mean?").kind == "decline"
