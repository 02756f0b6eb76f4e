"""The time between two dates, asked in words: one table, groups and periods; silent where rows would count twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Query = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("question", "metric"),
    [
        ("average days between order date and ship date", "avg:orders.days(orders.order_date to orders.ship_date)"),
        ("What is the median number of days from order date to ship date?",
         "median:orders.days(orders.order_date to orders.ship_date)"),
        ("longest time between order date and ship date", "max:orders.days(orders.order_date to orders.ship_date)"),
        ("average hours from order date to ship date, rounded to two decimals",
         "avg:orders.hours(orders.order_date to orders.ship_date)"),
    ],
)  # fmt: skip
def test_the_time_between_two_dates(query: Query, compiles: Callable[[dict[str, Any]], str], question: str,
                                    metric: str) -> None:  # fmt: skip
    found = query(question)
    assert [m["metric"] for m in found["metrics"]] == [metric]
    assert "DATE_DIFF" in compiles(found)


def test_groups_and_periods_stay(query: Query) -> None:
    found = query("average days between order date and ship date by channel")
    assert found["dimensions"] == [{"field": "orders.channel"}]
    later = query("average days between order date and ship date for web orders in 2024")
    assert later["time"] == {"start": "2024-01-01", "end": "2025-01-01"}
    assert later["filters"][0]["values"] == ["web"]


@pytest.mark.parametrize(
    "question",
    ["average days between signup date and ship date", "average days between channel and ship date",
     "average days between order date and happiness"],
)  # fmt: skip
def test_dates_that_do_not_pair_are_refused(ask: Callable[..., Any], question: str) -> None:
    assert ask(question).kind != "plan"


def test_the_one_largest_of_each_group(query: Query) -> None:
    found = query("largest single order by channel")
    assert [m["metric"] for m in found["metrics"]] == ["max:orders.amount"]
    assert found["dimensions"] == [{"field": "orders.channel"}]
