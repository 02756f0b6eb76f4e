"""Buttons, commands and threads: what a press does, for whom, and where it is said."""

from __future__ import annotations

import asyncio
import json
from urllib.parse import quote, urlencode

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


async def submit(room, view, user="U1", **given):
    """Send a window of the bot off, with what was chosen and written in it."""
    fields = {
        "words": {"words": {"value": given.get("words")}},
        "choice": {"choice": {"selected_option": {"value": given["choice"]} if "choice" in given else None}},
        "reason": {"reason": {"selected_option": {"value": given["reason"]} if "reason" in given else None}},
    }
    kept = {k: v for k, v in fields.items() if any(b.get("block_id") == k for b in view["blocks"])}
    told = {
        "type": "view_submission", "team": {"id": fakes.TEAM}, "user": {"id": user, "team_id": fakes.TEAM},
        "api_app_id": "A1", "view": {**view, "id": "V1", "state": {"values": kept}},
    }  # fmt: skip
    return await room.form("payload=" + quote(json.dumps(told)))


async def opened(slack, number=1):
    while len(slack.views) < number:
        await asyncio.sleep(0.02)
    return slack.views[number - 1]["view"]


async def asked_back(room, slack):
    """The window of a question back, opened by who asked."""
    await known(room)
    await room.send(fakes.message("clarify revenue"))
    await room.settled(1)
    [asked] = slack.replies("D1")
    await room.press(asked, element(asked, "own"), "U1", "D1")
    return await opened(slack)


async def test_a_question_back_is_answered_in_ones_own_words(open_room, slack) -> None:
    assistant = ScriptedAssistant()
    async with open_room(assistant) as room:
        view = await asked_back(room, slack)
        assert "Net revenue" in json.dumps(view) and "clarify revenue" not in view["private_metadata"]
        nothing = await submit(room, view)
        assert nothing.json() == {"response_action": "errors", "errors": {"words": nothing.json()["errors"]["words"]}}
        await submit(room, view, words="the one without tax")
        await submit(room, view, words="the one without tax")  # told twice
        assert await room.settled(2) == {"done": 2}
        assert assistant.turns[-1].resume == {"other": "the one without tax"}
        assert assistant.turns[-1].thread_id == assistant.turns[0].thread_id and len(assistant.turns) == 2


async def test_a_choice_in_the_window_counts_like_its_button_and_a_made_up_one_does_not(open_room, slack) -> None:
    assistant = ScriptedAssistant()
    async with open_room(assistant) as room:
        view = await asked_back(room, slack)
        await submit(room, view, choice="7")
        await room.settled(2)
        assert len(assistant.turns) == 1 and "too old" in slack.replies("D1")[1]["text"]
        await submit(room, view | {"private_metadata": "not json"}, choice="1")
        await submit(room, view | {"callback_id": "other"}, choice="1")
        assert len(assistant.turns) == 1


async def test_what_was_wrong_comes_to_those_who_mend_the_model(open_room, slack) -> None:
    async with open_room() as room:
        await known(room)
        await room.send(fakes.message("total revenue"))
        await room.settled(1)
        [reply] = slack.replies("D1")
        await room.press(reply, element(reply, "down"), "U1", "D1")
        view = await opened(slack)
        await room.settled(2)
        await submit(room, view, user="U9", reason="misread", words="not mine")  # somebody else's answer
        await room.settled(3)
        await submit(room, view | {"private_metadata": view["private_metadata"]}, reason="wrong_period", words="May!")
        await room.settled(4)
        rows = await room.house.database.read(
            lambda c: c.exec_driver_sql("SELECT verdict, reason, comment FROM feedback").fetchall()
        )
        assert [tuple(r) for r in rows] == [("down", "wrong_period", "May!")]


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
