"""Stock: the last snapshot of each period, never the sum of days, and never a zero that nobody counted."""

from __future__ import annotations

import datetime as dt

import pytest

JAN_FEB = {"start": "2025-01-01", "end": "2025-03-01", "grain": "month"}
JAN, FEB = dt.date(2025, 1, 1), dt.date(2025, 2, 1)


def rule(shop, **changes):
    measure = shop.data["tables"]["inventory"]["measures"]["on_hand"]
    measure["semi_additive"] = {**measure["semi_additive"], **changes}


def by_month(shop):
    return shop.ask(metrics=["on_hand"], dimensions=["category_name"], time=JAN_FEB, order=[{"by": "month"}])


@pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
def test_22_the_last_snapshot_of_the_month(shop, zone):
    shop.data["calendar"]["timezone"] = zone
    compiled = shop.compile(metrics=["on_hand"], dimensions=["category_name"], time=JAN_FEB)
    assert shop.rows(compiled) == [
        (JAN, "Hats", 4), (JAN, "Shoes", 6), (FEB, "Hats", None), (FEB, "Shoes", 8),
    ]  # fmt: skip
    assert "snapshot_missing" in shop.notes(compiled)


def test_22_per_product_the_older_snapshot_counts_and_its_age_is_told(shop):
    rule(shop, per=["product_id"])
    compiled = shop.compile(metrics=["on_hand"], dimensions=["category_name"], time=JAN_FEB)
    assert {r[:2]: r[2] for r in shop.rows(compiled)}[FEB, "Hats"] == 3
    assert shop.notes(compiled)["snapshot_missing"].startswith("1 of the ")
    assert "up to 1 days" in shop.notes(compiled)["snapshot_missing"]


def test_a1_public_stock_is_the_last_snapshot(shop):
    shop.data["policies"] = [{"name": "own", "table": "customers", "where": "country IN (:countries)"}]
    shop.data["public_facts"] = ["inventory"]
    shop.signed_in(countries=("US",))
    assert shop.ask(metrics=["on_hand"]) == [(8,)]


def test_what_is_filtered_does_not_move_the_date(shop, condition):
    hats = condition("category_name", "=", "Hats")
    assert shop.ask(metrics=["on_hand"], filters=[hats]) == [(None,)]
    january = {"start": "2025-01-01", "end": "2025-02-01"}
    assert shop.ask(metrics=["on_hand"], filters=[hats], time=january) == [(4,)]


@pytest.mark.parametrize(
    ("take", "expected"),
    [
        ("first", {(JAN, "Shoes"): 7, (JAN, "Hats"): 5, (FEB, "Shoes"): 9, (FEB, "Hats"): 3}),
        ("avg", {(JAN, "Shoes"): 6.5, (JAN, "Hats"): 4.5, (FEB, "Shoes"): 8.5, (FEB, "Hats"): 1.5}),
        ("min", {(JAN, "Shoes"): 6, (JAN, "Hats"): 4, (FEB, "Shoes"): 8, (FEB, "Hats"): 3}),
        ("max", {(JAN, "Shoes"): 7, (JAN, "Hats"): 5, (FEB, "Shoes"): 9, (FEB, "Hats"): 3}),
    ],
)
def test_other_ways_to_take_a_level(shop, take, expected):
    rule(shop, take=take)
    assert {r[:2]: r[2] for r in by_month(shop)} == expected


@pytest.mark.parametrize(
    ("take", "february"),
    [("avg", {"Shoes": 8.5, "Hats": 3}), ("min", {"Shoes": 8, "Hats": 3}), ("first", {"Shoes": 9, "Hats": 3})],
)
def test_each_product_by_itself(shop, take, february):
    rule(shop, take=take, per=["product_id"])
    assert {r[1]: r[2] for r in by_month(shop) if r[0] == FEB} == february


def test_lowest_of_the_whole_is_of_daily_totals(shop):
    rule(shop, take="min")
    assert shop.ask(metrics=["on_hand"], time={**JAN_FEB, "end": "2025-02-01"}) == [(JAN, 10)]


def test_a_month_is_compared_with_the_last_snapshot_of_the_month_before(shop):
    rows = shop.ask(metrics=["on_hand"], time=JAN_FEB, compare={"to": "previous_period"})
    assert [r[:3] for r in rows] == [(JAN, 10, None), (FEB, 8, 10)]


def test_a_level_is_not_added_up_over_time(shop):
    compiled = shop.compile(metrics=["on_hand"], time=JAN_FEB)
    assert not compiled.columns[1].additive
    from store.errors import InvalidRequest

    with pytest.raises(InvalidRequest) as error:
        shop.compile(metrics=["on_hand"], time=JAN_FEB, transforms=[{"kind": "running", "of": "on_hand"}])
    assert error.value.code == "non_additive"


def test_a_share_of_stock_at_one_moment(shop):
    window = {"start": "2025-01-01", "end": "2025-02-01"}
    share = [{"kind": "share", "of": "on_hand"}]
    rows = shop.ask(metrics=["on_hand"], dimensions=["category_name"], time=window, transforms=share)
    assert rows == [("Shoes", 6, 0.6), ("Hats", 4, 0.4)]


def test_stock_beside_sales(shop):
    rows = shop.ask(metrics=["on_hand", "item_revenue"], dimensions=["category_name"], time=JAN_FEB)
    found = {r[:2]: r[2:] for r in rows}
    assert found[JAN, "Shoes"] == (6, 160)
    assert found[FEB, "Hats"] == (None, 10)
