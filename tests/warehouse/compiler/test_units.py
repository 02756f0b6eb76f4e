"""Units: money of two currencies is never one number, and rates are never added up."""

from __future__ import annotations

import pytest

from store.errors import InvalidRequest
from warehouse.profile import ColumnProfile, DataProfile, TableProfile


def refused(shop, **query):
    with pytest.raises(InvalidRequest) as error:
        shop.compile(**query)
    return error.value.code


@pytest.fixture
def worldly(shop):
    shop.run("DELETE FROM orders")
    shop.run("ALTER TABLE orders ADD COLUMN currency TEXT")
    for number, (currency, amount) in enumerate([("USD", 10), ("EUR", 20)]):
        shop.run(f"INSERT INTO orders VALUES ({number}, 1, '2025-01-05', 'completed', 'web', {amount}, '{currency}')")
    orders = shop.data["tables"]["orders"]
    orders["dimensions"]["currency"] = {}
    orders["measures"]["local"] = {"agg": "sum", "expr": "amount", "unit": {"currency_column": "currency"}}
    shop.data["metrics"]["per_order"] = {"kind": "ratio", "numerator": "local", "denominator": "orders"}
    return shop


def test_a16_two_currencies_are_not_added(worldly, condition):
    assert refused(worldly, metrics=["local"]) == "mixed_currency"
    assert refused(worldly, metrics=["per_order"], dimensions=["channel"]) == "mixed_currency"
    both = condition("currency", "in", "USD", "EUR")
    assert refused(worldly, metrics=["local"], filters=[both]) == "mixed_currency"


def test_a16_by_currency_or_in_one(worldly, condition):
    assert worldly.ask(metrics=["local"], dimensions=["currency"]) == [("EUR", 20), ("USD", 10)]
    assert worldly.ask(metrics=["local"], filters=[condition("currency", "=", "USD")]) == [(10,)]
    only = {"metric": "local", "where": [condition("currency", "=", "EUR")]}
    assert worldly.ask(metrics=[only]) == [(20,)]


def test_a16_an_only_currency_needs_no_saying(worldly):
    worldly.run("UPDATE orders SET currency = 'EUR'")
    column = ColumnProfile(name="currency", duckdb_type="VARCHAR", rows=2, distinct=1, values=["EUR"])
    orders = TableProfile(name="orders", rows=2, columns={"currency": column})
    worldly.profile = DataProfile(tables={"orders": orders})
    assert worldly.compile(metrics=["local"]).columns[0].unit.currency == "EUR"


def test_groups_of_the_share_must_have_one_currency_too(worldly):
    share = [{"kind": "share", "of": "local"}]
    query = {"metrics": ["local"], "dimensions": ["currency"]}
    assert refused(worldly, **query, transforms=share) == "mixed_currency"
    within = [{"kind": "share", "of": "local", "within": [{"field": "currency"}]}]
    assert [r[2] for r in worldly.ask(**query, transforms=within)] == [1, 1]
    compiled = worldly.compile(**query)
    assert not compiled.columns[1].additive


def test_sums_of_two_fixed_currencies_are_refused(shop):
    shop.data["tables"]["returns"]["measures"]["refunds"]["unit"] = {"currency": "EUR"}
    assert refused(shop, metrics=["net_revenue"]) == "mixed_currency"
    assert shop.ask(metrics=["revenue", "refunds"]) == [(255, 60)]


@pytest.mark.parametrize("change", [{"unit": {"percent": True}}, {"unit": {"ratio": True}}, {"additive": "none"}])
def test_rates_are_never_added_up(shop, change):
    shop.data["tables"]["orders"]["measures"]["rate"] = {"agg": "sum", "expr": "amount", **change}
    assert refused(shop, metrics=["rate"]) == "non_additive"
    shop.data["tables"]["orders"]["measures"]["rate"]["agg"] = "avg"
    assert shop.ask(metrics=["rate"]) == [(51,)]
