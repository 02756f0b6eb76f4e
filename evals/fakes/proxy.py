"""A reverse proxy as small as it can be: each new connection goes to the next server that answers, bytes both ways."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import cycle


class RoundRobin:
    """Listens on a loopback port of its own and spreads connections over `ports`; dead servers are skipped."""

    def __init__(self, ports: list[int]) -> None:
        self._ports = cycle(ports)
        self._count = len(ports)
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.sent_to: dict[int, int] = dict.fromkeys(ports, 0)

    async def start(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def aclose(self) -> None:
        """Stop listening and cut what is open."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            there = await self._connected()
            if there is not None:
                await self._joined((reader, writer), there)
        except asyncio.CancelledError:
            pass  # the proxy closes; asyncio would log the cancellation of a server's task as a failure
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in range(self._count):
            port = next(self._ports)
            with suppress(OSError):
                found = await asyncio.open_connection("127.0.0.1", port)
                self.sent_to[port] += 1
                return found
        return None

    async def _joined(self, *ends: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        """Until either side is gone."""
        here, there = ends
        ways = [asyncio.create_task(_pour(a[0], b[1])) for a, b in ((here, there), (there, here))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            there[1].close()


async def _pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
