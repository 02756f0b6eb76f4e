"""One source that cannot be read keeps no other from its tables, and what it brought before still stands."""

from __future__ import annotations

import duckdb
import pytest

from evals.connectors.corner import sales, shop
from evals.fakes.replay import Book, Replay, serving
from ingestion.canonical import building
from ingestion.connectors import connections, health, sync
from warehouse.lake import Lake
from warehouse.workspace import named


@pytest.fixture
def place(tmp_path, monkeypatch):
    import yaml

    monkeypatch.setenv("PLAINSAY_CONNECTORS", str(tmp_path))
    (tmp_path / "corner.yaml").write_text(yaml.safe_dump(shop()))
    with serving(Replay()) as server:
        server.books["sales"] = Book(sales(12))
        monkeypatch.setenv("PLAINSAY_CONNECTOR_PRIVATE", server.url.removeprefix("http://").rstrip("/"))
        workspace = named("shop", tmp_path / "home")
        for _ in range(2):
            connections.save(workspace, connections.make(workspace, "corner", {}, base_url=server.url))
        yield workspace, server


def test_a_source_that_cannot_be_built_is_told_and_the_others_go_on(place, monkeypatch):
    workspace, server = place
    first, second = connections.all_of(workspace)
    sync.sync(workspace, first)
    sync.sync(workspace, second)
    server.books["sales"] = Book(sales(20))
    real = building._built

    def breaks(connection, conn, numbered, fx):
        if conn.id == first.id:
            connection.execute("SELECT CAST('x' AS INTEGER)")
        return real(connection, conn, numbered, fx)

    monkeypatch.setattr(building, "_built", breaks)
    sync.sync(workspace, second)
    found = [c for c in health.checks(workspace) if c["table"] == first.id]
    assert [c["severity"] for c in found] == ["error"]
    with Lake.open(workspace.lake).writer() as writer:
        counts = writer.execute("SELECT connection_id, count(*) FROM payments GROUP BY ALL ORDER BY ALL").fetchall()
    assert counts == [(first.id, 12), (second.id, 20)]
    monkeypatch.setattr(building, "_built", real)
    sync.publish(workspace)
    assert not [c for c in health.checks(workspace) if c["table"] == first.id]


def test_what_is_no_number_in_an_expression_is_empty_and_stops_nothing():
    from ingestion.canonical.compiling import compiled
    from ingestion.connectors import catalog

    spec = catalog.get("adobe_analytics")
    mapping = next(m for m in spec.canonical if "CAST" in m.columns.get("day", ""))
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE raw (_key VARCHAR, _row VARCHAR, _version TIMESTAMPTZ)")
        engine.execute(
            """INSERT INTO raw VALUES ('a', '{"itemId": "1261020"}', NULL), ('b', '{"itemId": "x"}', NULL)"""
        )
        rows = engine.execute(f"SELECT day::VARCHAR FROM ({compiled(spec, mapping).select}) ORDER BY 1").fetchall()
    assert rows == [("2026-11-20",), (None,)]
