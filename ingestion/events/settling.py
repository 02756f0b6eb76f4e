"""What waits becomes what people can ask about: rows at once, visits and meaning as often as they can bear."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingestion.events import log, sessions, store
from ingestion.events.store import Stored
from warehouse.lake import CATALOG, Lake
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

WRITER_WAIT = 2.0
REST = 20
"""Work that grows with the table is repeated only after this many times its own duration."""
SOONEST_SECONDS = 10.0
TIDY_EVERY = 12


@dataclass
class Pace:
    """When the meaning of a workspace's events was worked out last, and what it cost."""

    due: float = 0.0
    rounds: int = 0
    behind: bool = False


def settle(workspace: Workspace, pace: Pace, *, now: bool = False) -> Stored:
    """Load what is sealed and publish it; `now` works out visits and meaning at once too.

    Raises `Unavailable` while another load holds the lake; what waits stays in the log.
    """
    from ingestion import pipeline

    segments = log.sealed(store.folder_of(workspace.root))
    wanted = now or (pace.behind and time.monotonic() >= pace.due)
    if not segments and not wanted:
        return Stored()
    there = (workspace.lake / CATALOG).exists()
    lake = Lake.open(workspace.lake) if there else Lake.create(workspace.lake)
    with lake.writer(WRITER_WAIT) as writer, _aside(writer):
        done = store.store(writer, segments)
        pace.rounds += 1
        pace.behind |= bool(done.rows)
        fresh = bool(done.columns or done.names) and time.monotonic() >= pace.due - REST
        if pace.behind and (wanted or fresh or pace.due == 0.0):
            lake.publish()  # the rows themselves do not wait for what they mean
            began = time.monotonic()
            sessions.build(writer)
            pipeline.unfinished(workspace).touch()
            pipeline.complete(workspace, lake, writer)
            ended = time.monotonic()
            pace.due, pace.behind = ended + max(SOONEST_SECONDS, REST * (ended - began)), False
        else:
            if pace.rounds % TIDY_EVERY == 0:
                lake.tidy(writer)
            lake.publish()
    return done


@contextmanager
def _aside(writer: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """One thread: events that arrive meanwhile, and people's questions, keep the other processors to themselves."""
    writer.execute("SET threads = 1")
    try:
        yield
    finally:
        writer.execute("RESET threads")
