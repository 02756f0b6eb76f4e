"""The event log of runs: store, then send, so that any client may come back and read the same bytes again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select

from store import bus, runs
from store.database import Database
from store.models import EventRow, RunRow, utc_now

WINDOW_SECONDS = 0.025
POLL_SECONDS = 0.1
SHARED_POLL_SECONDS = 0.5
"""How often the log of another process's run is read when no word of it comes; word comes at once, as a rule."""
PAGE = 500

Extra = Callable[[Connection], None]


class RunTaken(RuntimeError):
    """Another process works on this run now; whoever gets this stops without a word."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored event: its number in the run (from 1), its type, and the JSON text that is sent."""

    seq: int
    type: str
    body: str


@dataclass
class _Feed:
    """The committed part of a run that is still being written, shared by all its readers."""

    entries: list[Entry] = field(default_factory=list)
    closed: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, entries: Sequence[Entry], closed: bool) -> None:
        self.entries.extend(entries)
        self.closed = self.closed or closed
        self.changed.set()
        self.changed = asyncio.Event()


@dataclass
class _Commit:
    """Entries waiting to be committed together with what else must happen in the same transaction."""

    run_id: str
    entries: Sequence[Entry]
    extra: Extra | None
    last: bool
    done: asyncio.Future[None]


class RunLog:
    """Appends with group commit (at most 25 ms apart) and tails from any number."""

    def __init__(self, database: Database, window: float = WINDOW_SECONDS, holder: str | None = None) -> None:
        self._database = database
        self._window = window
        self._holder = holder if database.shared else None
        self._heard: dict[str, asyncio.Event] = {}
        self._feeds: dict[str, _Feed] = {}
        self._pending: list[_Commit] = []
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._closing = False
        self._leaving = False

    def append(
        self,
        run_id: str,
        entries: Sequence[Entry],
        *,
        extra: Extra | None = None,
        urgent: bool = False,
        last: bool = False,
    ) -> asyncio.Future[None]:
        """Queue entries; the future is done when they are on disk, and only then do readers see them.

        `extra` runs in the same transaction, before the entries. `urgent` skips the window. `last` ends the run.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._feeds.setdefault(run_id, _Feed())
        self._pending.append(_Commit(run_id, entries, extra, last, done))
        self._wake.set()
        if urgent or last:
            self._urgent.set()
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_forever())
        return done

    async def tail(self, run_id: str, after: int = 0) -> AsyncIterator[Entry]:
        """Entries with a number above `after`, then new ones as they are committed, until the run ends."""
        feed: _Feed | None = None
        while True:
            feed = self._feeds.get(run_id) or feed
            if feed is None:
                async for entry in self._stored(run_id, after):
                    yield entry
                    after = entry.seq
                if self._leaving or await self._ended(run_id, after):
                    return
                await self._word_of(run_id)
                continue
            seen, changed = len(feed.entries), feed.changed
            async for entry in self._fed(run_id, feed, after):
                yield entry
                after = entry.seq
            if len(feed.entries) > seen:
                continue
            if feed.closed:
                return
            await changed.wait()

    def hear(self, run_id: str) -> None:
        """Another process wrote to this run; its readers here look at once."""
        heard = self._heard.pop(run_id, None)
        if heard is not None:
            heard.set()

    async def _word_of(self, run_id: str) -> None:
        """Until another process writes to the run, or a moment has passed."""
        heard = self._heard.setdefault(run_id, asyncio.Event())
        with suppress(TimeoutError):
            async with asyncio.timeout(SHARED_POLL_SECONDS if self._holder else POLL_SECONDS):
                await heard.wait()
        if self._heard.get(run_id) is heard:
            del self._heard[run_id]

    async def _fed(self, run_id: str, feed: _Feed, after: int) -> AsyncIterator[Entry]:
        """What a live run has above `after`: from memory, and from the table what was written before a restart."""
        first = feed.entries[0].seq if feed.entries else None
        if first is None or after + 1 < first:
            async for entry in self._stored(run_id, after):
                yield entry
        else:
            for entry in feed.entries[after + 1 - first :]:
                yield entry

    async def entries(self, run_id: str) -> list[Entry]:
        """All stored entries of a run."""
        return [entry async for entry in self._stored(run_id, 0)]

    async def holds(self, run_id: str) -> bool:
        """Whether the log of a run still has events."""
        return bool(await self._database.read(lambda connection: _page(connection, run_id, 0, 1)))

    def release(self, run_id: str) -> None:
        """Forget a run without ending it (it will be continued by another process); its readers stop."""
        feed = self._feeds.pop(run_id, None)
        if feed is not None:
            feed.publish((), closed=True)

    def let_readers_go(self) -> None:
        """From here on nobody waits for a run that nobody writes here: its readers come back to another process."""
        self._leaving = True
        for heard in self._heard.values():
            heard.set()

    async def aclose(self) -> None:
        """Commit what is queued and under way, and stop."""
        self._closing = True
        self._wake.set()
        self._urgent.set()
        if self._writer is not None:
            await self._writer

    async def _write_forever(self) -> None:
        while self._pending or not self._closing:
            await self._wake.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._window):
                    await self._urgent.wait()
            batch, self._pending = self._pending, []
            self._wake.clear()
            self._urgent.clear()
            await self._commit(batch)

    async def _commit(self, batch: list[_Commit]) -> None:
        """Write a batch and tell its readers; a batch that fails is tried one by one, so that one cannot hurt all."""
        if not batch:
            return
        try:
            await self._database.write(lambda connection: _store(connection, batch, self._holder))
        except Exception as error:  # noqa: BLE001  whoever waits for the commit must hear of any failure
            if len(batch) == 1:
                self._fail(batch[0], error)
            else:
                for commit in batch:
                    await self._commit([commit])
        else:
            for commit in batch:
                self._publish(commit)

    def _fail(self, commit: _Commit, error: Exception) -> None:
        feed = self._feeds.get(commit.run_id)
        if feed is not None and not feed.entries:
            self.release(commit.run_id)
        if not commit.done.done():
            commit.done.set_exception(error)

    def _publish(self, commit: _Commit) -> None:
        feed = self._feeds.get(commit.run_id)
        if feed is not None:
            feed.publish(commit.entries, commit.last)
            if commit.last:
                del self._feeds[commit.run_id]
        if not commit.done.done():
            commit.done.set_result(None)

    async def _stored(self, run_id: str, after: int) -> AsyncIterator[Entry]:
        while True:
            page = await self._database.read(lambda connection, start=after: _page(connection, run_id, start))  # type: ignore[misc]
            for entry in page:
                yield entry
                after = entry.seq
            if len(page) < PAGE:
                return

    async def _ended(self, run_id: str, after: int) -> bool:
        """Whether the run is over and nothing lies beyond `after`."""

        def look(connection: Connection) -> bool:
            status = connection.execute(select(RunRow.status).where(RunRow.id == run_id)).scalar()
            return status != "running" and not _page(connection, run_id, after)

        return await self._database.read(look)


def _store(connection: Connection, batch: list[_Commit], holder: str | None) -> None:
    at = utc_now()
    rows = []
    for commit in batch:
        if commit.extra is not None:
            commit.extra(connection)
        same = {"run_id": commit.run_id, "at": at}
        rows += [{**same, "seq": e.seq, "type": e.type, "body": e.body} for e in commit.entries]
    if holder is not None:
        written = sorted({commit.run_id for commit in batch})
        if runs.lost(connection, written, holder):
            raise RunTaken
        bus.say(connection, "run", written)
    if rows:
        connection.execute(insert(EventRow), rows)


def _page(connection: Connection, run_id: str, after: int, most: int = PAGE) -> list[Entry]:
    query = (
        select(EventRow.seq, EventRow.type, EventRow.body)
        .where(EventRow.run_id == run_id, EventRow.seq > after)
        .order_by(EventRow.seq)
        .limit(most)
    )
    return [Entry(row.seq, row.type, row.body) for row in connection.execute(query)]
