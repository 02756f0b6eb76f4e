"""Going on from an answer: marks that lead further, branches, links, verdicts and pages for everybody."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from api import accounts
from api.app import create_app
from store.principal import LOCAL_OWNER, Principal

OTHER = Principal("ann", "Ann", "viewer")
BOUND = Principal("bea", "Bea", "viewer", MappingProxyType({"country": ("DE",)}))


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


async def run_of(client: httpx.AsyncClient, answer: dict[str, Any]) -> str:
    turns = (await client.get(f"/v1/threads/{answer['thread_id']}")).json()["turns"]
    return str(next(t["run_id"] for t in turns if t["answer"]["id"] == answer["id"]))


async def test_a_mark_leads_to_questions_that_are_answered(client: httpx.AsyncClient) -> None:
    told = await ask(client, "revenue by channel in 2025")
    at = {"table": told["result"]["id"], "row": told["result"]["row_keys"][0]}
    ways = (await client.get(f"/v1/answers/{told['id']}/ways", params=at)).json()["items"]
    assert {w["kind"] for w in ways} == {"why", "split", "course", "only"}
    only = next(w["question"] for w in ways if w["kind"] == "only")
    alone = await ask(client, only)
    assert alone["result"]["rows"][0][-1] == told["result"]["rows"][0][-1]
    assert (await client.get(f"/v1/answers/{told['id']}/ways", params=at | {"row": "none"})).json() == {"items": []}
    assert (await client.get("/v1/answers/a-none/ways", params=at)).status_code == 404


async def test_a_month_of_a_course_leads_into_that_month(client: httpx.AsyncClient) -> None:
    told = await ask(client, "revenue by month in 2025")
    at = {"table": told["result"]["id"], "row": told["result"]["row_keys"][2]}
    ways = (await client.get(f"/v1/answers/{told['id']}/ways", params=at)).json()["items"]
    assert all("March 2025" in w["question"] for w in ways) and ways[0]["kind"] == "why"


async def test_a_branch_goes_its_own_way(client: httpx.AsyncClient) -> None:
    first = await ask(client, "revenue by channel in 2025")
    thread = first["thread_id"]
    second = await ask(client, "and in 2024?", thread_id=thread)
    made = (await client.post(f"/v1/threads/{thread}/branch", json={"run_id": await run_of(client, first)})).json()
    copied = (await client.get(f"/v1/threads/{made['id']}")).json()["turns"]
    assert [t["question"] for t in copied] == ["revenue by channel in 2025"]
    assert copied[0]["answer"]["id"] != first["id"] and copied[0]["answer"]["text"] == first["text"]
    again = await ask(client, "and in 2024?", thread_id=made["id"])
    assert again["result"]["rows"] == second["result"]["rows"]
    patch = next(o["patch"] for a in copied[0]["answer"]["assumptions"] for o in a["options"])
    changed = await client.post("/v1/ask", json={"answer_id": copied[0]["answer"]["id"], "patch": patch})
    assert changed.json()["thread_id"] == made["id"]
    assert len((await client.get(f"/v1/threads/{thread}")).json()["turns"]) == 2
    assert (await client.post(f"/v1/threads/{thread}/branch", json={"run_id": "r-none"})).status_code == 404


async def test_a_link_is_read_with_the_readers_rights(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await ask(client, "revenue by channel in 2025")
    at = f"/v1/threads/{told['thread_id']}/share"
    assert (await client.get(at)).json() == {"id": None}
    link = (await client.post(at)).json()["id"]
    assert (await client.post(at)).json() == {"id": link} == (await client.get(at)).json()
    monkeypatch.setattr(accounts, "current", lambda: OTHER)
    seen = (await client.get(f"/v1/shared/{link}")).json()
    assert (seen["by"], seen["mine"], seen["recomputed"]) == ("Local owner", False, False)
    assert seen["turns"][0]["answer"]["text"] == told["text"]
    assert (await client.get(f"/v1/threads/{told['thread_id']}")).status_code == 404
    assert (await client.delete(at)).status_code == 404
    monkeypatch.setattr(accounts, "current", lambda: LOCAL_OWNER)
    assert (await client.delete(at)).status_code == 204
    assert (await client.get(f"/v1/shared/{link}")).status_code == 404


async def test_a_verdict_waits_for_review_and_the_right_answer_takes_its_place(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = await ask(client, "revenue last month")
    said = {"answer_id": wrong["id"], "verdict": "down", "reason": "wrong_period", "comment": "I meant 2025"}
    made = (await client.post("/v1/feedback", json=said)).json()
    assert (made["state"], made["question"]) == ("open", "revenue last month")
    assert (await client.get(f"/v1/threads/{wrong['thread_id']}")).json()["turns"][0]["verdict"] == "down"
    right = await ask(client, "revenue in 2025")
    lesson = {"answer_id": right["id"], "question": "how much did we make"}
    learned = (await client.post("/v1/learned", json=lesson)).json()
    await client.post(f"/v1/learned/{learned['id']}/approve", json={"everyone": True})
    again = await ask(client, "How much did we make?")
    assert again["result"]["rows"] == right["result"]["rows"]
    assert "how much did we make" in [v["question"] for v in (await client.get("/v1/verified")).json()["items"]]

    monkeypatch.setattr(accounts, "current", lambda: OTHER)
    assert (await client.get("/v1/feedback")).json() == {"items": []}
    review = f"/v1/feedback/{made['id']}/review"
    assert (await client.post(review, json={"state": "done"})).status_code == 403
    assert (await client.post("/v1/feedback", json=said)).status_code == 404
    monkeypatch.setattr(accounts, "current", lambda: LOCAL_OWNER)
    assert (await client.post(review, json={"state": "done"})).json()["state"] == "done"
    assert (await client.get("/v1/feedback", params={"state": "open"})).json() == {"items": []}
    assert (await client.delete(f"/v1/feedback/{wrong['id']}")).status_code == 204
    assert (await client.get("/v1/feedback")).json() == {"items": []}


async def test_a_page_is_shared_and_narrowed(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    told = await ask(client, "revenue in 2025")
    page = (await client.post("/v1/dashboards", json={"title": "Monday"})).json()
    at = f"/v1/dashboards/{page['id']}"
    card = (await client.post(f"{at}/cards", json={"answer_id": told["id"]})).json()["cards"][0]["id"]
    fields = (await client.get("/v1/fields")).json()["items"]
    channel = next(f["field"] for f in fields if f["label"] == "Channel")
    values = (await client.get(f"/v1/fields/{channel}/values")).json()["items"]
    parts = [
        (await client.get(f"{at}/cards/{card}/answer", params={"field": channel, "value": v})).json() for v in values
    ]
    whole = float(told["result"]["rows"][0][-1])
    assert sum(float(p["result"]["rows"][0][-1]) for p in parts) == pytest.approx(whole)
    odd = (await client.get(f"{at}/cards/{card}/answer", params={"field": "no.such", "value": "x"})).json()
    assert odd.get("status") == "declined" or "error" in odd

    monkeypatch.setattr(accounts, "current", lambda: OTHER)
    assert (await client.get(at)).status_code == 404
    monkeypatch.setattr(accounts, "current", lambda: LOCAL_OWNER)
    assert (await client.patch(at, json={"shared": True})).json()["shared"] is True
    monkeypatch.setattr(accounts, "current", lambda: OTHER)
    seen = (await client.get(at)).json()
    assert seen["mine"] is False and [d["id"] for d in (await client.get("/v1/dashboards")).json()["items"]] == [
        page["id"]
    ]
    assert (await client.get(f"{at}/cards/{card}/answer")).json()["text"] == told["text"]
    assert (await client.patch(at, json={"title": "Mine"})).status_code == 404
    assert (await client.delete(f"{at}/cards/{card}")).status_code == 404


async def test_conversations_are_found_by_what_was_answered(client: httpx.AsyncClient) -> None:
    told = await ask(client, "revenue by channel in 2025")
    await ask(client, "orders in 2025")
    found = (await client.get("/v1/threads", params={"q": "the highest net revenue in"})).json()["items"]
    assert [t["id"] for t in found] == [told["thread_id"]]
    assert (await client.get("/v1/threads", params={"q": "100%_nothing"})).json()["items"] == []


async def test_rows_of_a_table_are_shown(client: httpx.AsyncClient) -> None:
    shown = (await client.get("/v1/tables/products/rows", params={"limit": 3})).json()["result"]
    assert len(shown["rows"]) == 3 and shown["columns"]
    assert (await client.get("/v1/tables/none/rows")).status_code == 404
