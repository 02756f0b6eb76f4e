"""Socket Mode over a real socket: envelopes are acknowledged, told again or on a new connection they are done once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from evals.fakes import slack_server as fakes


class Wire:
    """Slack's end of the socket: what it said, and which envelopes were acknowledged on which connection."""

    def __init__(self) -> None:
        self.sockets: list[web.WebSocketResponse] = []
        self.acked: list[str] = []
        self.answers: dict[str, Any] = {}
        self.port = 0

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        async for message in socket:
            if message.type == WSMsgType.TEXT:
                told = json.loads(message.data)
                self.acked.append(told["envelope_id"])
                self.answers[told["envelope_id"]] = told.get("payload")
        return socket

    async def send(self, envelope: str, kind: str, payload: Any, **more: Any) -> None:
        told = {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": True, **more}
        await self.sockets[-1].send_json(told)

    async def connected(self, number: int) -> None:
        while len(self.sockets) < number:
            await asyncio.sleep(0.02)

    async def acknowledged(self, number: int) -> None:
        while len(self.acked) < number:
            await asyncio.sleep(0.02)


@asynccontextmanager
async def wired() -> AsyncIterator[Wire]:
    wire = Wire()
    app = web.Application()
    app.router.add_get("/link", wire.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    wire.port = runner.addresses[0][1]
    try:
        yield wire
    finally:
        await runner.cleanup()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_envelopes_are_acknowledged_and_done_once(
    open_room: Any, slack: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-of-the-tests")
    async with asyncio.timeout(60), wired() as wire:
        slack.socket_url = f"ws://127.0.0.1:{wire.port}/link"
        async with open_room() as room:
            await room.member("ann@example.com", "U1")
            await wire.connected(1)
            first = json.loads(fakes.message("total revenue", ts="1700000001.000100"))
            await wire.send("e1", "events_api", first)
            await wire.send("e2", "events_api", first, retry_attempt=1, retry_reason="timeout")
            command = {"command": "/plainsay", "text": "help", "team_id": fakes.TEAM, "user_id": "U1",
                       "trigger_id": "t", "channel_id": "C1"}  # fmt: skip
            await wire.send("e3", "slash_commands", command)
            await wire.acknowledged(3)
            assert sorted(wire.acked) == ["e1", "e2", "e3"]
            assert "/plainsay link" in json.dumps(wire.answers["e3"])
            await wire.sockets[-1].send_json({"type": "disconnect", "reason": "refresh_requested"})
            await wire.connected(2)
            await wire.send("e4", "events_api", first, retry_attempt=2, retry_reason="timeout")
            second = json.loads(fakes.message("total revenue", ts="1700000002.000100"))
            await wire.send("e5", "events_api", second)
            await wire.acknowledged(5)
            assert await room.settled(2) == {"done": 2}
            assert len(slack.replies("D1")) == 2
