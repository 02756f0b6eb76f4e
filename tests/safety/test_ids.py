"""An id of somebody else, or of a workspace that one may not enter, is not found: each address with an id is tried."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from api import passwords
from api.app import create_app
from api.house import Parts
from evals.fakes.assistant import ScriptedAssistant
from evals.fakes.browsers import People
from store import doors
from warehouse.workspace import named

# What belongs to somebody and is named in an address. Anything else in {} is no id of a person's thing.
OWNED = {
    "thread_id", "run_id", "answer_id", "dashboard_id", "card_id", "job_id", "session_id", "key_id", "user_id",
    "invitation_id", "response_id", "chat_id", "learned_id", "feedback_id", "webhook_id", "digest_id",
    "alert_id", "incident_id", "message_id", "name", "model", "write_key_id",
}  # fmt: skip
NOT_OWNED = {
    "path:path",
    "item",
    "number",
    "field",
    "table",
    "column",
    "metric",
    "row",
    "model_id",
    "share_id",
    "delivery_id",
    "source_id",
    "document",
    "pack",
}
BODIES: dict[str, Any] = {
    "PATCH /v1/threads/{thread_id}": {"title": "Mine"},
    "POST /v1/threads/{thread_id}/branch": {"run_id": "boss-run"},
    "PATCH /v1/dashboards/{dashboard_id}": {"title": "Mine"},
    "POST /v1/dashboards/{dashboard_id}/cards": {"answer_id": "a-none"},
    "PATCH /v1/dashboards/{dashboard_id}/cards/{card_id}": {"title": "Mine"},
    "POST /v1/learned/{learned_id}/approve": {},
    "PATCH /v1/users/{user_id}": {"roles": {"shop": "viewer"}},
    "POST /v1/feedback/{feedback_id}/review": {"state": "done"},
    "PATCH /v1/webhooks/{webhook_id}": {"active": False},
    "PATCH /v1/digests/{digest_id}": {"active": False},
    "PATCH /v1/alerts/{alert_id}": {"active": False},
    "POST /v1/inbox/{message_id}/follow": {"item": 0},
    "PATCH /v1/incidents/{incident_id}": {"state": "acknowledged"},
}
QUERIES = {"/v1/answers/{answer_id}/ways": "?table=t1&row=r0", "/v1/inbox/{message_id}/report": "?as=pdf"}
EMPTY = {("GET", "/v1/aisdk/{chat_id}/stream"), ("DELETE", "/v1/feedback/{answer_id}")}
"""Where there is nothing of one's own, 204 says so, whoever else's it is."""


@pytest.fixture
async def there(tmp_path, monkeypatch) -> AsyncIterator[People]:
    from argon2 import PasswordHasher

    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    for name in ("shop", "vault"):
        named(name, tmp_path).lake.mkdir(parents=True)
    app = create_app(home=tmp_path, parts=Parts(assistant=ScriptedAssistant()), static=tmp_path / "static")
    async with contextlib.AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        people = People(app, app.state.house)
        yield people
        await people.aclose()


def with_ids() -> list[tuple[str, str]]:
    found = [(method, path) for method, path in doors.ROUTES if "{" in path]
    names = {part.split("}")[0] for _, path in found for part in path.split("{")[1:]}
    assert names - OWNED - NOT_OWNED == set(), "say whose the new id is"
    return [(m, p) for m, p in found if any("{" + name + "}" in p for name in OWNED)]


async def _made(boss: Any, people: People) -> dict[str, str]:
    """What the owner has in a workspace that nobody else may enter."""
    body = {"question": "total revenue", "thread_id": "boss-thread", "workspace": "vault"}
    answer = (await boss.post("/v1/ask", json=body)).json()
    thread = (await boss.get("/v1/threads/boss-thread")).json()
    page = (await boss.post("/v1/dashboards", json={"title": "Boss", "workspace": "vault"})).json()
    key = (await boss.post("/v1/keys", json={"name": "mine"})).json()["id"]
    files = [("files", ("a.csv", b"x\n1\n"))]
    job = (await boss.post("/v1/uploads?workspace=vault", files=files)).json()["job_id"]
    body = {"email": "late@example.com", "role": "viewer", "workspace": "vault"}
    await boss.post("/v1/invitations", json=body)
    invited = (await boss.get("/v1/invitations")).json()["items"][0]["id"]
    session = (await boss.get("/v1/me/sessions")).json()["items"][0]["id"]
    run = thread["turns"][0]["run_id"]
    return {
        "thread_id": "boss-thread", "run_id": run, "answer_id": answer["id"], "dashboard_id": page["id"],
        "card_id": "c-1", "job_id": job, "session_id": session, "key_id": key, "user_id": "local",
        "invitation_id": invited, "number": "1", "delivery_id": "o-none", "item": "0" * 12,
        "response_id": run, "chat_id": "boss-thread", "learned_id": "l-none", "feedback_id": "f-none",
        "webhook_id": "w-none", "digest_id": "d-none", "alert_id": "al-none", "incident_id": "in-none",
        "message_id": "m-none", "name": "vault", "model": "vault",
        "model_id": "none",
    }  # fmt: skip


async def test_what_is_not_yours_is_not_there(there: People) -> None:
    boss = await there.boss()
    made = await _made(boss, there)
    ana = await there.joined(boss, "ana@example.com", "admin", "shop")  # much in one workspace, nothing in the other
    key = (await ana.post("/v1/keys", json={"name": "ana"})).json()["key"]
    program = await there.program(key)
    seen = {}
    for method, path in with_ids():
        client = program if doors.ROUTES[method, path].wire else ana
        address = path
        for name, value in made.items():
            address = address.replace("{" + name + "}", value)
        address += QUERIES.get(path, "")
        reply = await client.request(method, address, json=BODIES.get(f"{method} {path}"))
        right = (204,) if (method, path) in EMPTY else (404,)
        if doors.ROUTES[method, path].asks in ("people", "workspaces", "operate", "owners"):
            right = (403,)  # a right of the house, which nobody has in one workspace
        if reply.status_code not in right:
            seen[f"{method} {path}"] = (reply.status_code, reply.text[:200])
    assert seen == {}
    assert (await boss.get("/v1/threads/boss-thread")).status_code == 200, "and nothing was done to it"
    for query in ("/v1/threads?workspace=vault", "/v1/dashboards?workspace=vault", "/v1/audit"):
        assert "boss" not in (await ana.get(query)).text.casefold()


async def test_two_people_in_one_workspace_do_not_find_each_others_things(there: People) -> None:
    boss = await there.boss()
    ana = await there.joined(boss, "ana@example.com", "analyst", "shop")
    bob = await there.joined(boss, "bob@example.com", "analyst", "shop")
    body = {"question": "total revenue", "thread_id": "anas", "workspace": "shop"}
    answer = (await ana.post("/v1/ask", json=body)).json()
    page = (await ana.post("/v1/dashboards", json={"title": "Anas", "workspace": "shop"})).json()
    paths = ["/v1/threads/anas", f"/v1/answers/{answer['id']}", f"/v1/dashboards/{page['id']}"]
    for path in paths:
        assert (await ana.get(path)).status_code == 200
        assert (await bob.get(path)).status_code == 404
        assert (await boss.get(path)).status_code == 404, "an owner of the house is no reader of conversations"
        missing = path.rpartition("/")[0] + "/db-none"
        theirs, none = (await bob.get(path)).json()["error"], (await bob.get(missing)).json()["error"]
        assert theirs == none, "theirs and none look alike"
    shared = await ana.patch(f"/v1/dashboards/{page['id']}", json={"shared": True})
    assert shared.status_code == 200 and (await bob.get(paths[2])).status_code == 200
    assert (await bob.patch(paths[2], json={"title": "Bobs"})).status_code == 404
    out = await there.joined(boss, "out@example.com", "analyst", "vault")
    assert (await out.get(paths[2])).status_code == 404, "sharing ends at the workspace"
    user = await there.id_of(boss, "ana@example.com")
    await boss.patch(f"/v1/users/{user}", json={"roles": {"shop": None}})
    for path in paths:
        assert (await ana.get(path)).status_code in (403, 404), "who left the workspace finds nothing of it"


async def test_a_workspace_that_is_made_again_is_not_open_to_the_members_of_the_one_before(there: People) -> None:
    boss = await there.boss()
    ana = await there.joined(boss, "ana@example.com", "admin", "shop")
    key = (await ana.post("/v1/keys", json={"name": "k", "workspace": "shop"})).json()["key"]
    late = {"email": "late@example.com", "role": "viewer", "workspace": "shop"}
    link = (await ana.post("/v1/invitations", json=late)).json()["link"].partition("#")[2]
    assert (await boss.delete("/v1/workspaces/shop")).status_code == 204
    assert (await boss.post("/v1/workspaces", json={"name": "shop"})).status_code == 201
    assert (await ana.get("/v1/workspaces")).json()["items"] == []
    assert (await (await there.program(key)).get("/v1/workspaces")).status_code == 401
    body = {"token": link, "name": "Late", "password": "lamps argue over cold soup"}
    assert (await (await there.browser()).post("/v1/invitations/accept", json=body)).status_code == 410
