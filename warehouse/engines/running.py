"""Which queries run for whom, so that stopping a run stops its queries, wherever they are."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from warehouse.engines.base import run_of_query


class Task:
    """One query under way; `handle` is what stops it, once there is something to stop."""

    def __init__(self, run: str) -> None:
        self.run = run
        self.handle: object = None
        self.stopped = False


class Running:
    """The queries under way of one engine; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: set[Task] = set()

    @contextmanager
    def task(self) -> Iterator[Task]:
        """A query of the run that this context belongs to."""
        task = Task(run_of_query.get())
        with self._lock:
            self._tasks.add(task)
        try:
            yield task
        finally:
            with self._lock:
                self._tasks.discard(task)

    def stop(self, run: str) -> list[object]:
        """Mark the queries of a run as stopped; the handles to stop them by (None for one that has not begun)."""
        with self._lock:
            mine = [task for task in self._tasks if task.run == run and run]
            for task in mine:
                task.stopped = True
            return [task.handle for task in mine]
