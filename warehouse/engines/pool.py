"""A warm pool of query workers: one takes tenths of a second to start and a millisecond to be asked."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from store.errors import Unavailable
from warehouse.engines.process import WorkerEnded, WorkerProcess
from warehouse.snapshot import Snapshot


class _Key(NamedTuple):
    """Workers of one key are interchangeable. The catalog's name is unique to a published state."""

    lake: str
    catalog: str
    memory_mb: int


def _key(snapshot: Snapshot, memory_mb: int) -> _Key:
    return _Key(str(snapshot.catalog.parent), str(snapshot.catalog), memory_mb)


class Pool:
    """At most `size` workers are busy at once, and twice that are kept; the newest state of a lake stays warm."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._changed = threading.Condition()
        self._idle: list[tuple[_Key, WorkerProcess]] = []
        self._leased: list[WorkerProcess] = []
        self._busy: dict[_Key, int] = defaultdict(int)
        self._starting: dict[_Key, int] = defaultdict(int)
        self._newest: dict[str, tuple[int, str]] = {}
        self._closed = False

    @contextmanager
    def lease(self, snapshot: Snapshot, memory_mb: int, wait: float) -> Iterator[WorkerProcess]:
        """A worker for one question. Raises `Unavailable` when none is free within `wait` seconds."""
        key = _key(snapshot, memory_mb)
        self._note(snapshot)
        worker = self._take(key, time.monotonic() + wait) or self._start(key, snapshot)
        with self._changed:
            self._leased.append(worker)
        healthy = False
        try:
            yield worker
            healthy = True
        finally:
            self._give_back(key, worker, healthy)

    def prewarm(self, snapshot: Snapshot, memory_mb: int, count: int) -> None:
        """Start workers in the background until `count` of them serve this snapshot."""
        key = _key(snapshot, memory_mb)
        self._note(snapshot)
        with self._changed:
            have = sum(k == key for k, _ in self._idle) + self._busy[key] + self._starting[key]
            missing = max(0, min(count, self.size) - have)
            if self._closed or not missing:
                return
            self._starting[key] += missing
        threading.Thread(target=self._warm, args=(key, snapshot, missing), daemon=True, name="prewarm").start()

    def close(self) -> None:
        """End every worker; questions under way end with `Unavailable`."""
        with self._changed:
            self._closed = True
            workers = [worker for _, worker in self._idle]
            self._idle.clear()
            for leased in self._leased:
                leased.process.kill()  # its borrower sees the pipe close, and frees it
            self._changed.notify_all()
        for worker in workers:
            worker.end()

    def processes(self) -> list[int]:
        """Process ids of the workers that are ready or busy."""
        with self._changed:
            return [worker.process.pid for worker in [*self._leased, *(idle for _, idle in self._idle)]]

    def _note(self, snapshot: Snapshot) -> None:
        """Remember the newest state of each lake, and let the idle workers of older ones go."""
        lake, state = str(snapshot.catalog.parent), (snapshot.version, str(snapshot.catalog))
        with self._changed:
            if self._newest.get(lake, (-1, "")) >= state:
                return
            self._newest[lake] = state
            old = [worker for key, worker in self._idle if self._outdated(key)]
            self._idle = [(key, worker) for key, worker in self._idle if not self._outdated(key)]
        for worker in old:
            worker.end()

    def _outdated(self, key: _Key) -> bool:
        return self._newest.get(key.lake, (0, key.catalog))[1] != key.catalog

    def _take(self, key: _Key, deadline: float) -> WorkerProcess | None:
        """An idle worker, or None with the right to start one; counts as busy from here on."""
        with self._changed:
            while True:
                if self._closed:
                    raise Unavailable("The query engine is shutting down.", code="engine_closed", retry_after=1.0)
                if sum(self._busy.values()) < self.size:
                    worker = self._pop_idle(key)
                    if worker or not self._starting[key]:
                        self._busy[key] += 1
                        return worker
                if not self._changed.wait(deadline - time.monotonic()):
                    raise Unavailable(
                        "All query workers are busy.", code="engine_busy", hint="Try again shortly.", retry_after=1.0
                    )

    def _pop_idle(self, key: _Key) -> WorkerProcess | None:
        for at in reversed(range(len(self._idle))):
            if self._idle[at][0] == key:
                worker = self._idle.pop(at)[1]
                if worker.alive:
                    return worker
                worker.end()
        return None

    def _start(self, key: _Key, snapshot: Snapshot) -> WorkerProcess:
        try:
            return WorkerProcess(snapshot, key.memory_mb)
        except (OSError, WorkerEnded) as error:
            self._release(key)
            raise Unavailable("A query worker could not be started.", code="engine_start", retry_after=1.0) from error

    def _give_back(self, key: _Key, worker: WorkerProcess, healthy: bool) -> None:
        surplus: list[WorkerProcess] = []
        with self._changed:
            self._leased.remove(worker)
            if healthy and worker.alive and not self._closed and not self._outdated(key):
                self._idle.append((key, worker))
                surplus = [w for _, w in self._idle[: -2 * self.size]]
                self._idle = self._idle[-2 * self.size :]
            else:
                surplus = [worker]
        self._release(key)
        for each in surplus:
            each.end()

    def _release(self, key: _Key) -> None:
        with self._changed:
            self._busy[key] -= 1
            if not self._busy[key]:
                del self._busy[key]
            self._changed.notify_all()

    def _warm(self, key: _Key, snapshot: Snapshot, count: int) -> None:
        for _ in range(count):
            worker: WorkerProcess | None = None
            try:
                worker = WorkerProcess(snapshot, key.memory_mb)
                worker.wait_ready()
            except (OSError, WorkerEnded):
                worker = None
            with self._changed:
                self._starting[key] -= 1
                if not self._starting[key]:
                    del self._starting[key]
                keep = worker is not None and not self._closed and not self._outdated(key)
                if worker is not None and keep:
                    self._idle.append((key, worker))
                self._changed.notify_all()
            if worker is not None and not keep:
                worker.end()
