"""The switch and the test of the model: what may be chosen, and what a server can do, with nothing secret in it."""

from __future__ import annotations

import pytest

from agent.turn import Turn
from api import turns
from evals.fakes.model_server import MODEL, ModelServer, Reply
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
