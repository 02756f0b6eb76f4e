"""What the asker was told unasked: digests and alerts as they were sent, newest first."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping
from starlette.responses import Response

from api import accounts, bodies, house, pages
from api import questions as questions_of
from api.questions import Asked, IdText
from bots.digests import learning
from bots.digests.channels import pushed
from bots.digests.learning import Deed
from bots.reports import files
from bots.reports.files import Format
from store import alerts, digests, runs
from store.errors import InvalidRequest, PlainsayError, UnknownName

router = APIRouter(prefix="/v1/inbox")
_MOST = 1_000
log = structlog.get_logger("plainsay.inbox")


class Follow(BaseModel):
    """Which of a message's findings to go on from, the first is 0."""

    model_config = ConfigDict(extra="forbid")

    item: int = Field(0, ge=0, le=50)


Kind = Literal["digest", "alert"]


@router.get("")
async def list_messages(
    request: Request,
    limit: pages.Limit = 50,
    cursor: pages.Cursor = None,
    kind: Annotated[Kind | None, Query(description="Only digests, or only alerts.")] = None,
) -> dict[str, Any]:
    """Messages to the asker in workspaces that are open to them, and how many are unread."""
    person = accounts.current()
    rows = await house.of(request).database.read(lambda c: _told(c, person.user_id))
    mine = [row for row in rows if person.owns(row)]
    unread = sum(row["read_at"] is None for row in mine)
    chosen = [head(row) for row in mine if kind in (None, _kind(row))]
    return pages.paged(chosen, limit, cursor) | {"unread": unread}


@router.get("/{message_id}")
async def show_message(request: Request, message_id: IdText) -> dict[str, Any]:
    """A message as it was sent, with its findings, questions and chart."""
    return shown(await _own(request, message_id))


@router.post("/{message_id}/read")
async def read_message(request: Request, message_id: IdText) -> dict[str, Any]:
    """Note that the asker opened it."""
    row = await _own(request, message_id)
    table = alerts if _kind(row) == "alert" else digests
    await house.of(request).database.write(lambda c: table.read(c, message_id))
    if row["read_at"] is None:
        await learned(request, row, "opened")
    return {"read": True}


@router.post("/{message_id}/follow", openapi_extra=bodies.schema(Follow))
async def follow_message(
    request: Request, message_id: IdText, body: Annotated[Follow, Depends(bodies.json_of(Follow))]
) -> dict[str, Any]:
    """Go on from a finding: a conversation whose first answer is the figures behind it, with the asker's rights of now.

    Asked again it is the same conversation. `run_id` can be followed like any other.
    """
    row = await _own(request, message_id)
    person, home = accounts.current(), house.of(request)
    questions = [i["question"] for i in row["body"]["items"] if i["question"]] or list(row["body"]["questions"])
    if not 0 <= body.item < len(questions):
        raise InvalidRequest("There is nothing to go on from.", code="no_item", details={"field": "item"})
    run_id = f"{message_id}-{body.item}"
    asked = Asked(questions[body.item], row["workspace"], f"th-{run_id}", run_id)
    known = await home.database.read(lambda c: runs.run(c, run_id))
    if known is None:
        await learned(request, row, "followed", body.item)
        await home.runs.start(await questions_of.turn(home, person, asked))
    elif not person.owns(known):
        raise UnknownName("There is no such message.", code="unknown_message")
    table = alerts if _kind(row) == "alert" else digests
    await home.database.write(lambda c: table.read(c, message_id))
    return {"thread_id": asked.thread_id, "run_id": run_id, "workspace": row["workspace"], "question": asked.text}


@router.get("/{message_id}/report", response_class=Response)
async def download_report(
    request: Request, message_id: IdText, as_: Annotated[Format, Query(alias="as", description="The kind of file.")]
) -> Response:
    """A message as a file: a page to print, or a workbook with its figures as numbers."""
    row = await _own(request, message_id)
    made = await asyncio.to_thread(files.made, row["body"], as_)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "private, no-store"}
    return Response(made.content, media_type=made.media, headers=headers)


async def learned(request: Request, row: RowMapping, deed: Deed, item: int = 0) -> None:
    """Learn from what the asker did with a digest; alerts were asked for one by one and teach nothing."""
    home, person = house.of(request), accounts.current()
    if _kind(row) == "alert":
        return

    def work() -> None:
        learning.learn(home.shelf.views.get(row["workspace"]), person, deed, learning.told(row["body"], item))

    try:
        await asyncio.to_thread(work)
    except PlainsayError as error:
        log.info("nothing_learned", code=error.code)


def head(row: RowMapping) -> dict[str, Any]:
    """A message as lists show it; `kind` says whether a digest or alerts told it."""
    names = ("id", "workspace", "state", "headline", "created_at", "read_at")
    found = {name: row[name] for name in names} | {"name": row["body"]["name"], "quiet": row["body"]["quiet"]}
    if _kind(row) == "alert":
        more = {"kind": "alert", "alerts": row["alerts"], "digest_id": None, "period": ""}
        return found | more | {"severity": row["body"]["severity"], "over": row["body"]["over"]}
    return found | {"kind": "digest", "alerts": [], "digest_id": row["digest_id"], "period": row["period"]}


def shown(row: RowMapping) -> dict[str, Any]:
    """A whole message."""
    return head(row) | {"body": row["body"]}


def _kind(row: RowMapping) -> Kind:
    return "alert" if "alerts" in row else "digest"


def _told(connection: Connection, owner: str) -> list[RowMapping]:
    """Messages of both kinds, newest first."""
    rows = digests.inbox(connection, owner, most=_MOST) + alerts.told(connection, owner, most=_MOST)
    return sorted(rows, key=lambda row: (row["created_at"], row["id"]), reverse=True)


async def _own(request: Request, message_id: str) -> RowMapping:
    """The asker's message. Raises `UnknownName`, also where a workspace is closed to them by now."""
    person = accounts.current()
    row = await house.of(request).database.read(lambda c: pushed(c, message_id))
    if row is None or row["owner"] != person.user_id:
        raise UnknownName("There is no such message.", code="unknown_message")
    person.within(row["workspace"])
    return row
