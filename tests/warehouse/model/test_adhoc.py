"""Aggregations on request: what resolves, what is refused, and how it is named."""

import pytest

from store.errors import InvalidRequest, UnknownName
from warehouse.model.adhoc import adhoc_name, available_numbers, output_name, resolve_field, resolve_measure
from warehouse.model.schema import SemanticModel


@pytest.fixture
def model() -> SemanticModel:
    return SemanticModel.model_validate(
        {
            "model": "m",
            "tables": {
                "sales": {
                    "source": "sales",
                    "time": {"default": "sold_on", "columns": {"sold_on": {"kind": "date", "label": "Sale date"}}},
                    "dimensions": {"id": {"type": "integer"}, "Pay Method": {"label": "Payment method"}},
                    "numbers": {
                        "amount": {"unit": {"currency": "USD"}, "decimals": 2},
                        "total_spent": {"label": "Total spent"},
                        "age": {"additive": "none", "type": "integer", "decimals": 0},
                    },
                    "measures": {"sales": {"agg": "count"}, "revenue": {"agg": "sum", "expr": "amount * 2"}},
                }
            },
        }
    )


def test_a_defined_measure_is_found_by_its_name(model):
    table, measure = resolve_measure(model, "revenue")
    assert (table, measure.expr) == ("sales", "amount * 2")


@pytest.mark.parametrize(
    ("name", "label", "decimals", "additive"),
    [
        ("avg:sales.age", "Average age", 2, "none"),
        ("sum:sales.amount", "Total amount", 2, "all"),
        ("max:sales.sold_on", "Latest sale date", None, "none"),
        ("count_distinct:sales.Pay Method", "Different payment methods", 0, "none"),
        ("sum:sales.total_spent", "Total spent", None, "all"),
        ("median:sales.revenue", "Median revenue", None, "none"),
    ],
)
def test_an_aggregation_is_built_from_the_column(model, name, label, decimals, additive):
    table, measure = resolve_measure(model, name)
    assert (table, measure.label, measure.decimals, measure.additive) == ("sales", label, decimals, additive)


def test_names_with_spaces_become_quoted_expressions(model):
    assert resolve_measure(model, "count_distinct:sales.Pay Method")[1].expr == '"Pay Method"'


def test_units_follow_the_column_but_not_into_counts(model):
    assert resolve_measure(model, "avg:sales.amount")[1].unit.currency == "USD"
    assert resolve_measure(model, "count:sales.amount")[1].unit is None


def test_rates_and_prices_are_never_summed(model):
    with pytest.raises(InvalidRequest) as refused:
        resolve_measure(model, "sum:sales.age")
    assert refused.value.code == "non_additive"


@pytest.mark.parametrize("name", ["avg:sales.sold_on", "max:sales.Pay Method", "avg:sales.id"])
def test_aggregations_that_do_not_fit_are_refused(model, name):
    with pytest.raises(InvalidRequest) as refused:
        resolve_measure(model, name)
    assert refused.value.code == "wrong_aggregation"


@pytest.mark.parametrize("name", ["nothing", "avg:nowhere.x", "avg:sales.x", "mode:sales.age"])
def test_other_names_are_none(model, name):
    assert resolve_measure(model, name) is None


def test_output_names_are_plain_identifiers():
    assert output_name(adhoc_name("avg", "sales", "Sale Price (USD)")) == "avg_Sale_Price_USD"
    assert output_name("revenue") == "revenue"


def test_fields_of_every_kind_resolve_to_a_dimension(model):
    assert resolve_field(model, "sales", "amount").type == "decimal"
    assert resolve_field(model, "sales", "sold_on").type == "date"
    assert resolve_field(model, "sales", "Pay Method").label == "Payment method"
    with pytest.raises(UnknownName, match=r"sales\.amount"):
        resolve_field(model, "sales", "amuont")


def test_available_numbers_lists_quantities_and_dates(model):
    fields = {f.column: f.aggregations for f in available_numbers(model)}
    assert set(fields) == {"amount", "total_spent", "age", "sold_on"}
    assert "sum" not in fields["age"]
    assert "avg" not in fields["sold_on"]
