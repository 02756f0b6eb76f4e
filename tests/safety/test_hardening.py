"""What every answer carries and every request proves: headers, cookie flags, no other origin, no foreign host."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from api import passwords, streams
from api.app import create_app
from api.house import Parts
from evals.fakes.assistant import ScriptedAssistant
from evals.fakes.browsers import BOSS, GOOD, PAGE, People
from store import doors
from warehouse.workspace import named

SIGN_IN = {k: BOSS[k] for k in ("email", "password")}


@pytest.fixture
async def there(tmp_path, monkeypatch) -> AsyncIterator[People]:
    from argon2 import PasswordHasher

    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    named("shop", tmp_path).lake.mkdir(parents=True)
    app = create_app(home=tmp_path, parts=Parts(assistant=ScriptedAssistant()), static=tmp_path / "static")
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        people = People(app, app.state.house)
        yield people
        await people.aclose()


async def test_every_answer_carries_the_headers_and_lets_no_other_origin_read(there: People) -> None:
    await there.boss()
    client = await there.browser()
    client.headers["Origin"] = "https://evil.example"
    for path in ("/v1/session", "/v1/threads", "/healthz", "/nowhere.txt", "/v1/nowhere"):
        for method in ("GET", "OPTIONS", "POST"):
            headers = (await client.request(method, path)).headers
            policy = headers["content-security-policy"]
            assert "script-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
            assert headers["cross-origin-resource-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
            assert not [name for name in headers if name.startswith("access-control-")], (method, path)
            assert not path.startswith("/v1") or headers["cache-control"] == "no-store"
            assert "strict-transport-security" not in headers
    async with httpx.AsyncClient(transport=httpx.ASGITransport(there.app), base_url="https://localhost") as safe:
        assert "max-age" in (await safe.get("/healthz")).headers["strict-transport-security"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {},
    ],
)
async def test_with_a_cookie_another_page_changes_nothing(there: People, headers) -> None:
    boss = await there.boss()
    cookie = f"plainsay_session={boss.cookies['plainsay_session']}"
    transport = httpx.ASGITransport(there.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as other:
        for method, path in (("POST", "/v1/keys"), ("DELETE", "/v1/session"), ("POST", "/v1/ask")):
            reply = await other.request(method, path, json={"name": "x"}, headers={"Cookie": cookie, **headers})
            assert (reply.status_code, reply.json()["error"]["code"]) == (403, "cross_site"), (method, path)
        foreign = {k: v for k, v in headers.items() if k != "Cookie"}
        if foreign:
            assert (await other.post("/v1/session", json=SIGN_IN, headers=foreign)).status_code == 403, "log-in CSRF"
    assert (await boss.get("/v1/keys")).json()["items"] == []


async def test_a_cookie_opens_no_wire(there: People) -> None:
    boss = await there.boss()
    wires = [
        (m, p) for (m, p), entry in doors.ROUTES.items() if entry.wire and m != "OPTIONS"
    ]  # asking what is allowed
    assert len(wires) >= 10
    for method, path in wires:
        address = path.replace("{model}", "shop").replace("{response_id}", "x").replace("{chat_id}", "x")
        assert (await boss.request(method, address, json={})).status_code == 401, (method, path)


async def test_a_session_that_was_planted_before_is_worth_nothing(there: People) -> None:
    await there.boss()
    victim = await there.browser()
    planted = "A" * 43
    victim.cookies.set("plainsay_session", planted)
    reply = await victim.post("/v1/session", json=SIGN_IN)
    assert reply.status_code == 200 and planted not in reply.headers["set-cookie"]
    attacker = await there.browser()
    attacker.cookies.set("plainsay_session", planted)
    assert (await attacker.get("/v1/threads")).status_code == 401
    again = await there.browser()
    first = (await again.post("/v1/session", json=SIGN_IN)).headers["set-cookie"]
    second = (await again.post("/v1/session", json=SIGN_IN)).headers["set-cookie"]
    assert first != second
    old = await there.browser()
    old.cookies.set("plainsay_session", first.partition("=")[2].partition(";")[0])
    assert (await old.get("/v1/threads")).status_code == 401, "signing in again ends the session before"


async def test_a_foreign_host_name_reaches_nothing(there: People) -> None:
    await there.boss()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(there.app), base_url="http://evil.example") as other:
        for path in ("/v1/session", "/v1/sign-on", "/", "/v1/threads"):
            assert (await other.get(path, headers=PAGE)).status_code == 421, path


async def test_unknown_addresses_take_as_long_as_known_ones(there: People, monkeypatch) -> None:
    from argon2 import PasswordHasher

    slow = PasswordHasher(time_cost=2, memory_cost=8192, parallelism=1)
    await there.boss()
    monkeypatch.setattr(passwords, "_hasher", lambda: slow)
    passwords._nobodys.cache_clear()
    kept = slow.hash(BOSS["password"])
    taken = {}
    for who, hashed in (("known", kept), ("unknown", None)):
        passwords.matches(hashed, "wrong wrong wrong")
        times = []
        for _ in range(9):
            began = time.process_time()
            assert not passwords.matches(hashed, "wrong wrong wrong")
            times.append(time.process_time() - began)
        taken[who] = statistics.median(times)
    passwords._nobodys.cache_clear()
    assert 0.5 < taken["known"] / taken["unknown"] < 2.0, taken


async def test_tries_are_counted_before_they_are_made(there: People) -> None:
    await there.boss()
    clients = [await there.browser() for _ in range(24)]
    body = SIGN_IN | {"password": "wrong wrong wrong"}
    replies = await asyncio.gather(*(client.post("/v1/session", json=body) for client in clients))
    counted = [reply.status_code for reply in replies]
    assert counted.count(401) <= 5 and set(counted) == {401, 429}, "at once is not another way around the limit"


async def test_an_open_stream_ends_with_its_readers_rights(there: People, monkeypatch) -> None:
    monkeypatch.setattr(streams, "LOOK_SECONDS", 0.05)
    boss = await there.boss()
    ana = await there.joined(boss, "ana@example.com", "viewer", "shop")
    user = await there.id_of(boss, "ana@example.com")
    from api import accounts

    caller = None
    person = await there.house.people.person(user)
    sessions = (await ana.get("/v1/me/sessions")).json()["items"]
    caller = accounts.Caller(person, "cookie", sessions[0]["id"])

    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b": still here\n\n"
            await asyncio.sleep(0.01)

    read = 0
    with accounts.acting(caller):
        async for _ in streams.while_welcome(there.house, endless()):
            read += 1
            if read == 20:
                assert (await boss.patch(f"/v1/users/{user}", json={"roles": {"shop": None}})).status_code == 200
            assert read < 500, "the stream goes on although its reader was let go"
    assert read >= 20


async def test_answers_with_secrets_are_never_kept_to_be_repeated(there: People) -> None:
    boss = await there.boss()
    headers = {"Idempotency-Key": "same"}
    first = (await boss.post("/v1/keys", json={"name": "x"}, headers=headers)).json()
    second = (await boss.post("/v1/keys", json={"name": "x"}, headers=headers)).json()
    assert first["key"] != second["key"]
    rows = await there.house.database.read(lambda c: c.exec_driver_sql("select * from answered_requests").fetchall())
    assert rows == [] and GOOD not in str(rows)
