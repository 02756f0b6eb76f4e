"""Results are kept for a while because follow-ups and re-runs ask for the same table again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from store.errors import LimitReached
from warehouse.engines.base import QueryResult

STOPPED = "query_stopped"


class _Flight:
    """A result that is being made, for those who wait for it."""

    def __init__(self) -> None:
        self.landed = threading.Event()
        self.result: QueryResult | None = None
        self.error: LimitReached | None = None


class ResultCache:
    """Least recently used results, at most `most_bytes` of Arrow in all; thread-safe."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, QueryResult] = OrderedDict()
        self._bytes = 0
        self._flights: dict[str, _Flight] = {}

    def obtain(self, key: str, make: Callable[[], QueryResult]) -> QueryResult:
        """The kept result, or the one that `make` gives; who asks the same meanwhile waits for that one.

        A limit that the maker ran into holds for those who waited too; after any other failure the next one tries.
        """
        if not key:
            return make()
        while True:
            found = self.get(key)
            if found is not None:
                return found
            with self._lock:
                flight = self._flights.get(key)
                if flight is None:
                    mine = self._flights[key] = _Flight()
            if flight is None:
                return self._fly(key, mine, make)
            flight.landed.wait()
            if flight.result is not None:
                return replace(flight.result, cached=True)
            if flight.error is not None:
                raise flight.error

    def _fly(self, key: str, flight: _Flight, make: Callable[[], QueryResult]) -> QueryResult:
        try:
            flight.result = make()
            self.put(key, flight.result)
            return flight.result
        except LimitReached as error:
            flight.error = error if error.code != STOPPED else None
            raise
        finally:
            with self._lock:
                del self._flights[key]
            flight.landed.set()

    def get(self, key: str) -> QueryResult | None:
        """The result stored under `key`, marked as cached."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
        return replace(found, cached=True)

    def put(self, key: str, result: QueryResult) -> None:
        """Keep a result; one that would fill more than a quarter of the cache is not kept."""
        size = result.table.nbytes
        if not key or size > self._most_bytes / 4:
            return
        with self._lock:
            if key in self._kept:
                return
            self._kept[key] = result
            self._bytes += size
            while self._bytes > self._most_bytes:
                self._bytes -= self._kept.popitem(last=False)[1].table.nbytes

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._bytes = 0
