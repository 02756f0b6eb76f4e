"""Packs and documents go in and out over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import duckdb
import httpx
import pytest

from api.app import create_app
from ingestion.pipeline import ingest
from knowledge import vectors
from warehouse.workspace import named


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("house")
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT i AS order_line_id, i // 2 AS order_id, DATE '2026-01-01' + (i % 170)::INT AS order_date,"
            f" i % 7 + 1 AS quantity, i % 50 + 5 AS total FROM range(300) r(i)) TO '{home}/order_lines.csv'"
        )
    ingest(named("shop", home), [home / "order_lines.csv"])
    return home


@pytest.fixture
async def client(house: Path) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(home=house)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=60) as found,
    ):
        yield found
    vectors.close_all()


async def test_a_pack_from_preview_to_removal(client: httpx.AsyncClient) -> None:
    listed = (await client.get("/v1/packs")).json()["items"]
    assert next(p for p in listed if p["pack"] == "retail")["installed"] is None
    seen = (await client.get("/v1/packs/retail/preview")).json()["binding"]["metrics"]
    assert seen["units"]["status"] == "assumed"
    assert seen["margin"]["missing"]
    made = await client.post("/v1/packs/retail")
    assert made.status_code == 201, made.text
    assert (await client.post("/v1/packs/retail")).status_code == 422
    bound = await client.post("/v1/packs/retail/bind", json={"choices": {"order_line.net_amount": "total"}})
    assert bound.json()["binding"]["columns"]["order_line.net_amount"]["why"] == "chosen by a person"
    wrong = await client.put("/v1/packs/retail/overrides", json={"yaml": "metrics: {unit: {label: x}}"})
    assert wrong.status_code == 422
    renamed = await client.put("/v1/packs/retail/overrides", json={"yaml": "metrics: {units: {label: Pieces}}"})
    assert renamed.json()["binding"]["metrics"]["units"]["label"] == "Pieces"
    asked = await client.post("/v1/ask", json={"question": "what is sell-through?", "workspace": "shop"})
    assert asked.json()["sources"][0]["title"] == "Sell-through"
    assert "[^aa]" in asked.json()["text"]
    held = (await client.get("/v1/packs/quality")).json()["items"]
    assert all(b["pack"] == "retail" and b["table"] == "order_lines" and b["rows"] == 300 for b in held)
    assert (await client.get("/v1/packs/news")).json() == {"items": []}
    assert (await client.delete("/v1/packs/retail")).status_code == 204
    assert (await client.get("/v1/packs/retail")).status_code == 404


async def test_documents_are_added_found_and_removed(client: httpx.AsyncClient) -> None:
    files = [
        ("files", ("hours.md", b"# Hours\n\nThe depot opens at seven.\n")),
        ("files", ("bad.pdf", b"no pdf")),
    ]
    done = (await client.post("/v1/knowledge/documents?licence=internal", files=files)).json()
    assert [d["id"] for d in done["items"]] == ["hours"]
    assert "no PDF" in done["problems"][0]["reason"]
    found = (await client.get("/v1/knowledge/search", params={"q": "when does the depot open"})).json()
    assert found["items"][0]["id"] == "hours/top"
    assert [d["licence"] for d in (await client.get("/v1/knowledge")).json()["items"]] == ["internal"]
    assert (await client.post("/v1/knowledge/documents?reader=all", files=files)).status_code == 422
    assert (await client.delete("/v1/knowledge/documents/hours")).status_code == 204
    assert (await client.delete("/v1/knowledge/documents/hours")).status_code == 404


async def test_new_columns_are_told_as_figures_that_binding_again_would_add(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from api.commands.data import _tell_news
    from tools.binding import install, uses

    lines = (
        "SELECT i AS order_line_id, i // 2 AS order_id, DATE '2026-01-01' + (i % 170)::INT AS order_date, 1 AS quantity"
    )
    shop, file = named("grown", tmp_path), tmp_path / "order_lines.csv"
    with duckdb.connect() as connection:
        connection.execute(f"COPY ({lines} FROM range(300) r(i)) TO '{file}'")
        ingest(shop, [file])
        install.install(shop, install.newest("retail", tmp_path))
        assert uses.news(shop) == []
        connection.execute(f"COPY ({lines}, i % 50 + 5 AS net_amount FROM range(300) r(i)) TO '{file}'")
    ingest(shop, [file])
    assert "Net revenue" in uses.news(shop)[0].more
    _tell_news(shop)
    told = capsys.readouterr().out
    assert "Net revenue" in told and "plainsay packs upgrade retail --workspace grown" in told
