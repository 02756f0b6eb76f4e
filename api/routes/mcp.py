"""MCP over streamable HTTP: each request stands alone, so any process may answer it and a restart loses no session."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api import errors, house
from api.mcp_door import McpDoor

router = APIRouter()


@router.post("/mcp")
async def mcp(request: Request) -> Response:
    """The Model Context Protocol: ask, metrics, skills, semantic models."""
    return _Handed(house.of(request).mcp)


@router.api_route("/mcp", methods=["GET", "DELETE"], include_in_schema=False)
async def mcp_session() -> Response:
    """There are no sessions: nothing is sent unasked, and nothing is left to end."""
    raise errors.WrongMethod("This address does not take that method.", hint="Send requests with POST.")


class _Handed(Response):
    """The answer that the protocol's own implementation sends."""

    def __init__(self, door: McpDoor) -> None:
        super().__init__()
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._door.handle(scope, receive, send)
