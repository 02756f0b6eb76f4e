"""The last step of a message: to one channel of its reader, who must still be let in when it leaves."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from bots.digests.run import EMAIL, WEBHOOK, Find
from store import alerts, digests, installation, outbox, people, settings, webhooks
from store.database import Database
from store.delivery import Handler
from store.errors import ConfigProblem, PlainsayError, QueryRefused
from store.outbox import Claimed, Parcel
from store.principal import LOCAL_OWNER, Principal

Post = Callable[[Any], Awaitable[str]]


class Channels:
    """Delivers by e-mail and webhook. `home` holds the installation's key, `post` hands a mail to a server."""

    def __init__(self, database: Database, home: Path, person: Find, post: Post | None = None) -> None:
        self._database = database
        self._home = home
        self._person = person
        self._post = post

    def handlers(self) -> tuple[Handler, ...]:
        """A mail whose sender died may have arrived: it stays unknown. A webhook has a number, so it may come twice."""
        return Handler(EMAIL, self.email, "unknown"), Handler(WEBHOOK, self.webhook, "waiting")

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
        return await (self._post or send)(mail.encode(envelope, body, drawn))

    async def webhook(self, parcel: Claimed) -> str:
        """Pass a message on to the webhook that its reader chose, who must still look after webhooks there."""
        message, reader = await self._message(parcel)
        hook_id = (await self._target(message)).get("webhook_id")
        if hook_id is None or not reader.may("connect"):
            raise QueryRefused("There is no webhook to send this to.", code="webhook_off")
        await self._database.write(lambda c: _told(c, hook_id, dict(message)))
        return "handed to the webhook"

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
