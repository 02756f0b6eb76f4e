"""Cumulative figures and conversions: what a period means for each, computed by hand."""

from __future__ import annotations

import datetime as dt

import pytest

MONTHS = {"grain": "month"}


@pytest.fixture
def counting(shop):
    shop.data["metrics"] |= {
        "revenue_ytd": {"kind": "cumulative", "metric": "revenue", "reset": "year"},
        "revenue_qtd": {"kind": "cumulative", "metric": "revenue", "reset": "quarter"},
        "buyers_ever": {"kind": "cumulative", "metric": "buyers"},
        "aov_ytd": {"kind": "cumulative", "metric": "aov", "reset": "year"},
        "revenue_28": {"kind": "cumulative", "metric": "revenue", "window": {"n": 28, "unit": "day"}},
    }
    return shop


def test_the_year_to_date_of_every_month(counting):
    rows = counting.ask(metrics=["revenue", "revenue_ytd", "revenue_qtd"], time=MONTHS)
    assert [r[1:] for r in rows] == [(180, 180, 180), (70, 250, 250), (0, 250, 250), (5, 255, 5)]


def test_what_came_before_the_window_counts(counting):
    march = {"grain": "month", "start": "2025-03-01", "end": "2025-04-01"}
    assert [r[1] for r in counting.ask(metrics=["revenue_ytd"], time=march)] == [250]
    assert counting.ask(metrics=["revenue_ytd"], time={"start": "2025-03-01", "end": "2025-04-01"}) == [(250,)]


def test_a_distinct_count_to_date_counts_each_once(counting):
    assert [r[1] for r in counting.ask(metrics=["buyers_ever"], time=MONTHS)] == [2, 3, 3, 3]
    assert counting.ask(metrics=["buyers_ever"]) == [(3,)]


def test_a_ratio_to_date_is_of_the_sums(counting):
    assert [r[1] for r in counting.ask(metrics=["aov_ytd"], time=MONTHS)] == pytest.approx([90] + [220 / 3] * 3)


def test_a_trailing_window(counting):
    february = {"grain": "day", "start": "2025-02-01", "end": "2025-02-04"}
    assert [r[1] for r in counting.ask(metrics=["revenue_28"], time=february)] == [210, 90, 90]
    assert [r[1] for r in counting.ask(metrics=["revenue_28"], time=MONTHS)] == [180, 70, 0, 5]


def test_a_trailing_window_of_a_running_period_ends_with_the_data(counting):
    counting.as_of = dt.datetime(2025, 2, 11, 9)
    counting.data["calendar"]["data_through"] = "2025-02-10"
    # 14 Jan – 10 Feb has the orders of 60, 30 and 40; the 28 days up to 28 Feb would have the last two alone
    assert [r[1] for r in counting.ask(metrics=["revenue_28"], time={"grain": "month"})] == [180, 130]
    assert counting.ask(metrics=["revenue_28"], time={"start": "2025-02-01", "end": "2025-03-01"}) == [(130,)]


def test_to_date_by_group_and_against_last_year(counting):
    rows = counting.ask(metrics=["revenue_ytd"], dimensions=["channel"], time=MONTHS)
    assert [r[2] for r in rows if r[1] == "web"] == [120, 190, 190, 190]
    compare = {"to": "previous_period"}
    assert [r[2] for r in counting.ask(metrics=["revenue_ytd"], time=MONTHS, compare=compare)] == [None, 180, 250, 250]


def test_cumulative_figures_are_not_added_up(counting):
    from store.errors import InvalidRequest

    assert not counting.compile(metrics=["revenue_ytd"], time=MONTHS).columns[1].additive
    counting.data["metrics"]["twice"] = {"kind": "cumulative", "metric": "revenue_ytd"}
    with pytest.raises(InvalidRequest):
        counting.compile(metrics=["twice"], time=MONTHS)


@pytest.fixture
def funnel(shop):
    shop.data["tables"]["events"]["measures"] |= {
        "views": {"agg": "count", "where": "event_type = 'view'"},
        "purchases": {"agg": "count", "where": "event_type = 'purchase'"},
    }
    shop.data["metrics"]["view_to_buy"] = {
        "kind": "conversion", "entity": "events.customer_id", "base": "views", "then": "purchases",
        "within": {"n": 7, "unit": "day"},
    }  # fmt: skip
    shop.run("DELETE FROM events")
    events = [
        (1, "view", "2025-01-30"), (1, "purchase", "2025-02-02"), (2, "view", "2025-01-10"),
        (2, "purchase", "2025-01-20"), (3, "purchase", "2025-01-04"), (3, "view", "2025-01-05"),
        (4, "view", "2025-02-01 00:00"), (4, "purchase", "2025-02-08 00:00"),
    ]  # fmt: skip
    for number, (who, kind, at) in enumerate(events):
        shop.run(f"INSERT INTO events VALUES ({number}, {who}, 'S', '{kind}', '{at}')")
    return shop


def test_a17_converted_in_time_by_the_month_of_the_first_view(funnel):
    rows = funnel.ask(metrics=["view_to_buy"], time=MONTHS)
    assert [r[1] for r in rows] == [pytest.approx(1 / 3), 0, None, None]


def test_a17_over_all_time_by_country_and_filtered(funnel, condition):
    assert funnel.ask(metrics=["view_to_buy"]) == [(0.25,)]
    assert dict(funnel.ask(metrics=["view_to_buy"], dimensions=["country"])) == {"US": 0.5, "GB": 0, "DE": 0}
    american = condition("country", "=", "US")
    assert funnel.ask(metrics=["view_to_buy"], filters=[american]) == [(0.5,)]


def test_a_conversion_to_another_table(funnel):
    funnel.data["metrics"]["view_to_order"] = {
        "kind": "conversion", "entity": "events.customer_id", "base": "views", "then": "orders",
        "within": {"n": 1, "unit": "month"},
    }  # fmt: skip
    assert funnel.ask(metrics=["view_to_order"]) == [(0.5,)]


def test_young_periods_of_a_conversion_are_partial(funnel):
    funnel.data["calendar"]["data_through"] = "2025-03-03"
    compiled = funnel.compile(metrics=["view_to_buy"], time=MONTHS)
    assert compiled.partial_periods == ("2025-02-01", "2025-03-01")


def test_a_policy_binds_both_steps(funnel):
    funnel.data["policies"] = [{"name": "own", "table": "customers", "where": "country IN (:countries)"}]
    funnel.signed_in(countries=("GB", "DE"))
    assert funnel.ask(metrics=["view_to_buy"]) == [(0,)]


def test_a_weighted_average(shop):
    shop.data["tables"]["order_items"]["measures"]["price"] = {
        "agg": "avg", "expr": "unit_price", "weight": "quantity", "additive": "none",
    }  # fmt: skip
    shop.run("UPDATE order_items SET quantity = 3 WHERE item_id = 1")
    assert shop.ask(metrics=["price"]) == [(pytest.approx((3 * 50 + 60 + 50 + 10 + 30 + 10 + 30) / 9),)]


@pytest.mark.parametrize(("unit", "expected"), [("day", 2), ("hour", 38), ("minute", 2280)])
def test_the_time_between_two_dates(shop, condition, unit, expected):
    shop.run("ALTER TABLE orders ADD COLUMN shipped_at TIMESTAMP")
    shop.run("UPDATE orders SET shipped_at = TIMESTAMP '2025-01-07 00:00' WHERE order_id = 1")
    shop.data["tables"]["orders"]["time"]["columns"]["shipped_at"] = {"kind": "timestamp"}
    shop.data["tables"]["orders"]["numbers"]["wait"] = {
        "duration": {"start": "ordered_at", "end": "shipped_at", "unit": unit}, "type": "integer",
    }  # fmt: skip
    assert shop.ask(metrics=["avg:orders.wait"]) == [(expected,)]
    assert shop.ask(metrics=["orders"], filters=[condition("orders.wait", ">=", expected)]) == [(1,)]
    assert shop.records(table="orders", columns=[{"field": "orders.wait"}], limit=1) == [(expected,)]


def test_days_are_counted_on_the_business_clock(shop):
    shop.run("ALTER TABLE orders ADD COLUMN shipped_at TIMESTAMP")
    shop.run("UPDATE orders SET shipped_at = TIMESTAMP '2025-01-06 03:00' WHERE order_id = 1")
    shop.data["tables"]["orders"]["time"]["columns"]["shipped_at"] = {"kind": "timestamp"}
    shop.data["tables"]["orders"]["numbers"]["wait"] = {"duration": {"start": "ordered_at", "end": "shipped_at"}}
    assert shop.ask(metrics=["avg:orders.wait"]) == [(1,)]
    shop.data["calendar"]["timezone"] = "America/New_York"
    assert shop.ask(metrics=["avg:orders.wait"]) == [(0,)]
