"""What all databases reached over a wire have in common: who may ask, how long, how much, and how to stop it."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress

import pyarrow as pa

from store.errors import Defect, PlainsayError
from warehouse.engines import problems
from warehouse.engines.base import QueryResult, run_of_query
from warehouse.engines.rows import conform
from warehouse.guard import BoundQuery, is_authorized
from warehouse.snapshot import Snapshot


class RemoteEngine(ABC):
    """Runs authorised queries on a database of its own. Its data is live, so nothing is kept in a cache."""

    dialect: str

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, set[int]] = {}
        self._handles: dict[int, object] = {}
        self._stopped: set[int] = set()
        self._next = 0

    def run(self, bound: BoundQuery) -> QueryResult:
        """The rows of an authorised query; see `Engine` for the errors."""
        if not is_authorized(bound) or bound.dialect != self.dialect:
            raise Defect("This query did not pass the gate of this database.", code="not_authorized")
        started = time.perf_counter()
        run = run_of_query.get()
        number = self._open(run)
        try:
            table, truncated = self.fetch(bound, number)
        except PlainsayError as error:
            raise (problems.stopped() if number in self._stopped else error) from error
        finally:
            self._close(run, number)
        return QueryResult(conform(table, bound), (time.perf_counter() - started) * 1000, truncated)

    def cancel(self, run_id: str) -> int:
        """Stop every query that runs for `run_id`; how many there were."""
        with self._lock:
            numbers = [n for n in self._running.get(run_id, ()) if n in self._handles]
            self._stopped.update(numbers)
            handles = [self._handles[n] for n in numbers]
        for handle in handles:
            with suppress(PlainsayError):
                self.stop(handle)
        return len(handles)

    def prewarm(self, snapshot: Snapshot, count: int | None = None) -> None:
        """The database is up or it is not; nothing is started from here."""
        return

    def attach(self, number: int, handle: object) -> None:
        """Remember what `stop` needs for query `number`."""
        with self._lock:
            self._handles[number] = handle

    @abstractmethod
    def describe(self) -> Snapshot:
        """The tables and columns there are, as the gate sees them."""

    @abstractmethod
    def fetch(self, bound: BoundQuery, number: int) -> tuple[pa.Table, bool]:
        """The rows within the limits of the query, and whether there were more."""

    @abstractmethod
    def stop(self, handle: object) -> None:
        """Make the query of `handle` end soon."""

    @abstractmethod
    def close(self) -> None: ...

    def _open(self, run: str) -> int:
        with self._lock:
            self._next += 1
            self._running.setdefault(run, set()).add(self._next)
            return self._next

    def _close(self, run: str, number: int) -> None:
        with self._lock:
            self._handles.pop(number, None)
            self._stopped.discard(number)
            mine = self._running.get(run, set())
            mine.discard(number)
            if not mine:
                self._running.pop(run, None)
