"""Processes that take and settle events, killed at random moments: what was acknowledged is there, and there once."""

from __future__ import annotations

import asyncio
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from ingestion.events import settling, store
from ingestion.events.intake import Intake
from warehouse.lake import Lake
from warehouse.workspace import Workspace, named

KILLS, SEED = 100, 20261122
BATCH = 50
_CHILD = "import sys\nfrom evals.events import killed\nkilled.child(sys.argv[1], sys.argv[2])\n"


@dataclass
class Killed:
    """What kills did: how many, events acknowledged, and those missing or there twice afterwards."""

    kills: int
    acknowledged: int
    lost: int
    doubled: int


def run(kills: int = KILLS) -> Killed:
    """Kill `kills` processes in mid-work, settle what they left, and count."""
    dice, promised = random.Random(SEED), set[str]()
    with tempfile.TemporaryDirectory(prefix="plainsay-kills-") as folder:
        workspace = named("shop", Path(folder))
        workspace.lake.mkdir(parents=True)
        for number in range(kills):
            promised |= _kill_one(folder, f"k{number}", dice)
        intake = Intake(workspace)
        intake.pace.due = math.inf
        with closing(intake):
            settling.settle(workspace, intake.pace)
        with Lake.open(workspace.lake).writer() as writer:
            there = [row[0] for row in writer.execute(f"SELECT event_id FROM {store.TABLE}").fetchall()]
    return Killed(kills, len(promised), len(promised - set(there)), len(there) - len(set(there)))


def child(home: str, seed: str) -> None:
    """Take batches, each twice, and settle all the while; says what was acknowledged. Ends by being killed."""
    asyncio.run(_work(named("shop", Path(home)), seed))


async def _work(workspace: Workspace, seed: str) -> None:
    intake = Intake(workspace)
    intake.pace.due = 0.0 if seed.endswith("5") else math.inf  # what it all means takes long; most die while loading
    settler = asyncio.create_task(_settle(intake))
    number = 0
    while not settler.done():
        events = [{"id": f"{seed}-{number}-{n}", "event": "hit", "user_id": "u"} for n in range(BATCH)]
        done = await intake.take(events, {})
        os.write(1, f"{seed}-{number} {done['accepted']}\n".encode())
        intake._recent.clear()  # a repetition that meets another process is found by the lake alone
        if number % 3 == 0:
            await intake.take(events, {})
        number += 1
        await asyncio.sleep(0.002)


async def _settle(intake: Intake) -> None:
    while True:
        if intake.waits():
            await asyncio.to_thread(settling.settle, intake.workspace, intake.pace)
        await asyncio.sleep(0.02)


def _kill_one(home: str, seed: str, dice: random.Random) -> set[str]:
    """Start a process, let it work, kill it; the ids that it acknowledged."""
    read, write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD, home, seed], stdout=write, stderr=subprocess.DEVNULL, env=os.environ
    )
    os.close(write)
    with os.fdopen(read, "rb") as told:
        lines = [told.readline()]
        time.sleep(dice.random() * 0.6)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        lines += told.read().splitlines()
    batches = [line.split()[0].decode() for line in lines if len(line.split()) == 2]
    return {f"{batch}-{n}" for batch in batches for n in range(BATCH)}
