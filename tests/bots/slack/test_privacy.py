"""A channel is told only what each of its readers may see: text, pictures, files, alt texts, buttons, modals."""

from __future__ import annotations

import asyncio
import json
import shutil

import pytest

from bots import pictures
from evals.canary import build, leaks
from evals.fakes import slack_server as fakes

QUESTIONS = [
    "total amount by region",
    "total amount by customer name",
    "amount for canarysmit",
    "total amount by month",
    "list customers",
    "show me the orders",
    "biggest order",
    "what is the meaning of life",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    home = tmp_path_factory.mktemp("slack-canaries")
    build(home)
    return home


@pytest.fixture
def shop(built, tmp_path):
    return shutil.copytree(built, tmp_path / "house")


@pytest.fixture(autouse=True)
def readable_pictures(monkeypatch):
    """A picture whose bytes are what it would have drawn, so that a leak in it is seen."""

    def drawn(chart, table):
        return json.dumps([chart.model_dump(mode="json"), table.model_dump(mode="json")]).encode()

    monkeypatch.setattr(pictures, "png", drawn)


@pytest.fixture(autouse=True)
def in_the_shop(monkeypatch):
    monkeypatch.setenv("PLAINSAY_SLACK_WORKSPACES", "shop")


async def people(room) -> None:
    """U9 sees all, U1 and U2 the north alone, U3 the other region; U7 is nobody in Plainsay."""
    await room.member("boss@shop.example", "U9", "owner")
    await room.member("ana@shop.example", "U1", regions=["north"])
    await room.member("amy@shop.example", "U2", regions=["north"])
    await room.member("bob@shop.example", "U3", regions=["canarysouth"])
    room.slack.add_user("U7", "stranger@shop.example")
    room.slack.members = {"C1": ["U9", "U1"], "C2": ["U1", "U2", "U9"], "C3": ["U1", "U3"], "C4": ["U1", "U7"]}


async def ask(room, text, user, channel, number):
    body = fakes.message(text, user=user, channel=channel, ts=f"17000{number:05d}.000100")
    assert (await room.send(body)).status_code == 200


def buttons(message):
    for block in message["blocks"]:
        for element in block.get("elements", []):
            if element["type"] in ("button", "static_select"):
                yield element


@pytest.mark.slow
async def test_two_readers_with_different_rights(open_room, slack, shop) -> None:
    async with open_room(False, where=shop) as room:
        await people(room)
        for number, text in enumerate(QUESTIONS):
            await ask(room, text, "U9", "C1", number)  # the boss asks where ana reads along
            await ask(room, text, "U3", "C3", 100 + number)  # bob asks where ana reads along
        assert set(await room.settled(2 * len(QUESTIONS))) == {"done"}, await room.notes()
        assert leaks(slack.shown_in("C1")) == [] and leaks(slack.shown_in("C3")) == []
        assert "canarysouth" in slack.shown_in("D9") and "canarysouth" in slack.shown_in("D3")
        assert slack.replies("C1") == [] and len(slack.replies("D9")) == len(QUESTIONS)
        assert {w["user"] for w in slack.whispers} == {"U9", "U3"} and leaks(json.dumps(slack.whispers)) == []

        for number, text in enumerate(QUESTIONS):
            await ask(room, text, "U1", "C2", 200 + number)  # everybody in C2 sees at least what ana sees
        assert set(await room.settled(3 * len(QUESTIONS))) == {"done"}
        assert len(slack.replies("C2")) == len(QUESTIONS) and leaks(slack.shown_in("C2")) == []

        values = [b.get("value", "") for m in slack.replies() for b in buttons(m)]
        values += [o["value"] for m in slack.replies() for b in buttons(m) for o in b.get("options", [])]
        assert values and all(v == "" or v.isdigit() or v.startswith("sl-") for v in values)
        assert slack.refused == []


@pytest.mark.slow
async def test_presses_by_others_run_with_their_own_rights(open_room, slack, shop) -> None:
    async with open_room(False, where=shop) as room:
        await people(room)
        await ask(room, "total amount by region", "U9", "C1", 500)
        await room.settled(1)
        [secret] = slack.replies("D9")
        for action in ("ask:0", "up", "choose:0", "assume:0"):
            await room.press(secret, {"action_id": action, "value": "", "type": "button"}, "U1", "D9")
        receipt = next(b for b in buttons(secret) if b["action_id"] == "receipt")
        await room.press(secret, receipt, "U1", "D9")
        await room.settled(5)
        while not slack.views:
            await asyncio.sleep(0.02)
        assert leaks(json.dumps(slack.views)) == [] and leaks(slack.shown_in("D1")) == []
        assert len(slack.replies("D9")) == 5  # the answer, and four times: not yours

        await ask(room, "total amount by region", "U1", "C2", 501)
        await room.settled(6)
        [shown] = slack.replies("C2")
        following = next(b for b in buttons(shown) if b["action_id"] == "ask:0")
        await room.press(shown, following, "U9", "C2")  # the boss sees more than the others in C2
        await room.settled(7)
        assert leaks(slack.shown_in("C2")) == [] and len(slack.replies("C2")) == 1


async def test_a_stranger_among_the_readers_makes_it_private(open_room, slack, shop) -> None:
    async with open_room(False, where=shop) as room:
        await people(room)
        await ask(room, "total amount by region", "U1", "C4", 600)
        await ask(room, "total amount by region", "U7", "C4", 601)
        assert await room.settled(2) == {"done": 2}
        assert slack.replies("C4") == [] and len(slack.replies("D1")) == 1 and slack.replies("D7") == []
        assert "/plainsay link" in json.dumps([w for w in slack.whispers if w["user"] == "U7"])


async def test_who_reads_cannot_be_told(open_room, slack, shop) -> None:
    slack.faults["conversations.members"] = [("error", "missing_scope")]
    async with open_room(False, where=shop) as room:
        await people(room)
        await ask(room, "total amount by region", "U1", "C2", 700)
        assert await room.settled(1) == {"done": 1}
        assert slack.replies("C2") == [] and len(slack.replies("D1")) == 1


@pytest.mark.parametrize("more", [{"is_email_confirmed": False}, {"is_stranger": True}, {"is_restricted": True}])
async def test_an_e_mail_that_slack_does_not_vouch_for_is_nobody(open_room, slack, more) -> None:
    async with open_room() as room:
        await room.member("boss@shop.example", "U9", "owner")
        slack.users["U9"].update(more)
        await room.send(fakes.message("total revenue", user="U9"))
        await room.settled(1)
        assert "$" not in json.dumps([m["blocks"] for m in slack.replies()])
