"""Events over HTTP: keys, forms of bodies, errors, limits, other sites' pages, live counts, restarts."""

from __future__ import annotations

import asyncio
import gzip
import json

import httpx
import pytest

from ingestion.events import log, store
from warehouse.lake import Lake

LINES = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
async def key(door) -> str:
    made = await door.client.post("/v1/events/keys", json={"name": "web", "workspace": "shop"})
    assert made.status_code == 201
    return made.json()["key"]


def bearer(key: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", **more}


def event(number: int = 0, **more):
    return {"id": f"e{number}", "event": "signup", "user_id": "u", **more}


async def send(door, key: str, body, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await door.client.post("/v1/events", content=content, headers=bearer(key, **headers))


async def test_every_form_of_a_body_is_taken(door, key):
    many = [event(1), event(2)]
    lines = b'{"id":"e5","event":"a","user_id":"u"}\n\n{"id":"e6","event":"a","user_id":"u"}\r\n'
    for body, more, count in (
        (event(0), {}, 1),
        (many, {}, 2),
        ({"batch": [event(3)], "sent_at": "2026-01-01T00:00:00Z"}, {}, 1),
        ({"events": [event(4)]}, {}, 1),
        (lines, LINES, 2),
        (gzip.compress(json.dumps(event(7)).encode(), mtime=0), {"Content-Encoding": "gzip"}, 1),
    ):
        reply = await send(door, key, body, **more)
        assert (reply.status_code, reply.json()["accepted"]) == (200, count), body
    assert (await send(door, key, many)).json()["duplicates"] == 2


async def test_the_key_may_stand_in_the_header_the_body_or_the_address(door, key):
    client = door.client
    plain = {"Content-Type": "text/plain", "Origin": "https://shop.example", "Sec-Fetch-Site": "cross-site"}
    said = json.dumps({"write_key": key, "batch": [event(1)]})
    reply = await client.post("/v1/events", content=said, headers=plain)
    assert reply.json()["accepted"] == 1 and reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    assert (await client.post(f"/v1/events?key={key}", json=event(2))).json()["accepted"] == 1
    for headers in ({}, bearer("wk-wrong"), bearer("ps-wrong")):
        refused = await client.post("/v1/events", json=event(3), headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "bad_write_key")
    preflight = await client.options("/v1/events", headers={"Origin": "https://shop.example"})
    assert preflight.status_code == 204 and "authorization" in preflight.headers["access-control-allow-headers"]


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 422, "invalid_json"),
        (b'"x"', {}, 422, "invalid_event"),
        (b"x", {"Content-Encoding": "gzip"}, 422, "invalid_gzip"),
        (gzip.compress(b"[]" * 100, mtime=0)[:-9], {"Content-Encoding": "gzip"}, 422, "invalid_gzip"),
        (gzip.compress(b" " * 9_000_000, mtime=0), {"Content-Encoding": "gzip"}, 413, "too_large"),
        (b"x", {"Content-Encoding": "br"}, 415, "wrong_media_type"),
        (b"[" + b" " * 8_000_001 + b"]", {}, 413, "too_large"),
        (json.dumps([{}] * 5_001).encode(), {}, 422, "limit_reached"),
    ],
)
async def test_bodies_that_cannot_be_read_say_why(door, key, body, headers, status, code):
    reply = await send(door, key, body, **headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


async def test_bad_events_are_named_and_good_ones_taken(door, key):
    reply = await send(door, key, b'{"event":"a","user_id":1}\nnonsense\n{"event":"","user_id":1}\n', **LINES)
    told = reply.json()
    assert (reply.status_code, told["accepted"], told["rejected"]) == (200, 1, 2)
    assert [(e["index"], e["field"]) for e in told["errors"]] == [(1, "event"), (2, "event")]
    assert (await send(door, key, [{}])).status_code == 422


async def test_a_request_repeated_with_its_idempotency_key_is_taken_once(door, key):
    body = [{"event": "a", "user_id": "u"}, {"event": "a", "user_id": "u"}]
    counts = [(await send(door, key, body, **{"Idempotency-Key": k})).json()["accepted"] for k in ("x", "x", "y")]
    assert counts == [2, 0, 2]


async def test_keys_are_for_one_workspace_their_sites_and_so_many_events(door, home):
    client = door.client
    made = {"name": "site", "workspace": "shop", "origins": ["https://Shop.example/"], "per_minute": 3}
    key = (await client.post("/v1/events/keys", json=made)).json()["key"]
    assert (await send(door, key, [event(n) for n in range(2)], Origin="https://shop.example")).status_code == 200
    assert (await send(door, key, event(5), Origin="https://evil.example")).status_code == 403
    fast = await send(door, key, [event(n) for n in range(6, 8)])
    assert fast.status_code == 429 and int(fast.headers["retry-after"]) <= 60
    listed = (await client.get("/v1/events/keys?workspace=shop")).json()["items"]
    assert [k["origins"] for k in listed] == [["https://shop.example"]] and key not in json.dumps(listed)
    assert key not in (home / "state.db").read_bytes().decode("latin-1"), "only its hash is kept"
    assert (await client.delete(f"/v1/events/keys/{listed[0]['id']}")).status_code == 204
    assert (await send(door, key, event(9))).status_code == 401
    for bad in ({"origins": ["shop.example"]}, {"name": "/"}, {"workspace": "nope"}):
        assert (await client.post("/v1/events/keys", json=made | bad)).status_code in (404, 422)


async def test_what_was_acknowledged_reaches_the_lake_and_live_counts_within_a_second(door, home, key):
    live = asyncio.create_task(_first_live(door))
    await asyncio.sleep(0.05)
    assert (await send(door, key, [event(n) for n in range(5)])).status_code == 200
    shown = await asyncio.wait_for(live, 20)
    assert shown["events"] == [{"event": "signup", "count": 5}]
    lake = Lake(home / "workspaces" / "shop" / "lake")
    for _ in range(400):
        status = (await door.client.get("/v1/events/status?workspace=shop")).json()
        if status["waiting_bytes"] == 0 and lake.catalog.exists() and "events" in lake.current().tables:
            break
        await asyncio.sleep(0.05)
    assert status == {"waiting_bytes": 0, "taken": 5, "set_aside": 0}
    with lake.writer(20) as writer:
        assert writer.execute("SELECT count(*) FROM events").fetchone() == (5,)


async def _first_live(door) -> dict[str, object]:
    """The first live message with events in it, straight from the stream that the route sends."""
    from api.routes import events

    intake = await door.house.events.intake("shop")
    for _ in range(200):
        shown = intake.live.shown()
        if shown["last_minute"]:
            return shown
        await asyncio.sleep(events.LIVE_SECONDS / 20)
    raise AssertionError("no live events")


async def test_events_that_a_stop_left_behind_are_loaded_at_the_next_start(open_door, home):
    async with open_door() as door:
        made = await door.client.post("/v1/events/keys", json={"name": "web", "workspace": "shop"})
        assert (await send(door, made.json()["key"], event(1))).status_code == 200
    folder = store.folder_of(home / "workspaces" / "shop")
    async with open_door():
        for _ in range(400):
            if log.pending_bytes(folder) == 0:
                break
            await asyncio.sleep(0.05)
    assert log.pending_bytes(folder) == 0
    with Lake.open(home / "workspaces" / "shop" / "lake").writer(20) as writer:
        assert writer.execute("SELECT event_id FROM events").fetchall() == [("e1",)]


async def test_the_tracker_is_small_cached_and_may_be_loaded_by_any_page(door):
    reply = await door.client.get("/v1/tracker.js")
    assert len(gzip.compress(reply.content)) <= 3_000
    assert reply.headers["content-type"].startswith("text/javascript")
    assert reply.headers["cross-origin-resource-policy"] == "cross-origin"
    assert "max-age" in reply.headers["cache-control"]
    again = await door.client.get("/v1/tracker.js", headers={"If-None-Match": reply.headers["etag"]})
    assert again.status_code == 304
