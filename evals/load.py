"""Many people at once on a real server: how long they wait, whether anything fails, whether memory and handles grow."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from evals.place import WORKSPACE, demo_home
from evals.result import Figure, SuiteResult, percentile
from store import settings
from store.errors import Unavailable

QUESTIONS = (
    "total revenue", "revenue by month", "top 5 products by revenue last quarter", "revenue by category this year",
    "orders by channel", "average order value by month", "how many customers", "revenue last month vs the month before",
    "returns by category", "top 10 customers by revenue", "revenue by country", "what can I ask?",
    "revenue by week in the last 3 months", "number of orders last week", "gross margin by category",
    "why did revenue change last month?", "list the last 10 orders", "what is the weather?",
)  # fmt: skip
THINK = (3.0, 12.0)
"""Seconds that a person reads before asking again."""
STREAMS = 1_000
READY_WITHIN = 90.0
CHEAP = ("/healthz", "/v1/threads", "/v1/workspaces", "/v1/tools")
_SERVER = """
import sys, uvicorn
from pathlib import Path
from api import logs
from api.app import create_app
from api.house import Parts
from evals.fakes.assistant import ScriptedAssistant
logs.configure("error")
parts = Parts(assistant=ScriptedAssistant()) if sys.argv[3] == "scripted" else Parts()
app = create_app(home=Path(sys.argv[1]), parts=parts)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_config=None, timeout_graceful_shutdown=2)
"""


def run() -> SuiteResult:
    """People on the demo for `eval_seconds`, then 1,000 idle streams and the cheap routes."""
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(files, 20_000) if files > 0 else 20_000, files))
    users, seconds = settings.get("eval_users"), settings.get("eval_seconds")
    with demo_home(scale=0.1) as home, serving(home, "real") as server:
        asked = asyncio.run(_crowd(server, users, seconds))
        cheap = asyncio.run(_cheap(server))
    with tempfile.TemporaryDirectory(prefix="plainsay-streams-") as folder:
        (Path(folder) / "workspaces" / "shop" / "lake").mkdir(parents=True)
        with serving(Path(folder), "scripted") as server:
            idle = asyncio.run(_idle(server, STREAMS))
    return SuiteResult("load", "speed", [*asked, *cheap, *idle])


class Server:
    """A server process and its query workers, looked at from outside."""

    def __init__(self, port: int, process: subprocess.Popen[bytes]) -> None:
        import psutil

        self.url = f"http://127.0.0.1:{port}"
        self._process = psutil.Process(process.pid)

    def memory(self) -> float:
        """Megabytes of the server and its workers."""
        total = 0
        for one in (self._process, *self._process.children(recursive=True)):
            with suppress(Exception):  # BLE001 - process edge: a worker may end while it is looked at
                total += one.memory_info().rss
        return total / 1e6

    def handles(self) -> int:
        """Open files and sockets of the server itself."""
        return int(self._process.num_fds())

    def threads(self) -> int:
        """Threads of the server itself."""
        return int(self._process.num_threads())


@contextmanager
def serving(home: Path, kind: str) -> Iterator[Server]:
    """A server on `home` that is ready: `real`, or `scripted` without a brain."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    root = Path(__file__).resolve().parent.parent
    environment = {**os.environ, "PYTHONPATH": str(root), "PLAINSAY_HOME": str(home)}
    process = subprocess.Popen([sys.executable, "-c", _SERVER, str(home), str(port), kind], env=environment, cwd=root)
    try:
        server = Server(port, process)
        asyncio.run(_ready(server))
        yield server
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _ready(server: Server) -> None:
    import httpx

    deadline = time.monotonic() + READY_WITHIN
    async with httpx.AsyncClient() as client:
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if (await client.get(f"{server.url}/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise Unavailable("The server did not become ready.")


async def _crowd(server: Server, users: int, seconds: float) -> list[Figure]:
    import httpx

    took: list[float] = []
    failed: list[str] = []
    seen: list[tuple[float, float, int, int]] = []
    end = time.monotonic() + seconds

    async def person(client: httpx.AsyncClient, number: int) -> None:
        chance = random.Random(number)
        await asyncio.sleep(chance.uniform(0, THINK[1]))
        while time.monotonic() < end:
            body = {"question": chance.choice(QUESTIONS), "workspace": WORKSPACE, "thread_id": f"u{number}-{len(took)}"}
            began = time.monotonic()
            try:
                answer = await client.post(f"{server.url}/v1/ask", json=body)
                if answer.status_code != 200:
                    failed.append(f"{answer.status_code} {body['question']}")
            except httpx.TransportError as error:
                failed.append(f"{type(error).__name__} {body['question']}")
            took.append(time.monotonic() - began)
            await asyncio.sleep(chance.uniform(*THINK))

    async def watch() -> None:
        while time.monotonic() < end:
            await asyncio.sleep(min(5.0, seconds / 12))
            seen.append((time.monotonic(), server.memory(), server.handles(), server.threads()))

    limits = httpx.Limits(max_connections=users + 10)
    async with httpx.AsyncClient(timeout=60, limits=limits) as client:
        await asyncio.gather(watch(), *(person(client, number) for number in range(users)))
    return [
        Figure("people at once", float(users), ""),
        Figure("seconds", seconds, "s"),
        Figure("questions", float(len(took)), ""),
        Figure("errors", float(len(failed)), "", target=0.0),
        Figure("answer, half within", percentile(took, 0.5) * 1000, "ms"),
        Figure("answer, 95 % within", percentile(took, 0.95) * 1000, "ms"),
        Figure("answer, slowest", max(took, default=0.0) * 1000, "ms"),
        *_growth(seen),
    ]


def _growth(seen: list[tuple[float, float, int, int]]) -> list[Figure]:
    """How much memory, handles and threads grow in a minute in the second half, when all is warm."""
    warm = seen[len(seen) // 2 :]
    figures = [Figure("memory at the end", seen[-1][1] if seen else 0.0, "MB")]
    for place, (name, unit) in enumerate((("memory", "MB/min"), ("handles", "/min"), ("threads", "/min")), 1):
        figures.append(Figure(f"{name} growth", _slope([(s[0], float(s[place])) for s in warm]) * 60, unit))
    return figures


def _slope(points: list[tuple[float, float]]) -> float:
    if len(points) < 3:
        return 0.0
    return statistics.linear_regression([p[0] for p in points], [p[1] for p in points]).slope


async def _cheap(server: Server, seconds: float = 4.0, at_once: int = 16) -> list[Figure]:
    import httpx

    figures = []
    async with httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=at_once)) as client:
        for path in CHEAP:
            end, count = time.monotonic() + seconds, 0

            async def ask(path: str = path, end: float = end) -> int:
                done = 0
                while time.monotonic() < end:
                    done += (await client.get(server.url + path)).status_code == 200
                return done

            count = sum(await asyncio.gather(*(ask() for _ in range(at_once))))
            figures.append(Figure(f"GET {path}", count / seconds, "1/s"))
    return figures


async def _idle(server: Server, count: int) -> list[Figure]:
    """Readers of runs that go on without saying anything; one more question is answered beside them."""
    import httpx

    before, opened = server.memory(), 0
    stop = asyncio.Event()
    limits = httpx.Limits(max_connections=count + 20)

    async def read(client: httpx.AsyncClient, number: int) -> None:
        nonlocal opened
        body = _hanging(number % 10)
        async with client.stream("POST", f"{server.url}/v1/chat", json=body) as stream:
            async for _ in stream.aiter_lines():
                opened += 1
                break
            await stop.wait()

    async with httpx.AsyncClient(timeout=120, limits=limits) as client:
        readers = [asyncio.create_task(read(client, number)) for number in range(count)]
        deadline = time.monotonic() + 120
        while opened < count and time.monotonic() < deadline and not any(r.done() for r in readers):
            await asyncio.sleep(0.1)
        during = server.memory()
        took = [await _beside(client, server, number) for number in range(20)]
        stop.set()
        await asyncio.gather(*readers, return_exceptions=True)
    return [
        Figure("idle streams", float(opened), "", target=float(count), better="more"),
        Figure("memory of an idle stream", (during - before) * 1000 / max(1, opened), "kB"),
        Figure("answer beside them, 95 % within", percentile(took, 0.95) * 1000, "ms"),
    ]


def _hanging(number: int) -> dict[str, Any]:
    said: dict[str, Any] = {"id": "m", "role": "user", "content": "hang revenue"}
    return {"threadId": f"t{number}", "runId": f"r{number}", "messages": [said]}


async def _beside(client: Any, server: Server, number: int) -> float:
    began = time.monotonic()
    answer = await client.post(f"{server.url}/v1/ask", json={"question": "total revenue", "thread_id": f"x{number}"})
    answer.raise_for_status()
    return time.monotonic() - began
