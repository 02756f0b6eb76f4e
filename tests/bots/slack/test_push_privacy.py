"""Two readers with different rows, everything that is told unasked, every way out of the house: no canary leaves it."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import select

from api import outbound
from bots.alerts import run as alerting
from bots.alerts.rule import Looks, Telling
from bots.digests import picture, post, run
from bots.digests.moments import Timing
from bots.digests.recipe import Recipe
from evals.canary import SHOP, build, leaks
from evals.fakes import slack_server as fakes
from store import alerts, dashboards, digests, outbox, webhooks
from store.models import OutboxRow

MOMENT = datetime(2026, 7, 13, 9, tzinfo=UTC)
WAYS = ("inbox", "email", "webhook", "slack", "teams")


class Left:
    """All that left the house beside Slack, as text."""

    def __init__(self) -> None:
        self.mails: list[Any] = []
        self.posts: list[bytes] = []

    async def mail(self, mail: Any) -> str:
        self.mails.append(mail)
        return "ok"

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.posts.append(body)
        return 200

    def mailed(self, to: str) -> str:
        """Every part of the mails to somebody, their files read."""
        parts = [p for m in self.mails if to in m["To"] for p in m.walk() if not p.is_multipart()]
        heads = [str(m[h]) for m in self.mails if to in m["To"] for h in m]
        return "\n".join(heads + [readable(p.get_filename() or "", p.get_payload(decode=True)) for p in parts])


def readable(name: str, content: bytes) -> str:
    """What somebody reads who opens a file."""
    if name.endswith(".pdf"):
        read = PdfReader(io.BytesIO(content))
        images = [image.data.decode("latin-1") for page in read.pages for image in page.images]
        return f"{name} {read.metadata} " + "".join(p.extract_text() for p in read.pages) + "".join(images)
    if name.endswith(".xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(content))
        return name + " ".join(str(c.value) for s in book for row in s.iter_rows() for c in row) + str(book.properties)
    return f"{name} {content.decode('utf-8', 'replace')}"


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> Left:
    made = Left()
    monkeypatch.setattr(post, "send", made.mail)
    monkeypatch.setattr(outbound, "post", made.post)
    monkeypatch.setenv("PLAINSAY_MAIL_FROM", "digest@shop.example")
    monkeypatch.setenv("PLAINSAY_PUBLIC_URL", "https://data.shop.example")
    monkeypatch.setenv("PLAINSAY_SLACK_WORKSPACES", SHOP)
    return made


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What pictures show, as text: the picture itself is a dot."""
    seen: list[str] = []
    monkeypatch.setattr(picture, "png", lambda chart: seen.append(json.dumps(chart, default=str)))
    return seen


def wanted(connection: Any, owner: str, channel: str | None) -> None:
    """A digest and alerts of somebody, to every way there is, for a moment of the past."""
    hook = webhooks.create(connection, SHOP, owner, "https://hook.example.com/x", [])
    metrics = ("sum:orders.amount",)
    digest = {
        "name": "Week", "recipe": Recipe(metrics=metrics, by=("customers.region",)).model_dump(mode="json"),
        "timing": Timing(cadence="weekly").model_dump(mode="json"), "channels": list(WAYS), "webhook_id": hook,
        "teams_id": hook, "slack_channel": channel, "attach": ["pdf", "xlsx"], "next_at": None,
    }  # fmt: skip
    made = digests.create(connection, owner, SHOP, digest)
    run.now(connection, digests.get(connection, owner, made), MOMENT)
    target = {"channels": list(WAYS), "webhook_id": hook, "teams_id": hook, "slack_channel": channel}
    ids = []
    for by in ("customers.region", "customers.name"):
        rule = {"kind": "threshold", "metric": "sum:orders.amount", "by": by, "direction": "above", "level": 1}
        values = {"name": f"High {by}", "rule": rule, "looks": Looks().model_dump(mode="json"), "escalation": None,
                  "telling": Telling().model_dump(mode="json"), "target": target, "next_at": None}  # fmt: skip
        ids.append(alerts.create(connection, owner, SHOP, values))
    alerting.put(connection, owner, SHOP, MOMENT, ids)


async def over(room: Any) -> list[str]:
    """Wait until nothing waits to be sent; notes of what could not be. A webhook's queue is read instead."""
    pushes = select(OutboxRow.state, OutboxRow.note).where(OutboxRow.kind != webhooks.KIND)
    while True:
        rows = await room.house.database.read(lambda c: list(c.execute(pushes)))
        if rows and not any(state in ("waiting", "sending") for state, _ in rows):
            return [str(note) for state, note in rows if state != "sent"]
        await room.house.database.write(lambda c: c.exec_driver_sql(
            "UPDATE outbox SET due_at = '2000-01-01' WHERE state = 'waiting'"))  # fmt: skip
        await asyncio.sleep(0.2)


@pytest.mark.slow
async def test_no_message_tells_of_rows_its_readers_may_not_see(
    open_room: Any, slack: Any, left: Left, drawn: list[str], tmp_path: Any
) -> None:
    home = tmp_path / "house"
    home.mkdir()
    build(home)
    async with asyncio.timeout(300), open_room(False, where=home) as room:
        people = {
            "boss": await room.member("boss@shop.example", "U9", "owner"),
            "ana": await room.member("ana@shop.example", "U1", "admin", regions=["north"]),
            "bob": await room.member("bob@shop.example", "U3", "admin", regions=["canarysouth"]),
        }
        slack.members = {"C1": ["U9", "U1"], "C2": ["U1", "U9"], "C3": ["U3", "U1"]}
        for name, channel in (("boss", "C1"), ("ana", "C2"), ("bob", "C3")):
            await room.house.database.write(lambda c, n=name, ch=channel: wanted(c, people[n], ch))
        assert await over(room) == []
        for file in slack.files.values():
            file["content"] = readable(file["name"], file["content"]).encode()
        # ana sees her own; where she reads along nothing of the boss or of bob is shown
        assert leaks(slack.shown_in("C2")) == [] and leaks(slack.shown_in("D1")) == []
        assert slack.shown_in("C1") == slack.shown_in("C3") == json.dumps([[], [], []])
        assert leaks(left.mailed("ana@shop.example")) == []
        assert "north" in slack.shown_in("C2").casefold() and left.mailed("ana@shop.example")
        assert leaks(slack.shown_in("D9")) and leaks(slack.shown_in("D3")) and leaks(left.mailed("boss@shop.example"))
        kinds = {p.get_content_type() for m in left.mails for p in m.walk()}
        assert {"application/pdf", "text/html", "text/plain"} <= kinds
        ana = [body for body in (b.decode() for b in left.posts) if people["ana"] in body or '"north"' in body]
        assert all(leaks(body) == [] for body in ana)
        told = await room.house.database.read(lambda c: [dict(m) for m in digests.inbox(c, people["ana"])])
        told += await room.house.database.read(lambda c: [dict(m) for m in alerts.told(c, people["ana"])])
        assert len(told) == 2 and leaks(json.dumps(told, default=str)) == []
        queued = await room.house.database.read(lambda c: outbox.listed(c, webhooks.KIND, limit=500))
        mine = [json.dumps(q["payload"], default=str) for q in queued if any(m["id"] in q["key"] for m in told)]
        assert len(mine) == 2 and leaks(" ".join(mine)) == []
        await buttons_tell_nothing(slack)
        await home_and_links(room, slack, people)
    assert slack.refused == []


async def buttons_tell_nothing(slack: Any) -> None:
    elements = [e for m in slack.replies() for b in m["blocks"] for e in b.get("elements", []) if e["type"] == "button"]
    values = {e["value"] for e in elements if "value" in e}
    assert values and all(v.startswith(("am-", "dm-", "sl-")) for v in values)


async def home_and_links(room: Any, slack: Any, people: dict[str, str]) -> None:
    """Everybody's home page holds what is theirs, and a link is shown where all who read along see the same."""
    event = {"type": "app_home_opened", "user": "U1", "tab": "home"}
    await room.send(_event(event, "h1"))
    while not slack.views:
        await asyncio.sleep(0.02)
    assert leaks(json.dumps(slack.views)) == [] and "What changed" in json.dumps(slack.views)

    def make(connection: Any) -> list[str]:
        made = [
            dashboards.create(connection, people[n], SHOP, t) for n, t in (("boss", "canarysouth"), ("ana", "North"))
        ]
        for who, page in zip(("boss", "ana"), made, strict=True):
            dashboards.change(connection, people[who], page, {"shared": True})
        return [*made, dashboards.create(connection, people["ana"], SHOP, "Mine alone")]

    boss, ana, alone = await room.house.database.write(make)
    for number, (user, channel, page) in enumerate(
        (("U9", "C1", boss), ("U3", "C3", ana), ("U7", "C2", ana), ("U1", "C2", alone), ("U1", "C2", ana))
    ):
        link = {"domain": "data.shop.example", "url": f"https://data.shop.example/dashboards/{page}"}
        foreign = {"domain": "evil.example", "url": f"https://evil.example/dashboards/{page}"}
        shared = {"type": "link_shared", "user": user, "channel": channel, "message_ts": f"17.{number}",
                  "links": [link, foreign]}  # fmt: skip
        slack.add_user("U7", "stranger@shop.example")
        assert (await room.send(_event(shared, f"l{number}"))).status_code == 200
    while not slack.unfurls:
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    (shown,) = slack.unfurls
    assert shown["channel"] == "C2" and list(shown["unfurls"]) == [f"https://data.shop.example/dashboards/{ana}"]
    assert "North" in json.dumps(shown) and leaks(json.dumps(shown)) == []


def _event(event: dict[str, Any], mark: str) -> bytes:
    told = {"type": "event_callback", "team_id": fakes.TEAM, "event_id": f"Ev{mark}", "event": event}
    return json.dumps({**told, "event_time": 1, "api_app_id": "A1"}).encode()
