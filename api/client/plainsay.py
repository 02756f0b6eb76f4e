"""The clients: one that waits, and one for asyncio; both send again what may be sent again and go on after a cut."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Any

import httpx

from agent.answer import Answer
from api.client import calls
from api.client.calls import Call, Reading
from api.client.errors import ApiError

TIMEOUT = 60.0


class Plainsay:
    """Ask a Plainsay server. `key` is an API key; on the server's own machine none may be needed."""

    def __init__(
        self, url: str = "http://127.0.0.1:8000", key: str | None = None, *, timeout: float = TIMEOUT,
        transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._key = key
        self._http = httpx.Client(base_url=url, timeout=timeout, transport=transport)

    def __enter__(self) -> Plainsay:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        self._http.close()

    def ask(
        self, question: str, *, workspace: str | None = None, thread_id: str | None = None, as_of: str | None = None
    ) -> Answer:
        """The whole answer. Raises `ApiError`."""
        return Answer.model_validate(self.call(calls.ask(question, workspace, thread_id, as_of)))

    def stream(self, question: str, *, workspace: str | None = None, thread_id: str | None = None) -> Iterator[Any]:
        """The AG-UI events of an answer as they come, each once, also when the connection breaks. Raises `ApiError`."""
        reading = Reading(question, workspace, thread_id)
        attempt = 0
        while not reading.over:
            before = reading.last
            try:
                yield from self._followed(reading)
            except httpx.TransportError:
                attempt = 0 if reading.last > before else attempt + 1
                if attempt >= calls.ATTEMPTS:
                    raise
            if not reading.over:
                time.sleep(calls.pause(None, attempt))

    def workspaces(self) -> list[dict[str, Any]]:
        """All workspaces that the key may see."""
        found: list[dict[str, Any]] = self.call(Call("GET", "/v1/workspaces"))["items"]
        return found

    def threads(self, limit: int = 200) -> Iterator[dict[str, Any]]:
        """All conversations, page by page."""
        cursor: str | None = None
        while True:
            page = self.call(
                Call("GET", "/v1/threads", params={"limit": limit} | ({"cursor": cursor} if cursor else {}))
            )
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    def query(self, query: dict[str, Any], *, workspace: str | None = None) -> dict[str, Any]:
        """The figures of a metric query, without words. Raises `ApiError`."""
        found: dict[str, Any] = self.call(Call("POST", "/v1/metrics/query", {"workspace": workspace, "query": query}))
        return found

    def call(self, call: Call) -> Any:
        """The JSON of any request; None for an empty answer. Raises `ApiError` when it was not done."""
        headers, response = call.headers(self._key), None
        for attempt in range(calls.ATTEMPTS):
            try:
                response = self._http.request(
                    call.method, call.path, json=call.json, params=call.params, headers=headers
                )
            except httpx.TransportError:
                if attempt + 1 == calls.ATTEMPTS:
                    raise
            else:
                if response.status_code not in calls.AGAIN or attempt + 1 == calls.ATTEMPTS:
                    break
            time.sleep(calls.pause(response, attempt))
        return _read(response)

    def _followed(self, reading: Reading) -> Iterator[Any]:
        request = reading.request()
        request["headers"] |= {"Authorization": f"Bearer {self._key}"} if self._key else {}
        with self._http.stream(**request) as response:
            if response.status_code != 200:
                response.read()
                raise ApiError.of(response)
            for line in response.iter_lines():
                yield from reading.feed(line)


class AsyncPlainsay:
    """The same for asyncio."""

    def __init__(
        self, url: str = "http://127.0.0.1:8000", key: str | None = None, *, timeout: float = TIMEOUT,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._key = key
        self._http = httpx.AsyncClient(base_url=url, timeout=timeout, transport=transport)

    async def __aenter__(self) -> AsyncPlainsay:
        return self

    async def __aexit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        await self._http.aclose()

    async def ask(
        self, question: str, *, workspace: str | None = None, thread_id: str | None = None, as_of: str | None = None
    ) -> Answer:
        """The whole answer. Raises `ApiError`."""
        return Answer.model_validate(await self.call(calls.ask(question, workspace, thread_id, as_of)))

    async def stream(
        self, question: str, *, workspace: str | None = None, thread_id: str | None = None
    ) -> AsyncIterator[Any]:
        """The AG-UI events of an answer as they come, each once, also when the connection breaks. Raises `ApiError`."""
        reading = Reading(question, workspace, thread_id)
        attempt = 0
        while not reading.over:
            before = reading.last
            try:
                async for event in self._followed(reading):
                    yield event
            except httpx.TransportError:
                attempt = 0 if reading.last > before else attempt + 1
                if attempt >= calls.ATTEMPTS:
                    raise
            if not reading.over:
                await asyncio.sleep(calls.pause(None, attempt))

    async def call(self, call: Call) -> Any:
        """The JSON of any request; None for an empty answer. Raises `ApiError` when it was not done."""
        headers, response = call.headers(self._key), None
        for attempt in range(calls.ATTEMPTS):
            try:
                response = await self._http.request(
                    call.method, call.path, json=call.json, params=call.params, headers=headers
                )
            except httpx.TransportError:
                if attempt + 1 == calls.ATTEMPTS:
                    raise
            else:
                if response.status_code not in calls.AGAIN or attempt + 1 == calls.ATTEMPTS:
                    break
            await asyncio.sleep(calls.pause(response, attempt))
        return _read(response)

    async def _followed(self, reading: Reading) -> AsyncIterator[Any]:
        request = reading.request()
        request["headers"] |= {"Authorization": f"Bearer {self._key}"} if self._key else {}
        async with self._http.stream(**request) as response:
            if response.status_code != 200:
                await response.aread()
                raise ApiError.of(response)
            async for line in response.aiter_lines():
                for event in reading.feed(line):
                    yield event


def _read(response: httpx.Response | None) -> Any:
    if response is None:
        raise ApiError(0, {})
    if response.status_code >= 400:
        raise ApiError.of(response)
    return response.json() if response.content else None
