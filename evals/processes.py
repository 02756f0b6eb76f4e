"""Three processes on one Postgres behind a proxy, one killed while people read and digests are told: what is lost.

Tests and the suite `processes` share the cluster and its readers.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from bots.digests.run import EMAIL, KIND
from evals.fakes.proxy import RoundRobin
from evals.places import postgres_database
from evals.postgres import postgres_server
from evals.process_digests import Mornings, Told
from evals.result import Figure, SuiteResult, percentile
from store.errors import Unavailable

ROOT = Path(__file__).resolve().parent.parent
USERS = 50
RESUMED_WITHIN = 2.0
KILLS = 3
MAIL = {"PLAINSAY_MAIL_FROM": "plainsay@example.com", "PLAINSAY_MAIL_TO": "ada@example.com"}
_SERVER = """
import sys, time, uvicorn
from functools import partial
from pathlib import Path
from api import logs, pushing
from api.app import create_app
from api.house import Parts
from evals.fakes.assistant import ScriptedAssistant
from evals.fakes.desk import desk_of, post_of
from evals.fakes.loader import load_slowly
logs.configure()
pushing.Desk = lambda *_: desk_of(sys.argv[3])
pushing.Ways = partial(pushing.Ways, post=post_of(Path(sys.argv[1]), sys.argv[3]))
parts = Parts(assistant=ScriptedAssistant(pause=0.1), ingest=load_slowly)
app = create_app(home=Path(sys.argv[1]), parts=parts)
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_config=None, timeout_graceful_shutdown=12)
"""


def run() -> SuiteResult:
    """A process is killed under 50 readers, as often as `KILLS`, each time in a cluster of its own."""
    rounds = []
    with (
        tempfile.TemporaryDirectory(prefix="plainsay-pg-") as folder,
        postgres_server(Path(folder), durable=True) as server,
    ):
        for number in range(KILLS):
            with (
                tempfile.TemporaryDirectory(prefix="plainsay-cluster-") as home,
                postgres_database(server) as url,
            ):
                rounds.append(asyncio.run(_round(Path(home), url, (KIND, EMAIL)[number % 2])))
    gaps = [gap for one in rounds for gap in one["gaps"]]
    figures = [
        Figure("processes killed", float(len(rounds)), ""),
        Figure("people reading, each time", float(USERS), ""),
        Figure("streams that broke", float(len(gaps)), ""),
        Figure("turns lost", float(sum(one["lost"] for one in rounds)), "", target=0.0),
        Figure("events missing or doubled", float(sum(one["torn"] for one in rounds)), "", target=0.0),
        Figure("resumed, half within", percentile(gaps, 0.5), "s"),
        Figure("resumed, slowest", max(gaps, default=0.0), "s", target=RESUMED_WITHIN),
        Figure("digests due", float(sum(one["digests"].wanted for one in rounds)), ""),
        Figure(
            "digests and mails in the hands of the killed", float(sum(one["digests"].in_hand for one in rounds)), ""
        ),
        Figure("digests missing", float(sum(one["digests"].missing for one in rounds)), "", target=0.0),
        Figure("digests doubled", float(sum(one["digests"].doubled for one in rounds)), "", target=0.0),
        Figure("mails left as unknown, killed in mid-send", float(sum(one["digests"].unknown for one in rounds)), ""),
        Figure("taken up after the death, slowest", max(one["digests"].again for one in rounds), "s", RESUMED_WITHIN),
    ]
    return SuiteResult("processes", "safety", figures)


async def _round(home: Path, url: str, kind: str) -> dict[str, Any]:
    cluster = Cluster(home, url, slow=kind)
    try:
        await cluster.start()
        readers, digests = await killed(cluster)
        return {
            "digests": digests,
            "gaps": [gap for reader in readers for gap in reader.gaps],
            "lost": len([reader for reader in readers if not (reader.whole_and_once and await reader.kept())]),
            "torn": sum(not reader.numbered for reader in readers),
        }
    finally:
        await cluster.aclose()


async def killed(cluster: Cluster, users: int = USERS) -> tuple[list[Reader], Told]:
    """Readers of `users` slow runs and many digests, the first process killed while it is at both; all to the end."""
    mornings = await asyncio.to_thread(Mornings, cluster.home, cluster.state)
    try:
        victim = cluster.processes[cluster.ports[0]]
        readers = [Reader(cluster.url, f"r{n}") for n in range(users)]
        asking = [asyncio.create_task(reader.whole("slow revenue")) for reader in readers]
        while sum(len(reader.got) > 2 for reader in readers) < users:
            await asyncio.sleep(0.02)
        await mornings.due()
        await mornings.begun(victim.pid, cluster.slow)
        victim.send_signal(signal.SIGSTOP)  # what it has in hand is counted as it is when it dies
        lost = await mornings.in_hand(victim.pid)
        died = time.monotonic()
        victim.send_signal(signal.SIGKILL)
        victim.wait()
        _, told = await asyncio.wait_for(
            asyncio.gather(asyncio.gather(*asking), mornings.told(victim.pid, lost, died)), 200
        )
        return readers, told
    finally:
        mornings.close()


class Cluster:
    """Server processes that share a home and a Postgres, and a proxy before them."""

    def __init__(self, home: Path, url: str, count: int = 3, slow: str = KIND) -> None:
        (home / "workspaces" / "shop" / "lake").mkdir(parents=True, exist_ok=True)
        self.home, self.url, self.state, self.slow = home, "", url, slow
        self.ports = [_free_port() for _ in range(count)]
        self.proxy = RoundRobin(self.ports)
        self.processes: dict[int, subprocess.Popen[bytes]] = {}

    async def start(self) -> None:
        """Start all of them and the proxy; returns when they are ready. Raises `Unavailable`."""
        for port in self.ports:
            self.launch(port)
        await self.proxy.start()
        self.url = f"http://127.0.0.1:{self.proxy.port}"
        import httpx

        async with httpx.AsyncClient() as client:
            await asyncio.gather(*(self.ready(client, port) for port in self.ports))

    def launch(self, port: int) -> None:
        """Start one process."""
        command = [sys.executable, "-c", _SERVER, str(self.home), str(port), self.slow]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PLAINSAY_HOME": str(self.home)}
        env |= {"PLAINSAY_DATABASE_URL": self.state, "PLAINSAY_RUNS_AT_ONCE": str(2 * USERS), **MAIL}
        with (self.home / f"server-{port}.log").open("ab") as log:
            self.processes[port] = subprocess.Popen(command, env=env, stderr=log, stdout=log)

    async def ready(self, client: Any, port: int) -> None:
        """Wait for one process. Raises `Unavailable` with the end of its log."""
        import httpx

        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
        raise Unavailable(f"No server: {(self.home / f'server-{port}.log').read_text()[-4000:]}")

    async def aclose(self) -> None:
        """Kill what is left."""
        await self.proxy.aclose()
        for process in self.processes.values():
            process.kill()
            process.wait()


class Reader:
    """A person's page: asks, reads, and comes back with Last-Event-ID when the connection breaks."""

    def __init__(self, url: str, run: str, thread: str | None = None) -> None:
        self.url, self.run, self.thread = url, run, thread or f"t-{run}"
        self.got: list[tuple[int, dict[str, Any]]] = []
        self._number = 0
        self.gaps: list[float] = []
        self.breaks = 0

    @property
    def kinds(self) -> list[str]:
        """The types of the events so far."""
        return [body["type"] for _, body in self.got]

    @property
    def over(self) -> bool:
        """Whether the run ended."""
        return bool(self.got) and self.got[-1][1]["type"] in ("RUN_FINISHED", "RUN_ERROR")

    @property
    def numbered(self) -> bool:
        """Whether the events are numbered from 1 without a gap."""
        return [number for number, _ in self.got] == list(range(1, len(self.got) + 1))

    @property
    def whole_and_once(self) -> bool:
        """Whether the run began once, ended once, and did not fail."""
        kinds = self.kinds
        return kinds.count("RUN_STARTED") == kinds.count("RUN_FINISHED") == 1 and "RUN_ERROR" not in kinds

    async def kept(self) -> bool:
        """Whether the conversation holds this one turn, and it is done."""
        import httpx

        async with httpx.AsyncClient(timeout=30) as client:
            turns = (await client.get(f"{self.url}/v1/threads/{self.thread}")).json()["turns"]
        return [(turn["run_id"], turn["status"]) for turn in turns] == [(self.run, "done")]

    async def whole(self, question: str) -> None:
        """Ask, and read to the end however often the line breaks. Raises `Unavailable` when a server refuses."""
        import httpx

        body = {
            "threadId": self.thread,
            "runId": self.run,
            "messages": [{"id": "m", "role": "user", "content": question}],
        }
        broke = 0.0
        async with httpx.AsyncClient(timeout=30) as client:
            while not self.over:
                with suppress(httpx.TransportError):
                    broke = await self._follow(client, body, broke)
                if not self.over:
                    self.breaks += 1
                    broke = broke or time.monotonic()
                    await asyncio.sleep(0.05)

    async def _follow(self, client: Any, body: dict[str, Any], broke: float) -> float:
        """Read until the line ends; what is left of a break, 0 once something came."""
        last = self.got[-1][0] if self.got else 0
        if last:
            how: dict[str, Any] = {"method": "GET", "url": f"{self.url}/v1/runs/{self.run}/events"}
        else:
            how = {"method": "POST", "url": f"{self.url}/v1/chat", "json": body}
        async with client.stream(**how, headers={"Last-Event-ID": str(last)}) as stream:
            if stream.status_code != 200:
                raise Unavailable(f"A server said {stream.status_code}.")
            async for line in stream.aiter_lines():
                if self._take(line) and broke:
                    self.gaps.append(time.monotonic() - broke)
                    broke = 0.0
        return broke

    def _take(self, line: str) -> bool:
        if line.startswith("id: "):
            self._number = int(line[4:])
        if not line.startswith("data: "):
            return False
        self.got.append((self._number, json.loads(line[6:])))
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
