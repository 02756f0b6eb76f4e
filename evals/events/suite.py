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
from pathlib import Path
from typing import Any

import httpx
import psutil

from evals.events import killed, made, sending
from evals.result import Figure, SuiteResult, percentile
from store import settings
from store.errors import Unavailable

READY_WITHIN = 60.0
DRAINED_WITHIN = 600.0
WARM = 20_000
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
        known, most = sending.templates(events // 2), events // 2
        asking = asyncio.create_task(_asked(client))
        before, began, busy = server.memory_info().rss, time.perf_counter(), _busy(server)
        half = await sending.send(port, key, sending.bodies(known, most, "a"))
        middle = server.memory_info().rss
        rest = await sending.send(port, key, sending.bodies(known, most, "b"))
        after, busy = server.memory_info().rss, _busy(server) - busy
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await _drained(client)
        drained = time.perf_counter() - began
        count, days = await _days(client)
    sent, waits = half.events + rest.events, half.waits + rest.waits
    seconds = half.seconds + rest.seconds
    return SuiteResult("events", "speed", [
        Figure("events sent", sent, ""), Figure("durable over HTTP", sent / seconds, "events/s", 100_000, "more"),
        Figure("acknowledged, p99", percentile(waits, 0.99) * 1000, "ms", 100),
        Figure("acknowledged, p50", percentile(waits, 0.5) * 1000, "ms"),
        Figure("processor time of the server for an event", busy / max(sent, 1) * 1e6, "µs"),
        Figure("requests that failed", half.failed + rest.failed, "", 0),
        Figure("in the lake after the first request", drained, "s"),
        Figure("lost or doubled", abs(sent + WARM - count), "", 0),
        Figure("memory at the start", before / 1e6, "MB"), Figure("memory half way", middle / 1e6, "MB"),
        Figure("memory at the end", after / 1e6, "MB"),
        Figure("events per day over all of them", days * 1000, "ms"),
    ])  # fmt: skip


def _busy(server: psutil.Process) -> float:
    """Processor seconds of the server so far; unlike the clock it says the same on a busy machine."""
    spent = server.cpu_times()
    return float(spent.user + spent.system)


async def _asked(client: httpx.AsyncClient) -> None:
    """Ask for events per day over and over, a fifth of a second apart."""
    while True:
        await client.post("/v1/metrics/query", json=DAILY)
        await asyncio.sleep(0.2)


async def _drained(client: httpx.AsyncClient) -> None:
    deadline = time.monotonic() + DRAINED_WITHIN
    while time.monotonic() < deadline:
        status = (await client.get("/v1/events/status?workspace=shop")).json()
        if status["waiting_bytes"] == 0:
            return
        await asyncio.sleep(0.2)
    raise Unavailable("The events were not loaded in time.")


async def _days(client: httpx.AsyncClient) -> tuple[int, float]:
    """All events, counted day by day, and the quickest of three times that this took."""
    best, count = float("inf"), 0
    for turn in range(3):
        limit = DAILY | {"query": DAILY["query"] | {"limit": 1_000 + turn}}  # no answer from a cache
        began = time.perf_counter()
        told = (await client.post("/v1/metrics/query", json=limit)).json()
        best = min(best, time.perf_counter() - began)
        count = sum(int(row[-1] or 0) for row in _rows(told))
    return count, best


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
