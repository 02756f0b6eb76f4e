"""Loads that are killed at random moments, over and over: afterwards every row is there, once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from evals.connectors.corner import sales, shop
from evals.fakes.replay import Book, Replay, serving
from ingestion.connectors import connections, sync
from warehouse.lake import Lake
from warehouse.workspace import named

KILLS, ROWS, SEED = 100, 40_000, 20261121
_CHILD = (
    "from warehouse.workspace import named\nfrom ingestion.connectors import connections, sync\n"
    "sync.FLUSH_ROWS = 300\nw = named('shop')\nsync.sync(w, connections.get(w, 'corner'))\n"
)


@dataclass
class Killed:
    """What kills did: how many hit a running load, and rows that are missing or there twice."""

    kills: int
    lost: int
    doubled: int


def run(kills: int = KILLS, rows: int = ROWS) -> Killed:
    """Kill loads of one source until `kills` have hit, then load to the end and count."""
    dice, done = random.Random(SEED), 0
    with tempfile.TemporaryDirectory() as folder, serving(Replay()) as server:
        home = Path(folder)
        (home / "corner.yaml").write_text(yaml.safe_dump(shop()), encoding="utf-8")
        settings = {"PLAINSAY_HOME": folder, "PLAINSAY_CONNECTORS": folder,
                    "PLAINSAY_CONNECTOR_PRIVATE": urlsplit(server.url).netloc}  # fmt: skip
        os.environ.update(settings)
        server.books["sales"] = Book(sales(rows))
        workspace = named("shop", home)
        made = connections.make(workspace, "corner", {}, base_url=server.url)
        connections.save(workspace, made)
        while done < kills:
            done += _kill_one(server, dice)
        sync.sync(workspace, made)
        with Lake.open(workspace.lake).writer() as writer:
            counted = writer.execute("SELECT count(*), count(DISTINCT payment_id) FROM payments").fetchone()
        count, distinct = counted or (0, 0)
    return Killed(done, rows - int(distinct), int(count) - int(distinct))


def _kill_one(server: Replay, dice: random.Random) -> bool:
    """Start a load, let it ask for some pages, kill it; whether it was still running."""
    quiet = subprocess.DEVNULL
    child = subprocess.Popen([sys.executable, "-c", _CHILD], stdout=quiet, stderr=quiet)
    wanted, deadline = len(server.asked) + dice.randint(1, 8), time.monotonic() + 60
    while len(server.asked) < wanted and child.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(dice.random() * 0.2)
    hit = child.poll() is None
    if hit:
        os.kill(child.pid, signal.SIGKILL)
    child.wait()
    return hit
