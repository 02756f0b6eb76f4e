"""Grouping and filtering by what lies on the many side: nothing is doubled unseen, nothing is lost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from store.errors import InvalidRequest

SHOES_ALONE = {"field": {"field": "category_name"}, "values": ["Shoes"]}


def test_11_each_order_counts_once_in_each_category(shop):
    compiled = shop.compile(metrics=["revenue"], dimensions=["category_name"])
    assert shop.rows(compiled) == [("Shoes", 180), ("Hats", 100), ("Toys", 70), (None, 5)]
    assert "parts add up to 355" in shop.notes(compiled)["fan_out"]
    assert "total is 255" in shop.notes(compiled)["fan_out"]
    assert not compiled.columns[1].additive


def test_no_note_where_nothing_is_doubled(shop):
    shop.run("DELETE FROM order_items WHERE item_id IN (4, 7)")
    assert shop.notes(shop.compile(metrics=["revenue"], dimensions=["category_name"])) == {}


def test_a5_with_a_dimension_of_the_one_side_beside_it(shop):
    rows = shop.ask(metrics=["revenue"], dimensions=["category_name", "country"], order=[{"by": "category_name"}])
    assert rows == [
        ("Hats", "GB", 40), ("Hats", "US", 60), ("Shoes", "US", 180), ("Toys", "GB", 40), ("Toys", "US", 30),
        (None, "US", 5),
    ]  # fmt: skip


def test_a5_under_a_policy(shop):
    shop.data["policies"] = [{"name": "own", "table": "customers", "where": "country IN (:countries)"}]
    shop.signed_in(countries=("US",))
    compiled = shop.compile(metrics=["revenue"], dimensions=["category_name"])
    assert shop.rows(compiled) == [("Shoes", 180), ("Hats", 60), ("Toys", 30), (None, 5)]
    assert "total is 215" in shop.notes(compiled)["fan_out"]


def test_a7_two_levels_of_facts(shop):
    rows = shop.ask(metrics=["revenue", "item_revenue"], dimensions=["category_name"])
    assert rows == [("Shoes", 180, 160), ("Hats", 100, 20), ("Toys", 70, 60), (None, 5, 0)]


def test_a13_both_kinds_of_missing_are_one_group(shop):
    shop.run("INSERT INTO order_items VALUES (8, 99, 99, 0, 0)")
    shop.run("INSERT INTO returns VALUES (3, 8, '2025-03-05', 3)")
    rows = shop.ask(metrics=["revenue", "refunds"], dimensions=["category_name"])
    assert [r for r in rows if r[0] is None] == [(None, 5, 3)]


def test_a2_the_filter_holds_inside_the_groups(shop, condition):
    hats = condition("category_name", "=", "Hats")
    assert shop.ask(metrics=["revenue"], dimensions=["category_name"], filters=[hats]) == [("Hats", 100)]
    either = {"any_of": [hats, SHOES_ALONE]}
    rows = shop.ask(metrics=["revenue"], dimensions=["category_name"], filters=[either])
    assert rows == [("Shoes", 180), ("Hats", 100)]


@pytest.mark.parametrize(("many", "expected"), [("any", 180), ("none", 75), ("all", 120)])
def test_a2_how_many_must_match(shop, many, expected):
    assert shop.ask(metrics=["revenue"], filters=[{**SHOES_ALONE, "many": many}]) == [(expected,)]


def test_the_same_in_a_list_of_records(shop):
    rows = shop.records(table="orders", columns=[{"field": "order_id"}], filters=[{**SHOES_ALONE, "many": "none"}])
    assert rows == [(3,), (4,), (5,)]


def test_distinct_counts_and_ratios_are_taken_anew_in_each_group(shop):
    rows = shop.ask(metrics=["buyers", "aov"], dimensions=["department"])
    assert rows == [("Apparel", 3, pytest.approx(220 / 3)), ("Other", 2, 40), (None, 1, None)]


def test_parents_between_keep_children_that_have_none(shop):
    rows = shop.ask(metrics=["customers"], dimensions=["channel", "category_name"])
    assert ("app", None, 1) in rows
    assert (None, None, 1) in rows


def test_a18_the_share_is_of_the_true_total(shop):
    share = [{"kind": "share", "of": "revenue"}]
    compiled = shop.compile(metrics=["revenue"], dimensions=["category_name"], transforms=share)
    rows = shop.rows(compiled)
    assert rows[0] == ("Shoes", 180, pytest.approx(180 / 255))
    assert sum(r[2] for r in rows) == pytest.approx(355 / 255)
    assert "share_over_100" in shop.notes(compiled)


def test_a18_the_share_of_a_distinct_count_has_a_total_of_its_own(shop):
    rows = shop.ask(metrics=["buyers"], dimensions=["status"], transforms=[{"kind": "share", "of": "buyers"}])
    assert {r[0]: r[2] for r in rows}["completed"] == pytest.approx(1)
    assert sum(r[1] for r in rows) == 5


def test_a_table_without_a_key_cannot_fan_out(shop):
    shop.data["tables"]["orders"]["key"] = []
    with pytest.raises(InvalidRequest) as error:
        shop.compile(metrics=["revenue"], dimensions=["category_name"])
    assert error.value.code == "no_key"


@pytest.fixture
def accounts(shop):
    shop.data["tables"] |= {
        "accounts": {
            "source": "accounts", "key": ["account_id"], "measures": {"balance": {"agg": "sum", "expr": "balance"}},
        },
        "people": {"source": "people", "key": ["person_id"], "dimensions": {"person": {}}},
        "holders": {
            "source": "holders", "key": ["account_id", "person_id"], "bridge": {},
            "joins": [
                {"to": "accounts", "on": {"account_id": "account_id"}},
                {"to": "people", "on": {"person_id": "person_id"}},
            ],
        },
    }  # fmt: skip
    shop.run("CREATE TABLE accounts (account_id INT, balance DECIMAL(18,2))")
    shop.run("INSERT INTO accounts VALUES (1, 100), (2, 50)")
    shop.run("CREATE TABLE people AS SELECT * FROM (VALUES (1, 'Ann'), (2, 'Bob')) t(person_id, person)")
    shop.run("CREATE TABLE holders (account_id INT, person_id INT, pct DECIMAL(3,2))")
    shop.run("INSERT INTO holders VALUES (1, 1, 0.6), (1, 2, 0.4), (2, 2, 1.0)")
    return shop


def test_a9_many_to_many_counts_for_each(accounts):
    compiled = accounts.compile(metrics=["balance"], dimensions=["person"], order=[{"by": "person"}])
    assert accounts.rows(compiled) == [("Ann", 100), ("Bob", 150)]
    assert "total is 150" in accounts.notes(compiled)["fan_out"]


def test_a9_weights_make_the_parts_add_up(accounts):
    accounts.data["tables"]["holders"]["bridge"] = {"weight": "pct"}
    compiled = accounts.compile(metrics=["balance"], dimensions=["person"], order=[{"by": "person"}])
    assert accounts.rows(compiled) == [("Ann", Decimal("60")), ("Bob", Decimal("90"))]
    assert accounts.notes(compiled) == {}
    assert compiled.columns[1].additive


def test_a9_what_nobody_holds_stays(accounts):
    accounts.data["tables"]["holders"]["bridge"] = {"weight": "pct"}
    accounts.run("INSERT INTO accounts VALUES (3, 7)")
    rows = accounts.ask(metrics=["balance"], dimensions=["person"], order=[{"by": "person"}])
    assert rows[-1] == (None, 7)
