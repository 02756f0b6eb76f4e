"""Questions that once got the wrong figure: the right query, or an honest no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from agent.brain import PlanContext
from agent.builtin.brain import BuiltinBrain
from agent.plan import Decline, Plan
from warehouse.model.schema import Dimension, Measure

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


@pytest.mark.parametrize(
    ("question", "metric", "bottom"),
    [
        ("which channel had the highest amount?", "revenue", False),
        ("highest amount per channel", "revenue", None),
        ("which country has the lowest quantity?", "sum_quantity", True),
        ("quantity by channel", "sum_quantity", None),
        ("running total of quantity by month", "sum_quantity", None),
    ],
)
def test_amounts_of_groups_are_added_up(query: Query, question: str, metric: str, bottom: bool | None) -> None:
    found = query(question)
    one = found["metrics"][0]
    assert one.get("alias", one["metric"]) == metric
    assert found.get("top", {}).get("bottom", False) == bool(bottom)


def test_one_highest_amount_is_the_other_choice(ask: Ask) -> None:
    chip = next(a for a in ask("which channel had the highest quantity?").assumptions if a.key == "metric")
    assert [o.value for o in chip.options] == ["sum:orders.quantity", "max:orders.quantity"]


def test_a_price_is_not_added_up(query: Query) -> None:
    assert query("highest list price by category")["metrics"][0]["metric"] == "max:products.list_price"


@pytest.mark.parametrize("question", ["running total of valid orders by month", "cumulative basket size by month"])
def test_what_does_not_add_up_has_no_running_total(plan: Plan_, question: str) -> None:
    declined = plan(question)
    assert isinstance(declined, Decline)
    assert "no running total" in declined.reason


def test_monthly_figures_are_offered_instead_of_a_running_total(plan: Plan_) -> None:
    assert plan("running total of valid orders by month").nearest[0] == "valid orders by month"


@pytest.mark.parametrize(("said", "value"), [("is yes", True), ("= false", False), ("is no", False)])
def test_fields_of_yes_and_no(shop_context: Callable[..., PlanContext], said: str, value: bool) -> None:
    context = shop_context(f"number of orders where gift {said}")
    model = context.model.model_copy(deep=True)
    model.tables["orders"].dimensions["gift"] = Dimension(type="boolean", label="Gift")
    found = BuiltinBrain().plan(replace(context, model=model))
    assert found.steps["s1"].args["query"]["filters"][0]["values"] == [value]


@pytest.mark.parametrize(("question", "steps"), [("what is revenue?", ["s1", "s2"]), ("what is the revenue?", ["s1"])])
def test_a_name_alone_is_explained_too(ask: Ask, question: str, steps: list[str]) -> None:
    assert list(ask(question).steps) == steps
