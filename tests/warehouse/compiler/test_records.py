"""Lists of records: columns, related rows, order."""

import pytest

from store.errors import InvalidRequest, UnknownName
from warehouse.compiler import compile_records
from warehouse.query import RecordQuery

ID, COUNTRY = {"field": "customers.customer_id"}, {"field": "customers.country"}


def test_columns_of_the_tables_a_row_belongs_to(shop, condition):
    rows = shop.records(
        table="order_items",
        columns=[{"field": "order_items.item_id"}, {"field": "category_name"}, {"field": "country"}],
        filters=[condition("department", "=", "other")],
    )
    assert rows == [(5, "Toys", "US"), (7, "Toys", "GB")]


def test_default_columns_and_a_fixed_order(shop):
    compiled = compile_records(shop.model, RecordQuery(table="orders", limit=2), profile=shop.profile, as_of=shop.as_of)
    assert [c.name for c in compiled.columns] == ["order_id", "ordered_at", "channel", "status", "amount"]
    assert all(c.role == "record" for c in compiled.columns)
    assert [r[0] for r in shop.rows(compiled)] == [1, 2]


def test_order_by_something_not_shown(shop):
    order = [{"by": "orders.amount", "desc": True}]
    rows = shop.records(table="orders", columns=[{"field": "orders.order_id"}], order=order, limit=2)
    assert rows == [(1,), (2,)]


def test_customers_without_orders(shop):
    related = [{"table": "orders", "exists": False}]
    assert shop.records(table="customers", columns=[ID], related=related) == [(4,)]


def test_customers_who_bought_a_category_in_a_period(shop, condition):
    related = {
        "table": "order_items",
        "filters": [condition("category_name", "=", "Hats")],
        "time": {"start": "2025-02-01", "end": "2025-03-01"},
    }
    assert shop.records(table="customers", columns=[COUNTRY], related=[related]) == [("GB",)]


def test_customers_and_products_meet_in_order_lines(shop, condition):
    related = [{"table": "products", "filters": [condition("product_name", "=", "Robot")]}]
    assert shop.records(table="customers", columns=[ID], related=related) == [(1,), (3,)]
    none = [{**related[0], "exists": False}]
    assert shop.records(table="customers", columns=[ID], related=none) == [(2,), (4,)]


def test_orders_whose_customer_is_missing(shop, condition):
    shop.run("INSERT INTO orders VALUES (6, 99, '2025-04-01', 'completed', 'web', 7)")
    column = [{"field": "orders.order_id"}]
    assert shop.records(table="orders", columns=column, related=[{"table": "customers", "exists": False}]) == [(6,)]
    american = {"table": "customers", "filters": [condition("country", "=", "us")]}
    assert len(shop.records(table="orders", columns=column, related=[american])) == 4
    assert len(shop.records(table="orders", columns=column, related=[{**american, "exists": False}])) == 2


def test_filters_on_the_many_side_never_repeat_a_row(shop, condition):
    rows = shop.records(
        table="orders", columns=[{"field": "orders.order_id"}], filters=[condition("category_name", "=", "shoes")]
    )
    assert rows == [(1,), (2,)]


def test_distinct_combinations(shop):
    columns = [{"field": "orders.channel"}, {"field": "orders.ordered_at", "grain": "quarter"}]
    assert len(shop.records(table="orders", columns=columns, distinct=True)) == 3


def test_a_window_and_its_label(shop):
    query = RecordQuery.model_validate({"table": "orders", "time": {"last": {"n": 1, "unit": "month"}}})
    compiled = compile_records(shop.model, query, profile=shop.profile, as_of=shop.as_of)
    assert compiled.period.label == "April 2025"
    assert len(shop.rows(compiled)) == 1


def test_refusals(shop):
    with pytest.raises(UnknownName):
        shop.records(table="order")
    with pytest.raises(UnknownName):
        shop.records(table="orders", columns=[{"field": "orders.amout"}])
    with pytest.raises(InvalidRequest) as refused:
        shop.records(table="orders", columns=[{"field": "category_name"}])
    assert refused.value.code == "fan_out"
    with pytest.raises(UnknownName):
        shop.records(table="orders", columns=[{"field": "channel"}], distinct=True, order=[{"by": "amount"}])
