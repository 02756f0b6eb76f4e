"""The judge of inferred models must blame every kind of mistake, and only mistakes."""

from __future__ import annotations

from typing import Any

import pytest

from evals.inference import judge
from warehouse.model.schema import SemanticModel

EXPECTED: dict[str, dict[str, Any]] = {
    "sales": {"key": ["id"], "time": "day", "joins": {"shop_id": "shops"}, "sums": ["amount"], "averages": ["price"]},
    "shops": {"key": ["id"]},
}


def _model(**changes: Any) -> SemanticModel:
    sales: dict[str, Any] = {
        "source": "sales", "key": ["id"], "joins": [{"to": "shops", "on": {"shop_id": "id"}}],
        "time": {"default": "day", "columns": {"day": {"kind": "date"}, "loaded": {"kind": "date"}}},
        "numbers": {"amount": {}, "price": {"additive": "none"}},
        "measures": {"amount": {"agg": "sum", "expr": "amount"}, "price": {"agg": "avg", "expr": "price"}},
    }  # fmt: skip
    tables = {"sales": sales | changes, "shops": {"source": "shops", "key": ["id"]}}
    return SemanticModel.model_validate({"model": "m", "tables": tables})


def test_a_right_model_has_no_mistakes() -> None:
    found = judge(_model(), EXPECTED)
    assert {aspect: (t.right, t.wrong) for aspect, t in found.items()} == {
        "joins": (1, []), "keys": (2, []), "time columns": (1, []), "measures": (2, []),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "aspect"),
    [
        ({"key": []}, "keys"),
        ({"joins": []}, "joins"),
        ({"joins": [{"to": "shops", "on": {"id": "id"}}]}, "joins"),
        ({"time": {"default": "loaded", "columns": {"loaded": {"kind": "date"}}}}, "time columns"),
        ({"time": None}, "time columns"),
        ({"numbers": {"amount": {}}}, "measures"),
        ({"numbers": {"amount": {}, "price": {}, "id": {}}}, "measures"),
        ({"measures": {"price": {"agg": "sum", "expr": "price"}}}, "measures"),
    ],
)
def test_a_mistake_is_blamed_on_its_aspect_alone(changes: dict[str, Any], aspect: str) -> None:
    found = judge(_model(**changes), EXPECTED)
    assert [a for a, t in found.items() if t.wrong] == [aspect]
    assert found[aspect].share < 100
