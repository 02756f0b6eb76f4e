"""Cards for Teams: words stay words, trouble that passes is tried again, and not everybody may send there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from api import outbound
from bots.digests import run
from bots.digests.channels import Channels, Ways
from store import alerts, outbox, webhooks
from store.database import Database
from store.errors import QueryRefused, Unavailable
from store.models import utc_now
from store.principal import LOCAL_OWNER, Principal

ITEM = {"text": "Revenue of **South** [x](http://evil.example) fell", "why": "Because of *A*", "silence": "Quiet above",
        "question": ""}  # fmt: skip
BODY: dict[str, Any] = {
    "name": "Low", "headline": "Low revenue", "items": [ITEM], "figures": [], "goals": [], "ahead": "", "note": "",
    "questions": [], "chart": None, "severity": "warning",
}  # fmt: skip


class Flow:
    """A Teams workflow on this machine: what it was sent, and what it answers next."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, Any]]] = []
        self.answers = [429, 503, 400, 202]
        self.host = ""


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Flow]:
    made = Flow()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            made.got.append((self.headers["content-type"], json.loads(body)))
            self.send_response(made.answers.pop(0))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.host = f"127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("PLAINSAY_WEBHOOK_PRIVATE", made.host)
    thread = threading.Thread(target=lambda: server.serve_forever(0.02))
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


async def test_teams_over_the_wire_waits_tries_again_and_takes_a_no(tmp_path: Path, flow: Flow) -> None:
    database = Database.open(tmp_path)

    async def person(user_id: str) -> Principal:
        return LOCAL_OWNER

    def write(connection: Any) -> str:
        hook = webhooks.create(connection, "shop", "local", f"http://{flow.host}/flow", [])
        target = {"channels": ["teams"], "teams_id": hook}
        said = {"state": "sent", "headline": "x", "body": BODY, "target": target, "alerts": ["a"], "moment": utc_now()}
        return str(alerts.say(connection, "local", "shop", "m", said))

    try:
        message = await database.write(write)
        channels = Channels(database, tmp_path, person, Ways(tell=outbound.post))
        parcel = outbox.Claimed("o", run.TEAMS, "k", {"message_id": message}, "shop", 1, "a")
        for raised in (Unavailable, Unavailable, QueryRefused):
            with pytest.raises(raised):
                await channels.teams(parcel)
        assert await channels.teams(parcel) == "accepted by Teams"
    finally:
        database.close()
    kind, card = flow.got[-1]
    assert kind == "application/json" and card["type"] == "message" and len(flow.got) == 4
    assert card["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"


async def test_a_card_says_it_in_plain_words_and_refusals_are_told_apart(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    told: list[tuple[str, dict[str, Any]]] = []
    status, who = 202, LOCAL_OWNER

    async def tell(url: str, body: bytes, headers: dict[str, str]) -> int:
        told.append((url, json.loads(body)))
        return status

    async def person(user_id: str) -> Principal:
        return who

    def write(connection: Any) -> str:
        hook = webhooks.create(connection, "shop", "local", "https://teams.example.com/flow", [])
        target = {"channels": ["teams"], "teams_id": hook}
        said = {"state": "sent", "headline": "x", "body": BODY, "target": target, "alerts": ["a"], "moment": utc_now()}
        made = alerts.say(connection, "local", "shop", "m", said)
        assert made is not None
        run.hand_over(connection, {"workspace": "shop"}, made, "teams")
        return made

    try:
        message = await database.write(write)
        channels = Channels(database, tmp_path, person, Ways(tell=tell))
        parcel = outbox.Claimed("o", run.TEAMS, "k", {"message_id": message}, "shop", 1, "a")
        assert await channels.teams(parcel) == "accepted by Teams"
        ((url, card),) = told
        texts = [b["text"] for b in card["attachments"][0]["content"]["body"]]
        assert url == "https://teams.example.com/flow" and texts[0] == "Low revenue"
        assert "\\*\\*South\\*\\*" in texts[1] and "](http" not in texts[1] and "://evil" not in texts[1]
        assert texts[2].startswith("Why: ") and texts[3] == "Quiet above"
        status = 503
        with pytest.raises(Unavailable):
            await channels.teams(parcel)
        status = 400
        with pytest.raises(QueryRefused):
            await channels.teams(parcel)
        who = Principal("local", "Ann", "viewer")
        with pytest.raises(QueryRefused):
            await channels.teams(parcel)
        assert len(told) == 3
        with pytest.raises(QueryRefused):
            await Channels(database, tmp_path, person).teams(parcel)
    finally:
        database.close()
