"""What every request meets first and last: checks, an id, security headers, one error shape, a log line, meters."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING, Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import accounts, cookies, crosssite, errors
from api.accounts import Caller, Trail
from api.errors import Unauthorised
from store import doors
from store.audit import Deed
from store.errors import PlainsayError
from store.principal import LOCAL_OWNER, NOBODY

if TYPE_CHECKING:
    from api.house import House

log = structlog.get_logger("plainsay.requests")

_SIGNED = "/v1/hooks/"
_EVENTS = "/v1/events"
GUARDED = frozenset({"v1", "mcp", "metrics", "slack"})
"""First parts of the addresses that tell something of the house, or change it."""

VIEWED_AS = frozenset({"/v1/ask", "/v1/chat", "/v1/metrics/query", "/v1/shared/{share_id}", "/v1/tables/{table}/rows"})
"""Where somebody who views as another learns something; it is kept in the audit log."""
OPEN = frozenset(path for (_, path), entry in doors.ROUTES.items() if entry.asks == "open")
"""Guarded addresses that are open all the same: signing in."""

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

    def __init__(self, app: ASGIApp, house: House, hosts: frozenset[str] | None, keyed: bool) -> None:
        self._app = app
        self._house = house
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
        scope.setdefault("state", {})["request_id"] = response.request_id
        with structlog.contextvars.bound_contextvars(request=response.request_id):
            try:
                headers = Headers(scope=scope)
                if self._hosts is not None:
                    crosssite.refuse_foreign_host(headers, self._hosts)
                if not _sends_events(scope):  # from any page: no cookie is looked at there
                    crosssite.refuse_cross_site(scope["method"], headers)
                caller = await self._caller(scope, headers, response)
                with accounts.acting(caller) as trail:
                    await self._app(scope, receive, response)
                if response.status < 400:
                    await self._audit(scope, caller, trail)
            except ClientDisconnect:
                log.info("client_left")
            except Exception as exception:  # noqa: BLE001  the edge of a request: one error shape for everything
                if not response.started:
                    await errors.response(errors.of_exception(exception), scope["path"])(scope, receive, response)
                else:
                    log.warning("stream_broken", error=type(exception).__name__)
            finally:
                self._note(scope, response, time.perf_counter() - began)

    async def _caller(self, scope: Scope, headers: Headers, response: _Response) -> Caller:
        """Whoever holds the key or the session of a request; with neither the local owner, where that is allowed.

        Raises `Unauthorised`. The page itself, how to sign in, and whether the server is alive, are told to everybody.
        """
        if scope["path"].startswith(_SIGNED) or _sends_events(scope):
            return Caller(NOBODY)  # whoever calls there proves it by a signature, which may be in this very header
        people, given = self._house.people, headers.get("authorization")
        if given is not None and (keyed := await people.by_key(given)) is not None:
            return keyed
        cookie = cookies.read(headers, scope["scheme"]) if given is None else None
        if cookie is not None and (known := await people.by_cookie(cookie)) is not None:
            crosssite.refuse_unproven(scope["method"], headers)
            if known.cookie is not None:
                response.cookies.append(cookies.given(known.cookie, scope["scheme"]))
            return known.caller
        if not self._keyed and not await people.required():
            return Caller(LOCAL_OWNER, "loopback")
        path = scope["path"]
        if path.lstrip("/").partition("/")[0] in GUARDED and path not in OPEN:
            raise Unauthorised("Please sign in first.", hint="Sign in, or send the header Authorization: Bearer KEY.")
        return Caller(NOBODY)

    async def _audit(self, scope: Scope, caller: Caller, trail: Trail) -> None:
        """Keep what was done, where the table says so, and whatever an administrator does while viewing as another."""
        route, method = getattr(scope.get("route"), "path", ""), scope["method"]
        entry = doors.entry(method, route)
        action = entry.audited if entry is not None else ""
        if caller.real is not None and not action and route in VIEWED_AS:
            action = "view_as.asked"
            trail.detail |= {"as": caller.person.name, "address": f"{method} {route}"}
        if not action:
            return
        actor = trail.actor or caller.self
        deed = Deed(
            actor.user_id, actor.name, action, trail.target or scope["path"], trail.workspace,
            trail.detail | {"by": caller.by, "request": scope["state"]["request_id"]},
        )  # fmt: skip
        try:
            await self._house.people.record(deed)
        except PlainsayError as error:
            log.error("audit_not_written", action=action, code=error.code)

    def _note(self, scope: Scope, response: _Response, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self._house.meters.requests.labels(route, str(response.status)).inc()
        self._house.meters.latency.labels(route).observe(response.head_seconds or seconds)
        log.info(
            "request", method=scope["method"], route=route, status=response.status, ms=round(seconds * 1000, 1)
        )  # fmt: skip


def _sends_events(scope: Scope) -> bool:
    """Whether a write key is all that counts: events come from pages of any site."""
    return scope["path"] == _EVENTS and scope["method"] in ("POST", "OPTIONS")


class _Response:
    """The send side of one request: remembers the status and adds our headers."""

    def __init__(self, send: Send, scope: Scope) -> None:
        self.request_id = uuid.uuid4().hex[:16]
        self.status = 0
        self.started = False
        self.head_seconds: float | None = None
        self.cookies: list[str] = []
        self._send = send
        self._api = scope["path"].startswith("/v1")
        self._encrypted = cookies.is_secure(scope.get("scheme", "http"))
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
        if self._encrypted:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        for cookie in self.cookies:
            headers.append("Set-Cookie", cookie)
        if self._api:
            headers.setdefault("Cache-Control", "no-store")
