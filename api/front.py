"""What every request meets first and last: checks, an id, security headers, one error shape, a log line, meters."""

from __future__ import annotations

import time
import uuid
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import accounts, crosssite, errors, keys
from api.errors import Unauthorised
from api.meters import Meters
from store.principal import LOCAL_OWNER, NOBODY, Principal

log = structlog.get_logger("plainsay.requests")

GUARDED = frozenset({"v1", "mcp", "metrics", "slack"})
"""First parts of the addresses that tell something of the house, or change it."""

CSP = (
    "default-src 'self'; script-src 'self'; "
    "style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='; img-src 'self' data: blob:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types plainsay"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), payment=(), usb=()",
}


class Front:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, meters: Meters, hosts: frozenset[str] | None, keyed: bool) -> None:
        self._app = app
        self._meters = meters
        self._hosts = hosts
        self._keyed = keyed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass HTTP on behind the checks; the lifespan as it is; no WebSockets."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, _Response(send, scope))
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _request(self, scope: Scope, receive: Receive, response: _Response) -> None:
        began = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request=response.request_id):
            try:
                headers = Headers(scope=scope)
                if self._hosts is not None:
                    crosssite.refuse_foreign_host(headers, self._hosts)
                crosssite.refuse_cross_site(scope["method"], headers)
                with accounts.acting(self._person(scope["path"], headers)):
                    await self._app(scope, receive, response)
            except ClientDisconnect:
                log.info("client_left")
            except Exception as exception:  # noqa: BLE001  the edge of a request: one error shape for everything
                if not response.started:
                    await errors.response(errors.of_exception(exception), scope["path"])(scope, receive, response)
                else:
                    log.warning("stream_broken", error=type(exception).__name__)
            finally:
                self._note(scope, response, time.perf_counter() - began)

    def _person(self, path: str, headers: Headers) -> Principal:
        """Whoever holds the key of a request; without one the local owner, where that is allowed.

        Raises `Unauthorised`. The page itself, and whether the server is alive, are told to everybody.
        """
        given = headers.get("authorization")
        if given is not None and (ring := keys.ring()).keys:
            return ring.holder(given)
        if self._keyed and path.lstrip("/").partition("/")[0] in GUARDED:
            raise Unauthorised("An API key is needed here.", hint="Send the header Authorization: Bearer KEY.")
        return NOBODY if self._keyed else LOCAL_OWNER

    def _note(self, scope: Scope, response: _Response, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self._meters.requests.labels(route, str(response.status)).inc()
        self._meters.latency.labels(route).observe(response.head_seconds or seconds)
        log.info(
            "request", method=scope["method"], route=route, status=response.status, ms=round(seconds * 1000, 1)
        )  # fmt: skip


class _Response:
    """The send side of one request: remembers the status and adds our headers."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self.request_id = uuid.uuid4().hex[:16]
        self.status = 0
        self.started = False
        self.head_seconds: float | None = None
        self._send = send
        self._api = scope["path"].startswith("/v1")
        self._began = time.perf_counter()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._head(message)
        await self._send(message)

    def _head(self, message: dict[str, Any] | Any) -> None:
        self.started = True
        self.status = message["status"]
        self.head_seconds = time.perf_counter() - self._began
        headers = MutableHeaders(scope=message)
        headers["X-Request-Id"] = self.request_id
        for name, value in SECURITY_HEADERS.items():
            headers.setdefault(name, value)
        if self._api:
            headers.setdefault("Cache-Control", "no-store")
