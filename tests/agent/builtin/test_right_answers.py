"""Questions that once got the wrong figure: the right query, or an honest no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agent.brain import PlanContext
from agent.builtin.brain import BuiltinBrain
from agent.plan import Decline, Plan
from warehouse.model.schema import Measure

Ask = Callable[..., Any]
Query = Callable[..., dict[str, Any]]


def fields(query: dict[str, Any]) -> list[str]:
    return [d["field"] for d in query.get("dimensions", [])]


@pytest.mark.parametrize(
    ("question", "per", "n", "bottom"),
    [
        ("top 2 products in each category by revenue", "products.category", 2, False),
        ("top 4 products per country", "customers.country", 4, False),
        ("bottom 3 products for each channel by revenue", "orders.channel", 3, True),
        ("for each segment the top 2 categories by revenue", "customers.segment", 2, False),
        ("top 3 categories by country by revenue", "customers.country", 3, False),
        ("which product had the highest revenue in each country?", "customers.country", 1, False),
    ],
)
def test_a_ranking_within_groups(
    query: Query, compiles: Callable[..., str], question: str, per: str, n: int, bottom: bool
) -> None:
    found = query(question)
    assert per in fields(found)
    assert len(fields(found)) > 1
    assert [d["field"] for d in found["top"]["per"]] == [per]
    assert (found["top"]["n"], found["top"].get("bottom", False)) == (n, bottom)
    assert compiles(found)


def test_a_split_that_is_ranked_is_no_ranking_within_it(query: Query) -> None:
    assert "per" not in query("revenue per channel: top 2")["top"]


Plan_ = Callable[[str], Any]


@pytest.fixture
def plan(shop_context: Callable[..., PlanContext]) -> Plan_:
    """Plan on the shop where sales, refunds and order counts leave rows out by definition."""
    own = {
        "paid_sales": Measure(label="Paid sales", agg="sum", expr="amount", where="status = 'completed'"),
        "open_orders": Measure(label="Open orders", agg="count_distinct", expr="order_id", where="status = 'pending'"),
        "all_orders": Measure(
            label="Valid orders", agg="count_distinct", expr="order_id", where="status <> 'cancelled'"
        ),
    }

    def call(question: str) -> Any:
        context = shop_context(question)
        model = context.model.model_copy(deep=True)
        model.tables["orders"].measures.update(own)
        return BuiltinBrain().plan(replace(context, model=model))

    return call


@pytest.mark.parametrize(
    "question",
    [
        "paid sales of cancelled orders",
        "paid sales where status is pending",
        "paid sales for completed and cancelled",
        "valid orders that are cancelled",
        "paid sales by status",
    ],
)
def test_rows_that_a_figure_leaves_out_by_definition_are_refused(plan: Plan_, question: str) -> None:
    declined = plan(question)
    assert isinstance(declined, Decline)
    assert declined.code == "own_filter"
    assert "leaves out" in declined.reason


def test_the_refusal_offers_a_figure_that_holds_these_rows(plan: Plan_) -> None:
    offered = plan("paid sales for cancelled in 2024").nearest[0]
    assert offered == "total amount for cancelled in 2024"
    assert isinstance(plan(offered), Plan)


@pytest.mark.parametrize("question", ["paid sales for completed", "valid orders for pending", "paid sales by channel"])
def test_rows_that_a_figure_holds_are_answered(plan: Plan_, question: str) -> None:
    assert isinstance(plan(question), Plan)


def test_a_named_figure_after_a_figure_is_a_condition(plan: Plan_) -> None:
    """Pending is what the records are; “open orders” beside it is a second figure."""
    assert isinstance(plan("paid sales of pending orders"), Decline)
    both = plan("paid sales and open orders")
    assert [m["metric"] for m in both.steps["s1"].args["query"]["metrics"]] == ["paid_sales", "open_orders"]


def test_growth_without_anything_before_it_is_not_ranked(ask: Ask) -> None:
    declined = ask("which channel grew most in 2022?")
    assert isinstance(declined, Decline)
    assert "cannot be told" in declined.reason


def test_growth_is_ranked_by_growth(query: Query) -> None:
    assert query("which channel grew most in 2024?")["top"]["by"] == "revenue.delta"


@pytest.mark.parametrize(
    ("said", "start", "end"),
    [("last 20 days", "2024-12-26", "2025-01-15"), ("past 5 days", "2025-01-10", "2025-01-15")],
)
def test_days_said_are_days_counted(query: Query, said: str, start: str, end: str) -> None:
    found = query(f"revenue in the {said}")["time"]
    span = found.get("last")
    assert span == {"n": int(said.split()[1]), "unit": "day"} or (found["start"], found["end"]) == (start, end)
