"""One table per construct: the question on the left must become exactly the query on the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Query = Callable[..., dict[str, Any]]


def fields(query: dict[str, Any]) -> list[str]:
    return [d["field"] for d in query.get("dimensions", [])]


def metrics(query: dict[str, Any]) -> list[str]:
    return [m["metric"] for m in query.get("metrics", [])]


def conditions(query: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(f["field"]["field"], f.get("op", "="), *f.get("values", [])) for f in query.get("filters", [])]


@pytest.mark.parametrize(
    ("question", "metric"),
    [
        ("What was revenue last month?", "revenue"),
        ("total sales", "revenue"),
        ("how much turnover did we make in 2024", "revenue"),
        ("How many orders did we have yesterday?", "order_count"),
        ("number of orders", "order_count"),
        ("count of orders in 2024", "order_count"),
        ("average order value", "aov"),
        ("basket size in 2024", "aov"),
        ("average discount rate", "avg:orders.discount_rate"),
        ("median quantity", "median:orders.quantity"),
        ("maximum list price", "max:products.list_price"),
        ("lowest list price", "min:products.list_price"),
        ("total quantity in 2024", "sum:orders.quantity"),
        ("how many units did we sell in 2024", "sum:orders.quantity"),
        ("how many customers do we have", "customer_count"),
        ("how many products are there", "product_count"),
        ("how many different countries are there", "count_distinct:customers.country"),
    ],
)
def test_figures(query: Query, question: str, metric: str) -> None:
    found = query(question)
    assert metrics(found) == [metric]
    assert fields(found) == []


@pytest.mark.parametrize(
    ("question", "groups"),
    [
        ("revenue by channel", ["orders.channel"]),
        ("revenue per channel this year", ["orders.channel"]),
        ("revenue for each channel", ["orders.channel"]),
        ("revenue split by channel", ["orders.channel"]),
        ("revenue broken down by channel", ["orders.channel"]),
        ("revenue grouped by channel and country", ["orders.channel", "customers.country"]),
        ("revenue across channels", ["orders.channel"]),
        ("show me revenue by category", ["products.category"]),
        ("revenue by customer", ["customers.customer_id", "customers.customer_name"]),
        ("how many orders did each customer make in 2024", ["customers.customer_id", "customers.customer_name"]),
        ("channel breakdown of revenue", ["orders.channel"]),
        ("customers by country", ["customers.country"]),
        ("average order value by segment", ["customers.segment"]),
    ],
)
def test_groups(query: Query, question: str, groups: list[str]) -> None:
    assert fields(query(question)) == groups


@pytest.mark.parametrize(
    ("question", "grain"),
    [
        ("monthly revenue", "month"),
        ("revenue by month", "month"),
        ("revenue per week in 2024", "week"),
        ("daily orders last month", "day"),
        ("revenue by quarter", "quarter"),
        ("yearly revenue", "year"),
        ("revenue trend", "month"),
        ("monthly revenue trend by channel", "month"),
        ("revenue over time in December 2024", "day"),
        ("how did revenue develop in 2024", "month"),
        ("orders each month of 2024", "month"),
    ],
)
def test_grains(query: Query, question: str, grain: str) -> None:
    assert query(question)["time"]["grain"] == grain


@pytest.mark.parametrize(
    ("question", "top"),
    [
        ("top 5 products by revenue in Q3", {"n": 5, "by": "revenue"}),
        ("bottom 3 channels by revenue", {"n": 3, "by": "revenue", "bottom": True}),
        ("top products by revenue", {"n": 10, "by": "revenue"}),
        ("the 5 best products by revenue", {"n": 5, "by": "revenue"}),
        ("which channel has the highest revenue", {"n": 1, "by": "revenue", "ties": "keep"}),
        ("which customer made the most orders in 2024", {"n": 1, "by": "order_count", "ties": "keep"}),
        ("which 3 categories have the lowest revenue", {"n": 3, "by": "revenue", "bottom": True}),
        ("5 customers with the most orders", {"n": 5, "by": "order_count"}),
        ("Return the top 4 countries by number of orders, showing revenue", {"n": 4, "by": "order_count"}),
    ],
)
def test_rankings(query: Query, question: str, top: dict[str, Any]) -> None:
    assert query(question)["top"] == top


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("orders from Germany", [("customers.country", "=", "Germany")]),
        ("revenue in Germany and France", [("customers.country", "in", "Germany", "France")]),
        ("revenue on web or app", [("orders.channel", "in", "web", "app")]),
        ("revenue from the web channel", [("orders.channel", "=", "web")]),
        ("how many cancelled orders in 2024", [("orders.status", "=", "cancelled")]),
        ("revenue without cancelled orders", [("orders.status", "!=", "cancelled")]),
        ("revenue excluding Germany", [("customers.country", "!=", "Germany")]),
        ("revenue where status is 'completed'", [("orders.status", "=", "completed")]),
        ("number of orders with quantity over 10", [("orders.quantity", ">", "10")]),
        ("number of orders with quantity at least 1.5k", [("orders.quantity", ">=", "1500.0")]),
        ("number of orders with amount between 10 and 20", [("orders.amount", "between", "10", "20")]),
        ("how many customers whose name starts with J", [("customers.customer_name", "starts_with", "J")]),
        ("how many customers without email", [("customers.email", "is_null")]),
        ("revenue of Hats", [("products.category", "=", "Hats")]),
        ("revenue for 'Trail Runner'", [("products.product_name", "=", "Trail Runner")]),
        ("orders where segment is Corporate", [("customers.segment", "=", "Corporate")]),
    ],
)
def test_filters(query: Query, question: str, wanted: list[tuple[Any, ...]]) -> None:
    assert conditions(query(question)) == wanted


def test_dates_follow_the_verb(query: Query) -> None:
    found = query("number of orders by customers who signed up in 2023")
    assert conditions(found) == [
        ("customers.signup_date", ">=", "2023-01-01"),
        ("customers.signup_date", "<", "2024-01-01"),
    ]
    assert "time" not in found
    assert query("how many customers signed up last month")["time"] == {"last": {"n": 1, "unit": "month"}}


def test_comparisons(query: Query) -> None:
    assert query("revenue this month vs last month")["compare"]["to"] == "previous_period"
    assert query("revenue last month compared with the same period last year")["compare"]["to"] == "same_date_last_year"
    assert query("revenue in 2024 versus 2022")["compare"] == {
        "to": "window",
        "start": "2022-01-01",
        "end": "2023-01-01",
    }
    growth = query("month-over-month growth of revenue in 2024")
    assert growth["compare"]["to"] == "previous_period" and growth["time"]["grain"] == "month"


def test_share_and_order(query: Query) -> None:
    assert query("revenue share by channel")["transforms"] == [{"kind": "share", "of": "revenue"}]
    assert query("revenue by channel from lowest to highest")["order"] == [{"by": "revenue"}]
    assert query("number of orders by channel ordered by channel")["order"] == [{"by": "channel"}]


def test_a_figure_only_for_some_rows(query: Query) -> None:
    found = query("customers with at least 5 orders")
    assert found["having"] == [{"column": "order_count", "op": ">=", "value": "5"}]
    assert fields(found) == ["customers.customer_id", "customers.customer_name"]


def test_records(query: Query) -> None:
    found = query("Return the name and email of customers who have not made any orders")
    assert found == {
        "table": "customers",
        "columns": [{"field": "customers.customer_name"}, {"field": "customers.email"}],
        "related": [{"table": "orders", "exists": False}],
    }
    assert query("list customers in Germany")["table"] == "customers"
    assert query("products that were never ordered")["related"] == [{"table": "orders", "exists": False}]


def test_distinct_records_behind_events(query: Query) -> None:
    found = query("number of different customers by category in 2024")
    assert metrics(found) == ["count_distinct:orders.customer_id"]
