"""The speed of the wires: how soon the first event comes, and how many a second reach fifty readers at once."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.result import Figure, SuiteResult
from store.errors import Unavailable

READERS = 50
ROUNDS = 15
READY_WITHIN = 30.0
DONE_WITHIN = 120.0
PARTS = 200
_SERVER = """
import sys, uvicorn
from pathlib import Path
from api import logs
from api.app import create_app
from api.house import Parts
from evals.bench.wires import chatter
from evals.fakes.assistant import ScriptedAssistant
logs.configure("error")
app = create_app(home=Path(sys.argv[1]), parts=Parts(assistant=ScriptedAssistant(chatter)))
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_config=None, timeout_graceful_shutdown=1)
"""


@dataclass(frozen=True)
class Wire:
    """A way in: where requests go and what they hold."""

    name: str
    path: str

    def body(self, number: str) -> dict[str, Any]:
        """A request of its own thread."""
        said = {"role": "user", "content": "total revenue"}
        bodies: dict[str, dict[str, Any]] = {
            "/v1/chat": {"threadId": f"t{number}", "runId": f"r{number}", "messages": [{"id": "m", **said}]},
            "/v1/chat/completions": {"model": "shop", "messages": [said], "stream": True},
            "/v1/responses": {"model": "shop", "input": "total revenue", "stream": True},
            "/v1/aisdk": {"id": f"u{number}", "messages": [{"role": "user", "parts": [{"type": "text", "text": "x"}]}]},
            "/mcp": {
                "jsonrpc": "2.0", "id": 1, "method": "tools/call",
                "params": {"name": "ask", "arguments": {"question": "x"}, "_meta": {"progressToken": 1}},
            },
        }  # fmt: skip
        return bodies[self.path]


WIRES = (
    Wire("AG-UI", "/v1/chat"),
    Wire("OpenAI completions", "/v1/chat/completions"),
    Wire("OpenAI Responses", "/v1/responses"),
    Wire("AI SDK", "/v1/aisdk"),
    Wire("MCP", "/mcp"),
)


def chatter(turn: Any) -> Iterator[Any]:
    """A long answer that costs nothing to make, in `PARTS` pieces that no wire joins."""
    from agent import events as ours
    from evals.fakes.assistant import answer

    yield ours.StepStarted(name="1. Query orders")
    for number in range(PARTS):
        yield ours.TextDelta(text=f"{number:04} words that are told of revenue. ")
    yield ours.RunFinished(answer=answer(turn))


def run() -> SuiteResult:
    """Serve a scripted assistant in a process of its own and read it over every wire."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="plainsay-wires-") as folder, _serving(Path(folder)) as port:
        for wire in WIRES:
            firsts, rate = asyncio.run(_measured(port, wire))
            figures.append(Figure(f"first event, {wire.name}", statistics.median(firsts) * 1000, "ms", 50))
            if wire.path != "/mcp":
                figures.append(Figure(f"{READERS} readers, {wire.name}", rate, "events/s", 1000, "more"))
    return SuiteResult("wires", "speed", figures)


async def _measured(port: int, wire: Wire) -> tuple[list[float], float]:
    """Seconds to the first event, one request after the other; events a second with all readers at once."""
    name = wire.name[:2] + str(time.monotonic_ns())
    firsts = [(await _read(port, wire, f"{name}a{n}"))[0] for n in range(ROUNDS)]
    began = time.perf_counter()
    counts = await asyncio.gather(*(_read(port, wire, f"{name}b{n}") for n in range(READERS)))
    return firsts, sum(count for _, count in counts) / (time.perf_counter() - began)


async def _read(port: int, wire: Wire, number: str) -> tuple[float, int]:
    """Seconds to the first event of a stream, and how many there were."""
    body = json.dumps(wire.body(number.replace(" ", ""))).encode()
    head = (
        f"POST {wire.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Accept: application/json, text/event-stream\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    began, first, count, rest = time.perf_counter(), 0.0, 0, b""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head.encode() + body)
    async with asyncio.timeout(DONE_WITHIN):
        while piece := await reader.read(1 << 16):
            rest += piece
            count += rest.count(b"data: ")
            rest = rest[-5:]
            first = first or (time.perf_counter() - began if count else 0.0)
    writer.close()
    if count == 0:
        raise Unavailable(f"The wire {wire.name} sent no event.")
    return first, count


@contextmanager
def _serving(home: Path) -> Iterator[int]:
    (home / "workspaces" / "shop" / "lake").mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    root = str(Path(__file__).resolve().parents[2])
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVER, str(home), str(port)], env={**os.environ, "PYTHONPATH": root}
    )
    try:
        asyncio.run(_ready(port))
        yield port
    finally:
        process.terminate()
        process.wait(15)


async def _ready(port: int) -> None:
    for _ in range(int(READY_WITHIN / 0.05)):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            line = await reader.readline()
            writer.close()
            if b" 200 " in line:
                return
        except OSError:
            pass
        await asyncio.sleep(0.05)
    raise Unavailable("The server was not ready in time.")
