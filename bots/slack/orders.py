"""“Stop telling me about that” in Slack: done where it is clear what is meant, asked back where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bots.alerts import orders
from bots.alerts.orders import Kept, Order
from bots.digests.channels import pushed
from bots.slack import blocks, mrkdwn
from bots.slack.host import Host
from bots.slack.inbox import Work
from bots.slack.readers import Readers, workspace_of
from bots.slack.send import Block
from bots.slack.talk import Talk
from store import alerts, digests
from store import slack as table
from store.models import utc_now
from store.principal import Principal

MOST_NAMED = 5
_NOTHING = "You have no alerts or digests here yet. Say for example: tell me when revenue drops below 10k."


class Orders:
    """Stops, quietens and lists what somebody is told by."""

    def __init__(self, host: Host, readers: Readers) -> None:
        self._host = host
        self._readers = readers

    async def heard(self, work: Work, person: Principal, talk: Talk) -> bool:
        """Do what somebody says about their own alerts and digests; false where they speak of something else."""
        if "said" in work.stage:
            return True
        zone = await self._readers.zone(work.body["user"])
        order = orders.ordered(work.body["text"], utc_now(), zone)
        if order is None:
            return False
        under, workspace = await self._under(work, person)
        workspace = workspace or await self._host.chosen(workspace_of(work.body["channel"]), person)
        known = await self._host.database.read(lambda c: orders.kept(c, person.user_id, workspace))
        words, told = await self._done(order, known, under, zone)
        await talk.say(work, words, [blocks.text(words), *told])
        return True

    async def stopped(self, work: Work, person: Principal, talk: Talk) -> None:
        """Stop the one that a button names, when it belongs to whoever pressed."""
        one = work.body["value"]
        row = await self._host.database.read(lambda c: (alerts if one.startswith("al-") else digests).find(c, one))
        if row is None or row["owner"] != person.user_id:
            await talk.say(work, "There is no such alert of yours any more.")
            return
        kept = await self._host.database.read(lambda c: orders.kept(c, person.user_id, row["workspace"]))
        words, told = await self._stop([k for k in kept if k.id == one])
        await talk.say(work, words, [blocks.text(words), *told])

    async def _under(self, work: Work, person: Principal) -> tuple[list[str], str]:
        """The alerts or the digest of the message that is answered, and its workspace."""
        body = work.body
        if not body["thread_ts"]:
            return [], ""
        post = await self._host.database.read(lambda c: table.post(c, body["channel"], body["thread_ts"]))
        message = await self._host.database.read(lambda c: pushed(c, post["run_id"])) if post is not None else None
        if message is None or message["owner"] != person.user_id:
            return [], ""
        return list(message["alerts"] if "alerts" in message else [message["digest_id"]]), message["workspace"]

    async def _done(self, order: Order, known: list[Kept], under: list[str], zone: str) -> tuple[str, list[Block]]:
        if order.deed == "list" or not known:
            return (_listed(known, zone), []) if known else (_NOTHING, [])
        found = orders.meant(order, known, under)
        if not found:
            return f"None of your alerts and digests is about that. {_listed(known, zone)}", []
        if order.deed == "stop":
            return await self._stop(found)
        until = order.until or utc_now()
        await self._host.database.write(lambda c: orders.snooze(c, found, until))
        words = f"Quiet until {_moment(until, zone)}: {_names(found)}. After that I look again as before."
        return words, _buttons(found, "Tell me again", "keep")

    async def _stop(self, found: list[Kept]) -> tuple[str, list[Block]]:
        if len(found) > 1:
            return "Which one do you mean?", _buttons(found, "Stop", "stop")
        await self._host.database.write(lambda c: orders.stop(c, found))
        return f"Done: I no longer tell you of {_names(found) or 'it'}.", _buttons(found, "Tell me again", "keep")


def _listed(known: Sequence[Kept], zone: str) -> str:
    lines = [f"• {mrkdwn.escape(k.name)} ({k.kind}{_quiet(k, zone)})" for k in known[:20]]
    more = [f"… and {len(known) - 20} more"] if len(known) > 20 else []
    return mrkdwn.cut("\n".join(["I tell you of:", *lines, *more]))


def _quiet(one: Kept, zone: str) -> str:
    until = one.quiet_until
    return f", quiet until {_moment(until, zone)}" if until is not None and until > utc_now() else ""


def _names(found: Sequence[Kept]) -> str:
    told = [f"“{mrkdwn.escape(k.name)}”" for k in found[:MOST_NAMED]]
    rest = len(found) - MOST_NAMED
    return ", ".join(told) + (f" and {rest} more" if rest > 0 else "")


def _moment(until: datetime, zone: str) -> str:
    wall = until.astimezone(ZoneInfo(zone))
    return f"{wall:%A, %b} {wall.day}, {wall:%H:%M}"


def _buttons(found: Sequence[Kept], label: str, deed: str) -> list[Block]:
    """One button for each, below each other; its value is an id, its label a name that the reader chose."""
    made: list[Block] = []
    for number, one in enumerate(found[:MOST_NAMED]):
        said = label if len(found) == 1 else f"{label}: {one.name}"
        action = f"push_{deed}:{number}"
        made.append({"type": "actions", "elements": [blocks.button(said, action, one.id)]})
    return made
