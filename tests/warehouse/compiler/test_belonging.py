"""Rows by what belongs to them, by their average or extreme, and by the values of another field."""

import pytest

from store.errors import InvalidRequest, UnknownName
from tools.conditions import in_words
from warehouse.profile import ColumnProfile, DataProfile, TableProfile
from warehouse.query import AnyOf, Filter, Has, MetricQuery, RecordQuery

ID = [{"field": "customers.customer_id"}]
ORDER = [{"field": "orders.order_id"}]


def customers(shop, *filters):
    return [r[0] for r in shop.records(table="customers", columns=ID, filters=list(filters))]


def orders(shop, *filters):
    return [r[0] for r in shop.records(table="orders", columns=ORDER, filters=list(filters))]


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        (">", 1, [1, 2]), (">=", 2, [1, 2]), ("=", 1, [3]), ("=", 0, [4]), ("<", 2, [3, 4]), ("<=", 1, [3, 4]),
        ("!=", 2, [3, 4]), ("!=", 0, [1, 2, 3]), (">", 5, []), (">=", 0, [1, 2, 3, 4]),
    ],
)  # fmt: skip
def test_rows_by_how_many_belong_to_them(shop, op, value, found):
    assert customers(shop, {"has": "orders", "op": op, "value": value}) == found


def test_only_what_meets_the_inner_conditions_counts(shop, condition):
    web = {"has": "orders", "filters": [condition("channel", "=", "web")]}
    assert customers(shop, {**web, "op": ">=", "value": 2}) == [1]
    assert customers(shop, web) == [1, 3]
    assert customers(shop, {**web, "exists": False}) == [2, 4]


def test_both_and_neither(shop, condition):
    def bought(category):
        return {"has": "order_items", "filters": [condition("category_name", "=", category)]}

    assert customers(shop, bought("Hats"), bought("Toys")) == [3]
    assert customers(shop, bought("Hats"), {**bought("Toys"), "exists": False}) == [2]


def test_totals_of_what_belongs_to_a_row(shop):
    total = {"has": "orders", "agg": "sum", "of": {"field": "orders.amount"}}
    assert customers(shop, {**total, "op": ">", "value": 60}) == [1, 2]
    assert customers(shop, {**total, "op": "<=", "value": 40}) == [3, 4]
    average = {"has": "orders", "agg": "avg", "of": {"field": "orders.amount"}, "op": "<", "value": "40.5"}
    assert customers(shop, average) == [2, 3]


def test_the_most_and_the_fewest_with_ties(shop, condition):
    assert customers(shop, {"has": "orders", "op": "most"}) == [1, 2]
    assert customers(shop, {"has": "orders", "op": "fewest"}) == [3]
    web = {"has": "orders", "filters": [condition("channel", "=", "web")]}
    assert customers(shop, {**web, "op": "most"}) == [1]
    total = {"has": "orders", "agg": "sum", "of": {"field": "orders.amount"}}
    assert customers(shop, {**total, "op": "most"}) == [1]
    assert customers(shop, {**total, "op": "fewest"}) == [3]
    assert in_words(Has.model_validate({**total, "op": "most"})) == "with the highest total amount of orders"
    assert in_words(Has(has="orders", op="fewest")) == "with the fewest orders"


def test_rows_of_the_one_with_the_most(shop):
    """Orders of the region with the most customers, through a condition on what the order belongs to."""
    key = {"field": "regions.region_id"}
    most = {"field": key, "op": "in", "among": {"field": key, "filters": [{"has": "orders", "op": "fewest"}]}}
    assert orders(shop, most) == [2, 5]


def test_far_and_bridged_records_are_counted_once(shop):
    assert customers(shop, {"has": "order_items", "op": ">=", "value": 3}) == [1]
    assert customers(shop, {"has": "products", "op": "=", "value": 2}) == [2, 3]
    assert customers(shop, {"has": "products", "op": "=", "value": 0}) == [4]
    assert customers(shop, {"has": "products", "exists": False}) == [4]


def test_one_or_the_other(shop, condition):
    either = {"any_of": [condition("country", "=", "DE"), {"has": "orders", "op": ">", "value": 1}]}
    assert customers(shop, either) == [1, 2, 4]


def test_above_the_average_and_the_highest(shop, condition):
    amount = {"field": {"field": "orders.amount"}}
    assert orders(shop, {**amount, "op": ">", "than": {"agg": "avg"}}) == [1, 2]
    assert orders(shop, {**amount, "op": "=", "than": {"agg": "min"}}) == [5]
    web = [condition("channel", "=", "web")]
    assert orders(shop, {**amount, "op": "=", "than": {"agg": "min", "filters": web}}, *web) == [3]
    late = {"field": {"field": "orders.ordered_at"}, "op": "=", "than": {"agg": "max"}}
    assert orders(shop, late) == [5]


def test_more_than_the_one_with_the_highest(shop):
    """Lines dearer than the dearest line of a hat: the yardstick is narrowed by a yardstick of its own."""
    price = {"field": {"field": "order_items.unit_price"}}
    shop.data["tables"]["order_items"]["numbers"] = {"unit_price": {"type": "decimal"}, "quantity": {"type": "integer"}}
    most = {"field": {"field": "order_items.quantity"}, "op": "=", "than": {"agg": "max"}}
    hats = {"field": {"field": "category_name"}, "op": "=", "values": ["Hats"]}
    dearer = {**price, "op": ">", "than": {"agg": "max", "filters": [most, hats]}}
    rows = shop.records(table="order_items", columns=[{"field": "order_items.item_id"}], filters=[dearer])
    assert rows == [(1,), (2,), (3,), (5,), (7,)]


def test_values_of_another_field(shop, condition):
    lived = {"field": {"field": "customers.region_id"}, "among": {"field": {"field": "regions.region_id"}}}
    north = {**lived, "among": {**lived["among"], "filters": [condition("territory", "=", "North")]}}
    assert customers(shop, {**north, "op": "in"}) == [1, 3]
    assert customers(shop, {**north, "op": "not_in"}) == [2, 4]


def test_records_are_counted_by_what_belongs_to_them(shop):
    many = {"has": "orders", "op": ">=", "value": 2}
    assert shop.ask(metrics=["customers"], filters=[many]) == [(2,)]


def test_policies_hold_inside(shop):
    own = {"name": "own", "table": "customers", "where": "country in (:countries)"}
    shop.data["policies"] = [{**own, "roles": "all", "facts_without_path": "deny"}]
    shop.signed_in(countries=("GB",))
    assert customers(shop, {"has": "orders", "op": "<", "value": 5}) == [3]
    high = {"field": {"field": "orders.amount"}, "op": "=", "than": {"agg": "max"}}
    assert orders(shop, high) == [4]
    here = {"field": {"field": "customers.region_id"}, "op": "in", "among": {"field": {"field": "customers.region_id"}}}
    assert customers(shop, here) == [3]


def test_refusals(shop):
    with pytest.raises(UnknownName):
        customers(shop, {"has": "order"})
    with pytest.raises(InvalidRequest):
        customers(shop, {"has": "inventory", "op": ">", "value": 1})
    with pytest.raises(InvalidRequest) as refused:
        customers(shop, {"field": {"field": "customers.country"}, "op": ">", "than": {"agg": "avg"}})
    assert refused.value.code == "invalid_value"
    for wrong in (
        {"has": "orders", "agg": "sum"}, {"has": "orders", "value": 3},
        {"has": "orders", "exists": False, "op": ">", "value": 1}, {"has": "orders", "of": {"field": "x"}},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"takes|compared|turned|values"):
            Has.model_validate(wrong)
    for wrong in (
        {"field": {"field": "a"}, "op": "contains", "than": {"agg": "avg"}},
        {"field": {"field": "a"}, "op": ">", "values": [1], "than": {"agg": "avg"}},
        {"term": "big", "than": {"agg": "avg"}}, {"field": {"field": "a"}, "among": {"field": {"field": "b"}}},
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"takes|compared|turned|values"):
            Filter.model_validate(wrong)


def test_conditions_in_words():
    assert in_words(Has(has="order", op=">", value=2)) == "with more than 2 orders"
    assert in_words(Has(has="orders", exists=False)) == "without orders"
    total = {"has": "orders", "agg": "sum", "of": {"field": "orders.amount"}, "op": ">", "value": 1000}
    assert in_words(Has.model_validate(total)) == "with a total amount of orders over 1000"
    open_ones = Has(
        has="orders", op="<=", value=3, filters=(Filter(field={"field": "orders.status"}, values=("open",)),)
    )
    assert in_words(open_ones) == "with at most 3 orders (status is open)"
    old = Filter.model_validate({"field": {"field": "singer.age"}, "op": ">", "than": {"agg": "avg"}})
    assert in_words(old) == "age is over the average"
    oldest = Filter.model_validate({"field": {"field": "singer.age"}, "than": {"agg": "max"}})
    assert in_words(oldest) == "age is the highest"
    last = Filter.model_validate({"field": {"field": "orders.order_date"}, "than": {"agg": "max"}})
    assert in_words(last) == "order date is the latest"
    either = AnyOf(any_of=(oldest, Has(has="songs", op=">=", value=2)))
    assert in_words(either) == "age is the highest or they have at least 2 songs"
    lived = {"field": {"field": "owners.state"}, "op": "not_in", "among": {"field": {"field": "professional.state"}}}
    assert in_words(Filter.model_validate(lived)) == "state is not among the states of professionals"


def test_keys_of_unlike_types_still_meet(shop):
    shop.run("ALTER TABLE orders ALTER customer_id TYPE TEXT")
    shop.run("INSERT INTO orders VALUES (6, 'unknown', '2025-04-01', 'completed', 'web', 7)")
    texts = {"order_id": "INTEGER", "customer_id": "VARCHAR", "amount": "DECIMAL(18,2)"}
    columns = {n: ColumnProfile(name=n, duckdb_type=t) for n, t in texts.items()}
    keys = {"customer_id": ColumnProfile(name="customer_id", duckdb_type="INTEGER")}
    shop.profile = DataProfile(
        tables={
            "orders": TableProfile(name="orders", rows=6, columns=columns),
            "customers": TableProfile(name="customers", rows=4, columns=keys),
        }
    )
    assert customers(shop, {"has": "orders", "op": ">", "value": 1}) == [1, 2]


def test_queries_survive_writing_and_reading():
    raw = {
        "table": "customers", "filters": [{"any_of": [{"has": "orders", "op": ">", "value": "2"}, {"term": "big"}]}]
    }  # fmt: skip
    query = RecordQuery.model_validate(raw)
    assert RecordQuery.model_validate(query.model_dump(mode="json", exclude_defaults=True)) == query
    counted = MetricQuery.model_validate({"metrics": [{"metric": "customers"}], "filters": raw["filters"]})
    assert MetricQuery.model_validate(counted.model_dump(mode="json")) == counted
