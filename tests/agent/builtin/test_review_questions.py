"""Open questions are read as a report with several steps; everything that only sounds like one is left alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from agent.brain import PlanContext
from agent.builtin.brain import BuiltinBrain
from agent.plan import Decision, Plan

Ask = Callable[..., Decision]


def report(decision: Decision) -> Plan:
    assert isinstance(decision, Plan) and decision.hints.get("deep"), decision
    return decision


def period(plan: Plan) -> tuple[str, str]:
    time = plan.steps["s1"].args["query"]["time"]
    return time["start"], time["end"]


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("review our quarter", ("2024-10-01", "2025-01-01")),
        ("Review the last quarter, please", ("2024-10-01", "2025-01-01")),
        ("How are we doing?", ("2025-01-01", "2025-01-15")),
        ("how's business?", ("2025-01-01", "2025-01-15")),
        ("how did we do last month?", ("2024-12-01", "2025-01-01")),
        ("how was last week?", ("2025-01-06", "2025-01-13")),
        ("Prepare me for the board meeting", ("2024-10-01", "2025-01-01")),
        ("I have a board meeting tomorrow, what do I need to tell?", ("2024-10-01", "2025-01-01")),
        ("quarterly business review", ("2024-10-01", "2025-01-01")),
        ("write a management report on 2024", ("2024-01-01", "2025-01-01")),
        ("give me a report", ("2024-12-01", "2025-01-01")),
        ("where do we stand this year", ("2025-01-01", "2025-01-15")),
        ("analyse our revenue in Germany last month", ("2024-12-01", "2025-01-01")),
    ],
)
def test_an_open_question_makes_a_report_on_its_period(ask: Ask, question: str, days: tuple[str, str]) -> None:
    plan = report(ask(question))
    assert period(plan) == days
    tools = [s.tool for s in plan.steps.values()]
    assert tools[0] == "query_metrics" and {"explain_change", "insights", "pacing", "forecast"} <= set(tools)
    assert all(s.title for s in plan.steps.values())


@pytest.mark.parametrize(
    "question",
    [
        "revenue by channel last month",
        "how is revenue doing?",
        "summarize revenue by country",
        "how are customers doing in Germany",
        "give me a report of revenue by month",
        "why did revenue drop in December?",
        "what should I know?",
        "prepare the shoes",
        "review of the frabjous blorp",
        "how are you?",
    ],
)
def test_other_questions_are_left_alone(ask: Ask, question: str) -> None:
    decision = ask(question)
    assert not (isinstance(decision, Plan) and decision.hints.get("deep")), decision


def test_a_report_on_a_part_keeps_its_filter_in_every_step(ask: Ask) -> None:
    plan = report(ask("deep dive into revenue in Germany"))
    for step in plan.steps.values():
        assert "Germany" in str(step.args), step


def test_words_of_the_data_are_not_taken_for_a_wish(shop_context: Callable[..., PlanContext]) -> None:
    context = shop_context("review of revenue")
    table = context.model.tables["customers"]
    table = table.model_copy(update={"record": "review", "records": "reviews"})
    model = context.model.model_copy(update={"tables": {**context.model.tables, "customers": table}})
    decision = BuiltinBrain().plan(replace(context, model=model))
    assert not (isinstance(decision, Plan) and decision.hints.get("deep")), decision


def test_each_choice_of_a_chip_makes_the_plan_it_says(ask: Ask) -> None:
    plan = report(ask("review our quarter"))
    chips = {a.key: a for a in plan.assumptions}
    month = next(o for o in chips["period"].options if o.value == "last month")
    changed = plan.patched(month.patch)
    assert period(changed) == ("2024-12-01", "2025-01-01")
    assert {a.key: a.value for a in changed.assumptions}["period"] == "last month"
    quarter = next(o for o in chips["period"].options if o.value == "this month")
    assert period(changed.patched(quarter.patch)) == ("2025-01-01", "2025-01-15")
    before = next(o for o in chips["compare"].options if o.value == "previous_period")
    against = plan.patched(before.patch)
    assert against.steps["s1"].args["query"]["compare"] == {"to": "previous_period"}
    explained = next(s for s in against.steps.values() if s.tool == "explain_change")
    assert explained.args["compare"]["to"] == "previous_period"


def test_any_question_can_be_deepened_and_keeps_its_own_answer(shop_context: Callable[..., PlanContext]) -> None:
    asked = replace(shop_context("top 2 products by revenue"), deep=True)
    plan = report(BuiltinBrain().plan(asked))
    first = next(iter(plan.steps.values()))
    assert first.args["query"]["top"]["n"] == 2
    assert plan.steps["s1"].args["query"]["compare"]
    plain = BuiltinBrain().plan(replace(asked, deep=False))
    assert isinstance(plain, Plan) and not plain.hints.get("deep")
