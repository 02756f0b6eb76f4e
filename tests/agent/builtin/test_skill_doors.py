"""Questions that follow people, look at steps, at links and at suppositions become the skill's own arguments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from agent.brain import PlanContext
from agent.builtin.planner import plan
from agent.plan import Decline, Plan
from store.principal import LOCAL_OWNER
from warehouse.model import store
from warehouse.model.values import ValuesIndex
from warehouse.profile import DataProfile
from warehouse.workspace import Workspace

GERMANY = [{"field": {"field": "order_lines.country"}, "values": ["Germany"]}]
CASES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("How many new customers come back?", "cohorts", {}),
    ("What share of customers order again within 30 days?", "cohorts", {"returned": "within", "days": 30}),
    ("Is retention getting better?", "cohorts", {}),
    ("What is the 90-day retention rate?", "cohorts", {"returned": "within", "days": 90}),
    ("Show retention by segment", "cohorts", {"by": {"field": "customers.segment"}}),
    ("Cohort analysis by quarter", "cohorts", {"grain": "quarter"}),
    (
        "January vs June customers: how many came back?",
        "cohorts",
        {"compare": [{"start": "2026-01-01", "end": "2026-02-01"}, {"start": "2026-06-01", "end": "2026-07-01"}]},
    ),
    ("How long do customers stay with us?", "survival", {}),
    ("How long until customers in Germany leave?", "survival", {"filters": GERMANY}),
    ("How long do customers stay by loyalty tier?", "survival", {"by": {"field": "customers.loyalty_tier"}}),
    ("Where do visitors drop out?", "funnel", {}),
    ("Conversion from view to buy by device", "funnel",
     {"steps": ["View product", "Pay"], "by": {"field": "web_events.device"}}),
    ("How long does it take from view to pay?", "funnel", {"steps": ["View product", "Pay"]}),
    ("At which step do we lose most visitors?", "funnel", {}),
    ("Checkout abandonment in October 2026", "funnel", {"time": {"start": "2026-10-01", "end": "2026-11-01"}}),
    ("Funnel from signup to purchase", "funnel", {"steps": ["signup", "Pay"]}),
    ("What moves with revenue?", "correlate", {"metric": "net_revenue"}),
    ("Do ads lead orders?", "correlate", {"metric": "orders", "candidates": ["ad_spend"]}),
    ("Is ad spend correlated with revenue?", "correlate", {"metric": "net_revenue", "candidates": ["ad_spend"]}),
    ("Which figures are correlated with the return rate?", "correlate", {"metric": "return_rate"}),
    ("What moves together with orders in Germany by week?", "correlate",
     {"metric": "orders", "grain": "week", "filters": GERMANY}),
    (
        "What if average order value rises by 5% and orders fall by 10%?",
        "what_if",
        {"metric": "net_revenue", "changes": [
            {"metric": "average_order_value", "by": "0.05"}, {"metric": "orders", "by": "-0.1"}]},
    ),
    ("What happens to profit if prices go up 5%?", "what_if",
     {"metric": "margin", "changes": [{"metric": "average_selling_price", "by": "0.05"}]}),
    ("What would revenue be if we had 1000 more orders?", "what_if",
     {"metric": "net_revenue", "changes": [{"metric": "orders", "add": "1000"}]}),
    ("What must happen to reach $7 million in revenue?", "what_if",
     {"metric": "net_revenue", "goal": {"metric": "net_revenue", "to": "7000000"}}),
    ("What if the return rate drops to 4%?", "what_if",
     {"metric": "returned_units", "changes": [{"metric": "return_rate", "to": "0.04"}]}),
)  # fmt: skip
PLAIN = (
    "How many orders last month?",
    "Revenue from stores to date by month",
    "How many customers are there?",
    "What was the return rate in October 2026?",
    "Which products were returned most?",
    "Orders of new customers in 2026",
)


@pytest.fixture(scope="module")
def asking(retail_home: Any) -> Any:
    workspace = Workspace("demo-retail", retail_home / "workspaces" / "demo-retail")

    def ask(question: str) -> PlanContext:
        return PlanContext(
            question=question, model=store.load(workspace.model_file),
            profile=DataProfile.model_validate_json(workspace.profile_file.read_bytes()),
            values=ValuesIndex.load(workspace.values_file), principal=LOCAL_OWNER, as_of=datetime(2026, 11, 21, 9),
        )  # fmt: skip

    return ask


@pytest.mark.parametrize(("question", "tool", "args"), CASES, ids=[c[0] for c in CASES])
def test_a_plain_question_becomes_the_skill(asking: Any, question: str, tool: str, args: dict[str, Any]) -> None:
    found = plan(asking(question))
    assert isinstance(found, Plan), found
    step = next(iter(found.steps.values()))
    assert (step.tool, step.args) == (tool, args)


@pytest.mark.parametrize("question", PLAIN)
def test_plain_figures_stay_plain(asking: Any, question: str) -> None:
    found = plan(asking(question))
    skills = {"cohorts", "survival", "funnel", "correlate", "what_if"}
    assert not isinstance(found, Plan) or not {s.tool for s in found.steps.values()} & skills


def test_an_unknown_figure_is_named_and_not_guessed(asking: Any) -> None:
    found = plan(asking("What if happiness rises by 5%?"))
    assert isinstance(found, Decline) and "happiness" in found.reason
