"""Nothing needs a network: the guard that proves it, and the whole demo behind it."""

from __future__ import annotations

import socket
from datetime import datetime
from pathlib import Path

import pytest

from agent.assistant import Assistant
from agent.turn import Turn


@pytest.mark.parametrize("method", ["connect", "connect_ex"])
def test_the_guard_stops_other_machines(method: str) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe,
        pytest.raises(AssertionError, match="only loopback is allowed"),
    ):
        getattr(probe, method)(("192.0.2.1", 443))


def test_the_guard_lets_loopback_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname(), 5):
        pass


async def test_the_demo_answers_with_no_network(retail_home: Path, as_of: datetime) -> None:
    assistant = Assistant(home=retail_home)
    await assistant.start()
    try:
        turn = Turn("demo-retail", "offline", "r1", "What was the total net revenue in October 2026?", as_of=as_of)
        answer = await assistant.ask(turn)
    finally:
        await assistant.aclose()
    assert answer.status == "answered"
    assert answer.claims
