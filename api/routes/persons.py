"""One person's data in a workspace: what is held, and its erasure; names stand in bodies, never in addresses."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from api import accounts, bodies, house
from warehouse import workspace as workspaces
from warehouse.workspace import Workspace

router = APIRouter(prefix="/v1/persons")


class Who(BaseModel):
    """A person, by an e-mail address, a phone number or an id."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    who: str = Field(max_length=320)


@router.post("/held", openapi_extra=bodies.schema(Who))
async def held(request: Request, body: Annotated[Who, Depends(bodies.json_of(Who))]) -> dict[str, Any]:
    """All rows that are held of a person, by source and table: the copy that they may ask for."""
    from ingestion import persons

    place = await _entered(request, body.workspace)
    found = await asyncio.to_thread(persons.held, place, body.who)
    return {"items": [{"source": h.source, "table": h.table, "rows": h.rows} for h in found]}


@router.post("/erase", openapi_extra=bodies.schema(Who))
async def erase(request: Request, body: Annotated[Who, Depends(bodies.json_of(Who))]) -> dict[str, Any]:
    """Take a person out of everything, earlier versions too; figures of the past stay. It cannot be undone."""
    from ingestion import persons

    place = await _entered(request, body.workspace)
    done = await asyncio.to_thread(persons.erase, place, body.who)
    return {"removed": done.removed, "cleaned": done.cleaned, "events": done.events, "snapshot": done.snapshot}


async def _entered(request: Request, workspace: str | None) -> Workspace:
    home = house.of(request)
    name, _ = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    return workspaces.existing(name, home.home)
