"""Invitations and links to a new password: who has the link, and nobody else, may use it, once."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import Response

from api import accounts, bodies, house, links, looking_after, passwords
from api.routes.session import browser, signed
from api.routes.users import Place
from store import people, sessions, tickets
from store.errors import InvalidRequest, UnknownName
from store.principal import Principal
from store.rights import EVERYWHERE, Role, highest, rank

router = APIRouter(prefix="/v1")
Text = Annotated[str, Field(max_length=1_000)]


class Invitation(BaseModel):
    """Whom to invite, where to (`*`: every workspace) and as what."""

    model_config = ConfigDict(extra="forbid")

    email: Text
    role: Role = "viewer"
    workspace: Place = EVERYWHERE


class Token(BaseModel):
    """What stands behind the # of a link."""

    model_config = ConfigDict(extra="forbid")

    token: Text


class Acceptance(BaseModel):
    """The link's secret, and the account to make."""

    model_config = ConfigDict(extra="forbid")

    token: Text
    name: Text
    password: Text


class NewPassword(BaseModel):
    """The link's secret and the new password."""

    model_config = ConfigDict(extra="forbid")

    token: Text
    password: Text


@router.get("/invitations")
async def list_invitations(
    request: Request, workspace: Annotated[str | None, Query(max_length=63)] = None
) -> dict[str, Any]:
    """Invitations that can still be accepted, newest first."""
    actor = accounts.current()
    rows = await house.of(request).database.read(lambda c: tickets.open_ones(c, "invitation"))
    seen = [r for r in rows if looking_after.holds(actor, "members", r["body"]["workspace"])]
    shown = [r for r in seen if workspace is None or r["body"]["workspace"] in (workspace, EVERYWHERE)]
    kept = ("id", "created_by", "created_at", "expires_at")
    return {"items": [{key: row[key] for key in kept} | row["body"] for row in shown]}


@router.post("/invitations", status_code=201, openapi_extra=bodies.schema(Invitation))
async def invite(request: Request, body: Annotated[Invitation, Depends(bodies.json_of(Invitation))]) -> dict[str, Any]:
    """Invite somebody: a link to pass on, shown this once. Who has an account already gets the role at once."""
    actor, email, home = accounts.current(), people.clean_email(body.email), house.of(request)
    base = links.base(request)

    def make(connection: Connection) -> str | None:
        known = people.by_email(connection, email)
        held = people.memberships(connection, [known["id"]]).get(known["id"], {}) if known is not None else {}
        looking_after.check_role(actor, body.workspace, held.get(body.workspace), body.role)
        if known is not None:
            better = highest(held.get(body.workspace), body.role) or body.role
            people.give_role(connection, known["id"], body.workspace, better)
            return None
        tickets.take_back_of(connection, "invitation", "email", email)
        told = {"email": email, "role": body.role, "workspace": body.workspace}
        return tickets.issue(connection, "invitation", told, actor.user_id)[1]

    text = await home.database.write(make)
    accounts.note(email, role=body.role, place=body.workspace)
    home.people.changed()
    return {"added": text is None, "link": links.to_page(request, "invitation", text) if text and base else None}


@router.delete("/invitations/{invitation_id}", status_code=204)
async def take_back_invitation(request: Request, invitation_id: str) -> Response:
    """Take an invitation back."""
    actor = accounts.current()

    def end(connection: Connection) -> str:
        row = tickets.get(connection, "invitation", invitation_id)
        if not looking_after.holds(actor, "members", row["body"]["workspace"]):
            raise UnknownName("There is no such invitation.", code="unknown_invitation")
        looking_after.check_role(actor, row["body"]["workspace"], None, row["body"]["role"])
        tickets.take_back(connection, invitation_id)
        return str(row["body"]["email"])

    accounts.note(await house.of(request).database.write(end))
    return Response(status_code=204)


@router.post("/invitations/look", openapi_extra=bodies.schema(Token))
async def look_at_invitation(
    request: Request, body: Annotated[Token, Depends(bodies.json_of(Token))]
) -> dict[str, Any]:
    """What a link invites to."""
    row = await house.of(request).database.read(lambda c: tickets.look(c, "invitation", body.token))
    return {key: row["body"][key] for key in ("email", "role", "workspace")}


@router.post("/invitations/accept", status_code=201, openapi_extra=bodies.schema(Acceptance))
async def accept_invitation(
    request: Request, body: Annotated[Acceptance, Depends(bodies.json_of(Acceptance))]
) -> Response:
    """Make the account that an invitation is for, and sign in with it."""
    home, where = house.of(request), browser(request)
    row = await home.database.read(lambda c: tickets.look(c, "invitation", body.token))
    email, name = row["body"]["email"], people.clean_name(body.name)
    await asyncio.to_thread(passwords.check, body.password, email, name)
    kept = await asyncio.to_thread(passwords.hashed, body.password)

    def make(connection: Connection) -> tuple[str, Principal | None]:
        spent = tickets.spend(connection, "invitation", body.token)
        _still_good(connection, spent["created_by"], spent["body"])
        made = people.create(connection, name=name, email=email, password=kept)
        people.give_role(connection, made, spent["body"]["workspace"], spent["body"]["role"])
        return sessions.start(connection, made, "invitation", where.agent), people.principal_of(connection, made)

    cookie, person = await home.database.write(make)
    accounts.note(email, actor=person)
    reply = await signed(home, request, cookie)
    reply.status_code = 201
    return reply


@router.post("/password", status_code=204, openapi_extra=bodies.schema(NewPassword))
async def set_password(
    request: Request, body: Annotated[NewPassword, Depends(bodies.json_of(NewPassword))]
) -> Response:
    """Set a new password with the link that an administrator made; every browser of the person is signed out."""
    home = house.of(request)
    row = await home.database.read(lambda c: tickets.look(c, "password", body.token))
    user = await home.database.read(lambda c: people.get(c, row["body"]["user_id"]))
    await asyncio.to_thread(passwords.check, body.password, user["email"] or "", user["name"])
    kept = await asyncio.to_thread(passwords.hashed, body.password)

    def put(connection: Connection) -> None:
        tickets.spend(connection, "password", body.token)
        people.change(connection, user["id"], password=kept)
        sessions.end_all(connection, user["id"])

    await home.database.write(put)
    accounts.note(user["id"], actor=await home.people.person(user["id"]))
    home.people.changed()
    return Response(status_code=204)


def _still_good(connection: Connection, inviter_id: str, body: dict[str, Any]) -> None:
    """Refuse an invitation whose sender has lost the right to give it. Raises `SpentTicket`."""
    inviter = people.principal_of(connection, inviter_id)
    place, role = body["workspace"], body["role"]
    mine = (inviter.everywhere if place == EVERYWHERE else inviter.role_in(place)) if inviter is not None else None
    if inviter is None or mine is None or rank(mine) < rank(role) or not looking_after.holds(inviter, "members", place):
        raise tickets.SpentTicket("This link no longer works.", hint="Ask whoever sent it for a new one.")
    if people.by_email(connection, body["email"]) is not None:
        raise InvalidRequest("There is an account with this address already.", code="email_taken", hint="Sign in.")
