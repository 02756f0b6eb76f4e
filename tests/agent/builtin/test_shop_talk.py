"""Questions as managers ask them reach the figure they mean, and the best of a cost is its lowest."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from agent.brain import PlanContext
from agent.builtin.planner import plan
from agent.builtin.shorthand import written_out
from agent.plan import Decline, Plan
from agent.view import WorkspaceViews
from store.principal import LOCAL_OWNER

TOPS = (
    ("slow movers this quarter", "units", True),
    ("What are our best selling products?", "units", False),
    ("Which products hardly sell?", "units", True),
    ("What gets returned most?", "returned_units", False),
    ("Which category has the worst return rate in 2026?", "return_rate", False),
    ("Which category has the best return rate in 2026?", "return_rate", True),
    ("Which category has the worst margin rate in 2026?", "margin_rate", True),
)


@pytest.fixture(scope="module")
def context(retail_home: Path) -> PlanContext:
    view = WorkspaceViews(retail_home).get("demo-retail")
    return PlanContext(
        question="", model=view.model, profile=view.profile, values=view.values, principal=LOCAL_OWNER,
        as_of=datetime(2026, 11, 21, 9, 0),
    )  # fmt: skip


def _query(context: PlanContext, question: str) -> dict[str, Any]:
    decision = plan(context.asking(question))
    assert isinstance(decision, Plan), decision
    found: dict[str, Any] = decision.steps["s1"].args["query"]
    return found


@pytest.mark.parametrize(("question", "metric", "bottom"), TOPS)
def test_ends_of_a_ranking(context: PlanContext, question: str, metric: str, bottom: bool) -> None:
    query = _query(context, question)
    assert query["metrics"][0]["metric"] == metric
    assert query["top"].get("bottom", False) is bottom


@pytest.mark.parametrize(
    ("question", "metric"),
    [
        ("how much did we sell last month", "net_revenue"),
        ("how much did we sell in Germany last year", "net_revenue"),
        ("how much did we spend on ads last month", "ad_spend"),
        ("how much did we spend on marketing this year", "ad_spend"),
        ("how much did we lose to refunds last month", "refunds"),
    ],
)
def test_how_much_was_done_is_a_sum(context: PlanContext, question: str, metric: str) -> None:
    query = _query(context, question)
    assert [m["metric"] for m in query["metrics"]] == [metric] and query["time"]


def test_best_first_is_lowest_first_for_a_rate_of_failures(context: PlanContext) -> None:
    assert _query(context, "return rate by category this year, best first")["order"] == [{"by": "return_rate"}]
    assert _query(context, "sales by category this year, best first")["order"] == [{"by": "net_revenue", "desc": True}]


def test_a_limit_in_percent_is_a_share(context: PlanContext) -> None:
    query = _query(context, "Which categories are above 7% return rate this year?")
    assert [(h["column"], h["op"], float(h["value"])) for h in query["having"]] == [("return_rate", ">", 0.07)]


@pytest.mark.parametrize(
    ("question", "metric"),
    [
        ("margin % by category", None),
        ("discount rate by store in October", "discount_rate"),
        ("How much are we giving away in discounts?", "discounts"),
        ("How busy was yesterday?", "orders"),
    ],
)
def test_figures_by_the_words_of_the_shop(context: PlanContext, question: str, metric: str | None) -> None:
    decision = plan(context.asking(question))
    if metric is None:  # the sign is never skipped: a rate, or nothing
        assert isinstance(decision, Decline) or "rate" in str(decision.steps["s1"].args)
    else:
        assert _query(context, question)["metrics"][0]["metric"] == metric


def test_a_year_ago_is_the_same_month(context: PlanContext) -> None:
    assert _query(context, "sales last month vs a year ago")["compare"]["to"] == "same_date_last_year"


@pytest.mark.parametrize(
    "question", ["Which dragons hardly sell?", "Is our moon above 30% anywhere?", "Who is slowest?"]
)
def test_what_the_data_do_not_know_stays_declined(context: PlanContext, question: str) -> None:
    assert isinstance(plan(context.asking(question)), Decline)


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("food cost % by location", "food cost percentage by location"),
        ("no of guests, lowest ones first?", "number of guests, lowest first?"),
        ("what % of sales is app?", "what percentage of sales is app?"),
        ("sales above 30% of plan", "sales above 30% of plan"),
        ("share in %", "share in %"),
        ("Revenue  by   month", "Revenue  by   month"),
    ],
)
def test_shorthand_is_written_out_and_all_else_left(said: str, written: str) -> None:
    assert written_out(said) == written
