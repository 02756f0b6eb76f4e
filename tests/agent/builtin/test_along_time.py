"""Questions about what comes next and what is odd become calls of the skills, in many wordings."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.plan import Plan


@pytest.mark.parametrize(
    ("question", "metric", "horizon"),
    [
        ("what will revenue be next month?", "revenue", "next month"),
        ("forecast revenue for the next 30 days", "revenue", "next 30 days"),
        ("how much will we sell in March", "revenue", "in march"),
        ("revenue forecast until the end of the quarter", "revenue", "until the end of the quarter"),
        ("predict revenue next week", "revenue", "next week"),
        ("forecast revenue", "revenue", "next 30 days"),
        ("how many orders will we get next week", "order_count", "next week"),
    ],
)
def test_what_comes_next(ask: Callable, question: str, metric: str, horizon: str) -> None:
    decision = ask(question)
    assert isinstance(decision, Plan), decision
    step = decision.steps["s1"]
    assert step.tool == "forecast"
    assert step.args["metric"]["metric"] == metric
    assert horizon.split()[-1] in step.args["horizon"]


@pytest.mark.parametrize(
    "question",
    [
        "any anomalies in revenue?",
        "anything unusual in revenue?",
        "was revenue abnormal?",
        "find outliers in revenue",
        "is there something odd about revenue",
    ],
)
def test_what_is_odd(ask: Callable, question: str) -> None:
    decision = ask(question)
    assert isinstance(decision, Plan), decision
    assert decision.steps["s1"].tool == "anomalies"
    assert decision.steps["s1"].args["metric"]["metric"] == "revenue"


def test_the_window_and_the_filter_go_along(ask: Callable) -> None:
    odd = ask("anything unusual in revenue in Germany yesterday")
    assert odd.steps["s1"].args["time"] == {"last": {"n": 1, "unit": "day"}}
    assert odd.steps["s1"].args["filters"][0]["values"] == ["Germany"]
    ahead = ask("forecast revenue by channel for the next 30 days")
    assert ahead.steps["s1"].args["by"] == {"field": "orders.channel"}


def test_another_horizon_is_one_click_away(ask: Callable) -> None:
    decision = ask("what will revenue be next month?")
    chip = next(c for c in decision.assumptions if c.key == "horizon")
    other = next(o for o in chip.options if o.value == "next 90 days")
    assert decision.patched(other.patch).steps["s1"].args["horizon"] == "next 90 days"


@pytest.mark.parametrize(
    "question", ["will it rain next week?", "forecast the weather", "anything odd about the moon?"]
)
def test_what_the_data_do_not_hold_is_declined(ask: Callable, question: str) -> None:
    assert ask(question).kind == "decline"
