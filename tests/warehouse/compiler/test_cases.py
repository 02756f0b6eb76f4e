"""The hand-computed cases of the mini fixture; 7 is in test_clocks, 11 in test_many_side, 16 and 17 in test_policies,
22 in test_levels.
"""

from datetime import date
from decimal import Decimal

import pytest

APRIL, FEBRUARY, JANUARY, MARCH = date(2025, 4, 1), date(2025, 2, 1), date(2025, 1, 1), date(2025, 3, 1)


def test_1_orders_and_revenue_by_channel(shop):
    assert shop.ask(metrics=["orders", "revenue"], dimensions=["channel"]) == [("web", 3, 190), ("app", 2, 65)]


def test_2_a_ratio_is_recomputed_in_the_total(shop):
    assert shop.ask(metrics=["aov"], dimensions=["channel"]) == [("web", 80), ("app", 60)]
    assert shop.ask(metrics=["aov"])[0][0] == pytest.approx(220 / 3)


def test_3_conversion_by_month_has_no_value_without_sessions(shop):
    rows = shop.ask(metrics=["conversion"], time={"grain": "month"})
    assert rows == [(JANUARY, 0.5), (FEBRUARY, pytest.approx(1 / 3)), (MARCH, None), (APRIL, None)]


def test_4_two_facts_are_never_joined(shop):
    rows = shop.ask(metrics=["net_revenue"], time={"grain": "month"})
    assert rows == [(JANUARY, 180), (FEBRUARY, -10), (MARCH, -10), (APRIL, 0)]


def test_5_running_total_passes_through_the_empty_month(shop):
    rows = shop.ask(metrics=["revenue"], time={"grain": "month"}, transforms=[{"kind": "running", "of": "revenue"}])
    assert [r[2] for r in rows] == [180, 250, 250, 255]


def test_6_the_previous_month_is_the_month_before_not_the_row_before(shop):
    rows = shop.ask(metrics=["revenue"], time={"grain": "month"}, compare={"to": "previous_period"})
    assert [r[2] for r in rows] == [None, 180, 70, 0]
    assert [r[4] for r in rows] == [None, pytest.approx(-0.6111, abs=1e-4), -1, None]


def test_8_filtered_metrics_are_zero_where_the_group_exists(shop):
    rows = shop.ask(metrics=["orders", "completed_orders", "cancelled_revenue"], dimensions=["channel"])
    assert rows == [("web", 3, 2, 30), ("app", 2, 1, 0)]


def test_a_sum_of_nothing_known_is_unknown_where_the_model_says_so(shop):
    shop.run("UPDATE orders SET amount = NULL WHERE channel = 'app'")
    revenue = next(t["measures"] for t in shop.data["tables"].values() if "revenue" in t.get("measures", {}))["revenue"]
    assert ("app", 0) in shop.ask(metrics=["revenue"], dimensions=["channel"])
    revenue["blank"] = "unknown"
    assert ("app", None) in shop.ask(metrics=["revenue"], dimensions=["channel"])
    assert ("app", None, 2) in shop.ask(metrics=["revenue", "orders"], dimensions=["channel"])
    by_country = {r[0]: r[1] for r in shop.ask(metrics=["revenue", "events"], dimensions=["country"])}
    assert by_country["DE"] is None  # events without orders: no sum was ever known there


def test_9_two_hops(shop):
    assert shop.ask(metrics=["revenue"], dimensions=["territory"]) == [("North", 190), ("South", 65)]


def test_10_item_revenue_by_department(shop):
    assert shop.ask(metrics=["item_revenue"], dimensions=["department"]) == [("Apparel", 180), ("Other", 60)]


def test_12_two_facts_by_a_shared_dimension(shop):
    rows = shop.ask(metrics=["revenue", "events"], dimensions=["country"])
    assert rows == [("US", 215, 5), ("GB", 40, 2), ("DE", 0, 1)]


def test_13_a_fact_and_the_fact_below_it(shop):
    rows = shop.ask(metrics=["item_revenue", "refunds"], dimensions=["category_name"])
    assert rows == [("Shoes", 160, 50), ("Toys", 60, 0), ("Hats", 20, 10)]


@pytest.mark.parametrize(
    ("label", "names"), [("start_year", ["Q4 FY2024", "Q1 FY2025"]), ("end_year", ["Q4 FY2025", "Q1 FY2026"])]
)
def test_14_fiscal_quarters(shop, label, names):
    from warehouse.compiler.calendar_math import midnight
    from warehouse.compiler.period_labels import bucket_label

    shop.data["calendar"] |= {"fiscal_start_month": 2, "fiscal_label": label}
    rows = shop.ask(metrics=["revenue"], time={"grain": "quarter"})
    assert rows == [(date(2024, 11, 1), 180), (date(2025, 2, 1), 75)]
    assert [bucket_label(midnight(r[0]), "quarter", shop.model.calendar) for r in rows] == names


def test_15_months_on_the_business_clock(shop):
    shop.data["calendar"]["timezone"] = "America/New_York"
    assert [r[1] for r in shop.ask(metrics=["orders"], time={"grain": "month"})] == [3, 1, 0, 1]


def test_18_top_product_in_each_category(shop):
    top = {"n": 1, "by": "item_revenue", "per": [{"field": "category_name"}]}
    rows = shop.ask(metrics=["item_revenue"], dimensions=["category_name", "product_name"], top=top)
    assert rows == [("Hats", "Cap", 20), ("Shoes", "Runner", 100), ("Toys", "Robot", 60)]


def test_19_the_share_sees_all_groups_not_the_cut_list(shop):
    share = [{"kind": "share", "of": "revenue"}]
    rows = shop.ask(metrics=["revenue"], dimensions=["channel"], transforms=share, limit=1)
    assert rows == [("web", Decimal("190.00"), pytest.approx(190 / 255))]


def test_20_distinct_buyers_by_quarter(shop):
    compiled = shop.compile(metrics=["buyers"], time={"grain": "quarter"})
    assert shop.rows(compiled) == [(JANUARY, 3), (APRIL, 1)]
    assert compiled.partial_periods == ("2025-04-01",)
    assert compiled.notes[0].code == "partial_period"


def test_21_distinct_buyers_in_total(shop):
    assert shop.ask(metrics=["buyers"]) == [(3,)]
