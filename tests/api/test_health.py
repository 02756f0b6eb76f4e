"""Live, ready and counted: what a supervisor and Prometheus see."""

from __future__ import annotations

import pytest

from evals.fakes.assistant import ScriptedAssistant
from store.errors import ConfigProblem


class Cold(ScriptedAssistant):
    async def start(self) -> None:
        raise ConfigProblem("The checkpoint file cannot be opened.")


async def test_ready_when_everything_answers(door):
    ready = await door.client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (200, {"state": True, "workspaces": True, "assistant": True})


async def test_alive_but_not_ready_when_the_assistant_does_not_start(open_door):
    async with open_door(Cold()) as door:
        assert (await door.client.get("/healthz")).status_code == 200
        ready = await door.client.get("/readyz")
        assert (ready.status_code, ready.json()["checks"]["assistant"]) == (503, False)
        asked = await door.client.post("/v1/ask", json={"question": "total"})
        assert asked.status_code == 500
        assert asked.json()["error"]["message"] == "The checkpoint file cannot be opened."
        assert '"type":"RUN_ERROR"' in (await door.chat()).text


async def test_what_is_counted(door):
    await door.chat()
    await door.chat("fail", run="r2")
    await door.client.get("/v1/nothing-here-with-a-name")
    text = (await door.client.get("/metrics")).text
    for line in (
        'plainsay_runs_total{status="done"} 1.0',
        'plainsay_runs_total{status="failed"} 1.0',
        'plainsay_requests_total{route="/v1/chat",status="200"} 2.0',
        "plainsay_first_event_seconds_count 2.0",
        "plainsay_query_seconds_count 1.0",
        "plainsay_live_runs 0.0",
        "plainsay_query_workers 2.0",
    ):
        assert line in text, line
    assert "nothing-here" not in text


async def test_a_damaged_workspace_neither_stops_the_start_nor_hides_the_others(open_door, home, monkeypatch):
    from agent.view import WorkspaceViews

    def broken(_self, name):
        raise AttributeError(f"{name} has an old file")

    monkeypatch.setattr(WorkspaceViews, "get", broken)
    async with open_door() as door:
        door.house._prewarm(None)
        listed = await door.client.get("/v1/workspaces")
    assert [item["name"] for item in listed.json()["items"]] == ["shop"]


def test_a_second_server_on_one_home_is_refused_before_it_starts(tmp_path):
    from api.house import own
    from api.server import serve

    holder = own(tmp_path / "server.lock")
    try:
        with pytest.raises(ConfigProblem, match="already using this folder"):
            serve(port=0, home=tmp_path)
    finally:
        holder.close()
