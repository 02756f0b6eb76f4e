"""Definitions are used when their term is said and can be read, ignored when it is not said, else declined."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from agent.builtin.glossary import apply, definitions
from agent.plan import Decline, Plan

NOISE = (
    "To get the total amount per customer, join the tables and group by customer. MoM = month-over-month change",
    "XYZ = something over a specific period",
)


@pytest.mark.parametrize(
    ("line", "term", "meaning"),
    [
        ("ASP = Calculate the average price of sales within a specific timeframe", "ASP", "average price of sales"),
        ("TSC = Total Sales Count.", "TSC", "Total Sales Count"),
        ("SR = sales rank of each rep ordered by their total sales descending To determine the rest, join", "SR",
         "sales rank of each rep ordered by their total sales descending"),
        ("AR (Activity Ratio) = active / all * 100", "AR", "active / all * 100"),
        ("NPS means the number of promoters", "NPS", "number of promoters"),
    ],
)  # fmt: skip
def test_definitions_are_found(line: str, term: str, meaning: str) -> None:
    assert definitions([line])[term] == meaning


def test_a_term_is_written_out_only_when_it_is_said() -> None:
    lines = ["AQ = average quantity over a selected period", *NOISE]
    assert apply("AQ by channel", lines) == ("average quantity by channel", {"AQ": "average quantity"})
    assert apply("revenue by channel", lines) == ("revenue by channel", {})


def test_a_defined_figure_is_answered_and_shown(ask: Callable) -> None:
    plan = ask("AQ by channel", glossary=("AQ = average quantity", *NOISE))
    assert isinstance(plan, Plan)
    assert plan.steps["s1"].args["query"]["metrics"][0]["metric"] == "avg:orders.quantity"
    assert next(a for a in plan.assumptions if a.key == "definition").value == "average quantity"


def test_a_total_over_its_count_is_an_average(ask: Callable) -> None:
    plan = ask("AQ by channel", glossary=("AQ (average quantity) = total quantity / number of orders",))
    assert isinstance(plan, Plan)
    assert plan.steps["s1"].args["query"]["metrics"][0]["metric"] == "avg:orders.quantity"


@pytest.mark.parametrize(
    "line",
    ["GPM = (total revenue - total cost) / total cost * 100", "GPM = a number nobody has", "GPM = glorbix of revenue"],
)
def test_what_cannot_be_read_is_declined(ask: Callable, line: str) -> None:
    assert isinstance(ask("What is the GPM in 2024?", glossary=(line, *NOISE)), Decline)


def test_distractors_change_nothing(ask: Callable) -> None:
    assert ask("revenue by channel", glossary=NOISE).model_dump() == ask("revenue by channel").model_dump()


def test_a_note_in_the_question_defines_a_word(ask: Callable) -> None:
    plan = ask("revenue by channel. Note that revenue refers to the sum of quantity in the orders table.")
    assert isinstance(plan, Plan)
    assert plan.steps["s1"].args["query"]["metrics"][0]["metric"] == "sum:orders.quantity"


def test_a_total_over_another_count_is_not_an_average(ask: Callable) -> None:
    line = "AQ (average quantity) = total quantity / number of customers"
    plan = ask("AQ by channel", glossary=(line,))
    assert isinstance(plan, Plan), plan
    metric = plan.steps["s1"].args["query"]["metrics"][0]
    assert (metric["metric"], metric["per"]) == ("sum:orders.quantity", "count_distinct:orders.customer_id")
