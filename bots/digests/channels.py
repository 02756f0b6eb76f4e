"""The last step of a message: to one channel of its reader, who must still be let in when it leaves."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from agent.claims import escape
from bots import teams
from bots.digests.changes import in_brackets
from bots.digests.run import EMAIL, SLACK, TEAMS, WEBHOOK, Find
from bots.reports import files
from bots.reports.files import Report
from store import alerts, digests, installation, outbox, people, settings, webhooks
from store.database import Database
from store.delivery import Handler
from store.errors import ConfigProblem, PlainsayError, QueryRefused, Unavailable
from store.outbox import Claimed, Parcel
from store.principal import LOCAL_OWNER, Principal

Post = Callable[[Any], Awaitable[str]]
Tell = Callable[[str, bytes, dict[str, str]], Awaitable[int]]


class SlackBot(Protocol):
    """The Slack door of the server, as far as telling unasked needs it."""

    async def push(
        self, message: Mapping[str, Any], person: Principal, channel: str | None, reports: Sequence[Report] = ()
    ) -> str: ...


@dataclass(frozen=True)
class Ways:
    """How messages leave: `post` hands a mail to a server, `tell` posts to a checked address, `slack` is the bot."""

    post: Post | None = None
    tell: Tell | None = None
    slack: Callable[[], SlackBot | None] = lambda: None


class Channels:
    """Delivers by e-mail, webhook, Slack and Teams. `home` holds the installation's key."""

    def __init__(self, database: Database, home: Path, person: Find, ways: Ways | None = None) -> None:
        self._database = database
        self._home = home
        self._person = person
        self._ways = ways or Ways()

    def handlers(self) -> tuple[Handler, ...]:
        """What may have arrived when its sender died: a mail and a card stay unknown. A webhook has a number, so it may
        come twice, and Slack is asked whether it has the message."""
        return (
            Handler(EMAIL, self.email, "unknown"), Handler(WEBHOOK, self.webhook, "waiting"),
            Handler(SLACK, self.slack, "waiting"), Handler(TEAMS, self.teams, "unknown"),
        )  # fmt: skip

    async def email(self, parcel: Claimed) -> str:
        """Send a message by mail to its reader's own address."""
        from bots.digests import mail, picture
        from bots.digests.post import send

        message, reader = await self._message(parcel)
        recipient = await self._database.read(lambda c: address(c, reader))
        sender = str(settings.get("mail_from"))
        if not sender:
            raise ConfigProblem("There is no sender for mail.", code="no_mail_sender", hint="Set PLAINSAY_MAIL_FROM.")
        site = str(settings.get("public_url")).rstrip("/")
        source = message["alerts"][0] if "alerts" in message else message["digest_id"]
        kind = "alerts/stop?alert" if "alerts" in message else "digests/stop?digest"
        stop = f"{site}/v1/{kind}={source}&mark={mark(source, self._home)}"
        envelope = mail.Envelope(
            sender, recipient, message["id"], source, message["workspace"], site, stop if site else ""
        )
        body = message["body"]
        drawn = await asyncio.to_thread(picture.png, body["chart"]) if body["chart"] else None
        reports = await files.attached(body, (await self._target(message)).get("attach") or ())
        return await (self._ways.post or send)(mail.encode(envelope, body, drawn, reports))

    async def webhook(self, parcel: Claimed) -> str:
        """Pass a message on to the webhook that its reader chose, who must still look after webhooks there."""
        message, reader = await self._message(parcel)
        hook_id = (await self._target(message)).get("webhook_id")
        if hook_id is None or not reader.may("connect"):
            raise QueryRefused("There is no webhook to send this to.", code="webhook_off")
        await self._database.write(lambda c: _told(c, hook_id, dict(message)))
        return "handed to the webhook"

    async def slack(self, parcel: Claimed) -> str:
        """Post a message in Slack: in the channel that its reader chose when all may see it there, else to them."""
        message, reader = await self._message(parcel)
        bot = self._ways.slack()
        if bot is None:
            raise ConfigProblem("Slack is not connected here.", code="no_slack", hint="Set SLACK_BOT_TOKEN.")
        target = await self._target(message)
        reports = await files.attached(message["body"], target.get("attach") or ())
        return await bot.push(message, reader, target.get("slack_channel"), reports)

    async def teams(self, parcel: Claimed) -> str:
        """Post a message as a card to the address of a Teams workflow, which the workspace keeps as a webhook."""
        message, reader = await self._message(parcel)
        hook_id = (await self._target(message)).get("teams_id")
        if hook_id is None or not reader.may("connect") or self._ways.tell is None:
            raise QueryRefused("There is no Teams channel to send this to.", code="teams_off")
        hook = await self._database.read(lambda c: webhooks.get(c, hook_id))
        if hook["workspace"] != message["workspace"] or not hook["active"]:
            raise QueryRefused("There is no Teams channel to send this to.", code="teams_off")
        site = str(settings.get("public_url")).rstrip("/")
        body = message["body"]
        web = f"{site}/inbox/{message['id']}" if site else None
        from bots.digests import picture

        drawn = await asyncio.to_thread(picture.png, body["chart"]) if body["chart"] else None
        alt = body["chart"]["alt"] if body["chart"] else ""
        sent = orjson.dumps(teams.card(escape(body["headline"]), paragraphs(body), web=web, picture=drawn, alt=alt))
        status = await self._ways.tell(hook["url"], sent, {})
        if status == 429 or status >= 500:
            raise Unavailable("Teams does not take the message now.", code="teams_later")
        if not 200 <= status < 300:
            raise QueryRefused(f"Teams refused the message (status {status}).", code="teams_refused")
        return "accepted by Teams"

    async def _message(self, parcel: Claimed) -> tuple[Any, Principal]:
        message = await self._database.read(lambda c: pushed(c, parcel.payload["message_id"]))
        reader = await self._person(message["owner"]) if message is not None else None
        if message is None or reader is None or reader.role_in(message["workspace"]) is None:
            raise QueryRefused("The reader may not enter this workspace any more.", code="no_reader")
        return message, reader.within(message["workspace"])

    async def _target(self, message: Any) -> dict[str, Any]:
        """Where a message goes besides the inbox: alerts keep it with the message, a digest with itself."""
        if "target" in message:
            return dict(message["target"])
        row = await self._database.read(lambda c: digests.find(c, message["digest_id"]))
        return dict(row) if row is not None else {}


def paragraphs(body: Mapping[str, Any]) -> list[str]:
    """A message below its headline, as paragraphs of our markdown in which data is literal."""
    found: list[str] = []
    for number, item in enumerate(body["items"]):
        found += [item["text"]] if number or item["text"] not in body["headline"] else []
        found += [f"Why: {item['why']}"] if item["why"] else []
        found += [item["silence"]] if item.get("silence") else []
    found += [f"{f['label']}: {f['value']}{in_brackets(f)}" for f in body["figures"]]
    found += [*body["goals"], *([body["ahead"]] if body["ahead"] else []), *([body["note"]] if body["note"] else [])]
    return [escape(text) for text in found]


def pushed(connection: Connection, message_id: str) -> RowMapping | None:
    """A message of a digest or of alerts, whoever it went to."""
    if message_id.startswith("am-"):
        return alerts.by_id(connection, message_id)
    return digests.by_id(connection, message_id)


def address(connection: Connection, reader: Principal) -> str:
    """The mail address of a reader's account. Raises `QueryRefused` when there is none."""
    found = ""
    try:
        found = people.get(connection, reader.user_id)["email"] or ""
    except PlainsayError:
        if reader.user_id == LOCAL_OWNER.user_id:
            found = str(settings.get("mail_to"))
    if not found:
        raise QueryRefused(
            "The reader has no e-mail address.", code="no_address",
            hint="Sign in with an account, or set PLAINSAY_MAIL_TO while there are none.",
        )  # fmt: skip
    return found


def _told(connection: Connection, hook_id: str, message: dict[str, Any]) -> bool:
    """Into the webhook's own queue, where it is signed and tried again."""
    hook = webhooks.get(connection, hook_id)
    if hook["workspace"] != message["workspace"]:
        raise QueryRefused("The webhook belongs to another workspace.", code="webhook_off")
    body = {k: message["body"][k] for k in ("name", "headline", "period", "items", "ahead", "goals", "figures", "note")}
    data = {"workspace": message["workspace"], "message_id": message["id"], **body}
    kind = "alert" if "alerts" in message else "digest"
    payload = {"type": kind, "timestamp": message["created_at"].isoformat(), "data": data}
    return outbox.put(
        connection, Parcel(webhooks.KIND, f"{hook_id}/{kind}/{message['id']}", payload, hook["workspace"])
    )


def mark(digest_id: str, home: Path) -> str:
    """What proves that a link to stop a digest came from us."""
    key = installation.derived("digest:stop", home)
    return hmac.new(key, digest_id.encode(), sha256).hexdigest()[:32]
