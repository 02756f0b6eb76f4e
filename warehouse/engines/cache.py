"""Results are kept for a while because follow-ups and re-runs ask for the same table again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace

from warehouse.engines.base import QueryResult


class ResultCache:
    """Least recently used results, at most `most_bytes` of Arrow in all; thread-safe."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, QueryResult] = OrderedDict()
        self._bytes = 0

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
