"""Slack over the wire: who may speak to us, how soon we acknowledge, and that each question is answered once."""

from __future__ import annotations

import asyncio
import json
import logging
import time

import pytest

from evals.fakes import slack_server as fakes
from evals.fakes.assistant import ScriptedAssistant


async def known(room) -> None:
    await room.member("owner@shop.example", "U9", "owner")
    await room.member("ana@shop.example", "U1")


@pytest.mark.parametrize(
    "change",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "soon"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "9" * 40},
    ],
)
async def test_what_slack_did_not_sign_is_refused(open_room, slack, caplog, change) -> None:
    body = fakes.message("total revenue canary-body")
    headers = {k: v.encode() for k, v in {**fakes.signed(body), **change}.items()}
    with caplog.at_level(logging.DEBUG):
        async with open_room() as room:
            answer = await room.client.post("/slack/events", content=body, headers=headers)
    assert answer.status_code == 401
    assert "canary-body" not in caplog.text and "canary-body" not in answer.text
    assert slack.replies() == []


async def test_forged_old_and_replayed_deliveries_are_refused(open_room, slack) -> None:
    async with open_room() as room:
        codes = []
        for number in range(200):
            body = fakes.message("total revenue", ts=f"17000{number:05d}.000100")
            how = ({"secret": f"wrong-{number}"}, {"at": time.time() - 301}, {"at": time.time() + 900})[number % 3]
            codes.append((await room.send(body, **how)).status_code)
        other = fakes.message("one thing")
        headers = fakes.signed(fakes.message("another thing"))
        codes.append((await room.client.post("/slack/events", content=other, headers=headers)).status_code)
        assert set(codes) == {401}
        assert slack.replies() == [] and await room.settled() == {}


async def test_without_slack_there_is_no_such_address(open_room, monkeypatch) -> None:
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    async with open_room() as room:
        assert (await room.send(fakes.message("x"))).status_code == 404


async def test_slack_may_check_the_address(open_room) -> None:
    async with open_room() as room:
        answer = await room.send(json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"}).encode())
        assert answer.status_code == 200 and "abc" in answer.text


async def test_a_slow_answer_is_acknowledged_at_once(open_room, slack) -> None:
    async with open_room(ScriptedAssistant()) as room:
        await known(room)
        began = time.monotonic()
        assert (await room.send(fakes.message("slow total revenue"))).status_code == 200
        assert time.monotonic() - began < 10.0
        await room.settled(1)
        [reply] = slack.replies("D1")
        assert "$114,000.00" in json.dumps(reply["blocks"]) and slack.edits


async def test_fifty_events_told_four_times_get_fifty_replies(open_room, slack) -> None:
    """Out of order and at once; `plainsay evals run slack` does it across a killed process."""
    bodies = [fakes.message(f"total revenue {n}", ts=f"17000{n:05d}.000100") for n in range(50)]
    deliveries = [bodies[(n * 37) % 50] for n in range(200)]
    async with open_room(ScriptedAssistant()) as room:
        await known(room)
        codes = await asyncio.gather(*(room.send(b) for b in deliveries))
        assert {c.status_code for c in codes} == {200}
        assert await room.settled(50) == {"done": 50}
    replies = slack.replies("D1")
    assert len(replies) == 50
    assert all("$114,000.00" in json.dumps(r["blocks"]) for r in replies)
    assert slack.refused == []


async def test_a_post_whose_answer_got_lost_is_found_again(open_room, slack) -> None:
    slack.faults["chat.postMessage"] = [("lost", 0)]
    async with open_room() as room:
        await known(room)
        await room.send(fakes.message("total revenue"))
        assert await room.settled(1) == {"done": 1}
    assert len(slack.replies("D1")) == 1


@pytest.mark.parametrize("fault", [("ratelimited", 1), ("status", 503), ("error", "internal_error")])
async def test_slack_is_busy_and_the_answer_comes_all_the_same(open_room, slack, fault, monkeypatch) -> None:
    monkeypatch.setattr("bots.slack.inbox.PAUSES", (0.2, 0.5, 1.0, 1.0))
    slack.faults["chat.postMessage"] = [fault]
    slack.faults["chat.update"] = [fault]
    async with open_room() as room:
        await known(room)
        await room.send(fakes.message("total revenue"))
        assert await room.settled(1) == {"done": 1}
    [reply] = slack.replies("D1")
    assert "$114,000.00" in json.dumps(reply["blocks"])


async def test_what_bots_say_and_edits_are_not_answered(open_room, slack) -> None:
    async with open_room() as room:
        await known(room)
        for more in (
            {"bot_id": "B7"},
            {"subtype": "message_changed"},
            {"user": fakes.BOT},
            {"channel": "C1", "type": "message"},
        ):
            assert (await room.send(fakes.message("total revenue", **more))).status_code == 200
        assert await room.settled() == {}
    assert slack.replies() == []
