"""Digests: what one wants to be told regularly, how it would look, what it would have said, and what it did say."""

from __future__ import annotations

import asyncio
import hmac
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy.engine import RowMapping
from starlette.responses import Response

from api import accounts, bodies, house, pages, rehearsing, targets
from api.questions import IdText
from api.routes import inbox
from bots.alerts.rule import SLACK_CHANNEL, Channel, Target
from bots.digests import channels, run
from bots.digests.desk import Wanted
from bots.digests.moments import Timing
from bots.digests.recipe import Recipe
from bots.reports.files import Format
from store import digests as table
from store.errors import UnknownName
from store.models import utc_now
from store.principal import Principal

router = APIRouter(prefix="/v1/digests")
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
MOST_DAYS = 400


class NewDigest(BaseModel):
    """What to tell, when, and where it goes; the inbox has everything anyway.

    `webhook_id` and `teams_id` are webhooks of the workspace; without `slack_channel` Slack means direct messages.
    """

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    name: Name = "What matters"
    recipe: Recipe = Recipe()
    timing: Timing = Timing()
    channels: tuple[Channel, ...] = Field(("inbox",), max_length=5)
    webhook_id: str | None = Field(None, max_length=64)
    teams_id: str | None = Field(None, max_length=64)
    slack_channel: str | None = Field(None, max_length=32, pattern=SLACK_CHANNEL)
    attach: tuple[Format, ...] = Field((), max_length=2, description="files that come along by mail and in Slack")


class DigestChange(BaseModel):
    """What to change; a digest that is muted says nothing until then, one that is not active says nothing at all."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    recipe: Recipe | None = None
    timing: Timing | None = None
    channels: tuple[Channel, ...] | None = Field(None, max_length=5)
    webhook_id: str | None = Field(None, max_length=64)
    teams_id: str | None = Field(None, max_length=64)
    slack_channel: str | None = Field(None, max_length=32, pattern=SLACK_CHANNEL)
    attach: tuple[Format, ...] | None = Field(None, max_length=2)
    active: bool | None = None
    muted_until: datetime | None = None


class Previewed(BaseModel):
    """A digest that need not be kept, and the moment at which it is looked at (now, when none is given)."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    recipe: Recipe = Recipe()
    timing: Timing = Timing()
    at: datetime | None = None


@router.get("")
async def list_digests(
    request: Request, workspace: Annotated[str | None, Query(max_length=63)] = None
) -> dict[str, Any]:
    """The asker's digests, oldest first."""
    person = accounts.current()
    rows = await house.of(request).database.read(lambda c: table.listed(c, person.user_id, workspace))
    return {"items": [_shown(row) for row in rows if person.owns(row)]}


@router.get("/recipes")
async def list_recipes(
    request: Request, workspace: Annotated[str | None, Query(max_length=63)] = None
) -> dict[str, Any]:
    """Digests that the installed packs propose, in figures that the asker sees; `recipe` can be sent as it is."""
    home = house.of(request)
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    engine = await home.engine()

    def read() -> list[dict[str, Any]]:
        from bots.digests.proposals import proposals

        view = home.shelf.views.seen_by(name, person, engine)
        return proposals(view.workspace, view.model)

    return {"items": await asyncio.to_thread(read)}


@router.post("", status_code=201, openapi_extra=bodies.schema(NewDigest))
async def create_digest(
    request: Request, body: Annotated[NewDigest, Depends(bodies.json_of(NewDigest))]
) -> dict[str, Any]:
    """Be told regularly from now on."""
    home = house.of(request)
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, body.workspace)
    await targets.check_target(home, name, person, body)
    values = body.model_dump(mode="json", exclude={"workspace"}) | {"next_at": body.timing.following(utc_now())}
    made = await home.database.write(lambda c: table.create(c, person.user_id, name, values))
    accounts.note(made, name=body.name)
    return _shown(await home.database.read(lambda c: table.get(c, person.user_id, made)))


@router.post("/preview", openapi_extra=bodies.schema(Previewed))
async def preview_digest(
    request: Request, body: Annotated[Previewed, Depends(bodies.json_of(Previewed))]
) -> dict[str, Any]:
    """The message as it would be now, or at a moment on the rows of then; nothing is kept or sent."""
    home = house.of(request)
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, body.workspace)
    wanted = Wanted(name, body.recipe, body.timing)
    made = await home.desk.made(wanted, person, targets.aware(body.at) or utc_now(), {})
    return made.message.to_dict()


@router.post("/stop")
async def stop_digest(
    request: Request, digest: Annotated[str, Query(max_length=64)], mark: Annotated[str, Query(max_length=64)] = ""
) -> dict[str, Any]:
    """Switch a digest off by the link of its mail, without signing in."""
    home = house.of(request)
    right = await asyncio.to_thread(channels.mark, digest, home.home)
    if not hmac.compare_digest(mark.encode(), right.encode()):
        raise UnknownName("There is no such digest.", code="unknown_digest")
    await home.database.write(lambda c: table.change(c, digest, {"active": False, "next_at": None}))
    return {"stopped": True}


@router.get("/{digest_id}")
async def show_digest(request: Request, digest_id: IdText) -> dict[str, Any]:
    """One digest."""
    return _shown((await _own(request, digest_id))[0])


@router.patch("/{digest_id}", openapi_extra=bodies.schema(DigestChange))
async def change_digest(
    request: Request, digest_id: IdText, body: Annotated[DigestChange, Depends(bodies.json_of(DigestChange))]
) -> dict[str, Any]:
    """Change what is told, when and where, mute it, or switch it off and on."""
    home = house.of(request)
    row, person = await _own(request, digest_id)
    values = body.model_dump(mode="json", exclude_unset=True, exclude={"muted_until"})
    if "muted_until" in body.model_fields_set:
        values["muted_until"] = targets.aware(body.muted_until)
    ways = {name: values.get(name, row[name]) for name in ("channels", "webhook_id", "teams_id", "slack_channel")}
    await targets.check_target(home, row["workspace"], person, Target.model_validate(ways))
    timing = Timing.model_validate(values.get("timing", row["timing"]))
    values["next_at"] = timing.following(utc_now()) if values.get("active", row["active"]) else None
    await home.database.write(lambda c: table.change(c, digest_id, values))
    if values.get("muted_until") is not None and row["muted_until"] is None:
        await _muted(request, row, person)
    accounts.note(digest_id, name=values.get("name", row["name"]))
    return await show_digest(request, digest_id)


@router.delete("/{digest_id}", status_code=204)
async def delete_digest(request: Request, digest_id: IdText) -> Response:
    """Be told no more, and forget what was said."""
    row, _ = await _own(request, digest_id)
    accounts.note(digest_id, name=row["name"])
    await house.of(request).database.write(lambda c: table.remove(c, digest_id))
    return Response(status_code=204)


@router.get("/{digest_id}/rehearsal")
async def rehearse_digest(
    request: Request, digest_id: IdText, days: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 90
) -> dict[str, Any]:
    """Which messages would have gone out in the last days, each on the rows of its own day.

    Asking again shows how far it is: `done` of `of` moments are worked out.
    """
    row, person = await _own(request, digest_id)
    return await rehearsing.of_digest(house.of(request), row, person, days)


@router.post("/{digest_id}/send", status_code=202)
async def send_digest(request: Request, digest_id: IdText) -> dict[str, Any]:
    """Send it now, beside the regular ones; two requests within a minute send one."""
    row, _ = await _own(request, digest_id)
    now = utc_now().replace(second=0, microsecond=0)
    queued = await house.of(request).database.write(lambda c: run.now(c, row, now))
    return {"queued": queued}


@router.get("/{digest_id}/history")
async def list_history(
    request: Request, digest_id: IdText, limit: pages.Limit = 50, cursor: pages.Cursor = None
) -> dict[str, Any]:
    """What it said, newest first, with how each channel took it; periods with nothing to tell are there too."""
    home = house.of(request)
    row, person = await _own(request, digest_id)
    begun = pages.start(cursor)
    said = await home.database.read(
        lambda c: table.inbox(c, person.user_id, digest_id=row["id"], most=begun + limit + 1)
    )
    ways = await home.database.read(lambda c: run.deliveries(c, [m["id"] for m in said[begun:]]))
    items = [inbox.head(m) | {"deliveries": ways.get(m["id"], [])} for m in said[begun:]]
    return pages.page(items, begun, limit)


async def _muted(request: Request, row: RowMapping, person: Principal) -> None:
    """Who mutes a digest cares less for what it told last."""
    said = await house.of(request).database.read(lambda c: table.inbox(c, person.user_id, digest_id=row["id"], most=1))
    if said:
        await inbox.learned(request, said[0], "muted")


async def _own(request: Request, digest_id: str) -> tuple[RowMapping, Principal]:
    """The asker's digest and the asker inside its workspace. Raises `UnknownName`, `QueryRefused`."""
    home, owner = house.of(request), accounts.current().user_id
    row = await home.database.read(lambda c: table.get(c, owner, digest_id))
    _, person = await asyncio.to_thread(accounts.entered, home.shelf, row["workspace"])
    return row, person


def _shown(row: RowMapping) -> dict[str, Any]:
    names = ("id", "workspace", "name", "recipe", "timing", "channels", "webhook_id", "teams_id", "slack_channel",
             "active", "muted_until")  # fmt: skip
    return {name: row[name] for name in (*names, "next_at", "created_at")} | {"attach": row["attach"] or []}
