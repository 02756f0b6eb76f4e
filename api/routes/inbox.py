"""What the asker was told unasked: digests and alerts as they were sent, newest first."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from api import accounts, house, pages
from api.questions import IdText
from bots.digests.channels import pushed
from store import alerts, digests
from store.errors import UnknownName

router = APIRouter(prefix="/v1/inbox")
_MOST = 1_000
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
    return {"read": True}


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
