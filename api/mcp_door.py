"""Keeps the MCP implementation of a house: loaded with the first request, ended with the house."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Scope, Send

from store import settings

if TYPE_CHECKING:
    from api.house import House


class McpDoor:
    """Hands requests to the protocol's session manager, which lives in a task of its own."""

    def __init__(self, home: House) -> None:
        self._home = home
        self._lock = asyncio.Lock()
        self._manager: Any = None
        self._task: asyncio.Task[None] | None = None
        self._leave = asyncio.Event()

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; the rights are those of whoever sent it."""
        async with self._lock:
            if self._manager is None:
                self._manager = await self._open()
        await self._manager.handle_request(scope, receive, send)

    async def aclose(self) -> None:
        """End what is under way."""
        self._leave.set()
        if self._task is not None:
            await asyncio.wait({self._task})

    async def _open(self) -> Any:
        manager = await asyncio.to_thread(self._made)
        running: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = asyncio.create_task(self._keep(manager, running), name="mcp")
        await running
        return manager

    def _made(self) -> Any:
        desks = importlib.import_module("api.desks")
        wire = importlib.import_module("api.wires.mcp")
        http = importlib.import_module("mcp.server.streamable_http_manager")
        server = wire.McpWire(desks.HouseDesk(self._home)).server()
        most = settings.get("request_bytes")
        return http.StreamableHTTPSessionManager(server, stateless=True, max_request_body_size=most)

    async def _keep(self, manager: Any, running: asyncio.Future[None]) -> None:
        async with manager.run():
            running.set_result(None)
            await self._leave.wait()
