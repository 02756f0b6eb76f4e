"""The processes that share one state: who is alive, and what one has to tell the others at once.

Each process keeps one session to Postgres that holds an advisory lock and listens. A killed process loses its session
and with it the lock, so the others know within a moment, without clocks and without guessing from silence.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from sqlalchemy import Connection, delete, insert, select, text
from sqlalchemy.engine import URL

from store import dialects
from store.database import CONNECT_SECONDS, Database
from store.models import ProcessRow, utc_now

log = structlog.get_logger("plainsay.bus")

CHANNEL = "plainsay"
MOST_BYTES = 7_500
"""Postgres takes 8,000 bytes in one notification."""
BEAT_SECONDS = 1.0
_KEEPALIVE: dict[str, Any] = {
    "keepalives_idle": 3,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 9000,
}
_ALIVE = text(
    "SELECT id FROM processes p WHERE EXISTS (SELECT 1 FROM pg_locks l WHERE l.locktype = 'advisory'"
    " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND l.objsubid = 1 AND l.granted AND ((l.classid::bigint << 32) | l.objid::bigint) = p.lock)"
)

Listener = Callable[[str], None]


def say(connection: Connection, kind: str, ids: Iterable[str]) -> None:
    """Tell the other processes, when this transaction commits; nothing on SQLite, where there are none."""
    if not dialects.shared(connection):
        return
    for line in _lines(kind, ids):
        connection.execute(text("SELECT pg_notify(:channel, :line)"), {"channel": CHANNEL, "line": line})


def _lines(kind: str, ids: Iterable[str]) -> Iterable[str]:
    line = kind
    for one in ids:
        if len(line) + len(one) >= MOST_BYTES:
            yield line
            line = kind
        line += f" {one}"
    if line != kind:
        yield line


def living(connection: Connection, me: str) -> set[str]:
    """The processes that are alive, `me` included."""
    if not dialects.shared(connection):
        return {me}
    return {me, *connection.execute(_ALIVE).scalars()}


def forget_dead(connection: Connection, me: str) -> list[str]:
    """Strike processes off the list that are gone; their ids."""
    if not dialects.shared(connection):
        return []
    known = set(connection.execute(select(ProcessRow.id)).scalars())
    gone = sorted(known - living(connection, me))
    connection.execute(delete(ProcessRow).where(ProcessRow.id.in_(gone)))
    return gone


class Bus:
    """This process among the others; alone when state is a file."""

    def __init__(self, database: Database, address: URL) -> None:
        self.id = f"{socket.gethostname()[:30]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._database = database
        self._address = address
        self._listeners: dict[str, Listener] = {}
        self._session: Any = None
        self._task: asyncio.Task[None] | None = None
        self.connected = not database.shared

    def on(self, kind: str, listener: Listener) -> None:
        """Call `listener` with each id that another process (or this one) says under `kind`."""
        self._listeners[kind] = listener

    async def start(self) -> None:
        """Come alive for the others; a lost session is opened again until `aclose`."""
        if not self._database.shared:
            return
        await self._open()
        self._task = asyncio.create_task(self._keep(), name="bus")

    async def aclose(self) -> None:
        """Be gone for the others at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        if self._session is not None:
            await self._session.close()
            await self._database.write(lambda c: c.execute(delete(ProcessRow).where(ProcessRow.id == self.id)))

    async def _open(self) -> None:
        import psycopg

        dsn = self._address.set(drivername="postgresql").render_as_string(hide_password=False)
        session = await psycopg.AsyncConnection.connect(
            dsn, autocommit=True, connect_timeout=CONNECT_SECONDS, **_KEEPALIVE
        )
        lock = secrets.randbits(62)  # a new one each time: the server may not know yet that the last session is gone
        await session.execute("SELECT pg_advisory_lock(%s)", (lock,))
        await session.execute(f"LISTEN {CHANNEL}")
        await self._database.write(lambda connection: self._announce(connection, lock))
        self._session = session
        self.connected = True

    def _announce(self, connection: Connection, lock: int) -> None:
        connection.execute(delete(ProcessRow).where(ProcessRow.id == self.id))
        row = {"id": self.id, "lock": lock, "host": socket.gethostname()[:255], "pid": os.getpid()}
        connection.execute(insert(ProcessRow).values(**row, started_at=utc_now()))

    async def _keep(self) -> None:
        while True:
            try:
                if self._session is None:
                    await self._open()
                await self._listen()
            except Exception as error:  # noqa: BLE001  process edge: whatever ends the session, it is opened again
                log.warning("bus_lost", error=type(error).__name__)
                await self._drop()
                await asyncio.sleep(BEAT_SECONDS)

    async def _listen(self) -> None:
        """Hand on what is said; a session that is silent is asked once a second whether it is still there."""
        while True:
            async for notice in self._session.notifies(timeout=BEAT_SECONDS):
                kind, *ids = notice.payload.split(" ")
                listener = self._listeners.get(kind, _nobody)
                for one in ids:
                    listener(one)
            await self._session.execute("SELECT 1")

    async def _drop(self) -> None:
        self.connected = False
        session, self._session = self._session, None
        if session is not None:
            await session.close()


def _nobody(_id: str) -> None:
    """Who listens to what nobody here asked for."""
