"""Three processes on one Postgres behind a proxy: a stream goes on elsewhere, nothing is lost, nothing done twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from evals.fakes.proxy import RoundRobin

ROOT = Path(__file__).resolve().parents[2]
USERS = 50
RESUMED_WITHIN = 2.0
BUSY = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
"""A machine that does ten things at once takes ten times as long; a quiet one gets the bare limit."""
pytestmark = pytest.mark.slow


class Cluster:
    """Server processes that share a home and a Postgres, and a proxy before them."""

    def __init__(self, home: Path, url: str, count: int = 3) -> None:
        self.home, self.url, self.state = home, "", url
        self.ports = [_free_port() for _ in range(count)]
        self.proxy = RoundRobin(self.ports)
        self.processes: dict[int, subprocess.Popen[bytes]] = {}

    async def start(self) -> None:
        for port in self.ports:
            self.launch(port)
        await self.proxy.start()
        self.url = f"http://127.0.0.1:{self.proxy.port}"
        async with httpx.AsyncClient() as client:
            await asyncio.gather(*(self.ready(client, port) for port in self.ports))

    def launch(self, port: int) -> None:
        command = [sys.executable, str(Path(__file__).with_name("serving.py")), str(self.home), str(port)]
        env = {**os.environ, "PYTHONPATH": str(ROOT), "PLAINSAY_DATABASE_URL": self.state}
        with (self.home / f"server-{port}.log").open("ab") as log:
            self.processes[port] = subprocess.Popen(command, env=env, stderr=log, stdout=log)

    async def ready(self, client: httpx.AsyncClient, port: int) -> None:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
        raise AssertionError((self.home / f"server-{port}.log").read_text()[-4000:])

    async def aclose(self) -> None:
        await self.proxy.aclose()
        for process in self.processes.values():
            process.kill()
            process.wait()


@pytest.fixture
async def cluster(tmp_path: Path, postgres_url: str) -> AsyncIterator[Cluster]:
    (tmp_path / "workspaces" / "shop" / "lake").mkdir(parents=True)
    made = Cluster(tmp_path, postgres_url)
    try:
        await made.start()
        yield made
    finally:
        await made.aclose()


class Reader:
    """A person's page: asks, reads, and comes back with Last-Event-ID when the connection breaks."""

    def __init__(self, url: str, run: str, thread: str | None = None) -> None:
        self.url, self.run, self.thread = url, run, thread or f"t-{run}"
        self.got: list[tuple[int, dict]] = []
        self.gaps: list[float] = []
        self.breaks = 0

    @property
    def kinds(self) -> list[str]:
        return [body["type"] for _, body in self.got]

    @property
    def over(self) -> bool:
        return bool(self.got) and self.got[-1][1]["type"] in ("RUN_FINISHED", "RUN_ERROR")

    async def whole(self, question: str) -> None:
        body = {
            "threadId": self.thread,
            "runId": self.run,
            "messages": [{"id": "m", "role": "user", "content": question}],
        }
        broke = 0.0
        async with httpx.AsyncClient(timeout=30) as client:
            while not self.over:
                last = self.got[-1][0] if self.got else 0
                if last:
                    how = {"method": "GET", "url": f"{self.url}/v1/runs/{self.run}/events"}
                else:
                    how = {"method": "POST", "url": f"{self.url}/v1/chat", "json": body}
                try:
                    async with client.stream(**how, headers={"Last-Event-ID": str(last)}) as stream:
                        assert stream.status_code == 200, await stream.aread()
                        async for line in stream.aiter_lines():
                            if self._take(line) and broke:
                                self.gaps.append(time.monotonic() - broke)
                                broke = 0.0
                except httpx.TransportError:
                    pass
                if not self.over:
                    self.breaks += 1
                    broke = broke or time.monotonic()
                    await asyncio.sleep(0.05)

    def _take(self, line: str) -> bool:
        if line.startswith("id: "):
            self._number = int(line[4:])
        if not line.startswith("data: "):
            return False
        self.got.append((self._number, json.loads(line[6:])))
        return True


async def test_a_killed_process_loses_no_turn(cluster: Cluster) -> None:
    readers = [Reader(cluster.url, f"r{n}") for n in range(USERS)]
    asking = [asyncio.create_task(reader.whole("slow revenue")) for reader in readers]
    while sum(len(reader.got) > 2 for reader in readers) < USERS:
        await asyncio.sleep(0.05)
    victim = cluster.processes[cluster.ports[0]]
    victim.send_signal(signal.SIGKILL)
    victim.wait()
    await asyncio.wait_for(asyncio.gather(*asking), 60)
    hit = [reader for reader in readers if reader.breaks]
    assert hit, "the killed process held no stream any more"
    for reader in readers:
        assert [number for number, _ in reader.got] == list(range(1, len(reader.got) + 1))
        assert reader.kinds.count("RUN_STARTED") == reader.kinds.count("RUN_FINISHED") == 1
        assert "RUN_ERROR" not in reader.kinds
    slowest = max(max(reader.gaps) for reader in hit)
    assert slowest <= RESUMED_WITHIN * BUSY, f"resumed after {slowest:.2f} s"
    async with httpx.AsyncClient() as client:
        for reader in readers:
            told = (await client.get(f"{cluster.url}/v1/threads/{reader.thread}")).json()["turns"]
            assert [(turn["run_id"], turn["status"]) for turn in told] == [(reader.run, "done")]


async def test_processes_share_streams_stops_jobs_and_the_order_of_a_thread(cluster: Cluster) -> None:
    first, second, third = (f"http://127.0.0.1:{port}" for port in cluster.ports)
    async with httpx.AsyncClient(timeout=30) as client:
        here = asyncio.create_task(Reader(first, "a", "t").whole("slow revenue"))
        await _until(lambda: _status(client, first, "t", "a"), "running")
        there = Reader(second, "a", "t")
        after = Reader(third, "b", "t")
        began = time.monotonic()
        asking = asyncio.create_task(after.whole("and then revenue"))
        await there.whole("slow revenue")
        assert there.kinds.count("RUN_FINISHED") == 1 and time.monotonic() - began > 0.5
        await asyncio.gather(here, asking)
        turns = (await client.get(f"{second}/v1/threads/t")).json()["turns"]
        assert [(turn["run_id"], turn["status"]) for turn in turns] == [("a", "done"), ("b", "done")]
        finished = {body["runId"]: body for _, body in after.got if body["type"] == "RUN_FINISHED"}
        assert set(finished) == {"b"}

        hanging = asyncio.create_task(Reader(first, "h", "th").whole("hang revenue"))
        await _until(lambda: _status(client, first, "th", "h"), "running")
        stopped = await client.post(f"{second}/v1/runs/h/cancel")
        assert stopped.json() == {"run_id": "h", "status": "cancelled"}
        await asyncio.wait_for(hanging, 5)

        sent = await client.post(f"{first}/v1/uploads?workspace=shop", files=[("files", ("o.csv", b"id\n1\n"))])
        job = sent.json()["job_id"]
        await _until(lambda: _state(client, third, job), "done")
    loaded = list((cluster.home / "workspaces" / "shop").glob("loaded-*"))
    assert [path.name for path in loaded] == ["loaded-o.csv"]


async def test_what_a_stopping_process_leaves_goes_on_at_once_and_dead_jobs_too(cluster: Cluster) -> None:
    shop = cluster.home / "workspaces" / "shop"
    (shop / "hold").touch()
    first, second = (f"http://127.0.0.1:{port}" for port in cluster.ports[:2])
    async with httpx.AsyncClient(timeout=30) as client:
        sent = await client.post(f"{first}/v1/uploads?workspace=shop", files=[("files", ("o.csv", b"id\n1\n"))])
        job = sent.json()["job_id"]
        await _until(lambda: _state(client, second, job), "running")
        cluster.processes[cluster.ports[0]].send_signal(signal.SIGKILL)
        (shop / "hold").unlink()
        await _until(lambda: _state(client, second, job), "done")
        engine = create_engine(cluster.state.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as connection:
            alive = connection.execute(text("SELECT count(*) FROM processes")).scalar()
            due = connection.execute(text("SELECT count(*) FROM schedules WHERE name = 'retention'")).scalar()
        engine.dispose()
        assert (alive, due) == (2, 1)


async def _status(client: httpx.AsyncClient, url: str, thread: str, run: str) -> str:
    found = (await client.get(f"{url}/v1/threads/{thread}")).json().get("turns", [])
    return next((turn["status"] for turn in found if turn["run_id"] == run), "")


async def _state(client: httpx.AsyncClient, url: str, job: str) -> str:
    return str((await client.get(f"{url}/v1/jobs/{job}")).json()["state"])


async def _until(look, wanted: str) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        if await look() == wanted:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(await look())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
