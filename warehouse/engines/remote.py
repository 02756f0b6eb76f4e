"""What all databases reached over a wire have in common: who may ask, how long, how much, and how to stop it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod

import pyarrow as pa

from store.errors import Defect, PlainsayError
from warehouse.engines import problems
from warehouse.engines.base import QueryResult
from warehouse.engines.rows import conform
from warehouse.engines.running import Running, Task
from warehouse.guard import BoundQuery, is_authorized
from warehouse.snapshot import Snapshot


class RemoteEngine(ABC):
    """Runs authorised queries on a database of its own. Its data is live, so nothing is kept in a cache."""

    dialect: str

    def __init__(self) -> None:
        self._running = Running()

    def run(self, bound: BoundQuery) -> QueryResult:
        """The rows of an authorised query; see `Engine` for the errors."""
        if not is_authorized(bound) or bound.dialect != self.dialect:
            raise Defect("This query did not pass the gate of this database.", code="not_authorized")
        started = time.perf_counter()
        with self._running.task() as task:
            try:
                table, truncated = self.fetch(bound, task)
            except PlainsayError as error:
                raise (problems.stopped() if task.stopped else error) from error
        return QueryResult(conform(table, bound), (time.perf_counter() - started) * 1000, truncated)

    def cancel(self, run_id: str) -> int:
        """Stop every query that runs for `run_id`; how many there were."""
        handles = self._running.stop(run_id)
        for handle in handles:
            if handle is not None:
                self.stop(handle)
        return len(handles)

    def prewarm(self, snapshot: Snapshot, count: int | None = None) -> None:
        """The database is up or it is not; nothing is started from here."""
        return

    @abstractmethod
    def describe(self) -> Snapshot:
        """The tables and columns there are, as the gate sees them."""

    @abstractmethod
    def fetch(self, bound: BoundQuery, task: Task) -> tuple[pa.Table, bool]:
        """The rows within the limits of the query, and whether there were more."""

    @abstractmethod
    def stop(self, handle: object) -> None:
        """Make the query of `handle` end soon."""

    @abstractmethod
    def close(self) -> None:
        """Give the connections back."""
