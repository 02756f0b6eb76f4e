"""Three processes on one Postgres behind a proxy: a stream goes on elsewhere, nothing is lost, nothing done twice."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text

from evals.processes import Cluster, Reader, killed

SOON = 30.0  # seconds: half of what is waited for a process that says nothing; `plainsay evals run processes` measures
"""A machine that does ten things at once takes ten times as long; a quiet one gets the bare limit."""
pytestmark = pytest.mark.slow


@pytest.fixture
async def cluster(tmp_path: Path, postgres_url: str) -> AsyncIterator[Cluster]:
    made = Cluster(tmp_path, postgres_url)
    try:
        await made.start()
        yield made
    finally:
        await made.aclose()


async def test_a_killed_process_loses_no_turn_and_no_digest(cluster: Cluster) -> None:
    readers, told = await killed(cluster)
    hit = [reader for reader in readers if reader.breaks]
    assert hit, "the killed process held no stream any more"
    assert [r.run for r in readers if not (r.numbered and r.whole_and_once)] == []
    assert [r.run for r in readers if not await r.kept()] == []
    assert (told.wanted, told.missing, told.doubled) == (150, 0, 0)
    assert told.in_hand, "the killed process was telling nobody anything"
    assert told.again <= SOON, f"taken up after {told.again:.2f} s"
    slowest = max(max(reader.gaps) for reader in hit)
    assert slowest <= SOON, f"resumed after {slowest:.2f} s"


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

        async def counted(what: str) -> int:
            with engine.connect() as connection:
                return int(connection.execute(text(f"SELECT count(*) FROM {what}")).scalar() or 0)

        await _until(lambda: counted("processes"), 2)
        assert await counted("schedules WHERE name = 'retention'") == 1
        engine.dispose()


async def _status(client: httpx.AsyncClient, url: str, thread: str, run: str) -> str:
    found = (await client.get(f"{url}/v1/threads/{thread}")).json().get("turns", [])
    return next((turn["status"] for turn in found if turn["run_id"] == run), "")


async def _state(client: httpx.AsyncClient, url: str, job: str) -> str:
    return str((await client.get(f"{url}/v1/jobs/{job}")).json()["state"])


async def _until(look, wanted: object) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if await look() == wanted:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(await look())
