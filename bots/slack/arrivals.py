"""What Slack said, cut down to what answering needs: one small body for each question, press or visit."""

from __future__ import annotations

import hashlib
from typing import Any

from bots.slack import mrkdwn

MOST_FILES = 5
_SPOKEN = (None, "file_share", "thread_broadcast")
Body = dict[str, Any]


def run_id(event_id: str) -> str:
    """The run of an event: the same however often Slack tells of it."""
    return f"sl-{hashlib.blake2s(event_id.encode(), digest_size=14).hexdigest()}"


def of_event(body: Body, bot: str | None) -> tuple[str, Body] | None:
    """A mention, or what was said in direct messages, in an assistant thread or below a message of ours.

    None for everything else: what bots say, edits, and talk between people.
    """
    event = body.get("event") or {}
    team, channel = str(body.get("team_id") or ""), str(event.get("channel") or "")
    user, ts = str(event.get("user") or ""), str(event.get("ts") or "")
    spoken = event.get("subtype") in _SPOKEN and not event.get("bot_id") and not event.get("edited")
    if not (spoken and user and ts and team and channel) or user == bot:
        return None
    direct = channel.startswith("D")
    to_us = event.get("parent_user_id") == bot and bot is not None
    mentioned = bot is not None and f"<@{bot}>" in str(event.get("text") or "")
    if event.get("type") == "message" and not direct and (mentioned or not to_us):
        return None  # a mention comes as an event of its own
    made: Body = {
        "kind": "ask", "team": team, "user": user, "channel": channel, "ts": ts, "direct": direct,
        "thread_ts": event.get("thread_ts"), "text": mrkdwn.of_person(str(event.get("text") or ""), bot),
        "files": [_file(f) for f in (event.get("files") or [])[:MOST_FILES] if isinstance(f, dict)],
    }  # fmt: skip
    return f"ask:{team}:{channel}:{ts}", made


def of_press(body: Body) -> tuple[str, Body] | None:
    """A button or a menu of one of our messages, or of the home page."""
    actions = body.get("actions") or [{}]
    action, user = actions[0], body.get("user") or {}
    team = str((body.get("team") or {}).get("id") or user.get("team_id") or "")
    container = body.get("container") or {}
    message = body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    pressed = str(action.get("action_id") or "")
    if not (team and user.get("id") and pressed):
        return None
    made: Body = {
        "kind": "press", "team": team, "user": str(user["id"]), "channel": channel,
        "ts": str(message.get("ts") or container.get("message_ts") or ""), "thread_ts": message.get("thread_ts"),
        "direct": channel.startswith("D") or not channel, "action": pressed, "value": str(action.get("value") or ""),
        "option": str((action.get("selected_option") or {}).get("value") or ""),
    }  # fmt: skip
    moment = action.get("action_ts") or body.get("trigger_id") or ""
    return f"press:{team}:{made['user']}:{channel}:{made['ts']}:{pressed}:{moment}"[:200], made


def of_command(body: Body) -> tuple[str, Body]:
    """A question after /plainsay; it is answered in the direct messages."""
    team, user = str(body.get("team_id") or ""), str(body.get("user_id") or "")
    made: Body = {
        "kind": "ask", "team": team, "user": user, "channel": "", "ts": "", "thread_ts": None, "direct": True,
        "about": str(body.get("channel_id") or ""), "text": mrkdwn.of_person(str(body.get("text") or "")), "files": [],
    }  # fmt: skip
    return f"command:{team}:{user}:{body.get('trigger_id')}"[:200], made


def conversation(team: str, channel: str, thread_ts: str | None, user: str) -> str:
    """The name of one person's part of a Slack conversation."""
    return f"{team}:{channel}:{thread_ts or ''}:{user}"[:200]


def _file(file: Body) -> Body:
    return {
        "name": str(file.get("name") or "file")[:200], "url": str(file.get("url_private_download") or ""),
        "size": int(file.get("size") or 0),
    }  # fmt: skip
