"""Teaching over HTTP: kept aside, approved, taken back; completions come from what holds."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from api.app import create_app
from ingestion.pipeline import ingest
from warehouse.workspace import named

CSV = "order_id,ordered_on,channel,amount\n" + "".join(
    f"{n},2025-01-{n % 28 + 1:02d},{'Web' if n % 3 else 'Store'},{n * 10}\n" for n in range(1, 61)
)


@pytest.fixture
async def client(tmp_path: Path):  # type: ignore[no-untyped-def]
    (tmp_path / "orders.csv").write_text(CSV, encoding="utf-8")
    ingest(named("shop", tmp_path), [tmp_path / "orders.csv"])
    app = create_app(home=tmp_path, static=tmp_path / "static")
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as opened:
            yield opened


async def test_teach_approve_ask_and_take_back(client: httpx.AsyncClient) -> None:
    made = (await client.post("/v1/learned", json={"said": "takings", "means": "total amount"})).json()
    assert made["state"] == "waiting"
    asked = {"question": "takings by channel", "workspace": "shop"}
    assert (await client.post("/v1/ask", json=asked)).json()["status"] == "declined"
    assert (await client.post(f"/v1/learned/{made['id']}/approve", json={"everyone": True})).json()[
        "scope"
    ] == "everyone"
    answer = (await client.post("/v1/ask", json=asked)).json()
    assert answer["status"] == "answered"
    assert any(a["key"] == "taught" for a in answer["assumptions"])
    assert (await client.delete(f"/v1/learned/{made['id']}")).status_code == 204
    assert [x["state"] for x in (await client.get("/v1/learned")).json()["items"]] == ["removed"]
    assert (await client.post("/v1/ask", json=asked)).json()["status"] == "declined"


async def test_an_answer_becomes_the_answer(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/v1/ask", json={"question": "total amount by channel", "workspace": "shop"})).json()
    made = (await client.post("/v1/learned", json={"answer_id": answer["id"]})).json()
    assert (made["kind"], made["said"], made["state"]) == ("answer", "total amount by channel", "waiting")
    await client.post(f"/v1/learned/{made['id']}/approve", json={})
    offered = (await client.get("/v1/suggest", params={"q": "total am"})).json()["items"]
    assert offered[0] == {"kind": "question", "label": "total amount by channel", "text": "total amount by channel"}
    again = (await client.post("/v1/ask", json={"question": "Total amount by channel?", "workspace": "shop"})).json()
    assert any(a["key"] == "approved" for a in again["assumptions"])


async def test_completions(client: httpx.AsyncClient) -> None:
    items = (await client.get("/v1/suggest", params={"q": "amount by cha"})).json()["items"]
    assert "amount by channel" in [x["text"] for x in items]
    assert (await client.get("/v1/suggest")).json()["items"]


@pytest.mark.parametrize("body", [{}, {"said": "x", "means": "y", "answer_id": "a-1"}, {"said": "x"}])
async def test_half_a_lesson_is_refused(client: httpx.AsyncClient, body: dict[str, str]) -> None:
    assert (await client.post("/v1/learned", json=body)).status_code == 422


async def test_what_is_not_there(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/learned/l-none/approve", json={})).status_code == 404
    assert (await client.post("/v1/learned", json={"answer_id": "a-none"})).status_code == 404
