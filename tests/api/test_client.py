"""The Python client: typed answers, errors that tell what to do, streams that survive a cut, requests sent once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from agent.answer import Answer
from api.app import create_app
from api.client import ApiError, AsyncPlainsay, Plainsay
from api.client.calls import Call
from api.house import Parts
from evals.fakes.assistant import ScriptedAssistant


class Faulty(httpx.AsyncBaseTransport):
    """The application, behind a line that breaks when told."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app)
        self.faults: list[Any] = []
        self.sent: list[httpx.Request] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        fault = self.faults.pop(0) if self.faults else None
        if fault == "after":
            await self._inner.handle_async_request(httpx.Request(request.method, request.url, headers=request.headers,
                                                                 content=await request.aread()))  # fmt: skip
            raise httpx.ReadError("cut")
        if isinstance(fault, int):
            return httpx.Response(fault, headers={"Retry-After": "0"}, json={})
        response = await self._inner.handle_async_request(request)
        if fault == "cut":
            whole = b"".join([part async for part in response.stream])  # type: ignore[union-attr]
            half = whole[: whole.index(b"\n\n", len(whole) // 2) + 2]
            return httpx.Response(200, headers=response.headers, stream=_Cut(half))
        return response


class _Cut(httpx.AsyncByteStream):
    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self):
        yield self._data
        raise httpx.ReadError("cut")


@pytest.fixture
async def line(home):
    app = create_app(home=home, parts=Parts(assistant=ScriptedAssistant()), static=home / "static")
    async with app.router.lifespan_context(app):
        yield Faulty(app)


async def test_an_answer_is_typed(line):
    async with AsyncPlainsay("http://localhost", transport=line) as plainsay:
        answer = await plainsay.ask("total revenue", workspace="shop", thread_id="t1")
        assert isinstance(answer, Answer) and answer.claims[0].text == "$114,000.00"
        assert answer.thread_id == "t1"


async def test_a_problem_is_an_exception_that_tells_what_to_do(line):
    async with AsyncPlainsay("http://localhost", transport=line) as plainsay:
        with pytest.raises(ApiError) as refused:
            await plainsay.ask("total", workspace="nothing")
        assert (refused.value.status, refused.value.code, refused.value.retry) == (404, "unknown_name", "adjusted")
        with pytest.raises(ApiError, match="shorter period"):
            await plainsay.ask("fail")


async def test_what_was_done_already_is_not_done_again(line):
    line.faults = [503, "after"]
    async with AsyncPlainsay("http://localhost", transport=line) as plainsay:
        made = await plainsay.call(Call("POST", "/v1/dashboards", {"title": "Weekly", "workspace": "shop"}))
        assert made["title"] == "Weekly"
        assert len((await plainsay.call(Call("GET", "/v1/dashboards")))["items"]) == 1
    assert len({request.headers["idempotency-key"] for request in line.sent[:3]}) == 1


async def test_a_stream_that_breaks_goes_on_where_it_was(line):
    line.faults = ["cut"]
    async with AsyncPlainsay("http://localhost", transport=line) as plainsay:
        events = [event async for event in plainsay.stream("total revenue", workspace="shop")]
    assert [event["type"] for event in events].count("RUN_STARTED") == 1
    assert events[-1]["type"] == "RUN_FINISHED" and len(line.sent) == 2
    text = "".join(event["delta"] for event in events if event["type"] == "TEXT_MESSAGE_CONTENT")
    assert text.startswith("Revenue was") and text.count("south") == 1


async def test_a_stream_that_is_refused_says_why(line):
    async with AsyncPlainsay("http://localhost", transport=line) as plainsay:
        with pytest.raises(ApiError):
            async for _ in plainsay.stream("total", workspace="nothing"):
                pass


def test_the_client_that_waits_does_the_same():
    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        if request.url.path == "/v1/threads":
            cursor = request.url.params.get("cursor")
            return httpx.Response(200, json={"items": [{"id": cursor or "a"}], "next": None if cursor else "b"})
        if len(sent) == 1:
            return httpx.Response(429, headers={"Retry-After": "0"}, json={})
        return httpx.Response(
            200, json=Answer(id="a", thread_id="t", question="q", status="answered").model_dump(mode="json")
        )

    sent: list[httpx.Request] = []
    with Plainsay("http://localhost", "ps-key", transport=httpx.MockTransport(answer)) as plainsay:
        assert plainsay.ask("q").id == "a" and len(sent) == 2
        assert sent[0].headers["authorization"] == "Bearer ps-key"
        assert [thread["id"] for thread in plainsay.threads()] == ["a", "b"]
