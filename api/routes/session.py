"""Signing in and out, the first owner, and viewing as another person."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from api import accounts, bodies, cookies, house, signing_in
from api.errors import Conflict
from api.house import House
from api.people import viewed
from api.signing_in import Browser
from store import people, sessions
from store.errors import UnknownName
from store.principal import refused

router = APIRouter(prefix="/v1")
Text = Annotated[str, Field(max_length=1_000)]


class SignIn(BaseModel):
    """An e-mail address, its password and, where one is set up, a code of the second factor."""

    model_config = ConfigDict(extra="forbid")

    email: Text
    password: Text
    code: str = Field("", max_length=40)


class Owner(BaseModel):
    """The first owner account."""

    model_config = ConfigDict(extra="forbid")

    email: Text
    name: Text
    password: Text


class Viewed(BaseModel):
    """Whom to view as."""

    model_config = ConfigDict(extra="forbid")

    user_id: str = Field(max_length=64)


def browser(request: Request) -> Browser:
    """Where a request comes from."""
    address = request.client.host if request.client else ""
    return Browser(address, request.headers.get("user-agent", "")[:200])


async def signed(home: House, request: Request, cookie: str) -> Response:
    """The answer that keeps a new session; the one that the browser had before is over."""
    before = accounts.caller()
    if before.session_id is not None:
        user_id, session_id = before.self.user_id, before.session_id
        await home.database.write(lambda c: sessions.end(c, user_id, session_id))
    reply = JSONResponse({"signed_in": True})
    reply.headers.append("Set-Cookie", cookies.given(cookie, request.url.scheme))
    return reply


@router.get("/session")
async def show_session(request: Request) -> dict[str, Any]:
    """Who sits at this browser, what they may, and how to sign in."""
    return await signing_in.told(house.of(request))


@router.post("/session", openapi_extra=bodies.schema(SignIn))
async def sign_in(request: Request, body: Annotated[SignIn, Depends(bodies.json_of(SignIn))]) -> Response:
    """Sign in with a password; 401 `second_factor_needed` asks for the same with a `code`."""
    home = house.of(request)
    cookie = await signing_in.with_password(home, body.email, body.password, body.code, browser(request))
    return await signed(home, request, cookie)


@router.delete("/session", status_code=204)
async def sign_out(request: Request) -> Response:
    """Sign out."""
    caller, home = accounts.caller(), house.of(request)
    if caller.session_id is not None:
        user_id, session_id = caller.self.user_id, caller.session_id
        await home.database.write(lambda c: sessions.end(c, user_id, session_id))
    reply = Response(status_code=204)
    reply.headers.append("Set-Cookie", cookies.taken(request.url.scheme))
    return reply


@router.post("/setup", status_code=201, openapi_extra=bodies.schema(Owner))
async def make_owner(request: Request, body: Annotated[Owner, Depends(bodies.json_of(Owner))]) -> Response:
    """Make the first owner account and sign in with it; from then on everybody signs in."""
    home = house.of(request)
    cookie = await signing_in.make_owner(home, body.email, body.name, body.password, browser(request))
    reply = await signed(home, request, cookie)
    reply.status_code = 201
    return reply


@router.post("/session/view-as", openapi_extra=bodies.schema(Viewed))
async def view_as(request: Request, body: Annotated[Viewed, Depends(bodies.json_of(Viewed))]) -> dict[str, Any]:
    """See what another person would be told, in the workspaces where you may; nothing can be changed meanwhile."""
    caller, home = accounts.caller(), house.of(request)
    if caller.session_id is None or caller.real is not None:
        raise Conflict("Only somebody who signed in on a page can view as others.", code="no_session")
    other = await home.people.person(body.user_id)
    seen = viewed(caller.person, other) if other is not None else None
    if other is None or seen is None or body.user_id == caller.person.user_id:
        raise UnknownName("There is no such person.", code="unknown_user")
    if not seen.memberships:
        raise refused("view_as")
    session_id = caller.session_id
    await home.database.write(lambda c: sessions.look_as(c, session_id, body.user_id))
    accounts.note(other.user_id, name=other.name)
    return {"viewing_as": {"name": other.name, "workspaces": dict(seen.memberships)}}


@router.delete("/session/view-as", status_code=204)
async def view_as_oneself(request: Request) -> Response:
    """Be oneself again."""
    caller, home = accounts.caller(), house.of(request)
    if caller.session_id is None:
        raise Conflict("There is nobody that you view as.", code="no_session")
    session_id = caller.session_id
    await home.database.write(lambda c: sessions.look_as(c, session_id, None))
    return Response(status_code=204)


async def owner_of_session(home: House) -> Any:
    """The row of who really sits there. Raises `Conflict` for who did not sign in on a page."""
    caller = accounts.caller()
    if caller.by != "cookie" or caller.real is not None:
        raise Conflict("Only somebody who signed in on a page can do this.", code="no_session")
    user_id = caller.person.user_id
    return await home.database.read(lambda c: people.get(c, user_id))
