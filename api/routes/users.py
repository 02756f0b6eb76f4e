"""People and service accounts: who there is, what they may, and taking it away."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import Response

from api import accounts, bodies, house, links, looking_after
from store import people, sessions, tickets
from store.models import utc_now
from store.principal import Principal
from store.rights import Role

router = APIRouter(prefix="/v1/users")
Place = Annotated[str, Field(pattern=r"^(\*|[a-z0-9][a-z0-9_-]{0,62})$")]


class NewService(BaseModel):
    """A service account: a name, and its role in a workspace (`*`: in all)."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200)
    role: Role = "viewer"
    workspace: Place = "*"


class UserChange(BaseModel):
    """What to change of a person; a role of null takes it away."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, max_length=200)
    roles: dict[Place, Role | None] | None = None
    attributes: dict[str, list[str]] | None = None
    groups: list[Annotated[str, Field(min_length=1, max_length=200)]] | None = Field(None, max_length=200)
    disabled: bool | None = None
    second_factor: Annotated[bool | None, Field(description="false turns it off")] = None


@router.get("")
async def list_users(
    request: Request,
    workspace: Annotated[str | None, Query(max_length=63)] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
) -> dict[str, Any]:
    """The members of a workspace; without one everybody, for who looks after all of them."""
    home, actor = house.of(request), accounts.current()
    if workspace is not None:
        workspace, actor = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    words = (q or "").replace("\x00", "").strip() or None
    return {"items": await home.database.read(lambda c: looking_after.listed(c, actor, workspace, words))}


@router.post("", status_code=201, openapi_extra=bodies.schema(NewService))
async def create_service(
    request: Request, body: Annotated[NewService, Depends(bodies.json_of(NewService))]
) -> dict[str, Any]:
    """Make a service account; programs come in with keys of it. People are invited."""
    actor = accounts.current()

    def make(connection: Connection) -> dict[str, Any]:
        looking_after.check_role(actor, body.workspace, None, body.role)
        made = people.create(connection, name=people.clean_name(body.name), email=None)
        people.give_role(connection, made, body.workspace, body.role)
        return looking_after.card(people.get(connection, made), {body.workspace: body.role})

    found = await house.of(request).database.write(make)
    accounts.note(found["id"], name=found["name"], role=body.role, place=body.workspace)
    return found


@router.get("/{user_id}")
async def show_user(request: Request, user_id: str) -> dict[str, Any]:
    """One person."""
    actor = accounts.current()
    return await house.of(request).database.read(lambda c: _card(c, actor, user_id))


@router.patch("/{user_id}", openapi_extra=bodies.schema(UserChange))
async def change_user(
    request: Request, user_id: str, body: Annotated[UserChange, Depends(bodies.json_of(UserChange))]
) -> dict[str, Any]:
    """Change a person's roles, attributes, groups or name; disable them, or let them in again."""
    actor, home = accounts.current(), house.of(request)
    found, changed = await home.database.write(lambda c: _changed(c, actor, user_id, body))
    accounts.note(user_id, name=found["name"], **changed)
    home.people.changed()
    return found


@router.delete("/{user_id}", status_code=204)
async def delete_user(request: Request, user_id: str) -> Response:
    """Remove a person with their conversations, dashboards, keys and sessions; the audit log keeps their deeds."""
    actor, home = accounts.current(), house.of(request)

    def forget(connection: Connection) -> str:
        row = looking_after.check_person(connection, actor, user_id)
        people.remove(connection, user_id)
        looking_after.keep_an_owner(connection)
        return str(row["name"])

    name = await home.database.write(forget)
    accounts.note(user_id, name=name)
    home.people.changed()
    return Response(status_code=204)


@router.post("/{user_id}/sign-out", status_code=204)
async def sign_out_everywhere(request: Request, user_id: str) -> Response:
    """End all sessions of a person."""
    actor, home = accounts.current(), house.of(request)

    def end(connection: Connection) -> None:
        looking_after.check_person(connection, actor, user_id)
        sessions.end_all(connection, user_id)

    await home.database.write(end)
    accounts.note(user_id)
    home.people.changed()
    return Response(status_code=204)


@router.post("/{user_id}/password-link", status_code=201)
async def make_password_link(request: Request, user_id: str) -> dict[str, Any]:
    """A link under which a person sets a new password, good for a day and for once; shown this once."""
    actor = accounts.current()

    def make(connection: Connection) -> str:
        row = looking_after.check_person(connection, actor, user_id)
        tickets.take_back_of(connection, "password", "user_id", user_id)
        return tickets.issue(connection, "password", {"user_id": row["id"]}, actor.user_id)[1]

    text = await house.of(request).database.write(make)
    accounts.note(user_id)
    return {"link": links.to_page(request, "password", text)}


def _card(connection: Connection, actor: Principal, user_id: str) -> dict[str, Any]:
    row = looking_after.seen_by(connection, actor, user_id)
    held = people.memberships(connection, [user_id]).get(user_id, {})
    mine = {place: role for place, role in held.items() if looking_after.holds(actor, "members", place)}
    return looking_after.card(row, mine)


def _changed(
    connection: Connection, actor: Principal, user_id: str, body: UserChange
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The person after the change, and what the audit log says of it. Raises `QueryRefused`, `UnknownName`."""
    noted: dict[str, Any] = {}
    looking_after.seen_by(connection, actor, user_id)
    if body.roles is not None:
        noted["roles"] = looking_after.set_roles(connection, actor, user_id, body.roles)
    if body.attributes is not None or body.groups is not None:
        looking_after.check_person(connection, actor, user_id, "policies")
        values: dict[str, Any] = {}
        if body.attributes is not None:
            values["attributes"] = people.clean_attributes(body.attributes)
        if body.groups is not None:
            values["groups"] = sorted(set(body.groups))
        people.change(connection, user_id, **values)
        noted |= {key: sorted(value) for key, value in values.items()}
    if body.name is not None or body.disabled is not None or body.second_factor is False:
        looking_after.check_person(connection, actor, user_id)
        noted |= _of_account(connection, user_id, body)
    looking_after.keep_an_owner(connection)
    return _card(connection, actor, user_id), noted


def _of_account(connection: Connection, user_id: str, body: UserChange) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if body.name is not None:
        values["name"] = people.clean_name(body.name)
    if body.disabled is not None:
        values["disabled_at"] = utc_now() if body.disabled else None
        sessions.end_all(connection, user_id)
    if body.second_factor is False:
        values |= {"totp": None, "totp_pending": None, "recovery": []}
        sessions.end_all(connection, user_id)
    people.change(connection, user_id, **values)
    return {"disabled": body.disabled} if body.disabled is not None else {"account": sorted(values)}
