"""Words from a form: kept, dropped for good, and never two things under one name."""

from __future__ import annotations

import pytest

from store.errors import InvalidRequest, UnknownName
from warehouse.model.naming import Naming, named
from warehouse.model.schema import SemanticModel

MODEL = SemanticModel.model_validate(
    {
        "model": "shop",
        "tables": {
            "orders": {
                "source": "orders",
                "time": {"default": "day", "columns": {"day": {"kind": "date"}}},
                "dimensions": {
                    "region": {
                        "label": "Region",
                        "synonyms": [{"text": "area", "state": "generated", "weight": 0.7}, {"text": "zone"}],
                    },
                    "channel": {"label": "Channel"},
                },
                "measures": {"amount": {"agg": "sum", "expr": "amount", "label": "Amount"}},
            }
        },
        "metrics": {"sales": {"kind": "simple", "measure": "amount", "label": "Sales"}},
    }
)


def said(**what: object) -> SemanticModel:
    return named(MODEL, Naming.model_validate(what))


def test_words_are_added_and_inferred_ones_stay_dropped() -> None:
    region = said(kind="dimension", table="orders", name="region", synonyms=["zone", " district ", "zone", ""])
    words = region.tables["orders"].dimensions["region"]
    assert words.words() == ["zone", "district"]
    assert [(s.text, s.state) for s in words.synonyms if s.state == "deleted"] == [("area", "deleted")]


def test_a_dropped_word_can_come_back() -> None:
    without = said(kind="dimension", table="orders", name="region", synonyms=[])
    again = named(without, Naming(kind="dimension", table="orders", name="region", synonyms=["area"]))
    assert again.tables["orders"].dimensions["region"].words() == ["area"]


def test_each_kind_can_be_named() -> None:
    assert said(kind="table", table="orders", label="Purchases").tables["orders"].label == "Purchases"
    assert said(kind="metric", name="sales", description=" All of it ").metrics["sales"].description == "All of it"
    measured = said(kind="measure", table="orders", name="amount", label="Value")
    assert measured.tables["orders"].measures["amount"].label == "Value"
    dated = said(kind="time", table="orders", name="day", label="Order day").tables["orders"].time
    assert dated is not None and dated.columns["day"].label == "Order day"


def test_what_is_not_said_stays() -> None:
    only = said(kind="dimension", table="orders", name="region", description="Where")
    assert only.tables["orders"].dimensions["region"].label == "Region"
    assert only.tables["orders"].dimensions["region"].words() == ["area", "zone"]


def test_one_name_means_one_thing() -> None:
    with pytest.raises(InvalidRequest, match="already"):
        said(kind="dimension", table="orders", name="region", label="channel")


@pytest.mark.parametrize(
    "what",
    [
        {"kind": "table", "table": "nope", "label": "x"},
        {"kind": "measure", "table": "orders", "name": "nope", "label": "x"},
        {"kind": "metric", "name": "nope", "label": "x"},
    ],
)
def test_names_that_are_not_there(what: dict[str, object]) -> None:
    with pytest.raises(UnknownName):
        said(**what)
