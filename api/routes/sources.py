"""Sources of a workspace: what can be connected, connecting, loading, health, and the calls of providers."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api import accounts, bodies, house, sources
from api.house import House
from store.errors import UnknownName
from store.principal import LOCAL_OWNER, Principal
from warehouse import workspace as workspaces
from warehouse.workspace import Workspace

router = APIRouter(prefix="/v1")
WorkspaceName = Annotated[str | None, Query(max_length=63)]
_MOST_BYTES = 2_000_000


class NewSource(BaseModel):
    """A source with the settings that its manifest asks for; secrets are encrypted before they are stored."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    source: str = Field(max_length=64)
    name: str | None = Field(None, max_length=40)
    environment: str = Field("live", max_length=32)
    since: str | None = Field(None, max_length=32, description="load from this date on; without it everything")
    settings: dict[str, str] = Field(default_factory=dict, max_length=40)
    base_url: str | None = Field(None, max_length=500)
    every: int | None = Field(None, ge=1, le=44_640, description="minutes between loads that begin by themselves")

    def wanted(self) -> sources.Wanted:
        """The same for those who connect."""
        return sources.Wanted(**self.model_dump(exclude={"workspace"}))


class ChangedSource(BaseModel):
    """Settings to change; an empty text takes one back that is not required. `every` 0 ends loads by themselves.

    `keep_days` is for how long rows are kept whole after they last changed: then only what figures are made of stays;
    0 for ever.
    """

    model_config = ConfigDict(extra="forbid")

    settings: dict[str, str] = Field(default_factory=dict, max_length=40)
    every: int | None = Field(None, ge=0, le=44_640)
    keep_days: int | None = Field(None, ge=0, le=36_500)


@router.get("/sources/catalogue")
async def catalogue(request: Request) -> dict[str, Any]:
    """Every source that can be connected, with the form that it asks for and how far its connector is proven."""
    return {"items": await asyncio.to_thread(sources.catalogue)}


@router.get("/sources")
async def list_sources(request: Request, workspace: WorkspaceName = None) -> dict[str, Any]:
    """The connected sources of a workspace: health, freshness, rows; no secrets."""
    place, _ = await _entered(request, workspace)
    return await asyncio.to_thread(sources.listed, place)


@router.post("/sources", status_code=201, openapi_extra=bodies.schema(NewSource))
async def connect(request: Request, body: Annotated[NewSource, Depends(bodies.json_of(NewSource))]) -> dict[str, Any]:
    """Try a source, keep the connection, and begin to load it. Returns {connection, detail, job_id}."""
    place, person = await _entered(request, body.workspace)
    made, check = await asyncio.to_thread(sources.connect, place, body.wanted())
    job_id = await _queue(house.of(request), place, made.id, person)
    shown = await asyncio.to_thread(sources.describe, place, made)
    return {"connection": shown, "detail": check.detail, "job_id": job_id}


@router.post("/sources/look", openapi_extra=bodies.schema(NewSource))
async def look(request: Request, body: Annotated[NewSource, Depends(bodies.json_of(NewSource))]) -> dict[str, Any]:
    """Try a source and tell what it offers, with the columns that may tell what is new; nothing is kept."""
    place, _ = await _entered(request, body.workspace)
    return await asyncio.to_thread(sources.look, place, body.wanted())


@router.post("/sources/{source_id}/refresh", status_code=202)
async def refresh(request: Request, source_id: str, workspace: WorkspaceName = None) -> dict[str, Any]:
    """Load what is new. Returns {"job_id"}."""
    place, person = await _entered(request, workspace)
    known = await asyncio.to_thread(_known, place, source_id)
    return {"job_id": await _queue(house.of(request), place, known, person)}


@router.get("/sources/{source_id}/schema")
async def schema(request: Request, source_id: str, workspace: WorkspaceName = None) -> dict[str, Any]:
    """What a connection brings: resources, rows held, and the common tables and columns that they become."""
    place, _ = await _entered(request, workspace)
    return await asyncio.to_thread(sources.schema, place, source_id)


@router.patch("/sources/{source_id}", openapi_extra=bodies.schema(ChangedSource))
async def change(
    request: Request, source_id: str, body: Annotated[ChangedSource, Depends(bodies.json_of(ChangedSource))],
    workspace: WorkspaceName = None,
) -> dict[str, Any]:  # fmt: skip
    """Change settings or secrets of a connection; what is not named stays. Returns {"connection"}."""
    place, _ = await _entered(request, workspace)
    made = await asyncio.to_thread(sources.change, place, source_id, body.settings, body.every, body.keep_days)
    return {"connection": await asyncio.to_thread(sources.describe, place, made)}


@router.delete("/sources/{source_id}", status_code=200)
async def remove(
    request: Request, source_id: str, workspace: WorkspaceName = None, rows: bool = False
) -> dict[str, Any]:
    """Forget a connection and its secrets; with `rows=true` what was loaded too."""
    place, _ = await _entered(request, workspace)
    await asyncio.to_thread(lambda: sources.remove(place, source_id, rows=rows))
    return {"removed": source_id}


@router.post("/hooks/{source_id}")
async def hook(
    request: Request, source_id: str, workspace: WorkspaceName = None, key: Annotated[str, Query(max_length=200)] = ""
) -> dict[str, Any]:
    """Take a provider's call: checked, on disk, then acknowledged. Events that are known change nothing."""
    from ingestion.connectors import connections, inbox
    from ingestion.connectors.signatures import Call, NotSigned

    home = house.of(request)
    body = await bodies.capped(request, _MOST_BYTES)
    call = Call({k.lower(): v for k, v in request.headers.items()}, body, str(request.url), key)

    def take() -> tuple[int, int, Workspace | None]:
        try:
            place = workspaces.existing(workspace or home.shelf.default(), home.home)
            connection = connections.get(place, source_id)
        except UnknownName as error:  # whether an address exists is told only to who can sign
            raise NotSigned("This call is not signed as it should be.") from error
        new, known = inbox.receive(place, connection, call)
        return new, known, place if new and inbox.waiting(place, connection.id) == new else None

    new, known, place = await asyncio.to_thread(take)
    if place is not None:  # nothing waited before, so nobody is on the way to load it
        await home.jobs.queue(place, home.jobs.new_id(), [f"events:{source_id}"], LOCAL_OWNER)
    return {"received": new, "known": known}


async def _entered(request: Request, workspace: str | None) -> tuple[Workspace, Principal]:
    home = house.of(request)
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    return workspaces.existing(name, home.home), person


def _known(place: Workspace, source_id: str) -> str:
    from ingestion.connectors import connections

    return connections.get(place, source_id).id


async def _queue(home: House, place: Workspace, source_id: str, person: Principal) -> str:
    job_id = home.jobs.new_id()
    await home.jobs.queue(place, job_id, [f"source:{source_id}"], person)
    return job_id
