"""Webhooks on their way: signed as the Standard Webhooks specification says, tried again, never sent elsewhere."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import orjson

from api import outbound
from store import installation, webhooks
from store.database import Database
from store.errors import QueryRefused, Unavailable
from store.outbox import Claimed

Send = Callable[[str, bytes, dict[str, str]], Awaitable[int]]
_GONE = 410


class Messenger:
    """Delivers the parcels of webhooks."""

    def __init__(self, database: Database, home: Path, send: Send = outbound.post) -> None:
        self._database = database
        self._home = home
        self._send = send

    async def deliver(self, parcel: Claimed) -> str:
        """Send one event; the status as a note. Raises `Unavailable` to be tried again, `QueryRefused` to give up."""
        hook_id = parcel.key.partition("/")[0]
        hook = await self._database.read(lambda connection: webhooks.get(connection, hook_id))
        if not hook["active"]:
            raise QueryRefused("The webhook was switched off.", code="webhook_off")
        body = orjson.dumps({**parcel.payload, "attempt": parcel.attempts})
        headers = signature(secret(hook, self._home), parcel.id, int(time.time()), body)
        status = await self._send(hook["url"], body, headers)
        if status == _GONE:
            await self._database.write(lambda c: webhooks.change(c, hook_id, {"active": False}))
            raise QueryRefused("The address said that it is gone (status 410).", code="webhook_gone")
        if not 200 <= status < 300:
            raise Unavailable(f"The address answered with status {status}.", code="webhook_refused")
        return f"status {status}"


def secret(hook: Any, home: Path) -> str:
    """The secret that a receiver checks signatures with; rotating changes it."""
    purpose = f"webhook:{hook['id']}:{hook['secret_version']}"
    return f"whsec_{base64.b64encode(installation.derived(purpose, home)).decode()}"


def signature(secret_text: str, message_id: str, moment: int, body: bytes) -> dict[str, str]:
    """The three headers of a signed event."""
    key = base64.b64decode(secret_text.removeprefix("whsec_"))
    signed = hmac.new(key, f"{message_id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }
