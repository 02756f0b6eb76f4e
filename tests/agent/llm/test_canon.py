"""Two wordings are one question only where every word that differs cannot change what is asked."""

from __future__ import annotations

import pytest

from agent.llm.canon import canonical
from agent.view import WorkspaceView
from warehouse.model.schema import SemanticModel


@pytest.fixture
def model(view: WorkspaceView) -> SemanticModel:
    return view.model


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Net revenue by channel last month", "please show me net revenue by channel last month?"),
        ("AOV by country", "average order value by country"),
        ("Could you tell me the return rate by category, please?", "the return rate by category"),
        ("orders  by   channel.", "Orders by channel"),
        ("Hi, can you give me gross margin rate by store", "margin rate by store"),
    ],
)
def test_the_same_question_in_other_words(model: SemanticModel, one: str, other: str) -> None:
    assert canonical(one, model) == canonical(other, model)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("revenue last month", "revenue this month"),
        ("orders by channel", "orders by country"),
        ("top 5 products by revenue", "top 6 products by revenue"),
        ("top product by revenue", "top products by revenue"),
        ("orders with returns", "orders without returns"),
        ("orders in March", "orders in May"),
        ("revenue above 100", "revenue below 100"),
        ("net revenue by channel", "gross revenue by channel"),
        ("customers who never came back", "customers who came back"),
        ("revenue by channel and country", "revenue by country and channel"),
        ("net revenue for A-1", "net revenue for A 1"),
        ("is revenue up", "is revenue down"),
        ("don't count returns", "count returns"),
        ("revenue 1.5", "revenue 15"),
        ("revenue > 5", "revenue < 5"),
        ("orders from May to June", "orders from June to May"),
    ],
)
def test_another_question_keeps_another_form(model: SemanticModel, one: str, other: str) -> None:
    assert canonical(one, model) != canonical(other, model)
