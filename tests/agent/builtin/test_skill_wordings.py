"""Everyday wordings of skills reach them, kinds of customers are read, and what is understood already is left alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent.brain import PlanContext
from agent.builtin.planner import plan
from agent.builtin.skill_wordings import wordings
from agent.plan import Decline, Plan
from agent.view import WorkspaceViews
from store.principal import LOCAL_OWNER

SEGMENT = {"by": {"field": "customers.segment"}}
CHANNEL = {"by": {"field": "order_lines.channel"}}
KINDS: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("Which segment is most likely to churn?", "churn_risk", SEGMENT, "by"),
    ("Churn risk by segment", "churn_risk", SEGMENT, "by"),
    ("Who is likely to leave, by segment", "churn_risk", SEGMENT, "by"),
    ("Which channel is least likely to leave?", "churn_risk", CHANNEL, "by_low"),
    ("customers at risk by segment", "churn_risk", SEGMENT, "by"),
    ("Lifetime value by channel", "lifetime_value", CHANNEL, "by"),
    ("What is a customer worth per channel?", "lifetime_value", CHANNEL, "by"),
    ("Which channel brings the most valuable customers?", "lifetime_value", CHANNEL, "by"),
    ("Which segment has the lowest customer lifetime value?", "lifetime_value", SEGMENT, "by_low"),
    ("CLV by channel over the next 2 years", "lifetime_value", CHANNEL | {"months": 24}, "by"),
    ("CLV by rfm segment", "lifetime_value", {"by": "rfm"}, "by"),
    ("Which store has the highest churn risk?", "churn_risk", {"by": {"field": "stores.store_name"}}, "by"),
)
SKILLS = (
    ("Of those who add to cart, how many pay?", "funnel"),
    ("What share of visitors finally buy?", "funnel"),
    ("What's your best guess for orders this month?", "forecast"),
    ("Was revenue normal last week?", "anomalies"),
    ("Any dips in orders this quarter?", "anomalies"),
    ("Explain yesterday's revenue", "explain_change"),
    ("What happened to orders in September 2026?", "explain_change"),
    ("Is there anything I need to worry about?", "insights"),
    ("How close are we to 200k orders this year?", "pacing"),
    ("Has the margin rate been getting lower?", "trend"),
    ("Which direction is revenue moving?", "trend"),
    ("Rank our stores fairly", "benchmark"),
    ("Divide our customers into segments", "segments"),
    ("How loyal are our customers?", "cohorts"),
    ("Who could we lose next month?", "churn_risk"),
    ("Why did we lose so many customers?", "churn_risk"),
    ("How valuable is a typical customer?", "lifetime_value"),
    ("Estimate customer value over the next 2 years", "lifetime_value"),
    ("Are returns and orders linked?", "correlate"),
    ("Does advertising boost sales?", "correlate"),
    ("What happens to revenue if we lose 5% of orders?", "what_if"),
    ("By how much should orders grow to reach 5 million revenue?", "what_if"),
)


@pytest.fixture(scope="module")
def context(retail_home: Path) -> PlanContext:
    view = WorkspaceViews(retail_home).get("demo-retail")
    return PlanContext(
        question="", model=view.model, profile=view.profile, values=view.values, principal=LOCAL_OWNER,
        as_of=datetime(2026, 11, 21, 9, 0),
    )  # fmt: skip


@pytest.mark.parametrize(("question", "tool", "args", "reading"), KINDS)
def test_kinds_of_customers_are_read(
    context: PlanContext, question: str, tool: str, args: dict[str, Any], reading: str
) -> None:
    decision = plan(context.asking(question))
    assert isinstance(decision, Plan), decision
    step = decision.steps["s1"]
    assert (step.tool, {k: v for k, v in step.args.items() if k != "entity"}) == (tool, args)
    assert decision.hints["asked"] == reading


@pytest.mark.parametrize(("question", "tool"), SKILLS)
def test_an_everyday_wording_reaches_its_skill(context: PlanContext, question: str, tool: str) -> None:
    decision = plan(context.asking(question))
    assert isinstance(decision, Plan), decision
    assert decision.steps["s1"].tool == tool


@pytest.mark.parametrize(
    "question",
    ["Which planet is most likely to churn?", "Lifetime value by mood", "Any spikes in happiness?",
     "Does the moon help sales?", "Explain yesterday's weather", "Rank our dragons fairly"],
)  # fmt: skip
def test_what_the_data_do_not_know_stays_declined(context: PlanContext, question: str) -> None:
    assert isinstance(plan(context.asking(question)), Decline)


def test_a_wording_keeps_every_word_of_content() -> None:
    assert list(wordings("Any dips in orders for Germany this quarter?")) == [
        "anything unusual in orders for germany this quarter"
    ]
    assert list(wordings("revenue by month")) == []
