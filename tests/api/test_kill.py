"""kill -9 of a real server in mid-turn and in mid-upload: nothing acknowledged is lost, and the thread goes on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]


class Server:
    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, str(Path(__file__).with_name("serving.py")), str(self.home), str(self.port)]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "OPENAI_API_KEY": "sk-canary-3141592"}
        with (self.home / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, env=env, stderr=log, stdout=log)
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError((self.home / "server.log").read_text())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "workspaces" / "shop" / "lake").mkdir(parents=True)
    server = Server(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def question(text: str, run: str) -> dict[str, object]:
    return {"threadId": "t1", "runId": run, "messages": [{"id": "m", "role": "user", "content": text}]}


def read(lines: Iterator[str], most: int = 10_000) -> list[tuple[int, str]]:
    got: list[tuple[int, str]] = []
    number = 0
    for line in lines:
        if line.startswith("id: "):
            number = int(line[4:])
        if line.startswith("data: "):
            got.append((number, line[6:]))
        if len(got) == most:
            break
    return got


def test_killed_in_mid_turn(server: Server) -> None:
    with httpx.stream("POST", f"{server.url}/v1/chat", json=question("slow revenue", "r1"), timeout=30) as stream:
        before = read(stream.iter_lines(), 14)
        server.kill()
    assert json.loads(before[-1][1])["type"] == "TEXT_MESSAGE_CONTENT"
    server.start()
    last = before[-1][0]
    with httpx.stream("GET", f"{server.url}/v1/runs/r1/events", headers={"Last-Event-ID": str(last)}, timeout=30) as s:
        after = read(s.iter_lines())
    whole = read(iter(httpx.get(f"{server.url}/v1/runs/r1/events", timeout=30).text.splitlines()))
    assert whole == before + after
    kinds = [json.loads(body)["type"] for _, body in whole]
    assert kinds.count("RUN_STARTED") == kinds.count("RUN_FINISHED") == 1 and kinds[-1] == "RUN_FINISHED"
    open_texts = [json.loads(b) for _, b in whole if "TEXT_MESSAGE" in b or "superseded" in b]
    first = open_texts[0]["messageId"]
    assert {"type": "CUSTOM", "name": "analytics.superseded", "value": {"messageId": first}} in open_texts
    assert httpx.post(f"{server.url}/v1/chat", json=question("and now?", "r2"), timeout=30).status_code == 200
    turns = httpx.get(f"{server.url}/v1/threads/t1").json()["turns"]
    assert [(t["run_id"], t["status"]) for t in turns] == [("r1", "done"), ("r2", "done")]


def test_killed_while_loading_an_acknowledged_upload(server: Server) -> None:
    shop = server.home / "workspaces" / "shop"
    (shop / "hold").touch()
    files = [("files", ("orders.csv", b"id,amount\n1,2\n")), ("files", ("../../evil.csv", b"x\n1\n"))]
    sent = httpx.post(f"{server.url}/v1/uploads?workspace=shop", files=files)
    assert sent.status_code == 202
    job = f"{server.url}/v1/jobs/{sent.json()['job_id']}"
    assert wait_for(job, "running")["progress"] == {"text": "Reading", "share": 0.1}
    server.kill()
    (shop / "hold").unlink()
    server.start()
    done = wait_for(job, "done")
    assert [t["origin"] for t in done["result"]["tables"]] == ["orders.csv", "evil.csv"]
    assert (shop / "loaded-orders.csv").read_bytes() == b"id,amount\n1,2\n"
    deadline = time.monotonic() + 5
    while list((shop / "spool").iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert list((shop / "spool").iterdir()) == []


def test_sigterm_lets_a_stream_end(server: Server) -> None:
    with httpx.stream("POST", f"{server.url}/v1/chat", json=question("slow revenue", "r1"), timeout=30) as stream:
        lines = stream.iter_lines()
        read(lines, 5)
        server.process.send_signal(signal.SIGTERM)
        rest = read(lines)
    assert json.loads(rest[-1][1])["type"] == "RUN_FINISHED"
    assert server.process.wait(timeout=15) in (0, -signal.SIGTERM)


def test_a_second_server_on_the_same_home_is_refused(server: Server) -> None:
    second = Server(server.home)
    command = [sys.executable, str(Path(__file__).with_name("serving.py")), str(second.home), str(second.port)]
    ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=30)
    assert ended.returncode != 0
    assert "Another Plainsay server" in ended.stderr.decode()


def test_logs_hold_no_question_no_secret_no_header(server: Server) -> None:
    headers = {"Authorization": "Bearer canary-header-271828", "Cookie": "s=canary-cookie-161803"}
    httpx.post(f"{server.url}/v1/chat", json=question("canary question revenue", "r1"), headers=headers)
    httpx.post(f"{server.url}/v1/chat", json=question("canary question break", "r2"), headers=headers)
    httpx.post(
        f"{server.url}/v1/ask?key=canary-query", content=b"{canary body", headers={"content-type": "application/json"}
    )
    httpx.get(f"{server.url}/v1/answers/canary-path")
    text = (server.home / "server.log").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    seen = [entry for entry in lines if entry.get("route") == "/v1/chat"]
    assert seen and set(seen[0]) >= {"request", "route", "status", "ms", "method"}
    assert any(entry["event"] == "defect" and "Traceback" in entry["exception"] for entry in lines)
    assert "canary" not in text


def wait_for(url: str, state: str) -> dict:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        job = httpx.get(url).json()
        if job["state"] == state:
            return job
        time.sleep(0.02)
    raise AssertionError(job)
