"""The way in for the events of one workspace: checked, written, synced, then counted and acknowledged."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ingestion.events import frames, shape, store
from ingestion.events.live import Live
from ingestion.events.log import Log
from ingestion.events.settling import Pace
from store import settings
from store.errors import LimitReached, Unavailable
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from ingestion.events.plain import Plain

_ID, _NAME, _USER, _VISITOR = map(shape.COLUMNS.index, ("event_id", "event", "user_id", "anonymous_id"))
REMEMBERED = 200_000
"""Ids of events that a repetition is told from at once; older ones are found when the log is loaded."""


class Intake:
    """Takes events of one workspace. Only for use on the event loop, but made elsewhere; so is the work of `settle`."""

    def __init__(self, workspace: Workspace) -> None:
        frames.warm()
        self.workspace = workspace
        self.live = Live()
        self.pace = Pace()
        self._log = Log(store.folder_of(workspace.root))
        self._shapes: set[tuple[str, ...]] = set()
        self._recent: set[str] = set()
        self._order: deque[list[str]] = deque()
        self._touched = self._log.pending > 0

    async def take(self, events: Sequence[Any], shared: Mapping[str, Any]) -> dict[str, Any]:
        """Keep events; returns {accepted, duplicates, rejected, errors} once those accepted are on disk.

        Raises `LimitReached` for too many at once, `Unavailable` when more waits than may, or the disk fails.
        """
        if len(events) > shape.MOST_EVENTS:
            raise LimitReached(
                f"A request holds {shape.MOST_EVENTS:,} events at most.", hint="Send them in several requests."
            )
        batch = shape.read(events, shared, datetime.now(UTC), self._shapes)
        told = {"accepted": 0, "duplicates": 0}
        if batch.rows:
            told = await self._kept(list(zip(*batch.rows, strict=True)), batch.keys)
        return told | {"rejected": batch.rejected, "errors": batch.errors}

    async def take_plain(self, batch: Plain) -> dict[str, Any]:
        """Keep events that were read the quick way; returns and raises what `take` does."""
        told = await self._kept(batch.columns, shape.new_keys(batch.properties, self._shapes))
        return told | {"rejected": 0, "errors": []}

    def waits(self) -> bool:
        """Whether there is something to settle; asked once a round, it ends the open segment."""
        if self._touched:
            self._log.seal()
        touched, self._touched = self._touched, False
        return touched or self.pace.behind

    def again(self) -> None:
        """What was to be settled could not be; try it in the next round."""
        self._touched = True

    def close(self) -> None:
        """Write what waits, and end; blocking."""
        self._log.close()

    async def _kept(self, columns: list[Sequence[Any]], keys: dict[str, str]) -> dict[str, Any]:
        if self._log.pending > settings.get("event_backlog_bytes"):
            raise Unavailable("Too many events wait to be loaded.", code="events_behind", retry_after=5.0)
        count = len(columns[0])
        if not self._recent.isdisjoint(columns[_ID]):
            fresh = [n for n, one in enumerate(columns[_ID]) if one not in self._recent]
            if not fresh:
                return {"accepted": 0, "duplicates": count}
            columns = [c.take(fresh) if hasattr(c, "take") else [c[n] for n in fresh] for c in columns]
        ids = columns[_ID]
        await self._written(columns, keys)
        self._remember(list(ids))
        self.live.count(columns[_NAME], _people(columns))
        return {"accepted": len(ids), "duplicates": count - len(ids)}

    async def _written(self, columns: list[Sequence[Any]], keys: dict[str, str]) -> None:
        loop = asyncio.get_running_loop()
        synced: asyncio.Future[None] = loop.create_future()

        def done(error: BaseException | None) -> None:
            loop.call_soon_threadsafe(_settled, synced, error)

        self._log.append(frames.packed(columns, keys), done)
        self._touched = True
        try:
            await synced
        except OSError as error:
            self._shapes.clear()
            raise Unavailable(
                "The events could not be written to disk.", code="disk_error", hint="Send them again.", retry_after=5.0
            ) from error

    def _remember(self, ids: list[str]) -> None:
        self._recent.update(ids)
        self._order.append(ids)
        while len(self._recent) > REMEMBERED and len(self._order) > 1:
            self._recent.difference_update(self._order.popleft())


def _people(columns: Sequence[Sequence[Any]]) -> Iterable[str | None]:
    """Who did what: the visitor, or the user where an event names no visitor."""
    visitors, users = columns[_VISITOR], columns[_USER]
    return visitors if None not in visitors else (v or u for v, u in zip(visitors, users, strict=True))


def _settled(future: asyncio.Future[None], error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
