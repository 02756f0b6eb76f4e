"""What a request may cost: its size and its share of a minute are checked before any of its body is read."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import accounts
from api.errors import TooLarge
from store import settings, tracing
from store.principal import LOCAL_OWNER, NOBODY, Principal
from store.rates import Left, TooFast
from store.usage import Counted

if TYPE_CHECKING:
    from api.house import House

ASKING = frozenset({"/v1/ask", "/v1/chat", "/v1/chat/completions", "/v1/responses", "/v1/aisdk"})
EVENTS = "/v1/events"
UPLOADS = frozenset({"/v1/uploads", "/v1/knowledge/documents"})
COUNTED = ("/v1", "/mcp")
_FORM_OVERHEAD = 64_000


class Gate:
    """ASGI middleware behind `Front`: limits, their headers, and who used what."""

    def __init__(self, app: ASGIApp, home: House) -> None:
        self._app = app
        self._home = home

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limits. Raises `TooLarge`, `TooFast`."""
        if scope["type"] != "http" or not scope["path"].startswith(COUNTED):
            await self._app(scope, receive, send)
            return
        person, began = accounts.current(), time.perf_counter()
        head = _Head(send)
        try:
            _refuse_large(scope["path"], Headers(scope=scope))
            head.left = await self._counted(scope, person)
            with tracing.span("request", method=scope["method"]):
                await self._app(scope, receive, head)
        except TooFast as error:
            self._home.meters.refused.labels("rate").inc()
            head.status = error.http_status
            raise
        finally:
            spent = (head.seconds or time.perf_counter()) - began
            route = getattr(scope.get("route"), "path", "other")
            self._home.usage.note(person.user_id, f"{scope['method']} {route}", head.status or 500, spent)

    async def _counted(self, scope: Scope, person: Principal) -> Left | None:
        """Count the request against its limits; what is left of the narrowest, None where none is set."""
        left = [await self._home.rates.spend(who, most, what) for who, most, what in _limits(scope, person)]
        return min(left, key=lambda one: one.left, default=None)


class Usage:
    """Counts in memory until `flush` writes them down."""

    def __init__(self) -> None:
        self._counted: dict[tuple[str, str, str], Counted] = {}

    def note(self, person: str, route: str, status: int, seconds: float) -> None:
        """One request that was answered."""
        key = (datetime.now(UTC).date().isoformat(), person, route)
        one = self._counted.setdefault(key, Counted())
        one.requests += 1
        one.errors += status >= 400
        one.ms += round(seconds * 1000)

    def take(self) -> Mapping[tuple[str, str, str], Counted]:
        """What was counted since the last time."""
        taken, self._counted = self._counted, {}
        return taken


class _Head:
    """The send side: adds the headers of the limit, and remembers the status."""

    def __init__(self, send: Send) -> None:
        self.status = 0
        self.seconds: float | None = None
        self.left: Left | None = None
        self._send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.seconds = message["status"], time.perf_counter()
            if self.left is not None:
                MutableHeaders(scope=message).update(headers_of(self.left))
        await self._send(message)


def headers_of(left: Left) -> dict[str, str]:
    """The three headers that tell a client how much it may still ask."""
    return {
        "RateLimit-Limit": str(left.most),
        "RateLimit-Remaining": str(left.left),
        "RateLimit-Reset": str(left.reset),
    }


def _limits(scope: Scope, person: Principal) -> list[tuple[str, int, str]]:
    """Whose minute a request is counted in, how much there is, and what it is called. The local owner is alone here."""
    if person == LOCAL_OWNER or scope["path"] == EVENTS:  # a write key has limits of its own
        return []
    if person == NOBODY:
        address = (scope.get("client") or ("unknown", 0))[0]
        found = [(f"address:{address}", settings.get("anonymous_per_minute"), "requests")]
    else:
        found = [(f"person:{person.user_id}", settings.get("requests_per_minute"), "requests")]
        if scope["method"] == "POST" and scope["path"] in ASKING:
            found.append((f"asks:{person.user_id}", settings.get("questions_per_minute"), "questions"))
    return [one for one in found if one[1] > 0]


def _refuse_large(path: str, headers: Mapping[str, Any]) -> None:
    """Refuse by the announced length; what announces none is counted while it is read."""
    text = str(headers.get("content-length") or "")
    most = settings.get("event_bytes" if path == EVENTS else "request_bytes")
    if path in UPLOADS:
        from api.spool import MOST_FILES

        most = settings.get("upload_bytes") * MOST_FILES + _FORM_OVERHEAD
    if text.isascii() and text.isdigit() and int(text) > most:
        raise TooLarge(f"The request is larger than {most:,} bytes.", details={"limit": most})
