"""A link to a dashboard of ours in a channel says what it leads to, where everybody there may look at it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy.engine import RowMapping

from bots.slack import blocks, mrkdwn
from bots.slack.host import Host
from bots.slack.readers import Readers
from bots.slack.send import Block, told
from store import dashboards, settings
from store.errors import PlainsayError
from store.principal import Principal

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

MOST_LINKS, MOST_CARDS = 5, 6
_PATH = re.compile(r"/dashboards/([A-Za-z0-9_-]{1,64})/?")


async def unfurl(host: Host, slack: AsyncWebClient, readers: Readers, body: dict[str, Any]) -> None:
    """Show the dashboards behind the links of a `link_shared` event; figures stay on the page, behind its own door.

    Nothing is shown to a channel that holds anybody who may not look at the dashboard or sees other rows.
    """
    event, team = body.get("event") or {}, str(body.get("team_id") or "")
    channel, ts = str(event.get("channel") or ""), str(event.get("message_ts") or "")
    person = await readers.person(team, str(event.get("user") or ""))
    if person is None or not ts or not channel.startswith(("C", "G", "D")):
        return
    found: dict[str, Any] = {}
    for link in (event.get("links") or [])[:MOST_LINKS]:
        url = str(link.get("url") or "")
        row = await _dashboard(host, person, url)
        if row is not None and await _open(readers, team, channel, row, person):
            found[url] = {"blocks": shown(row, url)}
    if found:
        async with told():
            await slack.chat_unfurl(channel=channel, ts=ts, unfurls=found)


def shown(row: RowMapping, url: str) -> list[Block]:
    """The title, what is on it, and a button that opens it."""
    cards = [str(c.get("title") or "") for c in row["cards"]][:MOST_CARDS]
    more = len(row["cards"]) - len(cards)
    lines = [f"• {mrkdwn.escape(title)}" for title in cards if title] + ([f"… and {more} more"] if more > 0 else [])
    told_of = "\n".join([f"*{mrkdwn.escape(row['title'])}*", *lines])
    button = {"type": "actions", "elements": [blocks.link("Open in Plainsay", url)]}
    return [blocks.text(mrkdwn.cut(told_of)), button]


async def _dashboard(host: Host, person: Principal, url: str) -> RowMapping | None:
    """The dashboard of ours that an address leads to, when the person may look at it."""
    ours, there = urlsplit(str(settings.get("public_url"))), urlsplit(url)
    path = _PATH.fullmatch(there.path.removeprefix(ours.path.rstrip("/")))
    if not ours.netloc or (there.scheme, there.netloc) != (ours.scheme, ours.netloc) or path is None:
        return None
    try:
        row = await host.database.read(lambda c: dashboards.seen(c, person.user_id, path[1]))
    except PlainsayError:
        return None
    return row if person.role_in(row["workspace"]) is not None else None


async def _open(readers: Readers, team: str, channel: str, row: RowMapping, person: Principal) -> bool:
    """Whether all who read along may look at it too."""
    if not row["shared"]:
        return False
    workspace = row["workspace"]
    return await readers.all_may_see(team, channel, workspace, person.within(workspace))
