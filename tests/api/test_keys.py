"""Nobody comes in from elsewhere without a key; keys are hashes, have roles, and hold on every route."""

from __future__ import annotations

import contextlib
import stat

import httpx
import pytest

from api import keys, server
from api.app import create_app
from api.house import Parts
from evals.fakes.assistant import ScriptedAssistant
from store.errors import ConfigProblem, InvalidRequest

OWNER, VIEWER = "owner-key-owner-key-owner", "viewer-key-viewer-key-viewer"


@pytest.fixture
def given(monkeypatch):
    monkeypatch.setenv("PLAINSAY_API_KEYS", f"boss={OWNER}, guest:viewer={VIEWER}")


@contextlib.asynccontextmanager
async def elsewhere(home):
    """A door that is reached from other machines."""
    app = create_app(home=home, parts=Parts(assistant=ScriptedAssistant()), static=home, hosts=None, keyed=True)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://data.example") as client:
            yield client


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.com", ""])
def test_no_start_beyond_this_machine_without_a_key(host, monkeypatch):
    with pytest.raises(ConfigProblem) as refused:
        server.serve(host, 0)
    assert refused.value.code == "key_needed" and "plainsay keys create" in str(refused.value.hint)


def test_no_start_behind_a_proxy_without_a_key(monkeypatch):
    monkeypatch.setenv("PLAINSAY_HOSTS", "analytics.example")
    with pytest.raises(ConfigProblem, match="accounts or keys"):
        server.serve("127.0.0.1", 0)


def test_what_starts(monkeypatch, given):
    server.check_address("0.0.0.0", 0, keyed=True)
    monkeypatch.delenv("PLAINSAY_API_KEYS")
    server.check_address("0.0.0.0", 0, keyed=False)
    assert not server.exposed("127.0.0.1", frozenset({"localhost"}))
    assert server.exposed("127.0.0.1", frozenset({"analytics.example"}))
    assert server._answered("0.0.0.0", frozenset({"a.example"}), False) == {
        "localhost",
        "127.0.0.1",
        "::1",
        "0.0.0.0",
        "a.example",
    }


async def test_every_guarded_address_wants_a_key(home, given):
    paths = [
        "/v1/ask",
        "/v1/threads",
        "/v1/openapi.json",
        "/v1/models",
        "/v1/aisdk",
        "/mcp",
        "/metrics",
        "/v1/x",
    ]
    async with elsewhere(home) as client:
        for path in paths:
            for headers in (
                {},
                bearer("nonsense"),
                bearer(""),
                {"Authorization": OWNER},
                {"Authorization": "Basic eDp5"},
            ):
                refused = await client.get(path, headers=headers)
                assert refused.status_code == 401, (path, headers)
                assert refused.headers["www-authenticate"] == "Bearer"
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/v1/threads", headers=bearer(OWNER))).status_code == 200
        assert (await client.get("/v1/threads", headers={"authorization": f"bearer  {OWNER} "})).status_code == 200
        assert (await client.get("/v1/threads", headers={"Authorization": b"Bearer \xe9\xff"})).status_code == 401


async def test_roles_hold_on_what_changes_something(home, given):
    async with elsewhere(home) as client:
        guest, boss = bearer(VIEWER), bearer(OWNER)
        made = await client.post("/v1/workspaces", json={"name": "mine"}, headers=guest)
        assert (made.status_code, made.json()["error"]["code"]) == (403, "workspaces_role")
        assert (await client.delete("/v1/workspaces/shop", headers=guest)).status_code == 403
        loaded = await client.post("/v1/uploads", files=[("files", ("a.csv", b"x\n1\n"))], headers=guest)
        assert (loaded.status_code, loaded.json()["error"]["code"]) == (403, "load_role")
        assert (await client.get("/v1/model/history", headers=guest)).status_code == 403
        assert (await client.post("/v1/workspaces", json={"name": "mine"}, headers=boss)).status_code == 201


async def test_each_key_has_its_own_threads(home, given):
    async with elsewhere(home) as client:
        body = {"question": "total revenue", "thread_id": "t1"}
        first = (await client.post("/v1/ask", json=body, headers=bearer(OWNER))).json()
        assert first["status"] == "answered"
        assert (await client.get("/v1/threads/t1", headers=bearer(VIEWER))).status_code == 404
        assert (await client.get(f"/v1/answers/{first['id']}", headers=bearer(VIEWER))).status_code == 404
        assert (await client.post("/v1/ask", json=body, headers=bearer(VIEWER))).status_code == 404


async def test_at_home_a_wrong_key_is_still_wrong(door, given):
    assert (await door.client.get("/v1/threads")).status_code == 200
    assert (await door.client.get("/v1/threads", headers=bearer("nonsense"))).status_code == 401
    made = await door.client.post("/v1/workspaces", json={"name": "mine"}, headers=bearer(VIEWER))
    assert made.status_code == 403


async def test_without_keys_a_placeholder_key_is_not_looked_at(door):
    assert (await door.client.get("/v1/threads", headers=bearer("unused"))).status_code == 200


def test_made_keys_are_kept_as_hashes_and_count_at_once(monkeypatch):
    text = keys.create("ci", "analyst")
    kept = keys.keys_file().read_text()
    assert text not in kept and kept.startswith("ci analyst sha256:")
    assert stat.S_IMODE(keys.keys_file().stat().st_mode) == 0o600
    holder = keys.ring().find(f"Bearer {text}")
    assert (holder.user_id, holder.role) == ("key:ci", "analyst")
    assert keys.ring().person("key:ci") == holder and keys.ring().person("key:gone") is None
    for name, role in (("ci", "viewer"), ("a b", "viewer"), ("x", "god")):
        with pytest.raises(InvalidRequest):
            keys.create(name, role)
    keys.keys_file().write_text("# nobody any more\n")
    assert keys.ring().keys == ()


@pytest.mark.parametrize("text", ["short", "a:god=" + "x" * 30, "a b=" + "x" * 30])
def test_keys_that_cannot_be_used_stop_the_start(text, monkeypatch):
    monkeypatch.setenv("PLAINSAY_API_KEYS", text)
    with pytest.raises(ConfigProblem) as refused:
        keys.ring()
    assert text[-20:] not in str(refused.value)


def test_a_damaged_keys_file_names_its_line():
    keys.keys_file().parent.mkdir(parents=True, exist_ok=True)
    keys.keys_file().write_text("ci viewer sha256:beef\n")
    with pytest.raises(ConfigProblem, match="Line 1"):
        keys.ring()


def test_keys_are_masked_in_logs():
    from api.logs import secrets_of

    assert sorted(secrets_of({"PLAINSAY_API_KEYS": f"a={OWNER},b:viewer={VIEWER}"})) == sorted([OWNER, VIEWER])
