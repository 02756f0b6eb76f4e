"""What Slack said waits here, on disk, until it is answered: acknowledged at once, worked on once, never lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakValueDictionary

import structlog
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from bots.slack import arrivals
from store import bus
from store import slack as table
from store.database import Database
from store.errors import PlainsayError

log = structlog.get_logger("plainsay.slack")

AT_ONCE = 8
LOOK_SECONDS = 2.0
PAUSES = (2.0, 10.0, 60.0, 300.0)
"""Seconds before an event is tried again; after the last one it is given up."""


@dataclass
class Work:
    """One event in hand. `stage` is what was done for it already."""

    id: str
    body: dict[str, Any]
    attempts: int
    stage: dict[str, Any] = field(default_factory=dict)

    @property
    def run_id(self) -> str:
        """The run that answers it."""
        return arrivals.run_id(self.id)


class Inbox:
    """Takes events and works on them, those of one conversation one after the other."""

    def __init__(self, database: Database, holder: str, work: Callable[[Work], Awaitable[None]]) -> None:
        self._database = database
        self._holder = holder
        self._work = work
        self._wake = asyncio.Event()
        self._free = asyncio.Semaphore(AT_ONCE)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._conversations: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, event_id: str, body: dict[str, Any]) -> bool:
        """Write an event down; false when it was told before. Once this returns it cannot be lost."""
        new = await self._database.write(lambda c: table.take(c, event_id, body))
        self._wake.set()
        return new

    async def run_forever(self) -> None:
        """Work until cancelled; what a dead process left is taken over."""
        try:
            while True:
                try:
                    await self._look()
                except PlainsayError as error:
                    log.warning("slack_inbox_waits", code=error.code)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):  # wait_for would lose a cancel that comes with an event
                        await self._wake.wait()
                self._wake.clear()
        finally:
            await self._stop()

    async def keep(self, work: Work, **stage: Any) -> None:
        """Remember how far the reply to an event is."""
        work.stage = {**work.stage, **stage}
        await self._database.write(lambda c: table.note_stage(c, work.id, work.stage))

    async def _look(self) -> None:
        room = AT_ONCE * 4 - len(self._tasks)
        if room <= 0:
            return
        for row in await self._database.write(lambda c: self._claim(c, room)):
            task = asyncio.create_task(self._one(row), name=f"slack {row['id']}")
            self._tasks[row["id"]] = task
            task.add_done_callback(lambda _, key=row["id"]: self._tasks.pop(key, None))  # type: ignore[misc]

    def _claim(self, connection: Connection, most: int) -> list[RowMapping]:
        return table.claim(connection, self._holder, bus.living(connection, self._holder), most)

    async def _one(self, row: RowMapping) -> None:
        body = row["body"]
        work = Work(row["id"], body, row["attempts"], dict(row["stage"]))
        key = arrivals.conversation(body["team"], body["channel"], body["thread_ts"] or "", body["user"])
        try:
            async with self._conversations.setdefault(key, asyncio.Lock()), self._free:
                await self._work(work)
        except PlainsayError as error:
            await self._failed(work, error.code, error.retry == "as_is", error.retry_after)
        except Exception as error:  # BLE001 - process edge: one broken event must not stop the others
            log.exception("slack_event_failed")
            await self._failed(work, type(error).__name__, True, None)
        else:
            await self._database.write(lambda c: table.end(c, work.id, "done"))

    async def _failed(self, work: Work, code: str, passing: bool, after: float | None) -> None:
        if not passing or work.attempts > len(PAUSES):
            log.error("slack_event_given_up", code=code, attempts=work.attempts)
            await self._database.write(lambda c: table.end(c, work.id, "failed", code))
            return
        pause = max(after or 0.0, PAUSES[work.attempts - 1])
        await self._database.write(lambda c: table.again(c, work.id, pause, code))

    async def _stop(self) -> None:
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        with suppress(PlainsayError):
            await self._database.write(lambda c: table.let_go(c, self._holder))
