"""Filters: what text, dates, numbers and blanks mean."""

import datetime as dt

import pytest

from store.errors import InvalidRequest
from warehouse.profile import ColumnProfile, DataProfile, TableProfile


@pytest.mark.parametrize(
    ("op", "values", "orders"),
    [
        ("=", ["WEB"], 3),
        ("=", ["online"], 3),
        ("in", ["Web", "fax"], 3),
        ("!=", ["web"], 3),
        ("not_in", ["web", "APP"], 1),
        ("contains", ["P"], 2),
        ("contains", ["%"], 0),
        ("contains", ["_"], 0),
        ("contains", ["\\"], 0),
        ("starts_with", ["W"], 3),
        ("ends_with", ["B"], 3),
        ("is_null", [], 1),
        ("not_null", [], 5),
        ("between", ["app", "b"], 2),
    ],
)
def test_text_ignores_case_and_blanks_are_not_lost(shop, condition, op, values, orders):
    shop.run("INSERT INTO orders VALUES (6, 1, NULL, 'completed', NULL, 1)")
    assert shop.ask(metrics=["orders"], filters=[condition("channel", op, *values)]) == [(orders,)]


def test_the_spelling_of_the_data_is_used_when_every_value_is_known(shop, condition):
    known = ColumnProfile(name="channel", duckdb_type="VARCHAR", rows=5, distinct=2, values=["web", "app"])
    shop.profile = DataProfile(tables={"orders": TableProfile(name="orders", rows=5, columns={"channel": known})})
    compiled = shop.compile(metrics=["orders"], filters=[condition("channel", "!=", "WEB")])
    assert '"orders"."channel" <> \'web\'' in compiled.sql.replace("`", '"')  # Spark's quotes
    assert "LOWER" not in compiled.sql
    assert shop.rows(compiled) == [(2,)]


def test_two_spellings_of_one_value_are_both_found(shop, condition):
    shop.run("INSERT INTO orders VALUES (6, 1, NULL, 'completed', 'Web', 1)")
    known = ColumnProfile(name="channel", duckdb_type="VARCHAR", rows=6, distinct=3, values=["web", "app", "Web"])
    shop.profile = DataProfile(tables={"orders": TableProfile(name="orders", rows=6, columns={"channel": known})})
    assert shop.ask(metrics=["orders"], filters=[condition("channel", "=", "web")]) == [(4,)]


@pytest.mark.parametrize(
    ("op", "values", "orders"),
    [
        ("=", [dt.date(2025, 2, 1)], 1),
        ("=", ["2025-02-01"], 1),
        ("!=", [dt.date(2025, 2, 1)], 4),
        ("<", [dt.date(2025, 2, 1)], 2),
        ("<=", [dt.date(2025, 2, 1)], 3),
        (">", [dt.date(2025, 2, 1)], 2),
        (">=", [dt.date(2025, 2, 1)], 3),
        (">=", [dt.datetime(2025, 2, 1, 3, 31)], 2),
        ("<=", [dt.datetime(2025, 2, 1, 3, 30)], 3),
        ("between", [dt.date(2025, 1, 20), dt.date(2025, 2, 1)], 2),
        ("in", [dt.date(2025, 1, 5), dt.date(2025, 4, 30)], 2),
        ("not_in", [dt.date(2025, 1, 5), dt.date(2025, 4, 30)], 3),
    ],
)
def test_a_date_means_its_whole_day(shop, condition, op, values, orders):
    assert shop.ask(metrics=["orders"], filters=[condition("orders.ordered_at", op, *values)]) == [(orders,)]


@pytest.mark.parametrize(("op", "value", "orders"), [(">", 60, 1), (">=", "60", 2), ("=", "40.00", 1), ("<", "5.5", 1)])
def test_numbers_compare_as_numbers(shop, condition, op, value, orders):
    assert shop.ask(metrics=["orders"], filters=[condition("orders.amount", op, value)]) == [(orders,)]


@pytest.mark.parametrize(("field", "value"), [("orders.amount", "many"), ("orders.ordered_at", "soon")])
def test_a_value_that_does_not_fit_is_refused(shop, condition, field, value):
    with pytest.raises(InvalidRequest) as refused:
        shop.compile(metrics=["orders"], filters=[condition(field, "=", value)])
    assert refused.value.code == "invalid_value"


def test_a_month_of_a_date(shop):
    month = {"field": {"field": "ordered_at", "grain": "month"}, "values": ["2025-02-01"]}
    assert shop.ask(metrics=["orders"], filters=[month]) == [(2,)]
    weekend = {"field": {"field": "ordered_at", "part": "weekend"}, "values": [True]}
    assert shop.ask(metrics=["orders"], filters=[weekend]) == [(2,)]


def test_expressions_of_the_model_keep_their_meaning_beside_operators(shop, condition):
    shop.data["tables"]["orders"]["dimensions"] |= {
        "big": {"expr": "amount >= 40 OR channel = 'app'", "type": "boolean"},
        "net": {"expr": "amount - 1", "type": "decimal"},
    }
    shop.data["tables"]["orders"]["measures"] |= {
        "some": {"agg": "count", "where": "channel = 'app' OR channel = 'web'"},
        "double": {"agg": "sum", "expr": "amount * 2"},
        "net_sum": {"agg": "sum", "expr": "amount - 1"},
    }
    shop.data["metrics"]["part"] = {"kind": "derived", "expr": "2 * (double - revenue) / (revenue + 0) - 1"}
    assert shop.ask(metrics=["orders"], filters=[condition("big", "=", True)]) == [(4,)]
    assert shop.ask(metrics=["orders"], filters=[condition("big", "!=", True)]) == [(1,)]
    assert shop.ask(metrics=["net_sum", "some", "part"], filters=[condition("net", "<=", 39)]) == [(72, 3, 1)]


def test_any_of(shop, condition):
    either = {"any_of": [condition("channel", "=", "app"), condition("country", "=", "GB")]}
    assert shop.ask(metrics=["orders"], filters=[either, condition("status", "=", "completed")]) == [(2,)]


HOSTILE = [
    "'; DROP TABLE orders; --",
    'a"b',
    "back\\slash",
    "100%",
    "_",
    "é 日本 🦆",
    "{{x}}",
    "$$",
    "",
    " ",
    "a.b",
    "--",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_values_are_only_values(shop, condition, text):
    shop.connection.execute("INSERT INTO orders VALUES (6, 1, '2025-03-01', 'completed', ?, 1)", [text])
    assert shop.ask(metrics=["orders"], filters=[condition("channel", "=", text)]) == [(1,)]
    assert shop.ask(metrics=["orders"], filters=[condition("channel", "!=", text)]) == [(5,)]
    found = shop.ask(metrics=["orders"], filters=[condition("channel", "contains", text)])[0][0]
    assert found == sum(text.lower() in c.lower() for c in ["web", "app", "web", "web", "app", text])


@pytest.mark.parametrize("name", [*filter(str.strip, HOSTILE), "select", "__d0", "GROUP BY 1", "Pay Method"])
def test_hostile_names_are_only_names(shop, name):
    quoted = '"' + name.replace('"', '""') + '"'
    shop.run(f'CREATE TABLE odd ({quoted} TEXT, "at" DATE)')
    shop.run("INSERT INTO odd VALUES ('a', '2025-01-01'), ('b', '2025-02-01'), ('a', NULL)")
    shop.data["tables"]["odd"] = {
        "source": "odd",
        "dimensions": {name: {"label": "Odd"}},
        "time": {"default": "at", "columns": {"at": {"kind": "date"}}},
        "measures": {"oddities": {"agg": "count"}},
    }
    assert shop.ask(metrics=["oddities"], dimensions=[f"odd.{name}"]) == [("a", 2), ("b", 1)]
    assert shop.records(table="odd", columns=[{"field": f"odd.{name}"}], distinct=True) == [("a",), ("b",)]
    assert shop.ask(metrics=[f"count_distinct:odd.{name}"], time={"start": "2025-01-01", "end": "2025-02-01"}) == [(1,)]
