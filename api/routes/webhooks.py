"""Webhooks of a workspace: where it tells of runs and loads that ended, what was sent, and sending it again."""

from __future__ import annotations

import asyncio
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api import accounts, bodies, hooks, house, outbound, pages
from api.house import House
from api.questions import IdText
from store import outbox
from store import webhooks as table
from store.errors import QueryRefused, UnknownName
from store.webhooks import Event

router = APIRouter(prefix="/v1/webhooks")


class NewWebhook(BaseModel):
    """An https address and the events it is told of."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    url: str = Field(max_length=2000)
    events: tuple[Event, ...] = Field(("run.done", "run.failed"), min_length=1, max_length=10)


class WebhookChange(BaseModel):
    """What to change; `rotate` gives it a new secret."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(None, max_length=2000)
    events: list[Event] | None = Field(None, min_length=1, max_length=10)
    active: bool | None = None
    rotate: bool = False


@router.get("")
async def list_webhooks(
    request: Request, workspace: Annotated[str | None, Query(max_length=63)] = None
) -> dict[str, Any]:
    """The webhooks of a workspace, oldest first; their secrets are shown one by one."""
    home = house.of(request)
    name, _ = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    rows = await home.database.read(lambda c: table.listed(c, name))
    return {"items": [_shown(row) for row in rows]}


@router.post("", status_code=201, openapi_extra=bodies.schema(NewWebhook))
async def create_webhook(
    request: Request, body: Annotated[NewWebhook, Depends(bodies.json_of(NewWebhook))]
) -> dict[str, Any]:
    """Tell an address of events from now on; the answer holds the secret that signs them."""
    home = house.of(request)
    outbound.check_url(body.url)
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, body.workspace)
    events: list[str] = list(dict.fromkeys(body.events))
    made = await home.database.write(lambda c: table.create(c, name, person.user_id, body.url, events))
    return await _one(home, made)


@router.get("/{webhook_id}")
async def show_webhook(request: Request, webhook_id: IdText) -> dict[str, Any]:
    """A webhook with its secret."""
    return await _one(house.of(request), webhook_id)


@router.patch("/{webhook_id}", openapi_extra=bodies.schema(WebhookChange))
async def change_webhook(
    request: Request, webhook_id: IdText, body: Annotated[WebhookChange, Depends(bodies.json_of(WebhookChange))]
) -> dict[str, Any]:
    """Change its address or events, switch it off or on, or give it a new secret."""
    home = house.of(request)
    await _own(home, webhook_id)
    if body.url is not None:
        outbound.check_url(body.url)
    values = body.model_dump(exclude_none=True)
    await home.database.write(lambda c: table.change(c, webhook_id, values))
    return await _one(home, webhook_id)


@router.delete("/{webhook_id}", status_code=204)
async def delete_webhook(request: Request, webhook_id: IdText) -> Response:
    """Tell the address nothing any more."""
    home = house.of(request)
    await _own(home, webhook_id)
    await home.database.write(lambda c: table.remove(c, webhook_id))
    return Response(status_code=204)


@router.post("/{webhook_id}/ping", status_code=202)
async def ping_webhook(request: Request, webhook_id: IdText) -> dict[str, Any]:
    """Send an event of the type `ping`, to try the address."""
    home = house.of(request)
    hook = await _own(home, webhook_id)
    number = uuid.uuid4().hex
    await home.database.write(lambda c: table.tell(c, webhook_id, hook["workspace"], "ping", number, {}))
    return {"queued": True}


@router.get("/{webhook_id}/deliveries")
async def list_deliveries(
    request: Request, webhook_id: IdText, limit: pages.Limit = 100, cursor: pages.Cursor = None
) -> dict[str, Any]:
    """What was sent, waits or failed, newest first."""
    home = house.of(request)
    await _own(home, webhook_id)
    begun = pages.start(cursor)
    rows = await home.database.read(lambda c: table.deliveries(c, webhook_id, begun + limit + 1))
    return pages.page([_delivery(row) for row in rows[begun:]], begun, limit)


@router.post("/{webhook_id}/deliveries/{delivery_id}/replay", status_code=202)
async def replay_delivery(request: Request, webhook_id: IdText, delivery_id: IdText) -> dict[str, Any]:
    """Send an event once more, as it was."""
    home = house.of(request)
    await _own(home, webhook_id)
    known = {row["id"] for row in await home.database.read(lambda c: table.deliveries(c, webhook_id, 10_000))}
    if delivery_id not in known or not await home.database.write(lambda c: outbox.replay(c, delivery_id, table.KIND)):
        raise UnknownName("There is no such delivery that ended.", code="unknown_delivery")
    return {"queued": True}


async def _own(home: House, webhook_id: str) -> dict[str, Any]:
    """The webhook, for who may look after webhooks in its workspace. Raises `UnknownName`, also where they may not."""
    row = await home.database.read(lambda c: table.get(c, webhook_id))
    try:
        await asyncio.to_thread(accounts.entered, home.shelf, row["workspace"])
    except (UnknownName, QueryRefused) as error:
        raise UnknownName("There is no such webhook.", code="unknown_webhook") from error
    return dict(row)


async def _one(home: House, webhook_id: str) -> dict[str, Any]:
    row = await _own(home, webhook_id)
    return {**_shown(row), "secret": await asyncio.to_thread(hooks.secret, row, home.home)}


def _shown(row: Any) -> dict[str, Any]:
    return {key: row[key] for key in ("id", "workspace", "url", "events", "active", "created_at")}


def _delivery(row: Any) -> dict[str, Any]:
    shown = {key: row[key] for key in ("id", "state", "attempts", "due_at", "created_at", "ended_at", "note")}
    return {**shown, "type": row["payload"]["type"], "data": row["payload"]["data"]}
