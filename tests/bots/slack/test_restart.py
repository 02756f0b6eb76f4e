"""A house that is closed while Slack events are in hand closes, and the next one answers each of them once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bots.slack.inbox import Inbox
from evals.fakes import slack_server as fakes
from evals.fakes.assistant import ScriptedAssistant
from store import slack as table
from store.database import Database

EVENTS, TIMES = 20, 4


async def test_events_in_hand_are_answered_by_the_next_house_once(open_room: Any) -> None:
    bodies = [fakes.message(f"total revenue {n}", user="U1", ts=f"17000{n:05d}.000100") for n in range(EVENTS)]
    deliveries = [bodies[(n * 7) % EVENTS] for n in range(EVENTS * TIMES)]
    half = len(deliveries) // 2
    async with asyncio.timeout(50):
        async with open_room(ScriptedAssistant(pause=0.2)) as room:
            await room.member("ann@example.com", "U1")
            await asyncio.gather(*(room.send(body) for body in deliveries[:half]))
            counts = await room.house.database.read(table.counts)
            assert counts.get("done", 0) < EVENTS, "some are in hand"
        async with open_room() as room:
            await asyncio.gather(*(room.send(body) for body in deliveries[half:]))
            assert await room.settled(EVENTS) == {"done": EVENTS}
            assert len(room.slack.replies("D1")) == EVENTS


@pytest.mark.parametrize("ticks", range(5))
async def test_an_event_that_comes_while_the_inbox_is_told_to_stop_does_not_keep_it(tmp_path: Path, ticks: int) -> None:
    database = Database.open(tmp_path)
    inbox = Inbox(database, "a", lambda work: asyncio.sleep(0))
    try:
        running = asyncio.create_task(inbox.run_forever())
        await asyncio.sleep(0.2)
        inbox._wake.set()
        for _ in range(ticks):
            await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait({running}, timeout=5)
        assert done, "told to stop in the very moment in which an event came, it went on for ever"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        database.close()
