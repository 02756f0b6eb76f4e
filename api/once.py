"""Idempotency-Key: a POST that is sent twice is done once, also when the second one meets another process."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import accounts, bodies
from api.errors import Conflict
from store import answered, doors, settings
from store.answered import Known
from store.errors import InvalidRequest

if TYPE_CHECKING:
    from api.house import House

HEADER = "Idempotency-Key"
LONGEST = 255
MOST_KEPT = 1_000_000
_KEPT_HEADERS = ("content-type", "location", "etag")


class Once:
    """ASGI middleware: answers repetitions of a POST with the answer of the first. Streams are not kept."""

    def __init__(self, app: ASGIApp, home: House) -> None:
        self._app = app
        self._home = home

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what has no key. Raises `InvalidRequest` for a key used for something else, `Conflict` for now."""
        given = Headers(scope=scope).get(HEADER) if scope["type"] == "http" and scope["method"] == "POST" else None
        if given is None or doors.is_secret(scope["path"]):
            await self._app(scope, receive, send)
            return
        if not 0 < len(given) <= LONGEST or not given.isprintable():
            raise InvalidRequest(f"The header {HEADER} holds 1 to {LONGEST} printable characters.", code="bad_key")
        body = None if _is_form(scope) else await bodies.capped(Request(scope, receive), settings.get("request_bytes"))
        key = _digest(accounts.current().user_id, scope["path"], given)
        fingerprint = _digest(scope["query_string"].decode("latin-1"), _print(scope, body))
        known = await self._home.database.write(lambda c: answered.begin(c, key, fingerprint))
        if known is not None:
            await _repeated(known, fingerprint)(scope, receive, send)
            return
        kept = _Kept(send)
        try:
            await self._app(scope, receive if body is None else _given(body, receive), kept)
        finally:
            await self._settle(key, kept)

    async def _settle(self, key: str, kept: _Kept) -> None:
        if kept.whole and kept.status < 500:
            told = kept.status, kept.headers, bytes(kept.body).decode()
            await self._home.database.write(lambda c: answered.answer(c, key, *told))
        else:
            await self._home.database.write(lambda c: answered.give_up(c, key))


class _Kept:
    """The send side: passes everything on and keeps what may be sent again."""

    def __init__(self, send: Send) -> None:
        self.status, self.whole = 500, False
        self.headers: dict[str, str] = {}
        self.body = bytearray()
        self._send, self._keep = send, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = Headers(raw=message["headers"])
            self.status = message["status"]
            self.headers = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
            self._keep = headers.get("content-type", "").partition(";")[0].endswith("json") or self.status == 204
        elif message["type"] == "http.response.body" and self._keep:
            self.body += message.get("body", b"")
            self._keep = len(self.body) <= MOST_KEPT
            self.whole = self._keep and not message.get("more_body", False)
        await self._send(message)


def _repeated(known: Known, fingerprint: str) -> Response:
    if known.fingerprint != fingerprint:
        raise InvalidRequest(
            f"This {HEADER} was used for another request.", code="idempotency_key_reused", hint="Take a new key."
        )
    if known.status is None:
        raise Conflict("The first request with this key is still being worked on.", code="still_running", retry="as_is",
                       retry_after=1.0)  # fmt: skip
    response = Response(known.body, status_code=known.status)
    MutableHeaders(raw=response.raw_headers).update({**known.headers, "Idempotency-Replayed": "true"})
    return response


def _is_form(scope: Scope) -> bool:
    return Headers(scope=scope).get("content-type", "").startswith("multipart/")


def _print(scope: Scope, body: bytes | None) -> str:
    """What tells two bodies apart; of a form, which may be as large as a disk, its length."""
    if body is None:
        return f"form {Headers(scope=scope).get('content-length', '')}"
    return hashlib.sha256(body).hexdigest()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def _given(body: bytes, receive: Receive) -> Receive:
    """A receive side that gives the body that was read once more, then what comes."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again
