"""The switch and the test of the model: what may be chosen, and what a server can do, with nothing secret in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.turn import Turn
from api import turns
from evals.fakes.model_server import MODEL, ModelServer, Reply
from store import settings
from store.principal import LOCAL_OWNER

pytestmark = pytest.mark.usefixtures("quiet_logs")


async def test_without_a_model_only_the_builtin_brain_can_be_chosen(door) -> None:
    told = (await door.client.get("/v1/brain")).json()
    assert told == {"choices": ["auto", "builtin"], "model": None, "host": None, "problem": None}
    checked = (await door.client.post("/v1/brain/check")).json()
    assert checked["ok"] and "built-in brain" in checked["items"][0]["detail"]


async def test_a_model_is_tried_and_its_key_stays_here(door, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer(lambda _asked: Reply(text='{"word": "yes"}'), lacks=("no_tools",)) as server:
        monkeypatch.setenv("PLAINSAY_MODEL", MODEL)
        monkeypatch.setenv("OPENAI_BASE_URL", server.url.replace("://", "://me:pw-canary@"))
        monkeypatch.setenv("OPENAI_API_KEY", "k-canary")
        told = (await door.client.get("/v1/brain")).json()
        assert (told["choices"], told["model"], told["host"]) == (["auto", "builtin", "llm"], MODEL, "127.0.0.1")
        checked = await door.client.post("/v1/brain/check")
    found = {i["name"]: i for i in checked.json()["items"]}
    assert found["model tools"]["detail"].startswith("refused")
    assert checked.json()["ok"] and "canary" not in checked.text


async def test_a_model_that_is_down_is_said(door, monkeypatch: pytest.MonkeyPatch) -> None:
    with ModelServer(lambda _asked: Reply(text="x")) as server:
        url = server.url
    monkeypatch.setenv("PLAINSAY_MODEL", MODEL)
    monkeypatch.setenv("OPENAI_BASE_URL", url)
    checked = (await door.client.post("/v1/brain/check")).json()
    assert not checked["ok"] and "cannot be reached" in checked["items"][0]["detail"]


def test_a_wish_for_a_report_outlives_the_process() -> None:
    asked = Turn("shop", "t1", "r1", "revenue", deep=True)
    again = turns.from_json(turns.to_json(asked), LOCAL_OWNER)
    assert again.deep
    old = {k: v for k, v in turns.to_json(asked).items() if k != "deep"}
    assert not turns.from_json(old, LOCAL_OWNER).deep


async def test_the_model_is_set_up_from_the_page_and_its_key_is_sealed(
    door, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLAINSAY_HOME", str(tmp_path))
    for name in ("PLAINSAY_MODEL", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with ModelServer(lambda _asked: Reply(text='{"word": "yes"}')) as server:
        said = {"model": MODEL, "model_url": server.url, "model_key": "k-canary", "model_turn_tokens": 5000}
        put = await door.client.put("/v1/brain/settings", json=said)
        assert put.status_code == 200, put.text
        told = {i["name"]: (i["value"], i["from"]) for i in put.json()["items"]}
        assert told["model"] == (MODEL, "page") and told["model_key"] == (None, "page")
        assert told["model_turn_tokens"] == (5000, "page") and told["model_seconds"] == (30.0, "default")
        assert "canary" not in put.text + (tmp_path / "settings.json").read_text()
        assert settings.get("model_key") == "k-canary"
        assert (await door.client.post("/v1/brain/check")).json()["ok"]
        moved = await door.client.put("/v1/brain/settings", json={"model_url": "http://127.0.0.1:9/v1"})
        assert {i["name"]: i["from"] for i in moved.json()["items"]}["model_key"] == "default"
    gone = await door.client.put("/v1/brain/settings", json={"model": "", "model_turn_tokens": None})
    assert {i["from"] for i in gone.json()["items"] if i["name"] in ("model", "model_turn_tokens")} == {"default"}


async def test_the_environment_wins_and_its_key_goes_nowhere_else(
    door, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PLAINSAY_HOME", str(tmp_path))
    await door.client.put("/v1/brain/settings", json={"model": "mine"})
    monkeypatch.setenv("PLAINSAY_MODEL", MODEL)
    monkeypatch.setenv("OPENAI_API_KEY", "k-canary")
    told = {i["name"]: (i["value"], i["from"]) for i in (await door.client.get("/v1/brain/settings")).json()["items"]}
    assert told["model"] == (MODEL, "environment") and told["model_key"] == (None, "environment")
    for said in ({"model": "other"}, {"model_url": "http://127.0.0.1:9/v1"}):
        refused = await door.client.put("/v1/brain/settings", json=said)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "set_by_environment")
    assert (await door.client.put("/v1/brain/settings", json={"model_url": "ftp://x"})).status_code == 422
