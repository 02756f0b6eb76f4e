"""Shares, ranks, tops, orders and names of results."""

import datetime as dt

import pytest

from store.errors import InvalidRequest, UnknownName


def test_a_share_of_distinct_buyers_uses_its_own_total(shop):
    rows = shop.ask(metrics=["buyers"], dimensions=["channel"], transforms=[{"kind": "share", "of": "buyers"}])
    assert rows == [("web", 2, pytest.approx(2 / 3)), ("app", 1, pytest.approx(1 / 3))]


@pytest.mark.parametrize("kind", ["share", "running"])
def test_a_ratio_has_no_share_and_no_running_total(shop, kind):
    with pytest.raises(InvalidRequest) as refused:
        shop.compile(metrics=["aov"], time={"grain": "month"}, transforms=[{"kind": kind, "of": "aov"}])
    assert refused.value.code == "non_additive"


def test_shares_over_time_are_shares_of_the_period(shop):
    share = [{"kind": "share", "of": "revenue"}, {"kind": "rank", "of": "revenue"}]
    compiled = shop.compile(metrics=["revenue"], dimensions=["channel"], time={"grain": "quarter"}, transforms=share)
    first, second = dt.date(2025, 1, 1), dt.date(2025, 4, 1)
    assert shop.rows(compiled) == [
        (first, "app", 60, 0.24, 2),
        (first, "web", 190, 0.76, 1),
        (second, "app", 5, 1, 1),
        (second, "web", 0, 0, 2),
    ]
    assert [c.label for c in compiled.columns][3:] == ["Share of revenue in the quarter", "Rank by revenue"]


def test_a_top_over_time_keeps_whole_groups(shop):
    rows = shop.ask(
        metrics=["aov"], dimensions=["country"], time={"grain": "month"}, top={"n": 1, "by": "aov", "bottom": True}
    )
    assert {r[1] for r in rows} == {"GB"}
    assert len(rows) == 4


def test_top_with_ties_keeps_them_all(shop):
    shop.run("INSERT INTO orders VALUES (6, 3, '2025-03-01', 'completed', 'shop', 65)")
    asked = {"metrics": ["revenue"], "dimensions": ["channel"]}
    assert len(shop.ask(**asked, top={"n": 2, "by": "revenue"})) == 2
    assert [r[0] for r in shop.ask(**asked, top={"n": 2, "by": "revenue", "ties": "keep"})] == ["web", "app", "shop"]


def test_equal_figures_are_ordered_by_name(shop):
    shop.run("UPDATE orders SET amount = 1")
    assert shop.ask(metrics=["avg:orders.amount"], dimensions=["country"], top={"n": 1, "by": "avg:orders.amount"}) == [
        ("GB", 1.0)
    ]


def test_an_explicit_order_after_a_top(shop):
    order = [{"by": "country"}]
    rows = shop.ask(metrics=["revenue", "events"], dimensions=["country"], top={"n": 2, "by": "events"}, order=order)
    assert [r[0] for r in rows] == ["GB", "US"]


def test_having_comes_after_shares(shop):
    rows = shop.ask(
        metrics=["revenue"],
        dimensions=["country"],
        transforms=[{"kind": "share", "of": "revenue"}],
        having=[{"column": "revenue.share", "op": "<", "value": "0.5"}],
    )
    assert rows == [("GB", 40, pytest.approx(40 / 255))]


def test_no_rows_at_all_is_no_value_but_a_count_of_zero(shop, condition):
    none = [condition("channel", "=", "fax")]
    asked = ["revenue", "orders", "completed_orders", "buyers", "aov"]
    assert shop.ask(metrics=asked, filters=none) == [(None, 0, 0, 0, None)]
    unknown = {"start": dt.date(2031, 1, 1), "end": dt.date(2031, 2, 1)}
    assert shop.ask(metrics=asked, time=unknown) == [(None,) * 5]
    assert shop.ask(metrics=["revenue"], filters=none, time={"grain": "month"}) == []
    assert shop.ask(metrics=["revenue", "events"], filters=[condition("country", "=", "ZZ")]) == [(None, 0)]


def test_names_that_collide_get_the_table_in_front(shop):
    shop.data["tables"]["regions"]["dimensions"]["country"] = {"expr": "territory"}
    compiled = shop.compile(metrics=["revenue"], dimensions=["customers.country", "regions.country"])
    assert [c.name for c in compiled.columns] == ["customers.country", "regions.country", "revenue"]
    assert shop.rows(compiled)[0] == ("US", "North", 150)


def test_a_bare_name_of_two_tables_is_asked_back(shop):
    shop.data["tables"]["regions"]["dimensions"]["country"] = {"expr": "territory"}
    with pytest.raises(InvalidRequest) as refused:
        shop.compile(metrics=["revenue"], dimensions=["country"])
    assert refused.value.details["candidates"] == ["regions.country", "customers.country"]


def test_metric_names_on_request_become_plain_columns(shop):
    compiled = shop.compile(metrics=["avg:orders.amount"], dimensions=["channel"], order=[{"by": "avg:orders.amount"}])
    assert [c.name for c in compiled.columns] == ["channel", "avg_amount"]
    assert [r[0] for r in shop.rows(compiled)] == ["app", "web"]


def test_lineage_names_formula_measures_and_columns(shop):
    compiled = shop.compile(metrics=["aov"], dimensions=["territory"])
    place, figure = compiled.columns
    assert place.lineage.columns == ("regions.territory",)
    assert figure.lineage.formula == "completed_revenue / completed_orders"
    assert set(figure.lineage.measures) == {"revenue", "orders"}
    assert set(figure.lineage.columns) == {"orders.amount", "orders.status"}
    assert compiled.join_path == ("customers", "regions")
    assert compiled.tables == ("orders", "customers", "regions")


def test_what_columns_mean(shop):
    compiled = shop.compile(metrics=["revenue", "aov", "buyers"], time={"last": {"n": 1, "unit": "month"}},
                            compare={"to": "previous_period"})  # fmt: skip
    by_name = {c.name: c for c in compiled.columns}
    assert (by_name["revenue"].type, by_name["revenue"].additive, by_name["revenue"].good) == ("decimal", True, "up")
    assert (by_name["aov"].type, by_name["aov"].additive, by_name["aov"].unit.currency) == ("float", False, "USD")
    assert (by_name["buyers"].type, by_name["buyers"].additive) == ("integer", False)
    assert by_name["revenue.growth"].label == "Growth of revenue vs March 2025"
    assert by_name["revenue.growth"].unit.ratio
    assert by_name["revenue.prev"].label == "Revenue, March 2025"
    assert (compiled.period.label, compiled.period.column) == ("April 2025", "orders.ordered_at")


def test_parts_of_dates_repeat(shop):
    weekend = {"field": "ordered_at", "part": "weekend"}
    assert shop.ask(metrics=["orders"], dimensions=[weekend]) == [(False, 3), (True, 2)]
    compiled = shop.compile(metrics=["orders"], dimensions=[{"field": "orders.ordered_at", "part": "weekday"}])
    assert compiled.columns[0].name == "ordered_at.weekday"
    assert shop.rows(compiled) == [(1, 2), (3, 1), (6, 1), (7, 1)]
    late = {"field": {"field": "ordered_at", "part": "hour_of_day"}, "op": ">=", "values": [12]}
    assert shop.ask(metrics=["orders"], filters=[late]) == [(2,)]


def test_a_grain_on_a_dimension_is_a_time_column(shop):
    compiled = shop.compile(metrics=["orders"], dimensions=[{"field": "ordered_at", "grain": "month"}])
    assert (compiled.columns[0].name, compiled.columns[0].role) == ("ordered_at.month", "time")
    assert shop.rows(compiled) == [(dt.date(2025, 1, 1), 2), (dt.date(2025, 2, 1), 2), (dt.date(2025, 4, 1), 1)]


def test_values_of_dimensions_without_a_metric(shop, condition):
    assert shop.ask(dimensions=["country"]) == [("DE",), ("GB",), ("US",)]
    assert shop.ask(dimensions=["product_name", "department"], filters=[condition("department", "=", "other")]) == [
        ("Robot", "Other")
    ]


def test_terms_and_named_filters(shop):
    assert shop.ask(metrics=["revenue"], filters=[{"term": "american"}, {"term": "completed"}]) == [(180,)]
    with pytest.raises(UnknownName) as refused:
        shop.compile(metrics=["revenue"], filters=[{"term": "amercan"}])
    assert refused.value.details["near"] == ["american"]


def test_weeks_from_sunday(shop):
    shop.data["calendar"]["week_start"] = "sunday"
    rows = shop.ask(metrics=["orders"], time={"grain": "week", "fill": False})
    assert rows[0] == (dt.date(2025, 1, 5), 1)
    assert [r[0].isoweekday() for r in rows] == [7] * len(rows)


def test_hours(shop):
    window = {"start": "2025-01-05T09:00:00", "end": "2025-01-05T12:00:00", "grain": "hour"}
    rows = shop.ask(metrics=["orders"], time=window)
    assert rows == [(dt.datetime(2025, 1, 5, h), int(h == 10)) for h in (9, 10, 11)]


def test_dates_are_never_shifted(shop):
    shop.data["calendar"]["timezone"] = "America/New_York"
    shop.data["tables"]["orders"]["time"]["columns"]["ordered_at"]["kind"] = "date"
    shop.run("ALTER TABLE orders ALTER ordered_at TYPE DATE")
    assert [r[1] for r in shop.ask(metrics=["orders"], time={"grain": "month"})] == [2, 2, 0, 1]


def test_instants_follow_the_business_clock(shop):
    shop.data["calendar"]["timezone"] = "America/New_York"
    shop.data["tables"]["orders"]["time"]["columns"]["ordered_at"]["kind"] = "instant"
    shop.run("SET TimeZone = 'Asia/Tokyo'")
    shop.run("ALTER TABLE orders ALTER ordered_at TYPE TIMESTAMPTZ USING ordered_at AT TIME ZONE 'UTC'")
    assert [r[1] for r in shop.ask(metrics=["orders"], time={"grain": "month"})] == [3, 1, 0, 1]
    assert shop.ask(metrics=["orders"], time={"start": "2025-01-31", "end": "2025-02-01"}) == [(1,)]
