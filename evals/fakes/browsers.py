"""Browsers and programs at one door, for tests of who may do what: each has cookies or a key of its own."""

from __future__ import annotations

import contextlib
from typing import Any

import httpx

BOSS = {"email": "Boss@Example.com", "name": "Bo Boss", "password": "crumpled otter sings at noon"}
GOOD = "lamps argue over cold soup"
PAGE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


class People:
    """Browsers and programs at one door; each has its own cookies."""

    def __init__(self, app: Any, house: Any) -> None:
        self.app, self.house = app, house
        self._stack = contextlib.AsyncExitStack()

    async def browser(self) -> httpx.AsyncClient:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://localhost", headers=PAGE)
        return await self._stack.enter_async_context(client)

    async def program(self, key: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app)
        headers = {"Authorization": f"Bearer {key}"}
        client = httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)
        return await self._stack.enter_async_context(client)

    async def boss(self) -> httpx.AsyncClient:
        client = await self.browser()
        made = await client.post("/v1/setup", json=BOSS)
        assert made.status_code == 201, made.text
        return client

    async def joined(self, boss: httpx.AsyncClient, email: str, role: str, workspace: str = "*") -> httpx.AsyncClient:
        """Somebody who was invited and accepted."""
        invited = await boss.post("/v1/invitations", json={"email": email, "role": role, "workspace": workspace})
        assert invited.status_code == 201, invited.text
        client = await self.browser()
        token = invited.json()["link"].partition("#")[2]
        body = {"token": token, "name": email.partition("@")[0].capitalize(), "password": GOOD}
        accepted = await client.post("/v1/invitations/accept", json=body)
        assert accepted.status_code == 201, accepted.text
        return client

    async def id_of(self, boss: httpx.AsyncClient, email: str) -> str:
        found = (await boss.get("/v1/users")).json()["items"]
        return next(str(u["id"]) for u in found if u["email"] == email)

    async def aclose(self) -> None:
        await self._stack.aclose()


def code(reply: httpx.Response) -> tuple[int, str]:
    """The status of an answer and the code of its error."""
    return reply.status_code, reply.json()["error"]["code"] if reply.status_code >= 400 else ""
