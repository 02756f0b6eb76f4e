"""Cards for Teams: words stay words, trouble that passes is tried again, and not everybody may send there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

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
