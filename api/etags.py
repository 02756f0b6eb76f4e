"""ETags on reads: who asks again with If-None-Match gets a few bytes when nothing changed."""

from __future__ import annotations

import hashlib

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PLACES = ("/v1",)


class Etags:
    """ASGI middleware: a JSON answer to a GET that is sent whole gets an ETag. Streams pass as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; 304 for what the client has already."""
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(PLACES):
            await self._app(scope, receive, _Tagged(send, Headers(scope=scope).get("if-none-match", "")))
        else:
            await self._app(scope, receive, send)


class _Tagged:
    """Holds the head of a JSON answer back until its body is there."""

    def __init__(self, send: Send, known: str) -> None:
        self._send = send
        self._known = {part.strip().removeprefix("W/") for part in known.split(",")}
        self._head: Message | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_json(message):
            self._head = message
            return
        if self._head is not None and message["type"] == "http.response.body":
            message = await self._start(self._head, message)
            self._head = None
        await self._send(message)

    async def _start(self, head: Message, body: Message) -> Message:
        headers = MutableHeaders(scope=head)
        if not body.get("more_body", False):
            tag = headers.get("etag") or f'"{hashlib.blake2s(body.get("body", b""), digest_size=12).hexdigest()}"'
            headers["ETag"] = tag
            if tag in self._known or "*" in self._known:
                head["status"] = 304
                del headers["content-length"]
                body = {"type": "http.response.body", "body": b""}
        await self._send(head)
        return body


def _is_json(message: Message) -> bool:
    kind = Headers(raw=message["headers"]).get("content-type", "")
    return message["status"] == 200 and kind.partition(";")[0] == "application/json"
