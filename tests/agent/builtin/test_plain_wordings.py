"""Everyday ways to put a question: each is read as the plain question it stands for, and says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.plan import Clarify, Decline, Plan

Ask = Callable[..., Any]
Query = Callable[..., dict[str, Any]]


def _spoken(query: dict[str, Any]) -> tuple[str, list[str]]:
    return query["metrics"][0]["metric"], [d["field"] for d in query.get("dimensions", [])]


@pytest.mark.parametrize(
    ("question", "metric", "groups"),
    [
        ("which month had the lowest turnover ever?", "revenue", []),
        ("how much did we earn yesterday?", "revenue", []),
        ("did we sell more this December than last December?", "revenue", []),
        ("what is the difference in turnover between 2024 and 2023?", "revenue", []),
        ("change in turnover since last year", "revenue", []),
        ("how has revenue changed since last quarter?", "revenue", []),
        ("do corporate customers spend more than consumer ones?", "revenue", ["customers.segment"]),
        ("which channels do customers use?", "order_count", ["orders.channel"]),
        ("how many products do we carry in Hats?", "product_count", []),
        ("How many orders did each channel process?", "order_count", ["orders.channel"]),
        ("which channel processed the most turnover?", "revenue", ["orders.channel"]),
        ("how did Hats perform?", "revenue", []),
        ("products by category", "product_count", ["products.category"]),
        ("customers by country", "customer_count", ["customers.country"]),
    ],
)
def test_a_plain_question_behind_the_words(query: Query, question: str, metric: str, groups: list[str]) -> None:
    assert _spoken(query(question)) == (metric, groups)


@pytest.mark.parametrize(
    ("question", "start", "compare"),
    [
        ("revenue by month 2024 vs 2023", "2024-01-01", {"to": "same_date_last_year", "align_partial": False}),
        ("revenue by month in 2023 vs 2024", "2024-01-01", {"to": "same_date_last_year", "align_partial": False}),
        ("revenue by month in Q2 2024 vs Q2 2023", "2024-04-01", {"to": "same_date_last_year", "align_partial": False}),
        ("revenue by month in Q2 2024 vs Q1 2024", "2024-04-01",
         {"to": "offset", "unit": "quarter", "align_partial": False}),
        ("revenue by year 2024 vs 2023", "2024-01-01", {"to": "previous_period", "align_partial": False}),
    ],
)  # fmt: skip
def test_steps_of_two_periods_are_held_against_their_like(
    query: Query, question: str, start: str, compare: dict[str, Any]
) -> None:
    made = query(question)
    assert made["time"]["start"] == start
    assert {k: v for k, v in made["compare"].items() if k in ("to", "n", "unit", "align_partial")} == compare


@pytest.mark.parametrize(
    ("question", "to"),
    [
        ("did we sell more this December than last December?", "same_date_last_year"),
        ("change in turnover since last year", "previous_period"),
        ("difference in turnover between 2023 and 2024", "previous_period"),
    ],
)
def test_two_periods_are_compared(query: Query, question: str, to: str) -> None:
    assert query(question)["compare"]["to"] == to


def test_what_was_read_is_an_assumption(ask: Ask) -> None:
    plan = ask("how much did we earn last month?")
    assert isinstance(plan, Plan)
    assert any(a.label == "Read as" and a.display == "revenue last month" for a in plan.assumptions)


@pytest.mark.parametrize("question", ["how much did we enjoy yesterday?", "do corporate gnomes spend more than elves?"])
def test_words_of_content_are_not_lost(ask: Ask, question: str) -> None:
    assert isinstance(ask(question), Decline)


@pytest.mark.parametrize(
    ("question", "op", "value"),
    [
        ("channels with an average order value above 50", ">", "50"),
        ("categories with turnover below 1000", "<", "1000"),
        ("products whose turnover is at least 200", ">=", "200"),
    ],
)
def test_a_condition_on_a_figure(query: Query, question: str, op: str, value: str) -> None:
    having = query(question)["having"][0]
    assert (having["op"], str(having["value"])) == (op, value)


def test_the_worst_by_an_amount_or_by_its_rate_is_asked_back(shop_context: Callable[..., Any]) -> None:
    from dataclasses import replace

    from agent.builtin.brain import BuiltinBrain
    from warehouse.model.schema import Metric, Unit

    context = shop_context("which channel has the worst turnover?")
    model = context.model.model_copy(deep=True)
    model.metrics["take_rate"] = Metric(
        label="Take rate", kind="ratio", numerator="revenue", denominator="order_count", unit=Unit(ratio=True)
    )
    asked = BuiltinBrain().plan(replace(context, model=model))
    assert isinstance(asked, Clarify)
    assert [o.label for o in asked.options] == ["Revenue", "Take rate"]


@pytest.mark.parametrize(
    ("question", "many"),
    [("how many customers have no orders?", "none"), ("how many customers never ordered?", "none")],
)
def test_records_counted_by_what_they_lack(ask: Ask, question: str, many: str) -> None:
    plan = ask(question)
    assert isinstance(plan, Plan), plan
    query = plan.steps["s1"].args["query"]
    assert [f.get("many") for f in query["filters"]] == [many]
    assert plan.hints["related"] == ["without orders"]
