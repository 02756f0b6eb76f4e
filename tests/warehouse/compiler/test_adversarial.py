"""Cases built to give a wrong number silently.

Elsewhere: A1, A6, A14 and A21 under a policy in test_policies; A5, A7, A9, A13 and A18 in test_many_side; A16 in
test_units; A17 in test_metric_kinds; A3, A10, A11 and A20 by day, hour and weekday in test_clocks.
"""

import datetime as dt
import time
from decimal import Decimal

import pytest

from store.errors import InvalidRequest, UnknownName
from warehouse.model.schema import SemanticModel


def refusal(shop, **query):
    with pytest.raises((InvalidRequest, UnknownName)) as refused:
        shop.compile(**query)
    return refused.value


def test_a2_a_filter_on_the_many_side_never_multiplies(shop, condition):
    shoes = condition("category_name", "=", "Shoes")
    assert shop.ask(metrics=["revenue"], filters=[shoes]) == [(180,)]
    assert shop.ask(metrics=["revenue"], filters=[condition("category_name", "!=", "Shoes")]) == [(130,)]
    assert shop.ask(metrics=["orders"], filters=[{"any_of": [shoes, condition("channel", "=", "app")]}]) == [(3,)]


def test_a2_filters_on_one_child_bind_to_the_same_row(shop, condition):
    shoes = condition("categories.category_name", "=", "Shoes")
    assert shop.ask(metrics=["orders"], filters=[shoes, condition("product_name", "=", "Cap")]) == [(0,)]
    assert shop.ask(metrics=["orders"], filters=[shoes, condition("product_name", "=", "Boot")]) == [(1,)]
    late = condition("orders.ordered_at", ">=", dt.date(2025, 1, 10))
    assert shop.ask(metrics=["customers"], filters=[shoes, late]) == [(1,)]


def test_a2_a_metric_may_be_filtered_by_the_many_side(shop, condition):
    shoes = {"metric": "revenue", "where": [condition("category_name", "=", "Shoes")], "alias": "with_shoes"}
    assert shop.ask(metrics=["revenue", shoes], dimensions=["channel"]) == [("web", 190, 120), ("app", 65, 60)]


def test_grouping_by_the_many_side_is_refused_where_that_is_asked(shop):
    error = refusal(shop, metrics=["revenue"], dimensions=["category_name"], fan_out="refuse")
    assert error.code == "fan_out"
    assert "count figures more than once" in error.message


def test_grouping_by_something_unrelated_is_refused(shop):
    shop.data["tables"]["weather"] = {"source": "weather", "dimensions": {"sky": {}}}
    assert refusal(shop, metrics=["revenue"], dimensions=["sky"]).code == "no_path"
    assert refusal(shop, metrics=["revenue"], filters=[{"field": {"field": "sky"}, "values": ["x"]}]).code == "no_path"


@pytest.fixture
def spiky(shop):
    shop.run("DELETE FROM orders")
    days = {"01-28": 1, "01-29": 2, "01-30": 4, "01-31": 8, "02-28": 16, "03-28": 32, "03-29": 64, "03-31": 128}
    for number, (day, amount) in enumerate(days.items()):
        shop.run(f"INSERT INTO orders VALUES ({number}, 1, TIMESTAMP '2025-{day} 12:00', 'completed', 'web', {amount})")
    return shop


def test_a3_months_compare_with_whole_months(spiky):
    spiky.data["calendar"]["data_through"] = "2025-03-31"
    rows = spiky.ask(metrics=["revenue"], time={"grain": "month"}, compare={"to": "previous_period"})
    assert [(r[1], r[2]) for r in rows] == [(15, None), (16, 15), (224, 16)]


def test_a4_decimals_stay_exact(shop):
    shop.run("DELETE FROM orders")
    for number, amount in enumerate(["9007199254740993.00", "0.01"]):
        shop.run(f"INSERT INTO orders VALUES ({number}, 1, '2025-01-05', 'completed', 'web', {amount})")
    shop.run("UPDATE returns SET refund_amount = 0.01")
    assert shop.ask(metrics=["revenue", "net_revenue"]) == [
        (Decimal("9007199254740993.01"), Decimal("9007199254740992.99"))
    ]
    rows = shop.ask(metrics=["net_revenue"], dimensions=["channel"], filters=[])
    assert all(isinstance(r[1], Decimal) for r in rows)


def test_a4_tenths_add_up_to_nothing(shop):
    shop.run("DELETE FROM orders")
    for number, amount in enumerate(["0.10", "0.20", "-0.30"]):
        shop.run(f"INSERT INTO orders VALUES ({number}, 1, '2025-01-05', 'completed', 'web', {amount})")
    assert shop.ask(metrics=["revenue"]) == [(Decimal("0.00"),)]


@pytest.fixture
def shipments(shop):
    shop.data["tables"]["shipments"] = {
        "source": "shipments",
        "key": ["shipment_id"],
        "joins": [
            {"to": "customers", "on": {"sold_to": "customer_id"}, "role": "sold_to"},
            {"to": "customers", "on": {"ship_to": "customer_id"}, "role": "ship_to"},
        ],
        "measures": {"shipped": {"agg": "sum", "expr": "amount"}},
    }
    shop.run("CREATE TABLE shipments (shipment_id INT, sold_to INT, ship_to INT, amount DECIMAL(18,2))")
    shop.run("INSERT INTO shipments VALUES (1, 1, 3, 10), (2, 3, 3, 20)")
    return shop


def test_a8_each_role_is_a_join_of_its_own(shipments):
    assert shipments.ask(metrics=["shipped"], dimensions=["ship_to.country"]) == [("GB", 30)]
    sold = {"field": "customers.country", "role": "sold_to"}
    assert shipments.ask(metrics=["shipped"], dimensions=[sold]) == [("GB", 20), ("US", 10)]
    compiled = shipments.compile(metrics=["shipped"], dimensions=["sold_to.country", "ship_to.country"])
    assert [c.name for c in compiled.columns][:2] == ["sold_to.country", "ship_to.country"]
    assert shipments.rows(compiled) == [("GB", "GB", 20), ("US", "GB", 10)]


def test_a8_a_bare_name_needs_a_default_role(shipments):
    assert refusal(shipments, metrics=["shipped"], dimensions=["customers.country"]).code == "ambiguous_role"
    shipments.data["tables"]["shipments"]["joins"][0]["default"] = True
    compiled = shipments.compile(metrics=["shipped"], dimensions=["customers.country"])
    assert shipments.rows(compiled) == [("GB", 20), ("US", 10)]
    assert [n.code for n in compiled.notes] == ["assumed_role"]


def test_a11_days_are_bounded_where_midnight_is_missing(shop):
    shop.data["calendar"]["timezone"] = "Africa/Cairo"
    sql = shop.compile(metrics=["orders"], time={"start": "2025-04-25", "end": "2025-04-26"}).sql
    assert "2025-04-24 22:00:00" in sql
    assert "2025-04-25 21:00:00" in sql


@pytest.mark.parametrize(("day", "events"), [("2025-03-09", 23), ("2025-11-02", 25)])
def test_a10_a_day_of_a_clock_change_has_its_own_length(shop, day, events):
    shop.data["calendar"] = {"timezone": "America/New_York"}
    shop.run("DELETE FROM events")
    shop.run(
        "INSERT INTO events SELECT i, 1, 'S', 'view', TIMESTAMP '2025-01-01' + i * INTERVAL 1 HOUR "
        "FROM range(8760) t(i)"
    )
    until = dt.date.fromisoformat(day) + dt.timedelta(days=1)
    assert shop.ask(metrics=["events"], time={"start": day, "end": until}) == [(events,)]
    rows = shop.ask(metrics=["events"], time={"start": day, "end": until, "grain": "day"})
    assert rows == [(dt.date.fromisoformat(day), events)]


@pytest.fixture
def steady(shop):
    """10 a day in October, 11 a day in November up to the 14th, asked on the 15th at 09:00."""
    shop.run("DELETE FROM orders")
    shop.run(
        "INSERT INTO orders SELECT i, 1, TIMESTAMP '2025-10-01 12:00' + i * INTERVAL 1 DAY, 'completed', 'web', "
        "CASE WHEN i < 31 THEN 10 ELSE 11 END FROM range(45) t(i)"
    )
    shop.data["calendar"] = {"data_from": "2025-10-01", "data_through": "2025-11-14"}
    shop.as_of = dt.datetime(2025, 11, 15, 9)
    return shop


def test_a12_a_running_month_compares_with_as_many_days(steady):
    compiled = steady.compile(metrics=["revenue"], time={"to_date": "month"}, compare={"to": "previous_period"})
    assert steady.rows(compiled) == [(154, 140, 14, pytest.approx(0.1))]
    (note,) = compiled.notes
    assert (note.code, note.details) == ("partial_period", {"days": 30, "covered": 14, "prior_days": 14})
    assert compiled.prior.label == "Oct 1 – Oct 14, 2025"


def test_a12_unaligned_takes_the_whole_month(steady):
    compare = {"to": "previous_period", "align_partial": False}
    rows = steady.ask(metrics=["revenue"], time={"to_date": "month"}, compare=compare)
    assert rows == [(154, 310, -156, pytest.approx(-0.5032, abs=1e-4))]


def test_a12_by_month_the_last_one_is_aligned_too(steady):
    rows = steady.ask(metrics=["revenue"], time={"grain": "month"}, compare={"to": "previous_period"})
    assert [(r[1], r[2]) for r in rows] == [(310, None), (154, 140)]


def test_a12_the_prior_is_capped_at_its_own_end(shop):
    from warehouse.compiler.periods import prior_window, resolve_window
    from warehouse.query import Compare, TimeWindow

    calendar = SemanticModel(model="m").calendar
    now = dt.datetime(2025, 3, 31, 9)
    window = resolve_window(TimeWindow(to_date="month"), now, calendar)
    prior = prior_window(window, Compare(to="previous_period"), calendar, now)
    assert (prior.start, prior.end) == (dt.datetime(2025, 2, 1), dt.datetime(2025, 3, 1))


def test_a12_a_week_cut_by_the_window_is_partial(steady):
    window = {"start": "2025-10-01", "end": "2025-11-01", "grain": "week"}
    assert steady.compile(metrics=["revenue"], time=window).partial_periods == ("2025-09-29", "2025-10-27")


def test_a14_orphan_rows_stay_under_an_empty_key(shop):
    shop.run("INSERT INTO orders VALUES (6, 99, '2025-04-01', 'completed', 'web', 7)")
    rows = shop.ask(metrics=["revenue"], dimensions=["country"])
    assert rows == [("US", 215), ("GB", 40), (None, 7)]
    assert shop.ask(metrics=["revenue"]) == [(262,)]


def test_a14_empty_keys_of_two_facts_are_one_group(shop):
    shop.run("INSERT INTO orders VALUES (6, 99, '2025-04-01', 'completed', 'web', 7)")
    shop.run("INSERT INTO events VALUES (9, NULL, 'S9', 'view', '2025-04-01')")
    rows = shop.ask(metrics=["revenue", "events"], dimensions=["country"])
    assert rows == [("US", 215, 5), ("GB", 40, 2), (None, 7, 1), ("DE", 0, 1)]


def test_a15_two_equal_paths_are_named(shop):
    shop.data["tables"]["agents"] = {
        "source": "agents",
        "joins": [{"to": "regions", "on": {"region_id": "region_id"}}],
        "dimensions": {"agent": {}},
    }
    shop.data["tables"]["orders"]["joins"].append({"to": "agents", "on": {"agent_id": "agent_id"}})
    error = refusal(shop, metrics=["revenue"], dimensions=["territory"])
    assert error.code == "ambiguous_path"
    assert error.details["paths"] == ["orders → customers → regions", "orders → agents → regions"]


def test_a15_a_metric_defined_by_itself_is_refused(shop):
    shop.data["metrics"] |= {
        "a": {"kind": "derived", "expr": "b + 1"},
        "b": {"kind": "derived", "expr": "a + 1"},
    }
    assert refusal(shop, metrics=["a"]).code == "metric_cycle"


def test_a15_unknown_names_say_what_is_near(shop):
    error = refusal(shop, metrics=["revenu"])
    assert (error.code, error.details["near"][0]) == ("unknown_name", "revenue")
    assert refusal(shop, metrics=["revenue"], dimensions=["chanel"]).details["near"] == ["channel"]
    assert "revenue" in refusal(shop, metrics=["revenue"], order=[{"by": "revenu"}]).hint


@pytest.mark.parametrize(
    "text",
    [
        "read_csv('x')",
        "(SELECT 1)",
        "status; drop",
        "sum(amount)",
        "*",
        "row_number() OVER ()",
        "getenv('HOME')",
        "EXISTS (SELECT 1)",
        "amount IN (SELECT 1)",
        "COLUMNS('a')",
        "$1",
        ":x",
        "a -> 'b'",
        "[1, 2]",
        "((",
        "(" * 400,
    ],
)
def test_a19_only_plain_expressions_are_read(shop, text):
    shop.data["tables"]["orders"]["measures"]["revenue"]["expr"] = text
    assert refusal(shop, metrics=["revenue"]).code == "expr_not_allowed"


def test_a20_the_29th_of_february_has_no_counterpart(shop):
    shop.run("INSERT INTO orders VALUES (7, 1, '2023-02-28', 'completed', 'web', 7)")
    shop.data["calendar"]["data_from"] = "2023-01-01"
    window = {"start": "2024-02-29", "end": "2024-03-01"}
    compiled = shop.compile(metrics=["revenue"], time=window, compare={"to": "same_date_last_year"})
    assert shop.rows(compiled) == [(None, None, None, None)]
    assert [n.code for n in compiled.notes] == ["prior_outside_data"]
    february = {"start": "2024-02-01", "end": "2024-03-01"}
    rows = shop.ask(metrics=["revenue"], time=february, compare={"to": "same_date_last_year"})
    assert rows == [(0, 7, -7, -1)]


def test_a22_a_large_model_compiles_quickly(shop):
    wide = {f"d{i}": {} for i in range(10)}
    shop.data["tables"] |= {f"extra{i}": {"source": f"extra{i}", "dimensions": wide} for i in range(490)}
    model_shop = shop.compile(metrics=["revenue"], dimensions=["territory"])
    assert model_shop.sql
    from warehouse.compiler import compile_query
    from warehouse.query import MetricQuery

    model = shop.model
    query = MetricQuery.model_validate({"metrics": [{"metric": "revenue"}], "dimensions": [{"field": "territory"}]})
    took = []
    for _ in range(5):
        begun = time.process_time()
        compile_query(model, query, profile=shop.profile, as_of=shop.as_of)
        took.append(time.process_time() - begun)
    assert min(took) < 0.1
