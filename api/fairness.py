"""Turns at work: so many at once, and when more wait, workspaces take turns, so that none can starve another."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class FairGate:
    """Lets `most` in at once, and of one group three quarters of that at most; of those who wait, one of each group."""

    def __init__(self, most: int) -> None:
        self._most = max(1, most)
        self._most_of_one = max(1, self._most * 3 // 4)
        self._inside: dict[str, int] = defaultdict(int)
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(queue) for queue in self._waiting.values())

    @asynccontextmanager
    async def turn(self, group: str) -> AsyncIterator[None]:
        """Inside, the caller is at work."""
        if self._free(group) and group not in self._waiting:
            self._inside[group] += 1
        else:
            await self._wait(group)
        try:
            yield
        finally:
            self._leave(group)

    def _free(self, group: str) -> bool:
        return sum(self._inside.values()) < self._most and self._inside.get(group, 0) < self._most_of_one

    async def _wait(self, group: str) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(group, deque()).append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave(group)  # it was let in just now: the place goes to the next
            raise

    def _leave(self, group: str) -> None:
        self._inside[group] -= 1
        if self._inside[group] <= 0:
            del self._inside[group]
        self._call_next()

    def _call_next(self) -> None:
        """Let in the first of the group whose turn it is; groups that are full are passed over."""
        for group in list(self._waiting):
            if not self._free(group):
                continue
            queue = self._waiting[group]
            while queue and queue[0].done():
                queue.popleft()
            if not queue:
                del self._waiting[group]
                continue
            self._waiting.move_to_end(group)
            self._inside[group] += 1
            queue.popleft().set_result(None)
            if not queue:
                del self._waiting[group]
            return
