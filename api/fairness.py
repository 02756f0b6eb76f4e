"""Turns at work: so many at once, and who waits takes turns, so that no workspace and no person can starve another.

A question takes a core, so what others notice is how many questions of a heavy person run beside theirs. Somebody who
is alone may use most places; as soon as others ask as well, each person works on few questions at a time.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections import OrderedDict, defaultdict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

COMPANY_SECONDS = 30.0
"""How long somebody counts as being there after a question."""

_Queue = deque[asyncio.Future[None]]


def share_of_one(most: int, waits_elsewhere: bool) -> int:
    """Places of one person in company: half the cores, or more where answers wait for a model rather than a core."""
    return max(2, most // 4) if waits_elsewhere else max(1, len(os.sched_getaffinity(0)) // 2)


class FairGate:
    """Lets `most` in at once, of one group three quarters of that, of one person in company `share`.

    Of those who wait, groups take turns, and within a group people do.
    """

    def __init__(self, most: int, share: int | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = max(1, most)
        self._most_of_one = max(1, self._most * 3 // 4)
        self._share = min(share or self._most, self._most_of_one)
        self._clock = clock
        self._inside: dict[tuple[str, str], int] = defaultdict(int)
        self._seen: dict[str, float] = {}
        self._waiting: OrderedDict[str, OrderedDict[str, _Queue]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(len(queue) for people in self._waiting.values() for queue in people.values())

    @asynccontextmanager
    async def turn(self, group: str, person: str = "") -> AsyncIterator[None]:
        """Inside, the caller is at work."""
        self._seen[person] = self._clock()
        if self._free(group, person) and person not in self._waiting.get(group, ()):
            self._inside[group, person] += 1
        else:
            await self._wait(group, person)
        try:
            yield
        finally:
            self._leave(group, person)

    def _free(self, group: str, person: str) -> bool:
        of_group = sum(n for (name, _), n in self._inside.items() if name == group)
        of_person = sum(n for (_, name), n in self._inside.items() if name == person)
        most = self._share if self._in_company(person) else self._most_of_one
        return sum(self._inside.values()) < self._most and of_group < self._most_of_one and of_person < most

    def _in_company(self, person: str) -> bool:
        """Whether somebody else asked a moment ago, or is at work."""
        since = self._clock() - COMPANY_SECONDS
        self._seen = {name: at for name, at in self._seen.items() if at > since}
        return any(name != person for name in self._seen) or any(name != person for _, name in self._inside)

    async def _wait(self, group: str, person: str) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(group, OrderedDict()).setdefault(person, deque()).append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._leave(group, person)  # it was let in just now: the place goes to the next
            raise

    def _leave(self, group: str, person: str) -> None:
        self._inside[group, person] -= 1
        if self._inside[group, person] <= 0:
            del self._inside[group, person]
        while self._call_next():
            pass  # who was alone until now may leave more than one place

    def _call_next(self) -> bool:
        """Let in the first person of the group whose turn it is; who may not have more is passed over."""
        for group, people in list(self._waiting.items()):
            for person, queue in list(people.items()):
                while queue and queue[0].done():
                    queue.popleft()
                if not queue:
                    self._forget(group, person)
                elif self._free(group, person):
                    self._waiting.move_to_end(group)
                    people.move_to_end(person)
                    self._inside[group, person] += 1
                    queue.popleft().set_result(None)
                    if not queue:
                        self._forget(group, person)
                    return True
        return False

    def _forget(self, group: str, person: str) -> None:
        people = self._waiting[group]
        del people[person]
        if not people:
            del self._waiting[group]
