"""Events as they happen: sending them with a write key, following them live, the keys themselves, and the tracker."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sse_starlette import EventSourceResponse
from starlette.responses import JSONResponse, Response

from api import accounts, bodies, event_bodies, event_door, house, streams
from api.errors import Unauthorised
from api.house import House
from store import settings, write_keys
from store.errors import InvalidRequest, QueryRefused, UnknownName
from store.principal import Principal
from store.write_keys import NewWriteKey
from warehouse import workspace as workspaces

router = APIRouter(prefix="/v1")
WorkspaceName = Annotated[str | None, Query(max_length=63)]
SHARED = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
"""Any page may send events and load the tracker; no cookie is ever looked at there."""
_PREFLIGHT = SHARED | {
    "Access-Control-Allow-Methods": "POST", "Access-Control-Max-Age": "86400",
    "Access-Control-Allow-Headers": "authorization, content-type, content-encoding, idempotency-key",
}  # fmt: skip
_SCRIPT_SECONDS = 3600
LIVE_SECONDS = 1.0


class WriteKeyRequest(BaseModel):
    """A write key to make; `origins` are the sites whose pages may use it, none for all."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    name: str = Field(max_length=63)
    origins: list[str] = Field(default_factory=list, max_length=write_keys.MOST_ORIGINS)
    per_minute: int | None = Field(None, ge=1, le=1_000_000_000, description="most events in a minute")


@router.post(
    "/events", openapi_extra={"requestBody": {"content": {"application/json": {}, "application/x-ndjson": {}}}}
)
async def send_events(request: Request) -> Response:
    """Keep events: one, a list, {“batch”: […]} or a line each, plain or gzipped. Answers once they are on disk.

    Returns {accepted, duplicates, rejected, errors: [{index, field, message}]}; 422 when none could be taken.
    """
    home, most = house.of(request), settings.get("event_bytes")
    body = await bodies.capped(request, most)
    body = event_bodies.unpacked(body, request.headers.get("content-encoding", "").strip().lower(), most)
    given = event_door.given_key(request.headers, request.query_params)
    key = await _key(home, request, given) if given else None
    once = request.headers.get("idempotency-key")
    told = await _read(body, request.headers.get("content-type", "").lower(), known=key is not None, quick=once is None)
    key = key or await _key(home, request, told.key)
    key.spend(told.count, time.time())
    if once is not None:
        event_bodies.identified(told.events, key.id, once)
    intake = await home.events.intake(key.workspace)
    if told.plain is not None:
        done = await intake.take_plain(told.plain)
    else:
        done = await intake.take(told.events, told.shared)
    bad = bool(done["rejected"]) and not done["accepted"] and not done["duplicates"]
    return JSONResponse(done, status_code=422 if bad else 200, headers=SHARED)


@router.options("/events", status_code=204)
async def may_send_events(request: Request) -> Response:
    """Tell a browser that pages elsewhere may send events."""
    return Response(status_code=204, headers=_PREFLIGHT)


@router.get("/tracker.js")
async def tracker(request: Request) -> Response:
    """The script that pages send events with."""
    text = files("ingestion.tracker").joinpath("plainsay.js").read_bytes()
    tag = f'"{hashlib.blake2s(text, digest_size=12).hexdigest()}"'
    headers = SHARED | {"Cache-Control": f"public, max-age={_SCRIPT_SECONDS}", "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="text/javascript", headers=headers)


@router.get("/events/live")
async def live_events(request: Request, workspace: WorkspaceName = None) -> EventSourceResponse:
    """What happens now, once a second, as server-sent events: {at, last_second, last_minute, visitors, events}."""
    home = house.of(request)
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    await asyncio.to_thread(_check_live, home, name, person)
    intake = await home.events.intake(name)

    async def lines() -> AsyncIterator[bytes]:
        while True:
            yield b"event: live\ndata: " + orjson.dumps(intake.live.shown()) + b"\n\n"
            await asyncio.sleep(LIVE_SECONDS)

    return streams.response(home, lines())


@router.get("/events/status")
async def events_status(request: Request, workspace: WorkspaceName = None) -> dict[str, Any]:
    """How many bytes of events wait to be loaded, and how many events this process took since it started."""
    home = house.of(request)
    name, _ = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    return await asyncio.to_thread(home.events.status, name)


@router.get("/events/keys")
async def list_write_keys(request: Request, workspace: WorkspaceName = None) -> dict[str, Any]:
    """The write keys of a workspace, newest first; never their text."""
    home = house.of(request)
    name, _ = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    rows = await home.database.read(lambda c: write_keys.listed(c, name))
    return {"items": [{k: row[k] for k in write_keys.SHOWN} for row in rows]}


@router.post("/events/keys", status_code=201, openapi_extra=bodies.schema(WriteKeyRequest))
async def create_write_key(
    request: Request, body: Annotated[WriteKeyRequest, Depends(bodies.json_of(WriteKeyRequest))]
) -> dict[str, Any]:
    """Make a write key; its text is shown this once. It can send events into its workspace and nothing else."""
    home = house.of(request)
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, body.workspace)
    wanted = NewWriteKey(body.name, name, person.user_id, body.origins, body.per_minute)
    made, text = await home.database.write(lambda c: write_keys.create(c, wanted))
    await home.events.intake(name)
    accounts.note(made, name=body.name)
    return {"id": made, "key": text}


@router.delete("/events/keys/{write_key_id}", status_code=204)
async def revoke_write_key(request: Request, write_key_id: str) -> Response:
    """End a write key; pages and programs that use it are refused within seconds."""
    home = house.of(request)
    row = await home.database.read(lambda c: write_keys.get(c, write_key_id))
    accounts.current().within(row["workspace"]).require("connect")
    await home.database.write(lambda c: write_keys.revoke(c, write_key_id))
    home.events.forget()
    accounts.note(write_key_id, workspace=row["workspace"], name=row["name"])
    return Response(status_code=204)


async def _read(body: bytes, media: str, *, known: bool, quick: bool) -> event_bodies.Told:
    """The events of a body; a large one is read aside, so that nobody waits for it."""
    try:
        if len(body) > 1_000_000:
            return await asyncio.to_thread(event_bodies.read, body, media, quick=quick)
        return event_bodies.read(body, media, quick=quick)
    except InvalidRequest:
        if known:
            raise
        return event_bodies.Told([])  # without a key, what is wrong is that there is none


async def _key(home: House, request: Request, text: str) -> event_door.WriteKey:
    """The write key; guesses are counted against the address that they come from."""
    try:
        return await home.events.key(text, request.headers.get("origin"))
    except Unauthorised:
        address = (request.scope.get("client") or ("unknown", 0))[0]
        if (most := settings.get("anonymous_per_minute")) > 0:
            await home.rates.spend(f"address:{address}", most, "requests")
        raise


def _check_live(home: House, name: str, person: Principal) -> None:
    """Live counts know no rows, so nobody whose rows are limited may see them. Raises `QueryRefused`, `UnknownName`."""
    from ingestion.events.store import folder_of
    from warehouse.compiler.policies import Rights
    from warehouse.model import store

    place = workspaces.existing(name, home.home)
    if not folder_of(place.root).is_dir():
        raise UnknownName("No events come in here yet.", code="no_events", hint="Make a write key first.")
    if place.model_file.is_file() and Rights(store.load(place.model_file), person).digest:
        raise QueryRefused("Live counts are for people who may see all rows.", code="rows_limited")
