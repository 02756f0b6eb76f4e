"""A table that somebody loaded under the name of a common one is theirs: nothing reads it as ours, nothing drops it."""

from __future__ import annotations

from pathlib import Path

from api import common_tables
from ingestion.canonical import building, rates
from ingestion.pipeline import ingest
from warehouse.lake import Lake
from warehouse.workspace import named


def test_rates_are_stated_beside_somebodys_own_orders(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("id,amount\n1,10\n2,20\n")
    workspace = named("shop", tmp_path)
    ingest(workspace, [tmp_path / "orders.csv"])
    row = {"day": "2026-01-05", "base": "USD", "quote": "EUR", "rate": "0.9"}
    common_tables.state_rates(workspace, [row], currency="EUR", valid_days=7)
    assert rates.gaps(workspace) == {}
    with Lake.open(workspace.lake).writer() as connection:
        connection.execute("DELETE FROM orders")
        building.remove(connection, "stripe")
        assert building.drop_empty(connection) == set()
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (0,)
