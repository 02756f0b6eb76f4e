"""Rows of a table are counted by what the model calls so, else by a field that no row lacks."""

from __future__ import annotations

from typing import Any

import pytest

from agent.builtin.lexicon import lexicon_of
from agent.builtin.resolve import Resolver
from warehouse.model.schema import SemanticModel

KEYED: dict[str, Any] = {
    "source": "payments", "label": "Payments", "record": "payment", "key": ["connection", "id"],
    "dimensions": {"reason": {}, "id": {}, "connection": {}},
}  # fmt: skip


@pytest.mark.parametrize(
    ("measures", "metric"),
    [
        ({}, "count:payments.connection"),  # not by the reason, which only some rows have
        ({"rows": {"agg": "count"}}, "rows"),
        ({"taken": {"label": "Payments", "agg": "count", "where": "NOT test"}}, "taken"),
        ({"failed": {"label": "Failed payments", "agg": "count", "where": "failed"}}, "count:payments.connection"),
    ],
)
def test_a_table_with_a_key_of_two_parts(measures: dict[str, Any], metric: str):
    model = SemanticModel.model_validate({"model": "m", "tables": {"payments": {**KEYED, "measures": measures}}})
    assert Resolver(model, lexicon_of(model)).count_of("payments").metric == metric
