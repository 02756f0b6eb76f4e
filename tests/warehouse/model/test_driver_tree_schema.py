"""Driver trees, holidays and known events of a model: what is accepted, and what a check says of mistakes."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from warehouse.compiler import check_model
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile

_TABLES = {
    "sales": {
        "source": "sales",
        "measures": {
            "revenue": {"agg": "sum", "expr": "amount"},
            "orders": {"agg": "count"},
            "cost": {"agg": "sum", "expr": "cost"},
        },
    }
}


def _model(**more: Any) -> SemanticModel:
    metrics = {"order_value": {"kind": "ratio", "numerator": "revenue", "denominator": "orders"}}
    return SemanticModel.model_validate({"model": "t", "tables": _TABLES, "metrics": metrics, **more})


def _faults(model: SemanticModel) -> list[tuple[str, str]]:
    found = check_model(model, DataProfile(tables={}))
    return [(p.where, p.code) for p in found if p.where.startswith(("driver_trees", "events"))]


def test_a_tree_may_go_down_several_steps() -> None:
    model = _model(driver_trees={"revenue": {"operation": "product", "of": ["orders", "order_value"]}})
    assert _faults(model) == []
    assert model.driver_trees["revenue"].parts == ("orders", "order_value")


def test_names_in_trees_and_events_must_be_figures() -> None:
    model = _model(
        driver_trees={"revenue": {"operation": "sum", "of": ["orders"], "minus": ["costs"]}},
        events=[{"name": "Sale", "dates": ["2026-01-01"], "metrics": ["reveneu"]}],
    )
    assert _faults(model) == [("driver_trees.revenue", "unknown_name"), ("events.0", "unknown_name")]


def test_no_figure_is_made_of_itself() -> None:
    trees = {
        "revenue": {"operation": "product", "of": ["orders", "order_value"]},
        "order_value": {"operation": "ratio", "of": ["revenue", "orders"]},
    }
    assert ("driver_trees.revenue", "circular") in _faults(_model(driver_trees=trees))


@pytest.mark.parametrize(
    "tree",
    [
        {"operation": "ratio", "of": ["a", "b", "c"]},
        {"operation": "product", "of": ["a"]},
        {"operation": "product", "of": ["a", "b"], "minus": ["c"]},
        {"operation": "sum", "of": ["a"], "minus": ["a"]},
    ],
)
def test_steps_that_make_no_sense_are_refused(tree: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        _model(driver_trees={"revenue": tree})


def test_an_event_lasts_its_days_each_time() -> None:
    model = _model(events=[{"name": "Sale", "dates": ["2026-06-15", "2025-06-16"], "days": 14}])
    assert model.events[0].spans() == [
        (date(2025, 6, 16), date(2025, 6, 30)),
        (date(2026, 6, 15), date(2026, 6, 29)),
    ]


def test_holidays_are_named_by_country_or_part() -> None:
    assert _model(calendar={"holidays": ["US", "DE-BY"]}).calendar.holidays == ("US", "DE-BY")
    with pytest.raises(ValidationError):
        _model(calendar={"holidays": ["Germany"]})
