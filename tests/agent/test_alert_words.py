"""Sentences that ask for an alert become exactly the rule they say, or none: half understood is not understood."""

from __future__ import annotations

from typing import Any

import pytest

from agent.alert_words import heard, wished

RULES: list[tuple[str, str, str, dict[str, Any]]] = [
    ("Tell me when revenue drops below 10k", "threshold", "revenue", {"direction": "below", "level": 10_000.0}),
    ("alert me when sales drop below 1.2m euros", "threshold", "sales", {"direction": "below", "level": 1.2e6}),
    ("tell me when the fee is above 100 dollars", "threshold", "the fee", {"direction": "above", "level": 100.0}),
    ("please let us know if weekly sales are above $1.5 million.", "threshold", "sales",
     {"direction": "above", "level": 1.5e6, "grain": "week"}),
    ("warn me as soon as stock is under 5 three days in a row", "threshold", "stock",
     {"direction": "below", "level": 5.0, "periods": 3, "grain": "day"}),
    ("alert me if orders fall by more than 20%", "change", "orders", {"direction": "below", "share": 0.2}),
    ("notify me when refunds jump 50 % on the week before", "change", "refunds",
     {"direction": "above", "share": 0.5, "against": "previous", "grain": "week"}),
    ("alert me if traffic changes by 30% compared with a year ago", "change", "traffic",
     {"direction": "either", "share": 0.3, "against": "year"}),
    ("alert me if refunds are unusual", "anomaly", "refunds", {"direction": "either"}),
    ("tell me if the wait time is unusually high", "anomaly", "the wait time", {"direction": "above"}),
    ("watch refunds for me", "anomaly", "refunds", {"direction": "either"}),
    ("alert me when sales will miss the goal of 2m this quarter", "goal", "sales", {"goal": 2e6, "period": "quarter"}),
    ("alert me if sales are expected to end below 900k this month", "forecast", "sales",
     {"direction": "below", "level": 900_000.0, "period": "month"}),
    ("tell me when no new orders come for 2 days", "freshness", "orders", {"days": 2}),
    ("tell me when orders stop coming in", "freshness", "orders", {}),
    ("tell me when more than 5% of orders have no customer", "quality", "orders",
     {"check": "empty", "column": "customer", "share": 0.05}),
    ("warn me if orders come in twice", "quality", "orders", {"check": "repeated"}),
    ("tell me when far fewer orders come in than usual", "quality", "orders", {"check": "few", "share": 0.5}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "what", "fields"), RULES)
def test_what_is_said_is_what_is_watched(text: str, kind: str, what: str, fields: dict[str, Any]) -> None:
    asked = wished(text)
    assert asked is not None
    found = heard(asked)
    assert found is not None and (found.kind, found.what, found.fields) == (kind, what, fields)


@pytest.mark.parametrize(
    "text",
    ["what was revenue last month", "tell me about revenue", "tell me how sales did", "show orders below 5",
     "let me know the revenue of May", "tell me revenue by store"],
)  # fmt: skip
def test_questions_stay_questions(text: str) -> None:
    assert wished(text) is None


@pytest.mark.parametrize(
    "text",
    ["tell me when revenue drops below 10k except on Sundays", "tell me when it rains", "alert me if revenue is bad",
     "tell me when revenue drops below 10k or orders below 5"],
)  # fmt: skip
def test_half_understood_is_not_understood(text: str) -> None:
    asked = wished(text)
    assert asked is not None and heard(asked) is None
