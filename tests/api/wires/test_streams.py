"""What holds on every stream: the same transcript after cuts and restarts, heartbeats, nobody waits for the slowest."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent import events as ours
from api import streams
from evals.fakes.assistant import ScriptedAssistant, answer

SERVING = Path(__file__).parents[1] / "serving.py"
SAID = [{"role": "user", "content": "total revenue"}]
POSTS: dict[str, dict[str, Any]] = {
    "/v1/chat": {"threadId": "t", "runId": "r", "messages": [{"id": "m", **SAID[0]}]},
    "/v1/chat/completions": {"model": "shop", "messages": SAID, "stream": True},
    "/v1/responses": {"model": "shop", "input": "total revenue", "stream": True},
    "/v1/aisdk": {"id": "t", "messages": SAID},
}
HALF = [ours.StepStarted(name="1. Query"), ours.TextDelta(text="Half of this was said before the server ")]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_ready(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not start")


def data(text: str) -> list[str]:
    return [line[6:] for line in text.splitlines() if line.startswith("data: ")]


def unique(path: str, number: int) -> dict[str, Any]:
    body = dict(POSTS[path])
    return (
        body | {"threadId": f"t{number}", "runId": f"r{number}"} if path == "/v1/chat" else body | {"id": f"t{number}"}
    )


async def run_of(door) -> str:
    while not door.house.runs._tasks:
        await asyncio.sleep(0.002)
    return next(iter(door.house.runs._tasks))


async def cut_off(door, posting: asyncio.Task[httpx.Response]) -> str:
    """Ends the house as a kill would, once half a text is on disk; gives what the reader had."""
    run = await run_of(door)
    while "TEXT_MESSAGE_CONTENT" not in [e.type for e in await door.house.runlog.entries(run)]:
        await asyncio.sleep(0.005)
    door.house.runs.leave()
    door.house.runs._tasks[run].cancel()
    return (await posting).text


async def test_a_response_goes_on_after_a_restart_with_the_same_numbers(open_door):
    async with open_door(ScriptedAssistant(lambda turn: [*HALF, 3600.0])) as door:
        before = data(
            await cut_off(door, asyncio.create_task(door.client.post("/v1/responses", json=POSTS["/v1/responses"])))
        )
        run = json.loads(before[0])["response"]["id"]
    async with open_door() as door:
        url = f"/v1/responses/{run}?stream=true&starting_after="
        after = data((await door.client.get(f"{url}{len(before) - 1}")).text)
        whole = data((await door.client.get(f"{url}-1")).text)
        final = (await door.client.get(f"/v1/responses/{run}")).json()
    assert whole == before + after
    assert [json.loads(e)["sequence_number"] for e in whole] == list(range(len(whole)))
    assert json.loads(whole[-1])["response"] == final and final["status"] == "completed"
    assert "Half" not in final["output"][0]["content"][0]["text"]


async def test_a_ui_chat_taken_up_after_a_restart_does_not_repeat_what_was_taken_back(open_door):
    async with open_door(ScriptedAssistant(lambda turn: [*HALF, 3600.0])) as door:
        posting = asyncio.create_task(door.client.post("/v1/aisdk", json=POSTS["/v1/aisdk"]))
        before = data(await cut_off(door, posting))
        assert json.loads(before[-2])["type"] == "error" and before[-1] == "[DONE]"
    async with open_door(ScriptedAssistant(pause=0.02)) as door:
        running = await door.client.get("/v1/aisdk/t/stream")
        ended = await door.client.get("/v1/aisdk/t/stream?ended=true")
    chunks = [json.loads(c) for c in data(running.text)[:-1]]
    assert running.status_code == 200 and running.text == ended.text
    said = "".join(c["delta"] for c in chunks if c["type"] == "text-delta")
    assert said.startswith("Revenue was") and chunks[-1]["type"] == "finish"


async def test_a_completion_says_that_the_server_is_restarting(open_door):
    async with open_door(ScriptedAssistant(lambda turn: [*HALF, 3600.0])) as door:
        posting = asyncio.create_task(door.client.post("/v1/chat/completions", json=POSTS["/v1/chat/completions"]))
        last = json.loads(data(await cut_off(door, posting))[-1])
    assert last["error"]["code"] == "unavailable"


async def test_a_ui_chat_is_the_same_bytes_whenever_it_is_read_again(open_door):
    async with open_door(ScriptedAssistant(pause=0.01)) as door:
        posting = asyncio.create_task(door.client.post("/v1/aisdk", json=POSTS["/v1/aisdk"]))
        await run_of(door)
        while not await door.house.database.read(lambda c: c.exec_driver_sql("select 1 from run_events").first()):
            await asyncio.sleep(0.002)
        again = await asyncio.gather(*(door.client.get("/v1/aisdk/t/stream") for _ in range(3)))
        whole = (await posting).text
        assert [a.text for a in again] == [whole] * 3
        assert (await door.client.get("/v1/aisdk/t/stream?ended=true")).text == whole


async def test_posting_a_run_again_goes_on_after_the_last_event(door):
    whole = (await door.client.post("/v1/chat", json=POSTS["/v1/chat"])).text.split("\n\n")
    again = await door.client.post("/v1/chat", json=POSTS["/v1/chat"], headers={"Last-Event-ID": "4"})
    assert again.text.split("\n\n") == whole[4:]


@pytest.mark.parametrize("path", POSTS)
def test_a_quiet_stream_shows_that_it_lives(serve, monkeypatch, path):
    monkeypatch.setattr(streams, "PING_SECONDS", 0.05)
    with (
        serve(ScriptedAssistant(lambda turn: [3600.0])) as served,
        httpx.stream("POST", f"{served.url}{path}", json=POSTS[path], timeout=10) as stream,
    ):
        assert any(line.startswith(": ping") for line in stream.iter_lines())
        for run in list(served.house.runs._tasks):
            httpx.post(f"{served.url}/v1/runs/{run}/cancel")


@pytest.mark.slow
def test_when_the_server_stops_every_stream_ends(tmp_path):
    """A run that would last an hour holds up no reader and no restart, on any wire."""
    (tmp_path / "workspaces" / "shop" / "lake").mkdir(parents=True)
    port = free_port()
    command = [sys.executable, str(SERVING), str(tmp_path), str(port)]
    url, env = f"http://127.0.0.1:{port}", {**os.environ, "PYTHONPATH": str(SERVING.parents[2])}

    async def all_of() -> list[str]:
        async with httpx.AsyncClient(base_url=url, timeout=30) as client:
            bodies = {path: json.loads(json.dumps(b).replace("total revenue", "hang")) for path, b in POSTS.items()}
            asking = [asyncio.create_task(client.post(p, json=b | {"thread": p})) for p, b in bodies.items()]
            await asyncio.sleep(1.0)
            process.send_signal(signal.SIGTERM)
            return [(await a).text for a in asking]

    with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_ready(url)
            began = time.monotonic()
            got = asyncio.run(all_of())
            assert process.wait(15) in (0, -signal.SIGTERM)
        finally:
            process.kill()
    assert time.monotonic() - began < 14
    assert all(data(text) for text in got)


@pytest.mark.parametrize("path", POSTS)
def test_fifty_streams_at_once_are_whole_and_a_stuck_reader_holds_up_nobody(serve, path):
    def script(turn):
        yield ours.StepStarted(name="1. Query")
        for number in range(40):
            yield ours.TextDelta(text=f"{number} of many words that fill the buffers of a reader who does not read. ")
        yield ours.RunFinished(answer=answer(turn))

    async def all_of(url: str) -> list[int]:
        async with httpx.AsyncClient(base_url=url, timeout=30, limits=httpx.Limits(max_connections=60)) as client:
            got = await asyncio.gather(*(client.post(path, json=unique(path, n)) for n in range(50)))
        return [len(data(g.text)) for g in got]

    with serve(ScriptedAssistant(script)) as served:
        stuck = stuck_reader(served.url, path)
        counts = asyncio.run(all_of(served.url))
        stuck.close()
    assert len(counts) == 50 and min(counts) == max(counts) > 40


def stuck_reader(url: str, path: str) -> socket.socket:
    """Asks, and never reads."""
    reader = socket.socket()
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    host, port = url.removeprefix("http://").split(":")
    reader.connect((host, int(port)))
    body = json.dumps(unique(path, 99)).encode()
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    reader.sendall(f"{head}\r\n\r\n".encode() + body)
    return reader


def test_a_stalled_reader_is_let_go_and_the_run_ends(serve, monkeypatch):
    monkeypatch.setattr(streams, "STALLED_SECONDS", 0.3)

    def script(turn):
        for _ in range(600):
            yield ours.TextDelta(text="x" * 10_000)
        yield ours.RunFinished(answer=answer(turn))

    with serve(ScriptedAssistant(script)) as served:
        stuck = stuck_reader(served.url, "/v1/chat")
        deadline = time.monotonic() + 15
        status = None
        while status != "done" and time.monotonic() < deadline:
            time.sleep(0.05)
            turns = httpx.get(f"{served.url}/v1/threads/t99").json().get("turns") or [{}]
            status = turns[0].get("status")
        assert status == "done"
        while served._server.server_state.tasks and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not served._server.server_state.tasks, "the stalled stream was kept"
        stuck.close()
