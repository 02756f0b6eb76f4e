"""One table says who may do what: every address, skill and event is in it, and each role is let in by it alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, get_args

import httpx
import pytest
from pydantic import BaseModel
from starlette.routing import Route

from agent import events
from api import accounts, runs
from api.app import create_app
from api.house import Parts
from evals.fakes.assistant import ScriptedAssistant
from store import doors, rights
from store.errors import PlainsayError, QueryRefused, UnknownName
from store.principal import LOCAL_OWNER, NOBODY, Principal
from tools import registry
from tools.evidence import Evidence

SAMPLES = {"path": "x", "number": "1", "model": "shop", "name": "shop"}


def routes(found: list[Any]) -> Iterator[tuple[str, str]]:
    """(method, path template) of every route of an app."""
    for route in found:
        inner = getattr(getattr(route, "original_router", None), "routes", None)
        if isinstance(route, Route):
            yield from ((method, route.path) for method in sorted(route.methods or ()) if method != "HEAD")
        else:
            yield from routes(inner or list(getattr(route, "routes", ())))


def test_every_address_is_in_the_table() -> None:
    assert set(doors.ROUTES) == set(routes(create_app().routes)), "list the route in store/doors.py"


def test_each_role_has_all_rights_of_those_after_it() -> None:
    sets = [rights.rights_of(role) for role in rights.ROLES]
    assert sets == sorted(sets, key=len, reverse=True)
    assert all(more > fewer for more, fewer in itertools.pairwise(sets))
    assert sets[0] == set(get_args(rights.Right)) == set(rights.RIGHTS)


def _address(path: str) -> str:
    for part in path.split("{")[1:]:
        name = part.split("}")[0]
        path = path.replace("{" + name + "}", SAMPLES.get(name.split(":")[0], "none"))
    return path


@pytest.mark.parametrize("role", rights.ROLES)
async def test_every_address_lets_in_the_roles_of_the_table_and_nobody_else(door, monkeypatch, role) -> None:
    person = Principal("u", "U", role)
    monkeypatch.setattr(accounts, "current", lambda: person)
    wrong = []
    for (method, path), entry in doors.ROUTES.items():
        if entry.asks == "open" and entry.wire:
            continue  # a signature of its own lets in
        reply = await door.client.request(method, _address(path), headers={"Content-Type": "text/plain"})
        shut = reply.status_code in (401, 403)
        if path == "/v1/hooks/{source_id}":  # open to whoever signs, which nobody does here
            assert (reply.status_code, reply.json()["error"]["code"]) == (401, "bad_signature")
            continue
        wanted = entry.asks in ("open", "self") or rights.has(role, entry.asks)
        if shut == wanted:
            wrong.append((method, path, reply.status_code))
        if shut:
            assert reply.json()["error"]["code"] == f"{entry.asks}_role", (method, path)
    assert wrong == []


async def test_who_has_not_signed_in_finds_every_address_shut_that_is_not_open(home) -> None:
    app = create_app(home=home, parts=Parts(assistant=ScriptedAssistant()), static=home / "static", keyed=True)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            for (method, path), entry in doors.ROUTES.items():
                reply = await client.request(method, _address(path))
                signs = path == "/v1/hooks/{source_id}" or (method, path) == ("POST", "/v1/events")  # says 401 itself
                assert (reply.status_code == 401) == (entry.asks != "open" or signs), (method, path, reply.status_code)


async def test_an_address_without_a_line_is_shut(door, monkeypatch) -> None:
    monkeypatch.delitem(doors.ROUTES, ("GET", "/v1/threads"))
    monkeypatch.setattr(accounts, "current", lambda: Principal("u", "U", "admin"))
    assert (await door.client.get("/v1/threads")).status_code == 403


async def test_in_one_workspace_an_analyst_and_in_another_a_viewer(door, home, monkeypatch) -> None:
    (home / "workspaces" / "cafe" / "lake").mkdir(parents=True)
    (home / "workspaces" / "vault" / "lake").mkdir(parents=True)
    person = Principal("u", "U", memberships={"shop": "analyst", "cafe": "viewer"})
    monkeypatch.setattr(accounts, "current", lambda: person)
    listed = (await door.client.get("/v1/workspaces")).json()["items"]
    assert {w["name"]: w["role"] for w in listed} == {"cafe": "viewer", "shop": "analyst"}
    for name, status in (("shop", 202), ("cafe", 403), ("vault", 404), ("vaul", 404), ("nowhere", 404)):
        files = [("files", ("a.csv", b"x\n1\n"))]
        assert (await door.client.post(f"/v1/uploads?workspace={name}", files=files)).status_code == status, name
    texts = {
        (await door.client.get(f"/v1/model?workspace={name}")).text.replace(name, "NAME") for name in ("vault", "vaux1")
    }
    assert len(texts) == 1 and "vault" not in texts.pop(), "a workspace of others is told apart from none"
    assert (await door.client.delete("/v1/workspaces/shop")).status_code == 403


def test_what_a_member_holds_where() -> None:
    person = Principal("u", "U", memberships={"shop": "editor", rights.EVERYWHERE: "viewer"})
    assert person.within("shop").may("model") and not person.within("cafe").may("model")
    assert not person.within("shop").may("workspaces"), "the house is not led from one workspace"
    assert person.within("shop").within("cafe").role == "viewer"
    assert person.may_somewhere("model") and not person.may_somewhere("policies")
    with pytest.raises(UnknownName):
        Principal("u", "U", memberships={"shop": "owner"}).within("cafe")
    assert LOCAL_OWNER.within("anything") is LOCAL_OWNER
    narrow = Principal("k", "K", "owner", scopes=frozenset({"ask"}))
    assert narrow.may("ask") and not narrow.may("sql") and not narrow.may_somewhere("owners")
    with pytest.raises(QueryRefused) as caught:
        narrow.require("sql")
    assert caught.value.code == "sql_role"
    assert not any(NOBODY.may_somewhere(right) for right in rights.RIGHTS)


def test_a_skill_that_names_no_right_runs_for_nobody(monkeypatch) -> None:
    import dataclasses

    tool = dataclasses.replace(registry.get("describe_data"), asks=None)
    with pytest.raises(QueryRefused) as caught:
        tool.run(None, {})  # type: ignore[arg-type]
    assert caught.value.code == "tool_unlisted"


@pytest.mark.parametrize("role", rights.ROLES)
def test_every_skill_and_every_event_is_for_the_roles_of_the_table_and_nobody_else(role) -> None:
    person, wrong = Principal("u", "U", role), []
    context: Any = SimpleNamespace(principal=person)
    for tool in registry.all_tools():
        try:
            tool.run(context, {"no such argument": object()})
        except PlainsayError as error:
            shut = error.code == f"{tool.asks}_role"
            assert shut or error.code == "invalid_request", (tool.name, error.code)
            if shut == rights.has(role, rights.TOOLS[tool.name]):
                wrong.append(tool.name)
        else:
            wrong.append(tool.name)
    kinds = get_args(get_args(events.Event)[0])
    wrong += [
        kind.__name__
        for kind in kinds
        if runs.may_hear(person, kind.model_construct()) != rights.has(role, rights.EVENTS[kind.__name__])
    ]
    assert wrong == [] and len(kinds) == len(rights.EVENTS)
    assert not any(runs.may_hear(NOBODY, kind.model_construct()) for kind in kinds)


class Nothing(BaseModel):
    """The arguments of a skill that nobody listed."""


def test_what_is_added_without_a_line_is_found_and_shut(monkeypatch) -> None:
    class Shouted(events.RunStarted):
        """An event that nobody listed."""

    assert not runs.may_hear(LOCAL_OWNER, Shouted.model_construct())
    app = create_app()
    app.add_api_route("/v1/unlisted", lambda: "open", methods=["GET"])
    assert set(routes(app.routes)) - set(doors.ROUTES) == {("GET", "/v1/unlisted")}

    monkeypatch.setattr(registry, "_TOOLS", dict(registry._TOOLS))

    @registry.tool("unlisted")
    def unlisted(context: registry.ToolContext, args: Nothing) -> Evidence:
        """Does something. Doing something."""
        raise AssertionError("it ran")

    assert {t.name for t in registry.all_tools()} - set(rights.TOOLS) == {"unlisted"}
    with pytest.raises(QueryRefused) as caught:
        registry.get("unlisted").run(SimpleNamespace(principal=LOCAL_OWNER), {})  # type: ignore[arg-type]
    assert caught.value.code == "tool_unlisted"
