"""How people in shops really ask: each wording must become this query, and no word of it may be lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.plan import Clarify, Decline, Plan

Ask = Callable[..., Any]
Query = Callable[..., dict[str, Any]]


def fields(query: dict[str, Any]) -> list[str]:
    return [d["field"] for d in query.get("dimensions", [])]


@pytest.mark.parametrize(
    ("question", "group", "by", "bottom"),
    [
        ("which categories bring in the most revenue?", "products.category", "revenue", False),
        ("which channel makes the most money", "orders.channel", "revenue", False),
        ("which channel generated the least revenue in 2024", "orders.channel", "revenue", True),
        ("which country spends the most", "customers.country", "revenue", False),
        ("which category sold best last month", "products.category", "revenue", False),
        ("which channel performs worst", "orders.channel", "revenue", True),
        ("which segment contributed most to revenue", "customers.segment", "revenue", False),
        ("worst performing channel", "orders.channel", "revenue", True),
        ("which channel is the strongest", "orders.channel", "revenue", False),
        ("which country placed the most orders", "customers.country", "order_count", False),
    ],
)
def test_verbs_that_rank(query: Query, question: str, group: str, by: str, bottom: bool) -> None:
    found = query(question)
    assert fields(found) == [group]
    assert (found["top"]["by"], found["top"].get("bottom", False)) == (by, bottom)


def test_a_guessed_figure_is_an_assumption_with_other_choices(ask: Ask) -> None:
    chip = next(a for a in ask("which category sold best last month").assumptions if a.key == "metric")
    assert "sold best" in chip.label
    assert len(chip.options) > 1


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("revenue by weekday", "weekday"),
        ("orders per day of the week", "weekday"),
        ("revenue on weekends vs weekdays", "weekend"),
        ("weekdays compared with weekends", "weekend"),
        ("revenue by month of the year", "month_of_year"),
        ("which weekday sells best?", "weekday"),
        ("busiest day of the week", "weekday"),
        ("which month of the year is the strongest", "month_of_year"),
    ],
)
def test_parts_of_the_calendar(query: Query, compiles: Callable[..., str], question: str, part: str) -> None:
    found = query(question)
    assert [d.get("part") for d in found["dimensions"]] == [part]
    assert compiles(found)


@pytest.mark.parametrize(
    ("question", "table", "by", "desc", "limit"),
    [
        ("latest 10 orders", "orders", "orders.order_date", True, 10),
        ("last 5 orders", "orders", "orders.order_date", True, 5),
        ("first 3 customers", "customers", "customers.signup_date", False, 3),
        ("newest customers", "customers", "customers.signup_date", True, 10),
        ("most recent orders", "orders", "orders.order_date", True, 10),
        ("most expensive products", "products", "products.list_price", True, 10),
        ("5 cheapest products", "products", "products.list_price", False, 5),
        ("the cheapest product", "products", "products.list_price", False, 1),
        ("which product is the most expensive", "products", "products.list_price", True, 1),
        ("the product with the highest list price", "products", "products.list_price", True, 1),
        ("biggest orders", "orders", "orders.amount", True, 10),
    ],
)
def test_records_that_come_first(ask: Ask, question: str, table: str, by: str, desc: bool, limit: int) -> None:
    plan = ask(question)
    assert isinstance(plan, Plan), plan
    found = plan.steps["s1"].args["query"]
    assert plan.steps["s1"].tool == "list_records"
    order = found["order"][0]
    assert (found["table"], order["by"], order.get("desc", False), found["limit"]) == (table, by, desc, limit)


@pytest.mark.parametrize(
    ("question", "values"),
    [
        ("web versus app revenue", ["web", "app"]),
        ("revenue web vs app", ["web", "app"]),
        ("compare revenue between web and app", ["web", "app"]),
        ("Germany compared with France", ["Germany", "France"]),
        ("compare Germany and France revenue", ["Germany", "France"]),
    ],
)
def test_two_sides(query: Query, question: str, values: list[str]) -> None:
    found = query(question)
    assert len(fields(found)) == 1
    assert found["filters"][0]["values"] == values
    assert found["metrics"][0]["metric"] == "revenue"


def test_the_share_of_one_group_is_told_beside_the_others(ask: Ask) -> None:
    plan = ask("what share of revenue comes from the app?")
    found = plan.steps["s1"].args["query"]
    assert found["transforms"] == [{"kind": "share", "of": "revenue"}]
    assert fields(found) == ["orders.channel"]
    assert not found.get("filters")
    assert (plan.hints["focus"], plan.hints["focus_dimension"]) == ("app", "orders.channel")


@pytest.mark.parametrize("question", ["percentage of orders over $50", "share of orders on weekends"])
def test_a_share_that_no_group_shows_is_counted_over_all(query: Query, question: str) -> None:
    metric = query(question)["metrics"][0]
    assert metric["metric"] == metric["per"] == "order_count"
    assert metric["where"]


@pytest.mark.parametrize(
    ("question", "per"),
    [
        ("revenue per customer", "count_distinct:orders.customer_id"),
        ("average revenue per customer", "count_distinct:orders.customer_id"),
        ("average number of orders per customer", "count_distinct:orders.customer_id"),
        ("revenue per order in 2024", "order_count"),
    ],
)
def test_a_figure_per_record_is_an_average(query: Query, question: str, per: str) -> None:
    found = query(question)
    assert found["metrics"][0]["per"] == per
    assert fields(found) == []


def test_per_offers_the_split_as_the_other_reading(ask: Ask) -> None:
    plan = ask("revenue per customer")
    chip = next(a for a in plan.assumptions if a.key == "per")
    split = plan.patched(chip.options[1].patch).steps["s1"].args["query"]
    assert fields(split) == ["customers.customer_id", "customers.customer_name"]
    assert "per" not in split["metrics"][0]


def test_by_each_stays_a_split(query: Query) -> None:
    assert fields(query("revenue for each customer")) == ["customers.customer_id", "customers.customer_name"]
    assert fields(query("how many orders per customer")) == ["customers.customer_id", "customers.customer_name"]


@pytest.mark.parametrize("question", ["cumulative revenue in 2024", "running total of revenue by month in 2024"])
def test_running_totals(query: Query, question: str) -> None:
    found = query(question)
    assert found["transforms"] == [{"kind": "running", "of": "revenue"}]
    assert found["time"]["grain"] == "month"


@pytest.mark.parametrize(
    ("question", "by", "compare"),
    [
        ("which countries grew fastest", "revenue.growth", "same_date_last_year"),
        ("which countries grew the most this year", "revenue.delta", "previous_period"),
        ("which channel dropped the most last month", "revenue.delta", "previous_period"),
    ],
)
def test_growth_ranks(query: Query, question: str, by: str, compare: str) -> None:
    found = query(question)
    assert (found["top"]["by"], found["compare"]["to"]) == (by, compare)


@pytest.mark.parametrize("question", ["how much did revenue change last month", "revenue growth rate", "revenue yoy"])
def test_change_is_a_comparison(query: Query, question: str) -> None:
    found = query(question)
    assert found["compare"]
    assert found["time"]


def test_amounts_without_a_name(query: Query) -> None:
    over = query("orders over $500 last month")
    assert over["filters"][0]["field"]["field"] == "orders.amount"
    between = query("orders between $100 and $200")
    assert between["filters"][0]["op"] == "between"
    having = query("customers with at least 3 orders")["having"][0]
    assert (having["column"], having["op"], having["value"]) == ("order_count", ">=", "3")
    often = query("customers who bought more than five times")["having"][0]
    assert (often["column"], often["value"]) == ("order_count", "5")


@pytest.mark.parametrize(
    ("question", "start", "end"),
    [
        ("revenue in the first half of last year", "2024-01-01", "2024-07-01"),
        ("revenue this fiscal year", "2025-01-01", "2026-01-01"),
        ("revenue from Jan to Mar 2024", "2024-01-01", "2024-04-01"),
    ],
)
def test_periods(query: Query, question: str, start: str, end: str) -> None:
    time = query(question)["time"]
    assert (time["start"], time["end"]) == (start, end)


def test_as_of_is_everything_up_to_that_day(query: Query) -> None:
    assert query("revenue as of 2024-06-30")["time"] == {"end": "2024-07-01"}


def test_a_trend_over_the_last_months_takes_whole_months(query: Query) -> None:
    assert query("revenue for the last 12 months by month")["time"]["last"] == {"n": 12, "unit": "month"}


def test_two_figures_and_two_questions(ask: Ask, query: Query) -> None:
    assert [m["metric"] for m in query("revenue and orders by channel")["metrics"]] == ["revenue", "order_count"]
    both = ask("what was revenue last month and which channel was best?")
    assert isinstance(both, Clarify)
    assert len(both.options) == 2


def test_a_typing_slip_is_put_right_and_said(ask: Ask) -> None:
    plan = ask("revnue by chanel")
    assert isinstance(plan, Plan), plan
    assert any(a.key == "spelling" for a in plan.assumptions)
    assert plan.steps["s1"].args["query"]["metrics"][0]["metric"] == "revenue"


def test_shop_talk_becomes_the_usual_figures(ask: Ask) -> None:
    plan = ask("how are we doing?")
    assert isinstance(plan, Plan), plan
    assert plan.steps["s1"].args["query"]["compare"]
    assert any(a.key == "reading" for a in plan.assumptions)


def test_ratios_of_two_sides(query: Query) -> None:
    found = query("what is the ratio of completed orders to cancelled orders by channel")
    metric = found["metrics"][0]
    assert metric["where"][0]["values"] == ["completed"]
    assert metric["per_where"][0]["values"] == ["cancelled"]
    assert fields(found) == ["orders.channel"]


@pytest.mark.parametrize(
    "question",
    [
        "3 month rolling average of revenue",
        "what if revenue doubles",
        "orders above 40 and below 30",
        "revenue of hated customers",
        "share of revenue",
    ],
)
def test_what_is_not_understood_is_not_answered(ask: Ask, question: str) -> None:
    assert isinstance(ask(question), Decline | Clarify)


def test_a_formula_of_the_glossary_is_a_ratio(ask: Ask) -> None:
    plan = ask("ARPC by channel", glossary=("ARPC = total revenue / number of customers",))
    assert isinstance(plan, Plan), plan
    metric = plan.steps["s1"].args["query"]["metrics"][0]
    assert (metric["metric"], metric["per"]) == ("revenue", "count_distinct:orders.customer_id")
    assert any(a.key == "definition" for a in plan.assumptions)


@pytest.mark.parametrize("question", ["revenue for web and store", "revenue by month for store and web"])
def test_values_that_share_a_field_stay_a_list(query: Query, question: str) -> None:
    found = query(question)
    (condition,) = found["filters"]
    assert {v.casefold() for v in condition["values"]} == {"web", "store"}


@pytest.mark.parametrize(
    "question", ["how much revenue did Germany make", "how much revenue did each channel bring in 2024"]
)
def test_a_verb_at_the_end_adds_nothing(query: Query, question: str) -> None:
    assert [m["metric"] for m in query(question)["metrics"]] == ["revenue"]
