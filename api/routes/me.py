"""One's own account: name, password, second factor, and where one is signed in."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api import accounts, bodies, house, passwords, second_factor
from api.errors import Unauthorised
from api.house import House
from api.routes.session import browser, owner_of_session
from store import people, sessions, tries
from store.errors import InvalidRequest, UnknownName

router = APIRouter(prefix="/v1/me")
Text = Annotated[str, Field(max_length=1_000)]


class OwnName(BaseModel):
    """What one is called."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=200)


class NewPassword(BaseModel):
    """The password now and the one to come."""

    model_config = ConfigDict(extra="forbid")

    password: Text
    new: Text


class Proof(BaseModel):
    """One's password, so that nobody does this at a browser that was left open."""

    model_config = ConfigDict(extra="forbid")

    password: Text


class Code(BaseModel):
    """A code of the app."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=40)


@router.patch("", openapi_extra=bodies.schema(OwnName))
async def change_name(request: Request, body: Annotated[OwnName, Depends(bodies.json_of(OwnName))]) -> dict[str, Any]:
    """Change what one is called. Raises `InvalidRequest` for a name of blanks."""
    home = house.of(request)
    user, name = await owner_of_session(home), people.clean_name(body.name)
    await home.database.write(lambda c: people.change(c, user["id"], name=name))
    accounts.note(user["email"] or user["id"], name=name)
    return {"name": name}


@router.get("/sessions")
async def list_sessions(request: Request) -> dict[str, Any]:
    """Where one is signed in."""
    home, caller = house.of(request), accounts.caller()
    rows = await home.database.read(lambda c: sessions.listed(c, caller.self.user_id))
    shown = ("id", "method", "agent", "created_at", "seen_at")
    return {"items": [{k: row[k] for k in shown} | {"this": row["id"] == caller.session_id} for row in rows]}


@router.delete("/sessions/{session_id}", status_code=204)
async def end_session(request: Request, session_id: str) -> Response:
    """Sign one of one's browsers out."""
    home, user_id = house.of(request), accounts.caller().self.user_id
    if not await home.database.write(lambda c: sessions.end(c, user_id, session_id)):
        raise UnknownName("There is no such session.", code="unknown_session")
    return Response(status_code=204)


@router.post("/password", status_code=204, openapi_extra=bodies.schema(NewPassword))
async def change_password(
    request: Request, body: Annotated[NewPassword, Depends(bodies.json_of(NewPassword))]
) -> Response:
    """Change one's password; every other browser is signed out."""
    home = house.of(request)
    user = await _proven(home, request, body.password)
    await asyncio.to_thread(passwords.check, body.new, user["email"] or "", user["name"])
    kept = await asyncio.to_thread(passwords.hashed, body.new)
    keep = accounts.caller().session_id
    await home.database.write(lambda c: people.change(c, user["id"], password=kept))
    await home.database.write(lambda c: sessions.end_all(c, user["id"], keep))
    return Response(status_code=204)


@router.post("/second-factor", openapi_extra=bodies.schema(Proof))
async def begin_second_factor(
    request: Request, body: Annotated[Proof, Depends(bodies.json_of(Proof))]
) -> dict[str, Any]:
    """A secret for an authenticator app; it counts once a code of the app was sent to `/confirm`."""
    home = house.of(request)
    user = await _proven(home, request, body.password)
    secret = second_factor.new_secret()
    address = second_factor.address(secret, user["email"] or user["name"])
    picture = await asyncio.to_thread(second_factor.picture, address)
    sealed = second_factor.sealing(home.home).close(secret, user["id"])
    await home.database.write(lambda c: people.change(c, user["id"], totp_pending=sealed))
    return {"secret": secret, "address": address, "picture": picture}


@router.post("/second-factor/confirm", openapi_extra=bodies.schema(Code))
async def confirm_second_factor(
    request: Request, body: Annotated[Code, Depends(bodies.json_of(Code))]
) -> dict[str, Any]:
    """Turn the second factor on; gives codes for paper, shown this once."""
    home = house.of(request)
    user = await owner_of_session(home)
    await home.database.write(lambda c: tries.begin(c, user["id"], browser(request).address))
    pending = user["totp_pending"]
    secret = second_factor.sealing(home.home).open(pending, user["id"]) if pending else None
    step = second_factor.step_of(secret, body.code) if secret else None
    if step is None:
        raise InvalidRequest("That code is wrong.", code="wrong_code", details={"field": "code"})
    codes, kept = second_factor.paper_codes()
    values = {"totp": pending, "totp_pending": None, "totp_last": step, "recovery": kept}
    keep = accounts.caller().session_id
    await home.database.write(lambda c: people.change(c, user["id"], **values))
    await home.database.write(lambda c: sessions.end_all(c, user["id"], keep))
    await home.database.write(lambda c: tries.succeed(c, user["id"], browser(request).address))
    return {"codes": codes}


@router.post("/second-factor/off", status_code=204, openapi_extra=bodies.schema(Proof))
async def end_second_factor(request: Request, body: Annotated[Proof, Depends(bodies.json_of(Proof))]) -> Response:
    """Turn the second factor off."""
    home = house.of(request)
    user = await _proven(home, request, body.password)
    off: dict[str, Any] = {"totp": None, "totp_pending": None, "recovery": []}
    await home.database.write(lambda c: people.change(c, user["id"], **off))
    return Response(status_code=204)


async def _proven(home: House, request: Request, password: str) -> Any:
    """Who sits there and knows their password. Raises `Unauthorised`, `TooManyTries`."""
    user, address = await owner_of_session(home), browser(request).address
    await home.database.write(lambda c: tries.begin(c, user["id"], address))
    if not await asyncio.to_thread(passwords.matches, user["password"], password):
        raise Unauthorised("The password is wrong.", code="wrong_password")
    await home.database.write(lambda c: tries.succeed(c, user["id"], address))
    accounts.note(user["email"] or user["name"])
    return user
