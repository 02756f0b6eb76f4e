"""Work that several readers want is done once: whoever asks while it is under way waits for the same work."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from store.errors import PlainsayError

T = TypeVar("T")
Key = tuple[Any, ...]


class Once(Generic[T]):
    """Keeps the last `most` results, and what went wrong where asking again would not change it.

    One piece of work runs at a time, so that questions find a free worker.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._done: OrderedDict[Key, T] = OrderedDict()
        self._failed: OrderedDict[Key, PlainsayError] = OrderedDict()
        self._under_way: dict[Key, asyncio.Task[T]] = {}
        self._one_at_a_time = asyncio.Semaphore(1)
        self.made = 0

    async def get(self, key: Key, work: Callable[[], T]) -> T:
        """The result for a key; `work` runs on a thread when nobody asked for it yet. Raises what it raises."""
        if key in self._done:
            return self._done[key]
        if key in self._failed:
            raise self._failed[key].with_traceback(None)
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._work(work))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._keep(key, done))
        return await asyncio.shield(task)

    def _keep(self, key: Key, task: asyncio.Task[T]) -> None:
        """Keep what was worked out, also when who asked for it went away meanwhile."""
        self._under_way.pop(key, None)
        if task.cancelled():
            return
        error = task.exception()
        if error is None:
            self._done[key] = task.result()
        elif isinstance(error, PlainsayError) and error.retry != "as_is":
            self._failed[key] = error
        for kept in (self._done, self._failed):
            while len(kept) > self._most:
                kept.popitem(last=False)

    async def _work(self, work: Callable[[], T]) -> T:
        async with self._one_at_a_time:
            self.made += 1
            return await asyncio.to_thread(work)
