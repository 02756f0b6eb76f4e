"""What a person's home page in Slack says of theirs: what they were told lately, what lasts, what comes when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from bots.slack import blocks, mrkdwn
from bots.slack.send import Block
from store import alerts, digests, settings
from store.principal import Principal

MOST = 4


def home(connection: Connection, person: Principal) -> list[Block]:
    """Messages, open incidents and digests in workspaces that are open to the person; nobody else sees this page."""
    told = [*digests.inbox(connection, person.user_id, most=20), *alerts.told(connection, person.user_id, most=20)]
    told = sorted((m for m in told if _mine(person, m)), key=lambda m: m["created_at"], reverse=True)
    last = [a for a in alerts.incidents(connection, owner=person.user_id) if a["state"] == "open" and _mine(person, a)]
    due = [d for d in digests.listed(connection, person.user_id) if d["active"] and _mine(person, d)]
    return [
        *_section("What changed", (_message(m) for m in told[:MOST])),
        *_section("Going on", (blocks.text(_words(a["text"])) for a in last[:MOST])),
        *_section("Your digests", (blocks.text(_digest(d)) for d in due[:MOST])),
    ]


def _mine(person: Principal, row: Any) -> bool:
    return person.role_in(row["workspace"]) is not None


def _section(title: str, parts: Iterator[Block]) -> list[Block]:
    found = list(parts)
    return [{"type": "divider"}, blocks.text(f"*{title}*"), *found] if found else []


def _message(row: Any) -> Block:
    site = str(settings.get("public_url")).rstrip("/")
    said = blocks.text(_words(row["headline"]))
    if site.startswith(("https://", "http://")):
        said["accessory"] = blocks.link("Open", f"{site}/inbox/{row['id']}")
    return said


def _digest(row: Any) -> str:
    when = f"{row['timing'].get('cadence', '')} at {row['timing'].get('at', '')}".strip()
    muted = ", muted" if row["muted_until"] is not None else ""
    return f"{mrkdwn.escape(row['name'])}: {mrkdwn.escape(when)}{muted}"


def _words(text: str) -> str:
    return mrkdwn.cut(mrkdwn.escape(text), 500)
