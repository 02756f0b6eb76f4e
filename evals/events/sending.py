"""A sender that costs little beside the server it measures: bodies are made once and only their ids change."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from evals.events import made

TAG = "@@@@@@@@"
_TEMPLATES = 200_000


@dataclass
class Sent:
    """What came of sending: events acknowledged, seconds of each request, seconds of it all, requests that failed."""

    events: int = 0
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    failed: int = 0


def templates(events: int) -> list[bytes]:
    """Bodies of batches, whose ids hold `TAG`."""
    return [orjson.dumps(batch) for batch in made.batches(min(events, _TEMPLATES), TAG)]


def bodies(made_before: list[bytes], events: int, mark: str) -> Iterator[bytes]:
    """As many bodies as it takes; every id is new as long as the letter `mark` is."""
    for number in range(-(-events // made.BATCH)):
        turn, place = divmod(number, len(made_before))
        yield made_before[place].replace(TAG.encode(), f"{mark}{turn:07d}".encode())


async def send(port: int, key: str, waiting: Iterator[bytes], connections: int = 4) -> Sent:
    """Send bodies over a few connections, each request after the answer to the one before."""
    found = Sent()
    began = time.perf_counter()
    await asyncio.gather(*(_one(port, key, waiting, found) for _ in range(connections)))
    found.seconds = time.perf_counter() - began
    return found


async def _one(port: int, key: str, waiting: Iterator[bytes], found: Sent) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for body in waiting:
            head = (
                f"POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            began = time.perf_counter()
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            lines = answer.lower().split(b"\r\n")
            length = next(int(h.split(b":")[1]) for h in lines if h.startswith(b"content-length"))
            told = orjson.loads(await reader.readexactly(length))
            found.waits.append(time.perf_counter() - began)
            found.events += told.get("accepted", 0)
            found.failed += not answer.startswith(b"HTTP/1.1 200")
    finally:
        writer.close()
        await writer.wait_closed()
