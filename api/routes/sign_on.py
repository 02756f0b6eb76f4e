"""The way to the company's sign-on and back: only the browser that set out may come back, once, to our own page."""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from api import accounts, cookies, house, links, sign_on
from api.routes.session import browser
from store import people, sessions, tickets
from store.errors import PlainsayError
from store.principal import NOBODY, Principal

router = APIRouter(prefix="/v1/sign-on")
Text = Annotated[str, Query(max_length=4_000)]


@router.get("", status_code=303, response_class=RedirectResponse)
async def set_out(request: Request, next_page: Annotated[str, Query(alias="next", max_length=600)] = "/") -> Response:
    """Send the browser to the provider; `next` is the place of our own page to come back to."""
    home = house.of(request)
    begun = await home.provider.begin(f"{links.base(request)}/v1/sign-on/return")
    body = begun.remembered | {"next": links.inside(next_page)}
    _, text = await home.database.write(lambda c: tickets.issue(c, "sign_on", body, NOBODY.user_id))
    reply = RedirectResponse(begun.url, status_code=303)
    life = int(tickets.LIFE["sign_on"].total_seconds())
    reply.headers.append("Set-Cookie", cookies.sign_on(text, request.url.scheme, life))
    return reply


@router.get("/return", status_code=303, response_class=RedirectResponse)
async def come_back(request: Request, state: Text = "", code: Text = "", error: Text = "") -> Response:
    """Come back from the provider; what goes wrong is told on the sign-in page."""
    try:
        page, cookie = await _come_back(request, state, code, error)
    except PlainsayError as problem:
        page, cookie = f"/sign-in?problem={quote(problem.code)}", None
        accounts.note("refused", detail_code=problem.code)
    reply = RedirectResponse(page, status_code=303)
    reply.headers.append("Set-Cookie", cookies.sign_on("", request.url.scheme, 0))
    if cookie is not None:
        reply.headers.append("Set-Cookie", cookies.given(cookie, request.url.scheme))
    return reply


async def _come_back(request: Request, state: str, code: str, error: str) -> tuple[str, str]:
    """(the place to go on to, the session's cookie)."""
    home, text = house.of(request), cookies.one(request.headers, cookies.SIGN_ON)
    row = await home.database.write(lambda c: tickets.spend(c, "sign_on", text or ""))
    remembered = row["body"]
    if error or not code or not hmac.compare_digest(state.encode(), remembered["state"].encode()):
        raise sign_on.refused()
    claims = await home.provider.finish(code, remembered)
    roles, where, before = sign_on.roles_of(claims.groups), browser(request), accounts.caller()
    connect = before.self.user_id if before.session_id is not None else None

    def enter(connection: Connection) -> tuple[str, Principal | None] | None:
        user_id = sign_on.admit(connection, claims, roles, connect)
        if user_id is None:
            return None
        return sessions.start(connection, user_id, "sign-on", where.agent), people.principal_of(connection, user_id)

    entered = await home.database.write(enter)
    home.people.changed()
    if entered is None:
        raise sign_on.nobody()
    cookie, person = entered
    if before.session_id is not None:
        user_id, session_id = before.self.user_id, before.session_id
        await home.database.write(lambda c: sessions.end(c, user_id, session_id))
    accounts.note(claims.email, actor=person, method="sign-on")
    return remembered["next"], cookie
