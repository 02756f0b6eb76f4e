"""Amounts wished in another currency and days in another zone are told as they are, and it is said that they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from agent.brain import PlanContext, TellContext
from agent.builtin.wishes import said_of_wishes, without_wishes
from agent.claims import Draft
from agent.plan import Plan
from tools.evidence import Column, Evidence, ResultTable
from warehouse.model.schema import SemanticModel, Unit


@pytest.mark.parametrize(
    ("question", "plain"),
    [
        ("What was revenue last month in euros?", "What was revenue last month?"),
        ("Revenue in GBP by channel", "Revenue by channel"),
        ("Revenue yesterday in New York time", "Revenue yesterday"),
        ("Orders over 500 in euros", "Orders over 500 in euros"),
        ("Orders in London last week", "Orders in London last week"),
        ("in euros", "in euros"),
    ],
)
def test_wishes_are_taken_out_of_questions(shop_context: Callable[..., PlanContext], question: str, plain: str) -> None:
    assert without_wishes(shop_context(question)).question == plain


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("revenue in euros", "Amounts are in US dollars, as they were recorded: nothing was converted."),
        ("revenue in dollars", ""),
        ("revenue in Tokyo time", "Days are those of the company's own clock (America/New York), not of Tokyo."),
        ("revenue in New York time", ""),
    ],
)
def test_what_was_not_done_is_said(question: str, said: str) -> None:
    model = SemanticModel.model_validate({"model": "m", "tables": {}, "calendar": {"timezone": "America/New_York"}})
    columns = [Column(name="revenue", label="Revenue", type="decimal", role="measure", unit=Unit(currency="USD"))]
    table = ResultTable(id="t1", title="t", columns=columns, rows=[[1]], row_keys=["r0"], total_rows=1)
    evidence = Evidence(id="e1", tool="query_metrics", args={}, tables=[table])
    context = TellContext(question, Plan(intent="total", steps={}), (evidence,), model, datetime(2026, 11, 21))
    told = said_of_wishes(context, Draft(((["Revenue."],),)))
    assert " ".join(part for p in told.paragraphs[1:] for s in p for part in s if isinstance(part, str)) == said
