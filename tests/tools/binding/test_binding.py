"""A pack finds its columns under other names, and stays silent rather than take a wrong one."""

from __future__ import annotations

import duckdb
import pytest

from ingestion import profiling
from knowledge.packs.schema import Pack
from tools.binding.bind import bind
from tools.binding.names import alike, tokens
from tools.binding.result import USED
from warehouse.model.infer import infer
from warehouse.model.probe import DuckDBProbe

from .conftest import Bound

CORE = {"net_revenue": "net_amount", "units": "quantity", "cost": "cost_amount"}


def test_the_shop_as_it_is_binds_whole(bound: Bound) -> None:
    found = bound()
    assert {m.status for m in found.metrics.values() if m.metric in CORE} == {"bound"}
    assert found.columns["order_line.net_amount"].stored == "net_amount"
    assert found.columns["order_line.status"].values["completed"] == ("completed",)


def test_other_names_are_understood(bound: Bound) -> None:
    found = bound(
        "ALTER TABLE order_lines RENAME TO sls_itm",
        "ALTER TABLE sls_itm RENAME net_amount TO NetAmt",
        "ALTER TABLE sls_itm RENAME quantity TO qty",
        "ALTER TABLE sls_itm RENAME cost_amount TO cogs",
        "ALTER TABLE sls_itm RENAME status TO st",
        "UPDATE sls_itm SET st = 'Shipped' WHERE st = 'completed'",
    )
    assert found.columns["order_line.net_amount"].stored == "NetAmt"
    assert found.columns["order_line.quantity"].stored == "qty"
    assert found.columns["order_line.cost_amount"].stored == "cogs"
    assert found.columns["order_line.status"].values["completed"] == ("Shipped",)
    assert all(found.used(name) for name in CORE)


def test_what_is_missing_is_named(bound: Bound) -> None:
    found = bound("ALTER TABLE order_lines DROP cost_amount")
    assert found.metrics["cost"].status == "missing"
    assert found.metrics["margin_rate"].missing == ("cost amount",)
    assert found.used("net_revenue")


def test_a_lost_status_is_said_and_lowers_the_confidence(bound: Bound) -> None:
    found = bound("ALTER TABLE order_lines DROP status").metrics["net_revenue"]
    assert found.status == "assumed"
    assert found.confidence < USED
    assert "all records count" in found.notes[0]


def test_two_columns_that_say_the_same_wait_for_a_person(bound: Bound) -> None:
    twice = (
        "ALTER TABLE order_lines RENAME net_amount TO line_total",
        "ALTER TABLE order_lines ADD COLUMN line_total_2 DECIMAL(12, 2)",
        "ALTER TABLE order_lines RENAME COLUMN line_total_2 TO line_value",
        "UPDATE order_lines SET line_value = line_total * 1.2",
        "ALTER TABLE order_lines RENAME COLUMN line_value TO net_value",
    )
    found = bound(*twice)
    assert found.metrics["net_revenue"].status == "review"
    chosen = bound(decided={"order_line.net_amount": "line_total"})
    assert chosen.metrics["net_revenue"].status == "bound"


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE order_lines RENAME net_amount TO x17",
        "ALTER TABLE order_lines ALTER net_amount TYPE VARCHAR",
        "UPDATE order_lines SET net_amount = NULL",
    ],
)
def test_nothing_is_taken_for_what_it_is_not(bound: Bound, change: str) -> None:
    assert not bound(change).used("net_revenue")


def test_a_bare_likeness_is_never_used_where_a_condition_is_lost(shop: duckdb.DuckDBPyConnection, pack: Pack) -> None:
    """Trades in shares are no order lines, though a pack may call a table of sales “transactions”."""
    shop.execute(
        "CREATE TABLE trades AS SELECT i AS id, DATE '2026-01-01' + (i % 90)::INT AS at, i % 9 AS amount"
        " FROM range(300) r(i)"
    )
    for (table,) in shop.execute("SELECT table_name FROM duckdb_tables() WHERE table_name <> 'trades'").fetchall():
        shop.execute(f"DROP TABLE {table}")
    shop.execute("ALTER TABLE trades RENAME TO transactions")
    profile = profiling.profile(shop)
    found = bind(pack, infer(profile, DuckDBProbe(shop), name="x").model, profile)
    assert [m for m in found.metrics if found.used(m)] == []


def test_values_that_mean_something_else_are_no_status(bound: Bound) -> None:
    found = bound("UPDATE order_lines SET status = CASE status WHEN 'completed' THEN 'red' ELSE 'blue' END")
    assert "order_line.status" not in found.columns


def test_a_rejected_column_is_never_taken_again(bound: Bound) -> None:
    found = bound(decided={"order_line.net_amount": None})
    assert found.metrics["net_revenue"].missing == ("line amount",)


@pytest.mark.parametrize(
    ("stored", "wanted", "least", "most"),
    [
        ("ord_dt", "order date", 1, 1),
        ("custNm", "customer name", 0.85, 1),
        ("net_amount_usd", "net amount", 0.85, 0.9),
        ("gross_amount", "net amount", 0, 0.5),
        ("tax_amount", "net amount", 0, 0.5),
        ("discount", "net amount", 0, 0.1),
    ],
)
def test_likeness_of_names(stored: str, wanted: str, least: float, most: float) -> None:
    assert least <= alike(tokens(stored), tokens(wanted)) <= most
