"""The loop that empties the outbox: claims what is due, lets the handler of its kind deliver it, notes how it went."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import structlog

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
        kinds = list(self._handlers)
        if not kinds:
            return 0
        for handler in self._handlers.values():
            await self._database.write(
                lambda c, h=handler: outbox.settle_lost(c, [h.kind], h.when_lost)  # type: ignore[misc]
            )
        claimed = await self._database.write(lambda c: outbox.claim(c, kinds, self._holder, seconds=CLAIM_SECONDS))
        await asyncio.gather(*(self._deliver(one) for one in claimed))
        return len(claimed)

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
