"""The Slack door of a real server, killed in the middle: who is let in, how soon it acknowledges, who reads what."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from evals.canary import SHOP, build, leaks
from evals.fakes import slack_server as fakes
from evals.fakes.slack_server import FakeSlack
from evals.result import Figure, SuiteResult, percentile
from store import people, slack
from store.database import Database

EVENTS, TIMES, FORGED = 50, 4, 200
SECONDS = 240.0
ASKED = ("total amount by region", "total amount by customer name", "total amount by month", "list customers")
PEOPLE: tuple[tuple[str, str, str, dict[str, list[str]]], ...] = (
    ("boss", "U9", "owner", {}),
    ("ana", "U1", "viewer", {"regions": ["north"]}),
)


def run() -> SuiteResult:
    """Forged, doubled and shuffled deliveries, a kill -9 between them, and two readers with different rights."""
    with tempfile.TemporaryDirectory() as folder, fakes.slack_server() as told:
        home = Path(folder)
        build(home)
        asyncio.run(_people(home, told))
        figures = asyncio.run(_measured(home, told))
    return SuiteResult("slack", "safety", figures)


async def _people(home: Path, told: FakeSlack) -> None:
    def make(connection: Any) -> None:
        for name, slack_user, role, attributes in PEOPLE:
            made = people.create(connection, name=name, email=f"{name}@shop.example")
            people.give_role(connection, made, "*", people.clean_role(role))
            people.change(connection, made, attributes=attributes)
            told.add_user(slack_user, f"{name}@shop.example")

    with closing(Database.open(home)) as database:
        await database.write(make)
    told.members = {"C1": ["U9", "U1"]}


async def _measured(home: Path, told: FakeSlack) -> list[Figure]:
    bodies = [fakes.message(f"total amount in {2026 + n}", ts=f"17000{n:05d}.000100") for n in range(EVENTS)]
    shuffled = [bodies[(n * 37) % EVENTS] for n in range(EVENTS * TIMES // 2)]
    taken: list[float] = []
    with _server(home, told) as port:
        refused = await _forged(port)
        await _deliver(port, shuffled, taken)  # and then it is killed, with most of them unanswered
    with _server(home, told) as port:
        await _deliver(port, shuffled[::-1], taken)
        asked = [
            fakes.message(q, user=who, channel="C1", ts=f"18000{n:05d}.000100")
            for n, (q, who) in enumerate((q, who) for q in ASKED for who in ("U9", "U1"))
        ]
        await _deliver(port, asked, taken)
        await _settled(home, EVENTS + len(asked))
    replies = [m for m in told.replies("D1") if "⏳" not in json.dumps(m["blocks"], ensure_ascii=False)]
    return [
        Figure("forged, old or unsigned deliveries let in", FORGED - refused, "deliveries", 0),
        Figure(
            f"replies to {EVENTS} events told {TIMES} times, killed between", len(told.replies("D1")), "replies", EVENTS
        ),
        Figure("replies missing", EVENTS - len(replies), "replies", 0),
        Figure("slowest acknowledgement", max(taken), "s", 3.0),
        Figure("acknowledgement, 95th percentile", percentile(taken, 0.95), "s", 3.0),
        Figure("hidden words shown in the channel", len(leaks(told.shown_in("C1"))), "words", 0),
        Figure("hidden words shown to the bound reader", len(leaks(told.shown_in("D1"))), "words", 0),
        Figure("answers that went private", len(told.replies("D9")), "answers", len(ASKED), "more"),
        Figure("messages that Slack would refuse", len(told.refused), "messages", 0),
    ]


async def _forged(port: int) -> int:
    count = 0
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        for number in range(FORGED):
            body = fakes.message("total amount", ts=f"16000{number:05d}.000100")
            ways: list[dict[str, Any]] = [{"secret": "guess"}, {"at": time.time() - 301}, {"at": time.time() + 301}]
            headers = fakes.signed(body, **ways[number % 3]) if number % 4 else {}
            count += (await client.post("/slack/events", content=body, headers=headers)).status_code == 401
    return count


async def _deliver(port: int, bodies: list[bytes], taken: list[float]) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:

        async def one(body: bytes) -> None:
            began = time.perf_counter()
            headers = {"Content-Type": "application/json", **fakes.signed(body)}
            (await client.post("/slack/events", content=body, headers=headers)).raise_for_status()
            taken.append(time.perf_counter() - began)

        for at in range(0, len(bodies), 10):
            await asyncio.gather(*(one(body) for body in bodies[at : at + 10]))


async def _settled(home: Path, number: int) -> None:
    end = time.monotonic() + SECONDS
    with closing(Database.open(home)) as database:
        while time.monotonic() < end:
            counts = await database.read(slack.counts)
            if counts.get("done", 0) + counts.get("failed", 0) >= number:
                return
            await asyncio.sleep(0.2)


@contextmanager
def _server(home: Path, told: FakeSlack) -> Iterator[int]:
    """A server in a process of its own; at the end it is killed without a word."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "PLAINSAY_HOME": str(home), "SLACK_BOT_TOKEN": fakes.TOKEN, "SLACK_SIGNING_SECRET": fakes.SECRET,
        "PLAINSAY_SLACK_URL": told.url, "PLAINSAY_SLACK_WORKSPACES": SHOP, "PLAINSAY_QUESTIONS_PER_MINUTE": "0",
    }  # fmt: skip
    command = [str(Path(sys.executable).parent / "plainsay"), "serve", "--port", str(port)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)
    try:
        _ready(port)
        yield port
    finally:
        server.kill()
        server.wait()


def _ready(port: int) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
