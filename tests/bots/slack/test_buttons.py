"""Buttons, commands and threads: what a press does, for whom, and where it is said."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import urlencode

from evals.fakes import slack_server as fakes
from evals.fakes.assistant import ScriptedAssistant


async def known(room) -> None:
    await room.member("owner@shop.example", "U9", "owner")
    await room.member("ana@shop.example", "U1")


def element(message, action):
    return next(e for b in message["blocks"] for e in b.get("elements", []) if e.get("action_id") == action)


async def command(room, text, user="U1"):
    form = {"command": "/plainsay", "team_id": fakes.TEAM, "user_id": user, "channel_id": "C1", "text": text}
    return await room.form(urlencode({**form, "trigger_id": f"t-{text}", "api_app_id": "A1"}))


async def test_a_question_back_is_answered_with_a_button(open_room, slack) -> None:
    assistant = ScriptedAssistant()
    async with open_room(assistant) as room:
        await known(room)
        await room.send(fakes.message("clarify revenue"))
        await room.settled(1)
        [asked] = slack.replies("D1")
        assert "Which revenue?" in json.dumps(asked["blocks"])
        press = element(asked, "choose:1")
        await room.press(asked, press, "U1", "D1")
        await room.press(asked, press, "U1", "D1")  # Slack may tell of a press twice
        assert await room.settled(2) == {"done": 2}
        assert assistant.turns[-1].resume == {"choice": "gross"}
        assert assistant.turns[-1].thread_id == assistant.turns[0].thread_id
        assert len(slack.replies("D1")) == 2 and "$114,000.00" in json.dumps(slack.replies("D1")[1]["blocks"])


async def test_a_conversation_goes_on_in_its_thread(open_room, slack) -> None:
    assistant = ScriptedAssistant()
    async with open_room(assistant) as room:
        await known(room)
        await room.send(fakes.message("total revenue", ts="1700000001.000100"))
        await room.send(fakes.message("and by month", ts="1700000002.000100"))
        await room.settled(2)
        more = {"thread_ts": "1690000000.000100"}
        await room.send(fakes.message("another matter", ts="1700000003.000100", **more))
        await room.settled(3)
        first, second, third = (t.thread_id for t in assistant.turns)
        assert first == second != third
        assert slack.replies("D1")[2]["thread_ts"] == "1690000000.000100"


async def test_receipts_open_and_verdicts_are_kept(open_room, slack) -> None:
    async with open_room() as room:
        await known(room)
        await room.send(fakes.message("total revenue"))
        await room.settled(1)
        [reply] = slack.replies("D1")
        await room.press(reply, element(reply, "receipt"), "U1", "D1")
        await room.press(reply, element(reply, "down"), "U1", "D1")
        await room.settled(2)
        while not slack.views:
            await asyncio.sleep(0.02)
        assert "North" in json.dumps(slack.views[0]["view"])
        assert "Thank you" in slack.replies("D1")[1]["text"]


async def test_commands_help_link_and_answer_in_private(open_room, slack) -> None:
    async with open_room() as room:
        await known(room)
        assert "mention me" in (await command(room, "help")).text
        code = (await command(room, "link", "U5")).text.split("`")[1]
        linked = await room.client.post("/v1/me/slack", json={"code": code})
        assert linked.status_code == 401  # whoever links is signed in
        assert "direct messages" in (await command(room, "total revenue")).text
        assert await room.settled(1) == {"done": 1}
        assert len(slack.replies("D1")) == 1 and slack.replies("C1") == []


async def test_a_failure_is_told_in_plain_words(open_room, slack) -> None:
    async with open_room() as room:
        await known(room)
        await room.send(fakes.message("break everything"))
        await room.settled(1)
        [reply] = slack.replies("D1")
        assert "/a/path" not in json.dumps(reply) and "⚠️" in json.dumps(reply["blocks"], ensure_ascii=False)
