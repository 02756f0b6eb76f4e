"""Arithmetic over figures: spelled in the question or defined by a glossary line, each part planned alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agent.builtin.arithmetic import formula_of
from agent.plan import Plan

Ask = Callable[..., Any]
Query = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("text", "formula", "operands"),
    [
        ("(total sales - total cost) / total sales * 100", "( p0 - p1 ) / p0 * 100", ("total sales", "total cost")),
        ("A divided by B", "p0 / p1", ("A", "B")),
        ("A minus (tax + fees)", "p0 - ( p1 + p2 )", ("A", "tax", "fees")),
    ],
)
def test_a_formula_is_read(text: str, formula: str, operands: tuple[str, ...]) -> None:
    found = formula_of(text)
    assert found is not None
    assert (found.text, found.operands) == (formula, operands)


@pytest.mark.parametrize(
    "text", ["average price", "(a - b", "a - ", "a b) / c", "well-known things", "5 / 3", "a + * b"]
)
def test_no_formula(text: str) -> None:
    assert formula_of(text) is None


def test_a_glossary_formula_keeps_what_the_question_says(query: Query) -> None:
    line = "DPM (discounted pair margin) = (total sales - quantity * 2) / total sales * 100"
    found = query("What is the DPM for each channel in 2024?", glossary=("XYZ = number of hats", line))
    metric = found["metrics"][0]
    assert metric["formula"] == "( p0 - p1 * 2 ) / p0 * 100"
    assert [p["metric"] for p in metric["parts"]] == ["revenue", "sum:orders.quantity"]
    assert found["dimensions"] == [{"field": "orders.channel"}]
    assert found["time"] == {"start": "2024-01-01", "end": "2025-01-01"}


def test_a_definition_is_told(ask: Ask) -> None:
    plan = ask("XMX by channel", glossary=("XMX = total sales / quantity + 1",))
    assert isinstance(plan, Plan)
    assert any(a.key == "definition" and a.label == "“XMX” means" for a in plan.assumptions)


@pytest.mark.parametrize(
    ("question", "formula"),
    [
        ("difference between the highest and lowest amount by channel", "p0 - p1"),
        ("turnover minus total quantity by channel", "p0 - p1"),
        ("turnover plus total quantity by channel", "p0 + p1"),
    ],
)
def test_spelled_arithmetic(
    query: Query, compiles: Callable[[dict[str, Any]], str], question: str, formula: str
) -> None:
    found = query(question)
    assert found["metrics"][0]["formula"] == formula
    assert found["dimensions"] == [{"field": "orders.channel"}]
    assert compiles(found)


def test_parts_with_conditions_of_their_own(query: Query) -> None:
    metric = query("turnover of web orders minus turnover of app orders in 2024")["metrics"][0]
    assert [p["where"][0]["values"] for p in metric["parts"]] == [["web"], ["app"]]


def test_a_stored_number_of_what_each_order_belongs_to(query: Query, compiles: Callable[[dict[str, Any]], str]) -> None:
    found = query("average list price of orders in 2024")
    assert found["metrics"][0]["metric"] == "avg:orders.products.list_price"
    assert '"products"' in compiles(found)


@pytest.mark.parametrize("question", ["difference between Germany and gnomes", "turnover minus everything good"])
def test_sides_that_are_no_figures_are_refused(ask: Ask, question: str) -> None:
    assert ask(question).kind != "plan"


def test_a_figure_named_again_in_a_second_sentence_is_one(query: Query) -> None:
    line = "WOS (web order share) = number of web orders / number of orders * 100"
    found = query("What is the WOS for each country in 2024? Return the country and WOS.", glossary=(line,))
    metric = found["metrics"][0]
    assert (metric["alias"], metric["formula"]) == ("WOS", "p0 / p1 * 100")
    assert [len(p.get("where", ())) for p in metric["parts"]] == [1, 0]
