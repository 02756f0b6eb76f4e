"""API keys over HTTP: one's own, and for who looks after people those of service accounts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import Response

from api import accounts, bodies, house, looking_after
from store import api_keys, people
from store.api_keys import NewKey
from store.errors import InvalidRequest, QueryRefused, UnknownName
from store.principal import LOCAL_OWNER, Principal
from store.rights import EVERYWHERE

router = APIRouter(prefix="/v1/keys")
_SHOWN = ("id", "name", "user_id", "workspace", "scopes", "created_at", "expires_at", "used_at")


class KeyRequest(BaseModel):
    """A key to make. Without `user_id` it is one's own; `scopes` are rights or a role; `days` is how long it lives."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=63)
    user_id: str | None = Field(None, max_length=64)
    workspace: str | None = Field(None, pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")
    scopes: list[str] = Field(default_factory=list, max_length=40)
    days: int | None = Field(None, ge=1, le=3650)


@router.get("")
async def list_keys(request: Request) -> dict[str, Any]:
    """One's own keys, and for who looks after people everybody's; never their text."""
    actor = accounts.current()
    everybody = looking_after.holds(actor, "people", EVERYWHERE)

    def read(connection: Connection) -> list[dict[str, Any]]:
        rows = api_keys.listed(connection, None if everybody else actor.user_id)
        names = {row["id"]: row["name"] for row in people.listed(connection)}
        return [{key: row[key] for key in _SHOWN} | {"holder": names.get(row["user_id"], "")} for row in rows]

    return {"items": await house.of(request).database.read(read)}


@router.post("", status_code=201, openapi_extra=bodies.schema(KeyRequest))
async def create_key(
    request: Request, body: Annotated[KeyRequest, Depends(bodies.json_of(KeyRequest))]
) -> dict[str, Any]:
    """Make a key; its text is shown this once. A key never has more rights than its holder."""
    actor = accounts.current()
    if accounts.caller().key_id is not None:
        raise QueryRefused("A key cannot make keys.", code="key_by_key", hint="Sign in, and make it there.")
    holder = body.user_id or actor.user_id

    def make(connection: Connection) -> tuple[str, str]:
        _check_holder(connection, actor, holder)
        scopes, place = api_keys.clean_scopes(body.scopes), body.workspace
        if place is not None and actor.role_in(place) is None:
            raise UnknownName(f"There is no workspace called “{place}”.")
        return api_keys.create(connection, NewKey(body.name, holder, actor.user_id, place, scopes, body.days))

    made, text = await house.of(request).database.write(make)
    accounts.note(made, name=body.name, holder=holder, scopes=body.scopes, workspace=body.workspace)
    return {"id": made, "key": text}


@router.delete("/{key_id}", status_code=204)
async def revoke_key(request: Request, key_id: str) -> Response:
    """End a key for good."""
    actor, home = accounts.current(), house.of(request)

    def end(connection: Connection) -> str:
        row = api_keys.get(connection, key_id)
        if row["user_id"] != actor.user_id and not looking_after.holds(actor, "people", EVERYWHERE):
            raise UnknownName("There is no such key.", code="unknown_key")
        api_keys.revoke(connection, key_id)
        return str(row["name"])

    name = await home.database.write(end)
    accounts.note(key_id, name=name)
    home.people.changed()
    return Response(status_code=204)


def _check_holder(connection: Connection, actor: Principal, holder: str) -> None:
    """Whether `actor` may make keys for `holder`: themselves, or a service account that has no more rights."""
    if holder == actor.user_id:
        if actor.user_id == LOCAL_OWNER.user_id and not people.any_owner(connection):
            raise InvalidRequest(
                "A key needs somebody to hold it.", code="no_holder",
                hint="Make a service account first, and name it as `user_id`; or make the owner account.",
            )  # fmt: skip
        people.get(connection, holder)
        return
    row = looking_after.check_person(connection, actor, holder)
    if row["kind"] != "service":
        raise InvalidRequest("People make their own keys.", code="not_a_service", details={"field": "user_id"})
