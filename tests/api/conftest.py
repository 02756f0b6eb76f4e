"""A door with a scripted assistant behind it, in this process."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog

from api import passwords
from api.app import create_app
from api.house import House, Parts
from evals.fakes.assistant import ScriptedAssistant
from evals.fakes.browsers import People

Open = Callable[..., AbstractAsyncContextManager["Door"]]


class Door:
    """A client and the house behind it."""

    def __init__(self, client: httpx.AsyncClient, house: House) -> None:
        self.client = client
        self.house = house

    async def chat(
        self, text: str = "total revenue", run: str = "r1", thread: str = "t1", **more: Any
    ) -> httpx.Response:
        """One AG-UI run to its end."""
        return await self.client.post("/v1/chat", json=run_input(text, run, thread, **more))


def run_input(text: str, run: str, thread: str = "t1", **more: Any) -> dict[str, Any]:
    messages = [{"id": "m1", "role": "user", "content": text}]
    return {"threadId": thread, "runId": run, "messages": messages, **more}


@pytest.fixture(autouse=True)
def quiet_logs():
    structlog.reset_defaults()
    structlog.configure(
        processors=[structlog.processors.KeyValueRenderer()], logger_factory=structlog.ReturnLoggerFactory()
    )
    yield
    structlog.reset_defaults()


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch):
    """Argon2 with the least work: what is tested here is not how slow it is."""
    from argon2 import PasswordHasher

    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: quick)
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "workspaces" / "shop" / "lake").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def open_door(home: Path) -> Open:
    """Opens a door on the same home, as often as a test wants."""

    @contextlib.asynccontextmanager
    async def opened(assistant: Any = None, **more: Any) -> AsyncIterator[Door]:
        parts = Parts(assistant=assistant or ScriptedAssistant(), **more)
        app = create_app(home=home, parts=parts, static=home / "static")
        async with app.router.lifespan_context(app):
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
                yield Door(client, app.state.house)

    return opened


@pytest.fixture
async def door(open_door: Open) -> AsyncIterator[Door]:
    async with open_door() as opened:
        yield opened


@pytest.fixture
async def there(home: Path) -> AsyncIterator[People]:
    (home / "workspaces" / "cafe" / "lake").mkdir(parents=True)
    app = create_app(home=home, parts=Parts(assistant=ScriptedAssistant()), static=home / "static")
    async with app.router.lifespan_context(app):
        people = People(app, app.state.house)
        yield people
        await people.aclose()
