"""A house with the Slack door open, beside a Slack on this machine."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import orjson
import pytest
import structlog
from sqlalchemy import select

from api.app import create_app
from api.house import House, Parts
from evals.fakes import slack_server as fakes
from evals.fakes.assistant import ScriptedAssistant
from evals.fakes.slack_server import FakeSlack
from store import people
from store import slack as table
from store.slack_tables import SlackEventRow


class Room:
    """The Slack door of a house: what Slack sends it, and what became of it."""

    def __init__(self, client: httpx.AsyncClient, house: House, slack: FakeSlack) -> None:
        self.client, self.house, self.slack = client, house, slack

    async def send(self, body: bytes, **how: Any) -> httpx.Response:
        """A signed delivery."""
        headers = {"Content-Type": "application/json", **fakes.signed(body, **how)}
        return await self.client.post("/slack/events", content=body, headers=headers)

    async def form(self, text: str, **how: Any) -> httpx.Response:
        """A signed interaction or command."""
        body = text.encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", **fakes.signed(body, **how)}
        return await self.client.post("/slack/events", content=body, headers=headers)

    async def press(self, message: dict[str, Any], action: dict[str, Any], user: str, channel: str) -> httpx.Response:
        """Press something on a message."""
        action = {"block_id": "b", "action_ts": "1.1", **action}
        told = {
            "type": "block_actions", "team": {"id": fakes.TEAM}, "user": {"id": user, "team_id": fakes.TEAM},
            "channel": {"id": channel}, "trigger_id": "t1", "actions": [action],
            "message": {"ts": message["ts"], "thread_ts": message["thread_ts"]}, "api_app_id": "A1",
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
        }  # fmt: skip
        return await self.form("payload=" + quote(orjson.dumps(told)))

    async def settled(self, done: int | None = None) -> dict[str, int]:
        """Wait until nothing waits any more (or `done` events ended); the events by state."""
        while True:
            counts = await self.house.database.read(table.counts)
            open_ones = counts.get("waiting", 0) + counts.get("working", 0)
            if open_ones == 0 and (done is None or counts.get("done", 0) + counts.get("failed", 0) >= done):
                return counts
            await asyncio.sleep(0.02)

    async def notes(self) -> list[str]:
        """Why events were given up."""
        query = select(SlackEventRow.note).where(SlackEventRow.note.is_not(None))
        return list(await self.house.database.read(lambda c: c.execute(query).scalars()))

    async def member(self, email: str, slack_user: str, role: str = "viewer", **attributes: list[str]) -> str:
        """A person of the house whom Slack knows by a confirmed e-mail."""

        def make(connection: Any) -> str:
            made = people.create(connection, name=email.partition("@")[0], email=email)
            people.give_role(connection, made, "*", people.clean_role(role))
            people.change(connection, made, attributes=attributes)
            return made

        self.slack.add_user(slack_user, email)
        return await self.house.database.write(make)


Open = Callable[..., contextlib.AbstractAsyncContextManager[Room]]


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    structlog.reset_defaults()
    structlog.configure(
        processors=[structlog.processors.KeyValueRenderer()], logger_factory=structlog.ReturnLoggerFactory()
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    with fakes.slack_server() as server:
        monkeypatch.setenv("SLACK_BOT_TOKEN", fakes.TOKEN)
        monkeypatch.setenv("SLACK_SIGNING_SECRET", fakes.SECRET)
        monkeypatch.setenv("PLAINSAY_SLACK_URL", server.url)
        yield server


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "workspaces" / "shop" / "lake").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def open_room(home: Path, slack: FakeSlack) -> Open:
    @contextlib.asynccontextmanager
    async def opened(assistant: Any = None, where: Path = home) -> AsyncIterator[Room]:
        parts = Parts() if assistant is False else Parts(assistant=assistant or ScriptedAssistant())
        app = create_app(home=where, parts=parts, static=where / "static")
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost", timeout=30) as client:
                yield Room(client, app.state.house, slack)

    return opened
