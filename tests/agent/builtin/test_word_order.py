"""Everyday word order: the superlative last, the period first, percent at the end, verbs that say what was counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.plan import Plan

Ask = Callable[..., Any]
Query = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("question", "by", "n", "low"),
    [
        ("country with the most turnover in 2024", "customers.country", 1, False),
        ("the 2 segments with the least turnover in 2024", "customers.segment", 2, True),
        ("In 2024, which channel brought the highest turnover?", "orders.channel", 1, False),
        ("number one channel by turnover in 2024", "orders.channel", 1, False),
        ("weakest 3 categories by turnover in 2024", "products.category", 3, True),
        ("rank the 5 best categories by turnover in 2024", "products.category", 5, False),
        ("at which channel was turnover lowest in 2024", "orders.channel", 1, True),
    ],
)
def test_a_ranking_in_any_order(query: Query, question: str, by: str, n: int, low: bool) -> None:
    found = query(question)
    assert [d["field"] for d in found["dimensions"]][-1] == by
    assert (found["top"]["n"], found["top"].get("bottom", False)) == (n, low)
    assert found["top"]["by"] == "revenue"
    assert found["time"] == {"start": "2024-01-01", "end": "2025-01-01"}


@pytest.mark.parametrize(
    "question",
    [
        "in which month of 2024 was turnover highest",
        "month with the most turnover in 2024",
        "the strongest turnover month of 2024",
    ],
)
def test_the_best_period(query: Query, question: str) -> None:
    found = query(question)
    assert found["time"] == {"grain": "month", "start": "2024-01-01", "end": "2025-01-01"}
    assert found["top"]["n"] == 1


@pytest.mark.parametrize("text", ["most common order status", "which order status is the most frequent"])
def test_common_is_counted_and_not_paid(query: Query, text: str) -> None:
    found = query(text)
    assert found["metrics"][0]["metric"] == "order_count"
    assert found["top"] == {"n": 1, "by": "order_count", "ties": "keep"}


@pytest.mark.parametrize("text", ["turnover by channel in percent", "turnover per channel as a percentage"])
def test_percent_at_the_end_is_a_share(query: Query, text: str) -> None:
    assert query(text)["transforms"] == [{"kind": "share", "of": "revenue"}]


@pytest.mark.parametrize("text", ["turnover outside Germany", "turnover in all countries but Germany",
                                  "turnover not counting Germany"])  # fmt: skip
def test_what_is_left_out(query: Query, text: str) -> None:
    found = query(text)
    assert "dimensions" not in found
    assert found["filters"] == [{"field": {"field": "customers.country"}, "op": "!=", "values": ["Germany"]}]


def test_buyers_are_not_their_orders(ask: Ask) -> None:
    plan = ask("how many customers bought something in 2024")
    assert isinstance(plan, Plan)
    assert plan.steps["s1"].args["query"]["metrics"][0]["metric"] == "count_distinct:orders.customer_id"


@pytest.mark.parametrize(
    ("text", "metric"),
    [("mean order value by country", "aov"), ("typical order value by country", "aov"), ("aov by country", "aov")],
)
def test_other_words_for_an_average(query: Query, text: str, metric: str) -> None:
    assert query(text)["metrics"][0]["metric"] == metric


def test_both_figures_that_were_named(query: Query) -> None:
    found = query("turnover as well as number of orders by channel")
    assert [m["metric"] for m in found["metrics"]] == ["revenue", "order_count"]


def test_signed_up_each_month(query: Query) -> None:
    found = query("how many customers signed up each month in 2024")
    assert (found["metrics"][0]["metric"], found["time"]["grain"]) == ("customer_count", "month")


def test_a_possessive_period(query: Query) -> None:
    found = query("compare this year's turnover with last year's")
    assert found["compare"]["to"] == "previous_period"


@pytest.mark.parametrize(
    ("text", "group"),
    [
        ("turnover that a customer has brought in 2024", "customers.customer_name"),
        ("total turnover that each product has earned", "products.product_name"),
    ],
)
def test_whose_figure_it_is(query: Query, text: str, group: str) -> None:
    assert [d["field"] for d in query(text)["dimensions"]][-1] == group


def test_inverted_verbs_say_who_did_it(query: Query) -> None:
    found = query("how many orders have customers placed by country")
    assert (found["metrics"][0]["metric"], found["dimensions"]) == ("order_count", [{"field": "customers.country"}])


def test_two_fields_share_their_last_word(query: Query) -> None:
    found = query("list the orders by order and customer id")
    assert [c["field"] for c in found["columns"]] == ["orders.order_id", "orders.customer_id"]


def test_an_aside_that_says_what_the_model_says_is_left_out(query: Query) -> None:
    said = "average order value, which is the revenue divided by the order count, by channel"
    assert query(said)["metrics"][0]["metric"] == "aov"


@pytest.mark.parametrize(
    ("text", "by", "n"),
    [
        ("top 3 products with the highest list price", "list_price", 3),
        ("What are the names of the top 2 products that have the highest list price?", "list_price", 2),
        ("the most expensive products, sorted from most expensive to cheapest", "list_price", None),
        ("products from the priciest to the cheapest", "list_price", None),
    ],
)
def test_records_ranked_by_their_own_number(query: Query, text: str, by: str, n: int | None) -> None:
    found = query(text)
    assert found["order"] == [{"by": f"products.{by}", "desc": True}]
    assert found.get("limit") == n


def test_counts_behind_their_superlative(query: Query) -> None:
    found = query("top 3 customers with the highest number of orders")
    assert (found["top"]["by"], found["top"]["n"], found["metrics"][0]["metric"]) == ("order_count", 3, "order_count")


def test_an_echo_of_the_ranking_is_no_second_question(ask: Ask) -> None:
    plan = ask("which customer placed the most orders in 2024 and how many orders did they place?")
    assert isinstance(plan, Plan)
    assert plan.intent == "top"
    both = ask("which customer placed the most orders in 2024 and how much revenue did they bring?")
    asked = both.steps["s1"].args["query"]
    assert asked["top"]["by"] == "order_count"
    assert {m["metric"] for m in asked["metrics"]} == {"revenue", "order_count"}


def test_whose_field_is_that_of_what_stands_before(query: Query) -> None:
    found = query("how many orders of products whose name starts with T")
    assert found["filters"][0]["field"] == {"field": "products.product_name"}
