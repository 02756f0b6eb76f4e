"""The API as a product: limits before bodies, keys that make a POST happen once, ETags, problems, fair turns."""

from __future__ import annotations

import asyncio
import json
import time

import httpx
import pytest

from api import keys
from api.app import create_app
from api.fairness import FairGate
from api.house import Parts
from evals.fakes.assistant import ScriptedAssistant
from store import rates
from store.database import Database
from store.rates import Rates, TooFast


@pytest.fixture
async def keyed(home, monkeypatch):
    """A client with a key of an analyst, and the house behind it."""
    text = keys.create("ann", "owner")
    app = create_app(home=home, parts=Parts(assistant=ScriptedAssistant()), static=home / "static", keyed=True)
    async with app.router.lifespan_context(app):
        headers = {"Authorization": f"Bearer {text}"}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
            client.house = app.state.house  # type: ignore[attr-defined]
            yield client


async def test_errors_are_problems(door):
    found = await door.client.get("/v1/threads/nothing")
    body = found.json()
    assert found.headers["content-type"] == "application/problem+json"
    assert (body["status"], body["type"], body["instance"]) == (
        404, "urn:plainsay:error:unknown_thread", "/v1/threads/nothing",
    )  # fmt: skip
    assert body["title"] == body["error"]["message"]


async def test_a_large_request_is_refused_before_a_byte_of_it_is_read(door):
    read = []

    async def body():
        read.append(1)
        yield b"{"

    headers = {"content-type": "application/json", "content-length": "999999999"}
    refused = await door.client.post("/v1/ask", content=body(), headers=headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "too_large")


async def test_limits_have_headers_and_a_time_to_come_back(keyed, monkeypatch):
    monkeypatch.setenv("PLAINSAY_REQUESTS_PER_MINUTE", "5")
    keyed.house.rates._clock = lambda: 1_000_000.0
    left = []
    for _ in range(5):
        found = await keyed.get("/v1/tools")
        assert found.status_code == 200 and found.headers["ratelimit-limit"] == "5"
        left.append(int(found.headers["ratelimit-remaining"]))
    assert left == [4, 3, 2, 1, 0]
    refused = await keyed.get("/v1/tools")
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "too_many_requests")
    assert 1 <= int(refused.headers["retry-after"]) <= 61
    keyed.house.rates._clock = lambda: 1_000_061.0
    assert (await keyed.get("/v1/tools")).status_code == 200


async def test_questions_have_a_limit_of_their_own_that_no_body_is_read_for(keyed, monkeypatch):
    monkeypatch.setenv("PLAINSAY_QUESTIONS_PER_MINUTE", "2")
    monkeypatch.setenv("PLAINSAY_WORKSPACE_PER_MINUTE", "100")
    keyed.house.rates._clock = lambda: 1_000_000.0
    statuses = [(await keyed.post("/v1/ask", json={"question": "total"})).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    unread = await keyed.post("/v1/ask", content=b"{not json", headers={"content-type": "application/json"})
    assert unread.status_code == 429
    assert (await keyed.get("/v1/threads")).status_code == 200


async def test_a_workspace_has_a_limit_that_all_its_people_share(keyed, monkeypatch):
    monkeypatch.setenv("PLAINSAY_WORKSPACE_PER_MINUTE", "1")
    keyed.house.rates._clock = lambda: 1_000_000.0
    assert (await keyed.post("/v1/ask", json={"question": "total"})).status_code == 200
    other = {"Authorization": f"Bearer {keys.create('bob', 'viewer')}"}
    assert (await keyed.post("/v1/ask", json={"question": "total"}, headers=other)).status_code == 429


async def test_who_brings_no_key_is_counted_by_address(keyed, monkeypatch):
    monkeypatch.setenv("PLAINSAY_ANONYMOUS_PER_MINUTE", "2")
    keyed.house.rates._clock = lambda: 1_000_000.0
    del keyed.headers["authorization"]
    assert (await keyed.get("/healthz")).status_code == 200
    for _ in range(3):
        assert (await keyed.get("/v1/tools")).status_code in (401, 429)


async def test_a_limit_holds_for_all_processes_together(postgres_url):
    databases = [Database.open(url=postgres_url) for _ in range(3)]
    all_rates = [Rates(database, clock=lambda: 6_000_000.0) for database in databases]
    given = 0
    for number in range(240):
        try:
            await all_rates[number % 3].spend("person:ann", 100)
        except TooFast:
            continue
        given += 1
    assert given == 100
    assert await databases[0].write(lambda c: rates.prune(c, 7_000_000.0)) == 1
    for database in databases:
        database.close()


async def test_a_post_with_a_key_happens_once(door):
    headers = {"Idempotency-Key": "k1"}
    body = {"title": "Weekly", "workspace": "shop"}
    first, again = [await door.client.post("/v1/dashboards", json=body, headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json() and again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len((await door.client.get("/v1/dashboards")).json()["items"]) == 1
    other = await door.client.post("/v1/dashboards", json={**body, "title": "Other"}, headers=headers)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_key_reused")
    elsewhere = await door.client.post("/v1/workspaces", json={"name": "b"}, headers=headers)
    assert elsewhere.status_code == 201
    for bad in ("x" * 300, "a\tb"):
        refused = await door.client.post("/v1/dashboards", json=body, headers={"Idempotency-Key": bad})
        assert refused.status_code == 422


async def test_repetitions_at_the_same_time_make_one(door):
    headers, body = {"Idempotency-Key": "together"}, {"question": "slow revenue"}
    both = await asyncio.gather(*(door.client.post("/v1/ask", json=body, headers=headers) for _ in range(3)))
    assert sorted(response.status_code for response in both) == [200, 409, 409]
    assert (await door.client.post("/v1/ask", json=body, headers=headers)).headers["idempotency-replayed"] == "true"
    turns = (await door.client.get("/v1/threads")).json()["items"]
    assert sum(thread["turns"] for thread in turns) == 1


async def test_what_failed_on_our_side_may_be_tried_again(door):
    headers = {"Idempotency-Key": "broken"}
    assert (await door.client.post("/v1/ask", json={"question": "break"}, headers=headers)).status_code == 500
    again = await door.client.post("/v1/ask", json={"question": "break"}, headers=headers)
    assert again.status_code == 500 and "idempotency-replayed" not in again.headers


async def test_a_read_that_did_not_change_is_a_few_bytes(door):
    await door.client.post("/v1/dashboards", json={"title": "A", "workspace": "shop"})
    first = await door.client.get("/v1/dashboards")
    tag = first.headers["etag"]
    same = await door.client.get("/v1/dashboards", headers={"If-None-Match": f'"x", {tag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    await door.client.post("/v1/dashboards", json={"title": "B", "workspace": "shop"})
    changed = await door.client.get("/v1/dashboards", headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed.headers["etag"] != tag
    stream = await door.chat()
    assert "etag" not in stream.headers


async def test_workspaces_take_turns():
    gate, order = FairGate(4), []

    async def work(group: str, number: int) -> None:
        async with gate.turn(group):
            order.append((group, number))
            await asyncio.sleep(0.01)

    flood = [asyncio.create_task(work("a", n)) for n in range(40)]
    await asyncio.sleep(0)
    few = [asyncio.create_task(work("b", n)) for n in range(4)]
    await asyncio.gather(*flood, *few)
    assert max(order.index(("b", n)) for n in range(4)) < 16
    assert gate.waiting == 0 and not gate._inside


async def test_one_person_takes_few_places_as_soon_as_others_ask():
    now = [0.0]
    gate = FairGate(16, share=2, clock=lambda: now[0])
    most, order = {"heavy": 0, "calm": 0}, []

    async def work(person: str, number: int) -> None:
        async with gate.turn("shop", person):
            order.append((person, number))
            most[person] = max(most[person], sum(n for (_, p), n in gate._inside.items() if p == person))
            await asyncio.sleep(0.01)

    await asyncio.gather(*(work("heavy", n) for n in range(30)))
    assert most["heavy"] == 12, "alone, three quarters of the places"
    flood = [asyncio.create_task(work("heavy", n)) for n in range(30)]
    await asyncio.sleep(0)
    most["heavy"] = 0
    order.clear()
    await asyncio.gather(*flood, *(work("calm", n) for n in range(3)))
    assert [at for at, (person, _) in enumerate(order) if person == "calm"][-1] < 15, order
    await asyncio.gather(*(work("heavy", n) for n in range(10)))
    assert sorted(order[-10:]) == [("heavy", n) for n in range(10)]
    now[0], most["heavy"] = 100.0, 0
    await asyncio.gather(*(work("heavy", n) for n in range(20)))
    assert most["heavy"] == 12 and gate.waiting == 0 and not gate._inside


async def test_in_company_a_heavy_person_holds_no_more_than_a_share():
    gate, most = FairGate(16, share=2), 0

    async def work(person: str) -> None:
        nonlocal most
        async with gate.turn("shop", person):
            most = max(most, sum(n for (_, p), n in gate._inside.items() if p == "heavy"))
            await asyncio.sleep(0.01)

    await work("calm")
    await asyncio.gather(*(work("heavy") for _ in range(10)))
    assert most == 2


async def test_who_leaves_the_queue_gives_the_place_on():
    gate = FairGate(1)
    async with gate.turn("a"):
        waiting = [asyncio.create_task(_enter(gate, group)) for group in ("b", "c")]
        await asyncio.sleep(0)
        waiting[0].cancel()
    assert await asyncio.wait_for(waiting[1], 1)
    assert not gate._inside and gate.waiting == 0


async def _enter(gate: FairGate, group: str) -> bool:
    async with gate.turn(group):
        return True


async def test_a_budget_ends_questions_with_a_sentence_and_its_owner_sees_it(keyed):
    other = {"Authorization": f"Bearer {keys.create('bob', 'viewer')}"}
    body = {"kind": "person", "of": "key:bob", "questions": 1}
    assert (await keyed.put("/v1/budgets", json=body, headers=other)).status_code == 403
    assert (await keyed.put("/v1/budgets", json=body)).json()["items"][0]["questions"] == 1
    for wrong in ({"of": "nobody"}, {"kind": "workspace", "of": "nowhere"}, {"questions": -1}, {"kind": "house"}):
        assert (await keyed.put("/v1/budgets", json=body | wrong)).status_code in (404, 422), wrong
    ask = {"question": "total"}
    assert (await keyed.post("/v1/ask", json=ask, headers=other)).status_code == 200
    refused = await keyed.post("/v1/ask", json=ask, headers=other)
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
    error = refused.json()["error"]
    assert error["code"] == "budget_spent" and "The one question that you may ask today" in error["message"]
    assert (await keyed.post("/v1/ask", json=ask)).status_code == 200
    mine = (await keyed.get("/v1/budgets", headers=other)).json()
    assert (mine["mine"]["questions"], mine["mine"]["asked"], mine["items"]) == (1, 1, [])
    assert (await keyed.get("/v1/usage", headers=other)).json()["budget"]["asked"] == 1
    gone = (await keyed.put("/v1/budgets", json=body | {"questions": None})).json()
    assert gone["items"] == [] and (await keyed.post("/v1/ask", json=ask, headers=other)).status_code == 200


async def test_usage_is_told_to_whom_it_concerns(keyed):
    await keyed.post("/v1/ask", json={"question": "total"})
    other = {"Authorization": f"Bearer {keys.create('bob', 'viewer')}"}
    await keyed.get("/v1/threads", headers=other)
    mine = (await keyed.get("/v1/usage", headers=other)).json()
    assert {row["person"] for row in mine["requests"]} == {"key:bob"} and mine["questions"] == []
    whole = (await keyed.get("/v1/usage")).json()
    assert {row["person"] for row in whole["requests"]} == {"key:ann", "key:bob"}
    assert [(row["workspace"], row["asked"], row["done"]) for row in whole["questions"]] == [("shop", 1, 1)]
    asks = [row for row in whole["requests"] if row["route"] == "POST /v1/ask"]
    assert asks[0]["requests"] == 1 and asks[0]["errors"] == 0
    assert "total" not in json.dumps(whole) and time.time() > 0
