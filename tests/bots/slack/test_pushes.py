"""Digests and alerts in Slack: once, to who may see them, with buttons that say nothing and replies that go on."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api import slack_door
from bots.alerts.desk import AlertDesk
from bots.alerts.proposed import Proposal
from bots.alerts.rule import RULE
from bots.digests import run
from evals.fakes import slack_server as fakes
from store import alerts, outbox, runs
from store.models import utc_now

TEXT = "Net revenue was $4 <!channel>, below your limit of $10."
ITEM = {
    "identity": "x", "alert_id": "", "alert": "Low", "deed": "opened", "member": "", "severity": "warning",
    "tone": "bad", "headline": TEXT, "text": TEXT, "why": "South: -$3.", "silence": "It goes quiet above $10.",
    "question": "total revenue", "since": "2026-11-19",
}  # fmt: skip


def body(alert_id: str) -> dict[str, Any]:
    return {
        "name": "Low", "headline": TEXT, "period": "", "held": False, "quiet": False,
        "items": [ITEM | {"alert_id": alert_id}], "ahead": "", "goals": [], "figures": [], "note": "",
        "questions": ["total revenue"], "through": "2026-11-19", "chart": None, "kind": "alert",
        "severity": "warning", "over": False,
    }  # fmt: skip


@pytest.fixture(autouse=True)
def all_see_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without rows there is nothing to hide; who may see what is tested where there are some."""

    async def sight(self: Any, workspace: str, person: Any) -> str:
        return ""

    monkeypatch.setattr(slack_door.HouseHost, "sight", sight)


async def told(room: Any, owner: str, *, channel: str | None = None, channels: tuple[str, ...] = ("slack",)) -> str:
    """A message of an alert of `owner`, handed to its channels."""
    rule = {"kind": "threshold", "metric": "revenue", "direction": "below", "level": 10}
    target = {"channels": list(channels), "slack_channel": channel, "webhook_id": None, "teams_id": None}
    values = {"name": "Low", "rule": rule, "looks": {}, "target": target, "telling": {}, "escalation": None}

    def write(connection: Any) -> str:
        alert = alerts.create(connection, owner, "shop", values | {"next_at": None})
        row = alerts.get(connection, owner, alert)
        case = {"member": "", "state": "open", "severity": "warning", "size": 1.0, "since": "2026-11-19",
                "last": "2026-11-19", "told": "2026-11-19", "text": TEXT, "opened_at": utc_now()}  # fmt: skip
        alerts.keep(connection, row, case)
        said = {"state": "sent", "headline": TEXT, "body": body(alert), "target": target, "alerts": [alert],
                "moment": utc_now()}  # fmt: skip
        made = alerts.say(connection, owner, "shop", f"m-{alert}", said)
        assert made is not None
        for one in channels:
            run.hand_over(connection, {"workspace": "shop"}, made, one)
        return made

    return str(await room.house.database.write(write))


async def delivered(room: Any, kind: str = run.SLACK) -> list[Any]:
    for _ in range(300):
        rows: list[Any] = await room.house.database.read(lambda c: outbox.listed(c, kind))
        if rows and all(r["state"] in ("sent", "dead", "unknown") for r in rows):
            return rows
        await asyncio.sleep(0.05)
    raise AssertionError(rows)


async def test_a_message_goes_to_its_reader_once_and_pings_nobody(open_room: Any) -> None:
    async with open_room() as room:
        room.slack.faults["chat.postMessage"] = [("lost", 0)]  # posted, but nobody heard of it
        owner = await room.member("ann@example.com", "UANN")
        message = await told(room, owner)
        await room.house.database.write(
            lambda c: c.exec_driver_sql("UPDATE outbox SET due_at = '2000-01-01' WHERE kind = 'push-slack'")
        )
        for _ in range(200):
            (row,) = await room.house.database.read(lambda c: outbox.listed(c, run.SLACK))
            if row["state"] == "sent":
                break
            again = "UPDATE outbox SET due_at = '2000-01-01' WHERE kind = 'push-slack' AND state = 'waiting'"
            await room.house.database.write(lambda c, sql=again: c.exec_driver_sql(sql))
            await asyncio.sleep(0.05)
        assert row["state"] == "sent" and row["note"] == "sent as a direct message"
        (said,) = room.slack.replies("DANN")
        shown = json.dumps(said["blocks"])
        assert "<!channel>" not in shown and "South" in shown and "goes quiet" in shown
        values = [e["value"] for b in said["blocks"] for e in b.get("elements", []) if "value" in e]
        assert set(values) == {message}, "a button carries an id, never a word of the message"


async def test_a_channel_sees_it_only_when_all_of_its_readers_may(open_room: Any) -> None:
    async with open_room() as room:
        owner = await room.member("ann@example.com", "UANN")
        await room.member("bob@example.com", "UBOB")
        room.slack.members = {"C0OPEN": ["UANN", "UBOB"], "C0MIXED": ["UANN", "USTRANGER"], "C0ALIEN": ["UBOB"]}
        room.slack.add_user("USTRANGER")
        for channel in ("C0OPEN", "C0MIXED", "C0ALIEN"):
            await told(room, owner, channel=channel)
        rows = await delivered(room)
        assert sorted(r["note"] for r in rows) == ["posted to the channel", *["sent as a direct message"] * 2]
        assert len(room.slack.replies("C0OPEN")) == 1 and len(room.slack.replies("DANN")) == 2
        assert room.slack.replies("C0MIXED") == [] == room.slack.replies("C0ALIEN")


async def test_who_is_nobody_in_slack_is_not_told_there_and_that_is_shown(open_room: Any) -> None:
    async with open_room() as room:
        owner = await room.member("ann@example.com", "UANN")
        room.slack.users.clear()
        await told(room, owner)
        (row,) = await delivered(room)
        assert row["state"] == "dead" and "nobody in Slack" in row["note"]


async def test_buttons_work_for_the_reader_alone_and_a_reply_goes_on_from_the_figures(open_room: Any) -> None:
    async with open_room() as room:
        owner = await room.member("ann@example.com", "UANN")
        await room.member("bob@example.com", "UBOB")
        room.slack.members = {"C0OPEN": ["UANN", "UBOB"]}
        message = await told(room, owner, channel="C0OPEN")
        await delivered(room)
        (said,) = room.slack.replies("C0OPEN")
        press = {"action_id": "push_ack", "value": message, "type": "button"}
        await room.press(said, press | {"action_ts": "1"}, "UBOB", "C0OPEN")
        await room.settled(1)
        (case,) = await room.house.database.read(lambda c: alerts.incidents(c, owner=owner))
        assert case["state"] == "open" and "somebody else" in room.slack.whispers[-1]["text"]
        await room.press(said, press | {"action_ts": "2"}, "UANN", "C0OPEN")
        await room.settled(2)
        (case,) = await room.house.database.read(lambda c: alerts.incidents(c, owner=owner))
        assert case["state"] == "acknowledged"
        event = fakes.message("and by region?", user="UANN", channel="C0OPEN", thread_ts=said["ts"])
        await room.send(event)
        await room.settled(3)
        threads = await room.house.database.read(lambda c: runs.threads(c, owner))
        assert len(threads) == 1, "one conversation"
        turns = await room.house.database.read(lambda c: runs.turns(c, threads[0]["id"]))
        assert [t["question"] for t in turns] == ["total revenue", "and by region?"]


async def test_an_alert_that_is_asked_for_is_said_back_and_kept_when_its_owner_agrees(
    open_room: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = {"kind": "threshold", "metric": "revenue", "direction": "below", "level": 10}

    async def proposed(self: Any, workspace: str, person: Any, text: str, moment: Any) -> Proposal:
        return Proposal(RULE.validate_python(rule), "I will tell you when daily revenue is below $10.")

    monkeypatch.setattr(AlertDesk, "proposed", proposed)
    async with open_room() as room:
        owner = await room.member("ann@example.com", "UANN")
        await room.member("bob@example.com", "UBOB")
        await room.send(fakes.message("tell me when revenue drops below 10", user="UANN", channel="DANN"))
        await room.settled(1)
        (said,) = room.slack.replies("DANN")
        (row,) = await room.house.database.read(lambda c: alerts.listed(c, owner))
        assert "below $10" in said["text"] and not row["active"] and row["next_at"] is None
        press = {"action_id": "push_keep", "value": row["id"], "type": "button"}
        await room.press(said, press | {"action_ts": "1"}, "UBOB", "DANN")
        await room.settled(2)
        assert not (await room.house.database.read(lambda c: alerts.listed(c, owner)))[0]["active"]
        await room.press(said, press | {"action_ts": "2"}, "UANN", "DANN")
        await room.settled(3)
        (row,) = await room.house.database.read(lambda c: alerts.listed(c, owner))
        assert row["active"] and row["next_at"] > utc_now() and row["target"]["channels"] == ["inbox", "slack"]


async def test_what_is_told_is_stopped_and_quietened_by_saying_so(open_room: Any) -> None:
    async with open_room() as room:
        owner = await room.member("ann@example.com", "UANN")
        bob = await room.member("bob@example.com", "UBOB")
        room.slack.users["UANN"]["tz"] = "Europe/Berlin"
        message, _ = await told(room, owner), await told(room, bob)
        await delivered(room)
        (said,) = room.slack.replies("DANN")
        under = {"user": "UANN", "channel": "DANN", "thread_ts": said["ts"]}
        await room.send(fakes.message("snooze this until Monday", ts="1700000001.000100", **under))
        await room.settled(1)
        (row,) = await room.house.database.read(lambda c: alerts.listed(c, owner))
        assert row["snoozed_until"].astimezone(ZoneInfo("Europe/Berlin")).strftime("%a %H:%M") == "Mon 08:00"
        assert "Monday" in room.slack.replies("DANN")[1]["text"]
        await room.send(fakes.message("stop telling me about that", ts="1700000002.000100", **under))
        await room.settled(2)
        (row,) = await room.house.database.read(lambda c: alerts.listed(c, owner))
        assert not row["active"] and row["next_at"] is None
        assert (await room.house.database.read(lambda c: alerts.listed(c, bob)))[0]["active"], "only one's own"
        done = room.slack.replies("DANN")[2]
        again = next(e for b in done["blocks"] for e in b.get("elements", []) if e["action_id"] == "push_keep:0")
        await room.press(done, again, "UANN", "DANN")
        await room.settled(3)
        (row,) = await room.house.database.read(lambda c: alerts.listed(c, owner))
        assert row["active"] and row["snoozed_until"] is None and message


async def test_what_fits_several_is_asked_back_and_a_button_stops_one(open_room: Any) -> None:
    async with open_room() as room:
        owner = await room.member("ann@example.com", "UANN")
        await room.member("bob@example.com", "UBOB")
        await told(room, owner, channels=())
        await told(room, owner, channels=())
        await room.send(fakes.message("stop telling me about revenue", user="UANN", channel="DANN"))
        await room.settled(1)
        (asked,) = room.slack.replies("DANN")
        stops = [e for b in asked["blocks"] for e in b.get("elements", []) if e["action_id"].startswith("push_stop")]
        assert len(stops) == 2 and all(
            r["active"] for r in await room.house.database.read(lambda c: alerts.listed(c, owner))
        )
        await room.press(asked, stops[0], "UBOB", "DANN")
        await room.settled(2)
        await room.press(asked, stops[1], "UANN", "DANN")
        await room.settled(3)
        rows = await room.house.database.read(lambda c: alerts.listed(c, owner))
        assert [r["active"] for r in rows] == [True, False]
        await room.send(fakes.message("what are you watching?", user="UANN", channel="DANN", ts="1700000009.000100"))
        await room.settled(4)
        assert room.slack.replies("DANN")[-1]["text"].count("•") == 1
