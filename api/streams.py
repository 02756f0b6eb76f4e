"""Runs as server-sent events: heartbeats while nothing happens, stalled readers let go, nobody waits for a slow one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import orjson
from sse_starlette import EventSourceResponse

from api import accounts
from api.house import House

PING_SECONDS = 15
STALLED_SECONDS = 30
FAREWELL_SECONDS = 8.0
LOOK_SECONDS = 1.0
LOOK_AGAIN_SECONDS = 10.0
"""How often a reader's rights are looked at: at once where this process changed them, else after this long."""


def response(home: House, lines: AsyncIterator[bytes], headers: dict[str, str] | None = None) -> EventSourceResponse:
    """A stream of whole server-sent events. Readers that take nothing for 30 seconds are let go."""
    return EventSourceResponse(
        _counted(home, while_welcome(home, lines)),
        sep="\n",
        ping=PING_SECONDS,
        send_timeout=STALLED_SECONDS,
        shutdown_event=home.leaving,
        shutdown_grace_period=FAREWELL_SECONDS,
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


async def while_welcome(home: House, lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines for as long as their reader keeps the rights of the request; then the stream ends.

    Who may still read comes back with the number of the last event, and is let in or not like anybody.
    """
    caller, version, looked = accounts.caller(), home.people.version, time.monotonic()
    coming: asyncio.Future[bytes] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(lines))
            await asyncio.wait({coming}, timeout=LOOK_SECONDS)
            if home.people.version != version or time.monotonic() - looked > LOOK_AGAIN_SECONDS:
                version, looked = home.people.version, time.monotonic()
                if not await home.people.same(caller):
                    return
            if coming.done():
                try:
                    line = coming.result()
                except StopAsyncIteration:
                    return
                coming = None
                yield line
    finally:
        if coming is not None:
            coming.cancel()
            await asyncio.wait({coming})
            if not coming.cancelled():
                coming.exception()
        await lines.aclose()  # type: ignore[attr-defined]


async def _counted(home: House, lines: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    home.meters.streams.inc()
    try:
        async for line in lines:
            yield line
    finally:
        home.meters.streams.dec()
        if isinstance(lines, AsyncGenerator):
            await lines.aclose()


async def native(home: House, run_id: str, after: int) -> AsyncIterator[bytes]:
    """The stored events above `after` as they are, numbered."""
    async for entry in home.runs.tail(run_id, after):
        yield f"id: {entry.seq}\ndata: {entry.body}\n\n".encode()


async def events(home: House, run_id: str) -> AsyncIterator[dict[str, Any]]:
    """The stored events of a run from the first, then those to come; the last is terminal unless the server stops."""
    async for entry in home.runs.tail(run_id, 0):
        yield orjson.loads(entry.body)


def line(value: dict[str, Any], event: str | None = None) -> bytes:
    """One server-sent event with a JSON body."""
    head = f"event: {event}\n".encode() if event else b""
    return head + b"data: " + orjson.dumps(value) + b"\n\n"
