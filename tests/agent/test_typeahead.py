"""Completions while typing: whole questions first, then names and values that go on from the last words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from agent.memory import Learned
from agent.typeahead import complete
from warehouse.model.schema import SemanticModel
from warehouse.model.values import ValueMatch

MODEL = SemanticModel.model_validate({
    "model": "m", "starters": ["How is turnover developing by month?", "Top 5 dishes by turnover"],
    "tables": {"orders": {"source": "orders", "key": ["order_id"],
        "dimensions": {"order_id": {}, "channel": {"label": "Channel"}, "note": {"groupable": False},
                       "mail": {"label": "Customer mail", "pii": True}},
        "measures": {"turnover": {"agg": "sum", "expr": "amount", "label": "Turnover", "synonyms": ["takings"]}}}},
})  # fmt: skip


class Values:
    def match(self, phrase: str, limit: int = 8) -> list[ValueMatch]:
        return [ValueMatch("orders", "channel", "Takeaway", 0.8, "prefix")] if phrase.startswith("take") else []


def _texts(typed: str, **more: Any) -> list[str]:
    return [c.text for c in complete(typed, MODEL, Values(), **more)]  # type: ignore[arg-type]


def test_nothing_typed_gives_the_opening_questions() -> None:
    assert _texts("") == list(MODEL.starters)


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("how is", "How is turnover developing by month?"),
        ("dishes tur", "Top 5 dishes by turnover"),
        ("tak", "takings"),
        ("turnover by ch", "turnover by channel"),
        ("turnover for take", "turnover for Takeaway"),
    ],
)
def test_the_best_way_to_go_on(typed: str, first: str) -> None:
    assert _texts(typed)[0] == first


@pytest.mark.parametrize("typed", ["turnover by mai", "turnover by order", "turnover by not"])
def test_keys_free_text_and_personal_fields_are_not_offered(typed: str) -> None:
    assert _texts(typed) == []


def test_approved_answers_come_first() -> None:
    own = Learned(id="l-1", kind="answer", said="How is our bar doing?", query={}, owner="u", at=datetime.now(UTC))
    assert _texts("how is", learned=[own])[0] == "How is our bar doing?"


def test_no_more_than_asked_for() -> None:
    assert len(_texts("t", limit=1)) <= 1
