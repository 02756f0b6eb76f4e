"""Questions about customers in five and more wordings each: the right skill, all words used, nothing else taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent import claims
from agent.brain import PastTurn, PlanContext, TellContext
from agent.builtin.customers import about_customers
from agent.builtin.dialogue import converse
from agent.builtin.narrate import tell
from agent.builtin.planner import plan
from agent.plan import Decision, Decline, Plan
from agent.view import WorkspaceView, WorkspaceViews
from store.principal import LOCAL_OWNER
from tools.registry import ToolContext, get
from warehouse.engines.duckdb import DuckDBEngine

AS_OF = datetime(2026, 11, 21, 9, 0)
GERMANY = [{"field": {"field": "order_lines.country"}, "values": ["Germany"]}]
CHAMPIONS, AT_RISK = {"only": "Champions"}, {"only": "At risk"}


@pytest.fixture(scope="module")
def view(retail_home: Path) -> WorkspaceView:
    return WorkspaceViews(retail_home).get("demo-retail")


@pytest.fixture(scope="module")
def context(view: WorkspaceView) -> PlanContext:
    return PlanContext(
        question="", model=view.model, profile=view.profile, values=view.values, principal=LOCAL_OWNER, as_of=AS_OF
    )


@pytest.fixture(scope="module")
def tools(view: WorkspaceView) -> Iterator[ToolContext]:
    engine = DuckDBEngine(workers=1)
    yield ToolContext(view.workspace, LOCAL_OWNER, view.model, view.profile, engine, view.snapshot, AS_OF)
    engine.close()


ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("Who are my best customers?", "segments", CHAMPIONS),
    ("who are our most loyal customers", "segments", CHAMPIONS),
    ("list our champions", "segments", CHAMPIONS),
    ("show me the VIP clients", "segments", CHAMPIONS),
    ("best customers in Germany", "segments", CHAMPIONS | {"filters": GERMANY}),
    ("which customers are at risk?", "segments", AT_RISK),
    ("at-risk customers in Germany", "segments", AT_RISK | {"filters": GERMANY}),
    ("how many loyal customers do we have", "segments", {"only": "Loyal"}),
    ("list the lost customers", "segments", {"only": "Lost"}),
    ("which customers need attention", "segments", {"only": "Need attention"}),
    ("group customers by behaviour", "segments", {"method": "auto"}),
    ("cluster our customers into four groups", "segments", {"method": "kmeans", "k": 4}),
    ("Segment my customers", "segments", {}),
    ("show me an RFM analysis", "segments", {}),
    ("group the customers by density", "segments", {"method": "density"}),
    ("how did the customer segments change in the last 30 days", "segments", {"since": "2026-10-22"}),
    ("What is a customer worth?", "lifetime_value", {}),
    ("how much is the average customer worth over the next 2 years", "lifetime_value", {"months": 24}),
    ("customer lifetime value", "lifetime_value", {}),
    ("CLV of customers in Germany", "lifetime_value", {"filters": GERMANY}),
    ("which customers will be worth the most", "lifetime_value", {}),
    ("is customer 17 still active?", "lifetime_value", {"who": "17"}),
    ("Which customers are about to leave?", "churn_risk", {}),
    ("who is likely to churn", "churn_risk", {}),
    ("predict churn", "churn_risk", {}),
    ("why do customers leave", "churn_risk", {}),
    ("how much revenue is at risk?", "churn_risk", {"order": "loss"}),
    ("whom should we call first?", "churn_risk", {"order": "loss"}),
    ("how likely is customer 17 to leave?", "churn_risk", {"who": "17"}),
    ("churn risk of customers in Germany", "churn_risk", {"filters": GERMANY}),
]


@pytest.mark.parametrize(("question", "tool", "args"), ASKED, ids=[a[0] for a in ASKED])
def test_a_wording_asks_for_its_skill(context: PlanContext, question: str, tool: str, args: dict[str, Any]) -> None:
    decision = converse(context.asking(question), plan)
    assert isinstance(decision, Plan), decision
    step = decision.steps["s1"]
    assert step.tool == tool
    assert {k: v for k, v in step.args.items() if k != "entity"} == args
    get(tool).args.model_validate(step.args)
    for chip in decision.assumptions:
        for option in chip.options:
            get(tool).args.model_validate(decision.patched(option.patch).steps["s1"].args)


@pytest.mark.parametrize(
    "question",
    [
        "best customers by revenue", "top 5 customers by orders", "best customers last year", "customers by segment",
        "how many customers do we have", "new customers by month", "who is my best customer", "best products",
        "churn rate by month", "gold customers", "revenue by customer",
        "best customers of the moon", "which customers bought lamps",
    ],
)  # fmt: skip
def test_other_questions_are_left_alone(context: PlanContext, question: str) -> None:
    assert about_customers(context.asking(question), plan) is None


def test_words_that_are_not_understood_decline(context: PlanContext) -> None:
    decision = plan(context.asking("lifetime value of customers on the moon"))
    assert isinstance(decision, Decline)
    assert "moon" in decision.reason


def test_without_customers_there_is_a_reason_or_another_reading(context: PlanContext) -> None:
    keep = {"products": context.model.tables["products"]}
    bare = replace(context, model=context.model.model_copy(update={"tables": keep, "metrics": {}, "filters": {}}))
    decision = plan(bare.asking("which customers are about to leave"))
    assert isinstance(decision, Decline)
    assert "a customer number and a date" in decision.reason


@pytest.mark.parametrize(
    "question",
    [
        "who are my best customers", "segment my customers", "which customers are at risk",
        "how did segments change in the last 90 days",
    ],
)  # fmt: skip
def test_every_sentence_stands_on_cells(tools: ToolContext, context: PlanContext, question: str) -> None:
    decision = plan(context.asking(question))
    assert isinstance(decision, Plan)
    step = decision.steps["s1"]
    found = get(step.tool).run(tools, step.args)
    told = tell(TellContext(question=question, plan=decision, evidence=(found,), model=tools.model, as_of=AS_OF))
    rendered = claims.render(told, found.tables)
    assert rendered.dropped == 0
    assert len(rendered.text) > 100
    assert "None" not in rendered.text


def past(question: str, decision: Decision) -> PastTurn:
    assert isinstance(decision, Plan)
    return PastTurn(question=question, status="answered", plan=decision)


def test_a_list_is_saved_under_a_name_and_forgotten(context: PlanContext) -> None:
    question = "which customers are at risk in Germany"
    before = past(question, plan(context.asking(question)))
    decision = converse(replace(context, question="Save them as German sleepers.", history=(before,)), plan)
    assert isinstance(decision, Plan)
    step = decision.steps["s1"]
    assert (step.tool, step.args["name"], step.args["skill"]) == ("save_segment", "German sleepers", "segments")
    assert step.args["args"] == {"only": "At risk", "entity": "customers", "filters": GERMANY}
    named = converse(context.asking("save the lost customers as “sleepers”"), plan)
    assert isinstance(named, Plan)
    assert named.steps["s1"].args == {
        "name": "sleepers", "skill": "segments", "args": {"only": "Lost", "entity": "customers"},
    }  # fmt: skip
    nothing = converse(context.asking("save them as sleepers"), plan)
    assert isinstance(nothing, Decline)
    assert nothing.code == "no_context"
