"""The audit log over HTTP: what was done in the workspaces that one looks after, and whether the chain holds."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api import accounts, house, looking_after
from store import audit
from store.audit import Sought
from store.principal import refused
from store.rights import EVERYWHERE

router = APIRouter(prefix="/v1/audit")
Text = Annotated[str | None, Field(max_length=200)]


class AuditQuery(BaseModel):
    """Which entries; `action` may be a beginning, such as `key.`, and `before` is the number to go on from."""

    model_config = ConfigDict(extra="forbid")

    actor: Text = None
    action: Text = None
    workspace: Annotated[str | None, Field(max_length=63)] = None
    q: Text = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: Annotated[int | None, Field(ge=1, le=2**53)] = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100


@router.get("")
async def list_audit(request: Request, query: Annotated[AuditQuery, Query()]) -> dict[str, Any]:
    """Entries, newest first, of the workspaces whose log one may read."""
    home, person = house.of(request), accounts.current()
    places: list[str] | None = None
    if query.workspace is not None:
        places = [(await asyncio.to_thread(accounts.entered, home.shelf, query.workspace))[0]]
    elif not looking_after.holds(person, "audit", EVERYWHERE):
        places = [p for p in person.memberships or () if looking_after.holds(person, "audit", p)]
    words = (query.q or "").replace("\x00", "").strip() or None
    sought = Sought(query.actor, query.action, places, words, query.since, query.until, query.before, query.limit + 1)
    rows = await home.database.read(lambda c: audit.search(c, sought))
    more = len(rows) > query.limit
    return {"items": rows[: query.limit], "before": rows[query.limit - 1]["seq"] if more else None}


@router.get("/verify")
async def verify_audit(request: Request) -> dict[str, Any]:
    """Whether every entry fits the one before; note the head elsewhere to see later that nothing was cut off."""
    if not looking_after.holds(accounts.current(), "audit", EVERYWHERE):
        raise refused("audit")
    found = await house.of(request).database.read(audit.verify)
    return {"whole": found.broken_at is None, **vars(found)}
