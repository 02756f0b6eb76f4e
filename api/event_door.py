"""The door for events: whose key it is, how much it may send, and the work that turns what arrived into rows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog

from api.errors import Unauthorised
from store import settings, write_keys
from store.errors import PlainsayError, QueryRefused, Unavailable
from store.models import utc_now
from store.rates import TooFast
from warehouse import workspace as workspaces

if TYPE_CHECKING:
    from api.house import House
    from ingestion.events.intake import Intake

KNOWN_SECONDS = 5.0
"""How long a key is taken for granted, and so how long a revoked one may still work."""
MOST_KNOWN = 1_000
_USED_EVERY = timedelta(minutes=1)
log = structlog.get_logger("plainsay.events")


@dataclass
class WriteKey:
    """A write key as of now, with the events of this minute that it sent to this process."""

    id: str
    workspace: str
    origins: frozenset[str]
    per_minute: int
    until: float
    minute: int = 0
    sent: int = 0

    def spend(self, events: int, now: float) -> None:
        """Count events of this minute. Raises `TooFast`."""
        minute = int(now // 60)
        if minute != self.minute:
            self.minute, self.sent = minute, 0
        if self.per_minute and self.sent + events > self.per_minute:
            raise TooFast(
                f"That are too many events in one minute; {self.per_minute:,} are allowed.", retry="as_is",
                hint="Send the rest when the minute is over.", retry_after=60 - now % 60,
                details={"limit": self.per_minute},
            )  # fmt: skip
        self.sent += events


class EventDoor:
    """The intakes of a house, by workspace, and the loop that settles them."""

    def __init__(self, home: House) -> None:
        self._home = home
        self._intakes: dict[str, Intake] = {}
        self._keys: dict[str, WriteKey] = {}

    async def key(self, text: str, origin: str | None) -> WriteKey:
        """The key with this text. Raises `Unauthorised`, `QueryRefused` for a page that may not use it."""
        now = time.monotonic()
        known = self._keys.get(text)
        if known is None or known.until < now:
            known = await self._looked_up(text, known)
        if known.origins and origin is not None and origin.lower() not in known.origins:
            raise QueryRefused("This write key is not for that site.", code="wrong_origin")
        return known

    async def intake(self, workspace: str) -> Intake:
        """The way into a workspace, opened when first needed. Raises `UnknownName`."""
        found = self._intakes.get(workspace)
        if found is None or not found.workspace.exists:
            await self._closed(self._intakes.pop(workspace, None))
            opened = await asyncio.to_thread(self._opened, workspace)
            found = self._intakes.setdefault(workspace, opened)
            if found is not opened:
                await self._closed(opened)
        return found

    def status(self, workspace: str) -> dict[str, Any]:
        """{waiting_bytes, taken, set_aside}: what waits, what this process took, stream messages that hold no event."""
        from ingestion.events import kafka, store
        from ingestion.events import log as segments

        place = workspaces.existing(workspace, self._home.home)
        taken = self._intakes[workspace].live.total if workspace in self._intakes else 0
        waiting = segments.pending_bytes(store.folder_of(place.root))
        return {"waiting_bytes": waiting, "taken": taken, "set_aside": len(kafka.set_aside(place.root))}

    def forget(self) -> None:
        """A key was revoked: look all of them up again."""
        self._keys.clear()

    async def run_forever(self) -> None:
        """Settle what arrived, about once a second, less often in a flood; first what a crash left behind."""
        for name in await asyncio.to_thread(self._left):
            with suppress(PlainsayError):
                await self.intake(name)
        while True:
            began = time.monotonic()
            for intake in list(self._intakes.values()):
                await self._settle(intake)
            await asyncio.sleep(_rest(time.monotonic() - began, settings.get("event_seconds")))

    async def aclose(self) -> None:
        """Write what waits; it is loaded at the next start."""
        for intake in self._intakes.values():
            await self._closed(intake)
        self._intakes.clear()

    async def _settle(self, intake: Intake) -> None:
        from ingestion.events import settling

        if not intake.workspace.exists:
            self._intakes.pop(intake.workspace.name, None)
            await self._closed(intake)
            return
        if not await asyncio.to_thread(intake.waits):
            return
        try:
            done = await asyncio.to_thread(settling.settle, intake.workspace, intake.pace)
        except Unavailable as busy:
            intake.again()
            log.info("events_wait", workspace=intake.workspace.name, code=busy.code)
        except Exception:  # BLE001 - the edge of a loop: one workspace must not stop the events of the others
            intake.again()
            log.exception("events_not_settled", workspace=intake.workspace.name)
        else:
            if done.rows:
                log.info("events_stored", workspace=intake.workspace.name, rows=done.rows, known=done.duplicates)

    async def _looked_up(self, text: str, before: WriteKey | None) -> WriteKey:
        row = await self._home.database.read(lambda c: write_keys.find(c, text)) if text else None
        if row is None:
            self._keys.pop(text, None)
            raise Unauthorised("This write key is not known here.", code="bad_write_key", hint="Check the key.")
        if row["used_at"] is None or row["used_at"] + _USED_EVERY < utc_now():
            await self._home.database.write(lambda c: write_keys.used(c, row["id"]))
        most = row["per_minute"] or settings.get("events_per_minute")
        found = WriteKey(
            row["id"], row["workspace"], frozenset(row["origins"] or ()), most, time.monotonic() + KNOWN_SECONDS
        )
        if before is not None:
            found.minute, found.sent = before.minute, before.sent
        if len(self._keys) >= MOST_KNOWN:
            self._keys.clear()
        self._keys[text] = found
        return found

    def _opened(self, workspace: str) -> Intake:
        from ingestion.events.intake import Intake

        return Intake(workspaces.existing(workspace, self._home.home))

    def _left(self) -> list[str]:
        from ingestion.events import log as segments
        from ingestion.events import store

        root = workspaces.folder(self._home.home)
        found = [n for n in workspaces.names(self._home.home) if (root / n / "events").is_dir()]
        return [n for n in found if segments.pending_bytes(store.folder_of(root / n))]

    @staticmethod
    async def _closed(intake: Intake | None) -> None:
        if intake is not None:
            await asyncio.to_thread(intake.close)


def _rest(spent: float, every: float) -> float:
    """Seconds until the next round: one costs much however little it brings, so a flood has fewer and larger ones."""
    return max(0.05, every - spent, min(spent, every))


def given_key(headers: Mapping[str, str], query: Mapping[str, str]) -> str:
    """The write key in the header or the address of a request; empty where it is in the body, or nowhere."""
    scheme, _, text = headers.get("authorization", "").partition(" ")
    return (text.strip() if scheme.lower() == "bearer" else "") or query.get("key", "")
