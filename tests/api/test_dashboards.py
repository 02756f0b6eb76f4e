"""Kept answers: put on a page, arranged, worked out anew on today's data, and only seen by whose they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent import claims
from agent.answer import Answer
from api.app import create_app
from store import dashboards as table


@pytest.fixture
async def client(retail_home: Path, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "workspaces").symlink_to(retail_home / "workspaces")
    app = create_app(home=tmp_path)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=60) as opened,
    ):
        yield opened


async def ask(client: httpx.AsyncClient, question: str, **more: Any) -> dict[str, Any]:
    answer = (await client.post("/v1/ask", json={"question": question, "as_of": "2026-11-21", **more})).json()
    assert answer["status"] == "answered", answer
    return answer


async def page(client: httpx.AsyncClient, *questions: str) -> dict[str, Any]:
    shown = (await client.post("/v1/dashboards", json={"title": "Monday"})).json()
    for question in questions:
        kept = {"answer_id": (await ask(client, question))["id"]}
        shown = (await client.post(f"/v1/dashboards/{shown['id']}/cards", json=kept)).json()
    return shown


async def test_an_answer_is_kept_and_worked_out_anew(client: httpx.AsyncClient) -> None:
    told = await ask(client, "revenue by channel in 2025")
    shown = (await client.post("/v1/dashboards", json={"title": " Monday "})).json()
    assert (shown["title"], shown["workspace"], shown["cards"]) == ("Monday", "demo-retail", [])
    kept = await client.post(f"/v1/dashboards/{shown['id']}/cards", json={"answer_id": told["id"], "title": "Channels"})
    assert kept.status_code == 201
    card = kept.json()["cards"][0]
    assert (card["title"], card["question"]) == ("Channels", "revenue by channel in 2025") and "recipe" not in card

    at = f"/v1/dashboards/{shown['id']}/cards/{card['id']}/answer"
    again = Answer.model_validate((await client.get(at)).json())
    assert again.text == told["text"] and again.result is not None
    assert again.result.rows == told["result"]["rows"] and not claims.problems(again)
    other = Answer.model_validate((await client.get(at, params={"period": "last_month"})).json())
    assert other.result is not None and other.result.rows != again.result.rows
    assert (await client.get("/v1/dashboards")).json()["items"][0]["cards"] == 1


async def test_cards_are_arranged(client: httpx.AsyncClient) -> None:
    shown = await page(client, "revenue in 2025", "orders in 2025", "revenue by month in 2025")
    at, (first, second, third) = f"/v1/dashboards/{shown['id']}", [c["id"] for c in shown["cards"]]
    moved = (await client.patch(f"{at}/cards/{third}", json={"position": 0, "wide": True, "view": "table"})).json()
    assert [c["id"] for c in moved["cards"]] == [third, first, second]
    assert (moved["cards"][0]["wide"], moved["cards"][0]["view"]) == (True, "table")
    named = (await client.patch(f"{at}/cards/{first}", json={"title": "Sales", "position": 9})).json()
    assert named["cards"][-1]["title"] == "Sales" and named["version"] > shown["version"]
    assert (await client.delete(f"{at}/cards/{second}")).status_code == 204
    assert [c["id"] for c in (await client.get(at)).json()["cards"]] == [third, first]
    assert (await client.patch(at, json={"title": "Tuesday"})).json()["title"] == "Tuesday"
    assert (await client.delete(at)).status_code == 204 and (await client.get(at)).status_code == 404


async def test_a_card_is_called_by_what_it_shows(client: httpx.AsyncClient) -> None:
    shown = await page(client, "revenue by channel last month", "revenue in Germany last month", "orders in 2025")
    titles = [c["title"] for c in shown["cards"]]
    assert titles == ["Net revenue by channel", "revenue in Germany last month", "Orders"]
    assert [c["view"] for c in shown["cards"]] == ["auto", "figure", "figure"]


async def test_two_that_change_a_page_at_once_lose_nothing(client: httpx.AsyncClient) -> None:
    shown = await page(client)
    kept = {"answer_id": (await ask(client, "revenue in 2025"))["id"]}
    await asyncio.gather(*(client.post(f"/v1/dashboards/{shown['id']}/cards", json=kept) for _ in range(8)))
    assert len((await client.get(f"/v1/dashboards/{shown['id']}")).json()["cards"]) == 8


async def test_what_cannot_be_kept_is_said(client: httpx.AsyncClient) -> None:
    shown = await page(client, "revenue in 2025")
    cards = f"/v1/dashboards/{shown['id']}/cards"
    said = (await client.post("/v1/ask", json={"question": "hello"})).json()
    nothing = await client.post(cards, json={"answer_id": said["id"]})
    assert nothing.status_code == 422 and nothing.json()["error"]["code"] == "nothing_to_keep"
    assert (await client.post(cards, json={"answer_id": "a-none"})).status_code == 404
    assert (await client.post("/v1/dashboards", json={"title": "  "})).status_code == 422
    assert (await client.get("/v1/dashboards/db-none")).status_code == 404
    assert (await client.patch(f"{cards}/c-none", json={"wide": True})).status_code == 404
    assert (await client.get(f"{cards}/c-none/answer")).status_code == 404


def test_a_page_has_an_end_and_an_owner(tmp_path: Path) -> None:
    from store.database import Database
    from store.errors import InvalidRequest, UnknownName

    async def run() -> None:
        database = Database.open(tmp_path)
        made = await database.write(lambda c: table.create(c, "ann", "shop", "Monday"))
        for _ in range(table.MOST_CARDS):
            await database.write(lambda c: table.add_card(c, "ann", made, {"title": "x"}))
        with pytest.raises(InvalidRequest, match="40"):
            await database.write(lambda c: table.add_card(c, "ann", made, {"title": "x"}))
        with pytest.raises(UnknownName):
            await database.read(lambda c: table.get(c, "bob", made))
        await database.write(lambda c: table.delete_dashboards_of(c, "shop"))
        assert await database.read(lambda c: table.listed(c, "ann")) == []
        database.close()

    asyncio.run(run())


async def test_threads_are_renamed_and_stay_on_top(client: httpx.AsyncClient) -> None:
    first = await ask(client, "revenue in 2025")
    await ask(client, "orders in 2025")
    at = f"/v1/threads/{first['thread_id']}"
    named = (await client.patch(at, json={"title": "Board meeting", "pinned": True})).json()
    assert (named["title"], named["pinned"]) == ("Board meeting", True)
    listed = (await client.get("/v1/threads")).json()["items"]
    assert [t["title"] for t in listed] == ["Board meeting", "orders in 2025"]
    assert (await client.patch(at, json={"title": ""})).status_code == 422
    assert (await client.patch("/v1/threads/none", json={"pinned": True})).status_code == 404
