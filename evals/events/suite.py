"""Events over HTTP on a real server while people ask: how many a second, how soon acknowledged, how much memory."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import psutil

from evals.events import costs, killed, made, sending, written
from evals.result import Figure, SuiteResult, percentile
from store import settings
from store.errors import Unavailable

READY_WITHIN = 60.0
DRAINED_WITHIN = 600.0
PUBLISHED_WITHIN = 300.0
_TURNS = count()
WARM, PARTS = 20_000, 4
_SERVER = """
import sys, uvicorn
from pathlib import Path
from api import logs
from api.app import create_app
logs.configure("error")
uvicorn.run(create_app(home=Path(sys.argv[1])), host="127.0.0.1", port=int(sys.argv[2]), log_config=None,
            access_log=False, timeout_graceful_shutdown=1)
"""
DAILY: dict[str, Any] = {
    "query": {"metrics": [{"metric": "events"}], "dimensions": [{"field": "events.time", "grain": "day"}]},
    "workspace": "shop",
}


def run() -> SuiteResult:
    """Send `eval_events` events in batches of 1,000, a question being asked all the while; then ask for days."""
    events = settings.get("eval_events")
    with tempfile.TemporaryDirectory(prefix="plainsay-events-") as folder, _serving(Path(folder)) as (port, server):
        return asyncio.run(_measured(port, server, events))


def kills() -> SuiteResult:
    """Processes that take events, killed a hundred times."""
    done = killed.run()
    figures = [
        Figure("kills", done.kills, ""), Figure("events acknowledged", done.acknowledged, ""),
        Figure("acknowledged and lost", done.lost, "", 0), Figure("there twice", done.doubled, "", 0),
    ]  # fmt: skip
    return SuiteResult("kills", "safety", figures)


async def _measured(port: int, server: psutil.Process, events: int) -> SuiteResult:
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, timeout=120) as client:
        reply = await client.post("/v1/events/keys", json={"workspace": "shop", "name": "bench"})
        key = reply.json()["key"]
        for batch in made.batches(WARM, "warm"):
            await client.post("/v1/events", json=batch, headers={"Authorization": f"Bearer {key}"})
        await _drained(client)
        known = sending.templates(events // PARTS)
        raw = written.rate(sending.bodies(known, min(events, written.MOST), "r"))
        answered: list[float] = []
        asking = asyncio.create_task(_asked(client, answered))
        memory, parts, spent = [_memory(server)], [], costs.spent(server)
        for mark in "abcdefghij"[:PARTS]:
            parts.append(await sending.send(port, key, sending.bodies(known, events // PARTS, mark)))
            memory.append(_memory(server))
        spent = costs.spent(server).since(spent)
        asking.cancel()
        sent, began = sum(part.events for part in parts), time.perf_counter()
        await _drained(client)
        await _counted(client, sent + WARM)
        drained = time.perf_counter() - began
        there, days = await _days(client)
    waits, seconds = [w for part in parts for w in part.waits], sum(part.seconds for part in parts)
    return SuiteResult("events", "speed", [
        Figure("events sent", sent, ""), Figure("durable over HTTP", sent / seconds, "events/s", 100_000, "more"),
        Figure("the same bodies written and synced by nothing else", raw, "events/s"),
        Figure("acknowledged, p99", percentile(waits, 0.99) * 1000, "ms", 100),
        Figure("acknowledged, p50", percentile(waits, 0.5) * 1000, "ms"),
        *costs.figures(spent, sent),
        Figure("questions answered meanwhile", len(answered), ""),
        Figure("such a question, p50", percentile(answered or [0.0], 0.5) * 1000, "ms"),
        Figure("requests that failed", sum(part.failed for part in parts), "", 0),
        Figure("all of them in answers after the last request", drained, "s"),
        Figure("lost or doubled", abs(sent + WARM - there), "", 0),
        *(Figure(f"memory after {n * sent // PARTS:,} events", m, "MB") for n, m in enumerate(memory)),
        Figure("memory at the end beside half way", memory[-1] / memory[PARTS // 2] * 100, "%", 110),
        Figure("events per day over all of them", days * 1000, "ms"),
    ])  # fmt: skip


def _memory(server: psutil.Process) -> float:
    return float(server.memory_info().rss) / 1e6


async def _asked(client: httpx.AsyncClient, answered: list[float]) -> None:
    """Ask for events per day over and over, a fifth of a second apart; seconds of each that was answered."""
    while True:
        began = time.perf_counter()
        reply = await client.post("/v1/metrics/query", json=_daily())
        if reply.status_code == 200:
            answered.append(time.perf_counter() - began)
        await asyncio.sleep(0.2)


async def _drained(client: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + DRAINED_WITHIN
    while time.monotonic() < deadline:
        status = (await client.get("/v1/events/status?workspace=shop")).json()
        if status["waiting_bytes"] == 0:
            return
        await asyncio.sleep(0.2)
    raise Unavailable("The events were not loaded in time.")


async def _counted(client: httpx.AsyncClient, expected: int) -> None:
    """Wait until as many as `expected` are in answers; fewer at the deadline are lost, which the caller tells."""
    deadline = time.monotonic() + PUBLISHED_WITHIN
    while (await _days(client, 1))[0] < expected and time.monotonic() < deadline:
        await asyncio.sleep(0.5)


async def _days(client: httpx.AsyncClient, turns: int = 3) -> tuple[int, float]:
    """All events, counted day by day, and the quickest of the times that this took."""
    best, found = float("inf"), 0
    for _ in range(turns):
        began = time.perf_counter()
        told = (await client.post("/v1/metrics/query", json=_daily())).json()
        best = min(best, time.perf_counter() - began)
        found = sum(int(row[-1] or 0) for row in _rows(told))
    return found, best


def _daily() -> dict[str, Any]:
    """The question of events per day, with a limit of its own each time, so that no cache knows it."""
    return DAILY | {"query": DAILY["query"] | {"limit": 1_000 + next(_TURNS) % 8_000}}


def _rows(told: dict[str, Any]) -> list[list[Any]]:
    found: list[list[Any]] = (told.get("table") or told.get("result") or told)["rows"]
    return found


@contextmanager
def _serving(home: Path) -> Iterator[tuple[int, psutil.Process]]:
    (home / "workspaces" / "shop" / "lake").mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PLAINSAY_HOME": str(home)}
    process = subprocess.Popen([sys.executable, "-c", _SERVER, str(home), str(port)], env=environment)
    try:
        _wait(port)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise Unavailable("The server did not start.")
