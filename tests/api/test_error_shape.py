"""Every failure of every route has one JSON shape, and no body of any kind is our fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute

from api.app import create_app
from api.errors import by_code
from store import errors as tree
from store import settings

CORPORA = Path(settings.get("data")) / "corpora"
needs_corpora = pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora of PLAINSAY_DATA are not here")
KEYS = {"code", "message", "hint", "retry", "retry_after", "details"}
JSON_POSTS = ("/v1/chat", "/v1/ask", "/v1/workspaces", "/v1/metrics/query", "/v1/chat/completions", "/v1/responses")
OPENAI = ("/v1/chat/completions", "/v1/responses", "/v1/models")
ENGINE = ("/v1/trained", "/v1/fields", "/v1/tables")
AS_JSON = {"content-type": "application/json"}


def assert_shape(response: Any, *statuses: int) -> dict[str, Any]:
    assert response.status_code in statuses, response.text
    path = response.request.url.path
    if response.status_code == 204:
        return {}  # no answer is being given in a chat that nobody knows, or what is to go was not there
    if path.startswith("/v1/aisdk"):
        assert response.headers["content-type"].startswith("text/plain") and response.text
        return {}
    error = response.json()["error"]
    if path.startswith("/mcp"):
        assert error["code"] == -32000 and error["message"]
        error = error["data"]
    wire = {"type", "param"} if path.startswith(OPENAI) else set()
    assert set(error) == KEYS | wire and error["message"] and error["code"]
    assert error["retry"] in ("never", "adjusted", "as_is")
    return error


def routes(home: Path) -> list[tuple[str, str]]:
    def walk(found: list[Any]) -> list[APIRoute]:
        flat: list[APIRoute] = []
        for route in found:
            inner = getattr(getattr(route, "original_router", None), "routes", None)
            flat += [route] if isinstance(route, APIRoute) else walk(inner or [])
        return flat

    listed = [(m, r.path) for r in walk(create_app(home=home).routes) for m in r.methods or () if m != "HEAD"]
    return [(method, path) for method, path in listed if path.startswith("/v1")]


async def test_every_id_route_answers_unknown_ids_with_the_shape(door, home):
    found = [(m, p) for m, p in routes(home) if "{" in p]
    assert len(found) >= 7
    for method, path in found:
        for name in ("nothing-here", "%00", "..%2f..%2fetc", "a" * 500):
            url = path.split("{")[0] + name + path.partition("}")[2]
            engineless = (503,) if path.startswith(ENGINE) else ()  # this door has no engine
            signed = (401,) if path.startswith("/v1/hooks/") else ()  # no signature, no word about what is there
            assert_shape(await door.client.request(method, url), 204, 404, 405, 415, 422, *engineless, *signed)


async def test_every_route_refuses_other_methods_with_the_shape(door, home):
    taken = {p for method, p in routes(home) if method == "PUT"}
    paths = {p.replace("{run_id}", "x").replace("{", "").replace("}", "") for _, p in routes(home) if p not in taken}
    for path in paths:
        assert_shape(await door.client.request("PUT", path), 405)


async def test_every_json_route_refuses_wrong_bodies_with_the_shape(door):
    for path in JSON_POSTS:
        assert_shape(await door.client.post(path, content=b"{}"), 415)
        assert_shape(await door.client.post(path, content=b"{}", headers={"content-type": "text/plain"}), 415)
        big = b'{"question":"' + b"x" * 1_000_001 + b'"}'
        assert_shape(await door.client.post(path, content=big, headers=AS_JSON), 413)
        for body in ("", "[]", "null", "{}", '"x"', '{"messages":[{}]}', '{"workspace":3}'):
            assert_shape(await door.client.post(path, content=body, headers=AS_JSON), 422)


async def test_unknown_addresses_and_parameters(door):
    assert_shape(await door.client.get("/mcp"), 405)
    for path in ("/v1/nothing", "/v1", "/slack/events", "/x.js", "/metrics/x"):
        assert_shape(await door.client.get(path), 404)
    assert_shape(await door.client.get("/v1/runs/x/events?after=minus"), 422)
    assert_shape(await door.client.get("/v1/model?workspace=nope"), 404)
    assert_shape(await door.client.get("/v1/model?workspace=../x"), 422)


async def test_a_long_question_is_413(door):
    assert_shape(await door.client.post("/v1/ask", json={"question": "x" * 4001}), 413)
    assert_shape(await door.chat("x" * 4001), 413)


async def test_deep_json_is_refused_wherever_free_json_is_taken(door):
    deep = json.loads("[" * 300 + "]" * 300)
    assert_shape(await door.client.post("/v1/ask", json={"answer_id": "a", "patch": {"x": deep}}), 422)
    assert_shape(await door.chat(forwardedProps={"plainsay": {"patch": {"x": deep}, "answer_id": "a"}}), 422)
    assert_shape(await door.client.post("/v1/ask", content=b"[" * 100_000, headers=AS_JSON), 422)


async def test_a_defect_shows_an_id_only(door, monkeypatch):
    def broken(_labels):
        raise RuntimeError("secret /path and SELECT 1")

    monkeypatch.setattr(door.house.shelf, "items", broken)
    error = assert_shape(await door.client.get("/v1/workspaces"), 500)
    assert error["code"] == "defect" and error["details"]["id"] in error["hint"]
    assert "secret" not in json.dumps(error)


def test_written_errors_come_back_as_their_class():
    for kind in (tree.UnknownName, tree.InvalidRequest, tree.QueryRefused, tree.LimitReached, tree.Unavailable):
        again = by_code(kind.default_code, "m", None)
        assert again.http_status == kind.http_status
    assert by_code("unheard_of", "m", "h").http_status == 500


@needs_corpora
@pytest.mark.data
async def test_json_suite_on_every_json_route(door):
    files = sorted((CORPORA / "json-test-suite" / "test_parsing").glob("*.json"))
    counts = {kind: sum(f.name.startswith(f"{kind}_") for f in files) for kind in "nyi"}
    assert counts == {"n": 188, "y": 95, "i": 35}
    for path in JSON_POSTS:
        for file in files:
            response = await door.client.post(path, content=file.read_bytes(), headers=AS_JSON)
            error = assert_shape(response, 413, 422)
            if file.name.startswith("n_"):
                assert error["code"] == "invalid_json", file.name
            if file.name.startswith("y_"):
                assert error["code"] != "invalid_json", file.name


@needs_corpora
@pytest.mark.data
async def test_naughty_strings_are_questions_names_and_searches_like_any_other(door):
    naughty = json.loads((CORPORA / "naughty-strings" / "blns.json").read_text("utf-8"))
    assert len(naughty) == 515
    for number, text in enumerate(naughty):
        asked = await door.client.post("/v1/ask", json={"question": text, "thread_id": f"n{number}"})
        assert asked.status_code == (200 if text.strip() else 422), text
        if asked.status_code == 200:
            thread = (await door.client.get(f"/v1/threads/n{number}")).json()
            assert thread["turns"][0]["question"] == text.replace("\x00", "")
        if number % 5 == 0:
            made = await door.client.post("/v1/workspaces", json={"name": text, "label": text[:200]})
            assert made.status_code in (201, 422), text
            assert (await door.client.get("/v1/threads", params={"q": text[:500]})).status_code == 200
            assert (await door.client.get("/v1/model", params={"workspace": text})).status_code in (404, 422)


async def test_lone_surrogates_are_not_json(door):
    response = await door.client.post("/v1/ask", content=b'{"question":"\\ud800"}', headers=AS_JSON)
    assert assert_shape(response, 422)["code"] == "invalid_json"


def test_an_error_that_was_written_down_keeps_its_kind():
    wrong_patch = tree.InvalidRequest("This change does not fit.", code="invalid_patch").to_dict()
    again = by_code(wrong_patch["code"], wrong_patch["message"], wrong_patch["hint"], wrong_patch["retry"])
    assert (again.http_status, again.to_dict()["code"]) == (422, "invalid_patch")
    assert by_code("defect", "Something went wrong.", None).http_status == 500
