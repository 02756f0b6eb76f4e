"""An installed pack is in force at once and can be taken back without a trace."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from ingestion.pipeline import ingest
from knowledge.packs import load
from store.errors import InvalidRequest
from tools.binding import install as packing
from tools.binding import shelf
from tools.binding.entries import plain
from warehouse.model import history, store
from warehouse.workspace import Workspace, named

TODAY = date(2026, 11, 1)


@pytest.fixture
def workspace(shop: duckdb.DuckDBPyConnection, tmp_path: Path) -> Workspace:
    for table, name in (("order_lines", "sales_lines"), ("products", "articles"), ("customers", "clients")):
        shop.execute(f"COPY {table} TO '{tmp_path / name}.csv'")
    place = named("shop", tmp_path / "home")
    ingest(place, sorted(tmp_path.glob("*.csv")))
    return place


def test_a_pack_is_in_the_model_and_can_be_taken_out(workspace: Workspace) -> None:
    before = plain(store.load(workspace.model_file))
    done = packing.install(workspace, load.find("retail", Path("/nowhere")), today=TODAY)
    model = store.load(workspace.model_file)
    assert done.binding.used("average_order_value")
    assert model.metrics["average_order_value"].origin == f"pack retail {done.version}"
    assert model.tables["sales_lines"].measures["net_revenue"].where == "status IN ('completed')"
    assert model.driver_trees["net_revenue"].of == ("orders", "average_order_value")
    assert "refunds" not in {n for t in model.tables.values() for n in t.measures}
    assert any(e.name == "Black Friday" and date(2026, 11, 27) in e.dates for e in model.events)
    with pytest.raises(InvalidRequest, match="installed already"):
        packing.install(workspace, load.find("retail", Path("/nowhere")))
    packing.remove(workspace, "retail")
    after = plain(store.load(workspace.model_file))
    assert {k: v for k, v in after.items() if v} == before
    assert shelf.names(workspace) == []


def test_what_people_changed_survives_an_upgrade_and_a_removal(workspace: Workspace) -> None:
    packing.install(workspace, load.find("retail", Path("/nowhere")), today=TODAY)
    model = store.load(workspace.model_file)
    mine = model.metrics["average_order_value"].model_copy(update={"label": "Ticket size"})
    history.save(
        workspace, model.model_copy(update={"metrics": {**model.metrics, "average_order_value": mine}}), why="x"
    )
    packing.upgrade(workspace, "retail", today=TODAY)
    assert store.load(workspace.model_file).metrics["average_order_value"].label == "Ticket size"
    packing.remove(workspace, "retail")
    left = store.load(workspace.model_file).metrics["average_order_value"]
    assert (left.label, left.origin) == ("Ticket size", None)


def test_a_workspace_overrides_any_part(workspace: Workspace) -> None:
    packing.install(workspace, load.find("retail", Path("/nowhere")), today=TODAY)
    packing.change(workspace, "retail", "metrics: {orders: {label: Tickets}, units_per_order: null}\ntrees: null\n")
    model = store.load(workspace.model_file)
    assert model.tables["sales_lines"].measures["orders"].label == "Tickets"
    assert "units_per_order" not in model.metrics
    with pytest.raises(InvalidRequest, match="faulty"):
        packing.change(workspace, "retail", "metrics: {net_revenue: null}\n")
    assert "net_revenue" in store.load(workspace.model_file).tables["sales_lines"].measures


def test_the_shop_of_the_pack_runs_through_a_new_load(workspace: Workspace, tmp_path: Path) -> None:
    packing.install(workspace, load.find("retail", Path("/nowhere")), today=TODAY)
    ingest(workspace, sorted(tmp_path.glob("*.csv")))
    model = store.load(workspace.model_file)
    assert model.metrics["average_order_value"].origin
    assert model.tables["sales_lines"].measures["net_revenue"].origin
