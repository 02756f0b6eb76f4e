"""The loop that empties the outbox: claims what is due, lets the handler of its kind deliver it, notes how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

import structlog
from sqlalchemy import Connection

from store import outbox
from store.database import Database
from store.errors import PlainsayError
from store.outbox import Claimed

log = structlog.get_logger("plainsay.delivery")

LOOK_SECONDS = 1.0
CLAIM_SECONDS = 60.0
PAUSES = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
"""Seconds before the second, third … attempt; after the last one it is given up."""


class Ambiguous(Exception):
    """The handler cannot know whether what it sent arrived."""


@dataclass(frozen=True)
class Handler:
    """Delivers parcels of one kind. `when_lost` says what a sender that died means: send again, or leave as unknown.

    `work` returns a note when it arrived. A `PlainsayError` whose retry is `as_is` is tried again, any other is final.
    """

    kind: str
    work: Callable[[Claimed], Awaitable[str | None]]
    when_lost: Literal["waiting", "unknown"] = "unknown"


class Courier:
    """Delivers for one process; several processes may each run one, no parcel is in two hands."""

    def __init__(self, database: Database, holder: str, handlers: tuple[Handler, ...] = ()) -> None:
        self._database = database
        self._holder = holder
        self._handlers = {handler.kind: handler for handler in handlers}
        self._idle = asyncio.Event()
        self._idle.set()
        self._resting = False

    def add(self, handler: Handler) -> None:
        """Deliver another kind too."""
        self._handlers[handler.kind] = handler

    async def run_forever(self) -> None:
        """Deliver until cancelled."""
        while True:
            try:
                busy = await self.look()
            except PlainsayError as error:
                log.warning("outbox_waits", code=error.code)
                busy = 0
            if not busy:
                await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> int:
        """Deliver what is due now; how many parcels."""
        if not self._handlers or self._resting:
            return 0
        self._idle.clear()
        try:
            claimed = await self._database.write(self._claim)
            await asyncio.gather(*(self._deliver(one) for one in claimed))
        finally:
            self._idle.set()
        return len(claimed)

    async def rest(self, seconds: float) -> None:
        """Take up nothing more; what is in hand has `seconds` to end, the rest is let go as its handler says."""
        self._resting = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), seconds)

    def settle(self, connection: Connection, gone: Sequence[str] = ()) -> int:
        """Decide about what lost senders had in hand, and those that are known to be `gone`; how many parcels."""
        again, unsure = (
            [h.kind for h in self._handlers.values() if h.when_lost == state] for state in ("waiting", "unknown")
        )
        settled = outbox.settle_lost(connection, again, "waiting", gone) if again else 0
        return settled + (outbox.settle_lost(connection, unsure, "unknown", gone) if unsure else 0)

    def _claim(self, connection: Connection) -> list[Claimed]:
        self.settle(connection)
        return outbox.claim(connection, list(self._handlers), self._holder, seconds=CLAIM_SECONDS)

    async def _deliver(self, one: Claimed) -> None:
        try:
            async with asyncio.timeout(CLAIM_SECONDS * 0.8):
                note = await self._handlers[one.kind].work(one)
        except (Ambiguous, TimeoutError) as error:
            text = str(error) or "It took too long."
            ending = outbox.ambiguous if self._handlers[one.kind].when_lost == "unknown" else None
            if ending is None:
                await self._retry(one, text)
            else:
                await self._database.write(lambda c: ending(c, one, text))
        except PlainsayError as error:
            if error.retry == "as_is":
                await self._retry(one, error.message)
            else:
                await self._database.write(lambda c, text=error.message: outbox.dead(c, one, text))  # type: ignore[misc]
        except Exception as error:  # BLE001 - process edge: a broken handler must not stop the others
            log.exception("delivery_failed", kind=one.kind)
            await self._retry(one, type(error).__name__)
        else:
            await self._database.write(lambda c: outbox.sent(c, one, note))

    async def _retry(self, one: Claimed, note: str) -> None:
        if one.attempts > len(PAUSES):
            await self._database.write(lambda c: outbox.dead(c, one, note))
            return
        pause = float(PAUSES[one.attempts - 1])
        await self._database.write(lambda c: outbox.again(c, one, pause, note))
