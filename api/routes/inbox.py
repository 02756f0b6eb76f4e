"""What the asker was told unasked: digests as they were sent, newest first."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.engine import RowMapping

from api import accounts, house, pages
from api.questions import IdText
from store import digests as table

router = APIRouter(prefix="/v1/inbox")
_MOST = 1_000


@router.get("")
async def list_messages(request: Request, limit: pages.Limit = 50, cursor: pages.Cursor = None) -> dict[str, Any]:
    """Messages to the asker in workspaces that are open to them, and how many are unread."""
    person = accounts.current()
    rows = await house.of(request).database.read(lambda c: table.inbox(c, person.user_id, most=_MOST))
    mine = [row for row in rows if person.owns(row)]
    unread = sum(row["read_at"] is None for row in mine)
    return pages.paged([head(row) for row in mine], limit, cursor) | {"unread": unread}


@router.get("/{message_id}")
async def show_message(request: Request, message_id: IdText) -> dict[str, Any]:
    """A message as it was sent, with its findings, questions and chart."""
    return shown(await _own(request, message_id))


@router.post("/{message_id}/read")
async def read_message(request: Request, message_id: IdText) -> dict[str, Any]:
    """Note that the asker opened it."""
    await _own(request, message_id)
    await house.of(request).database.write(lambda c: table.read(c, message_id))
    return {"read": True}


def head(row: RowMapping) -> dict[str, Any]:
    """A message as lists show it."""
    names = ("id", "digest_id", "workspace", "period", "state", "headline", "created_at", "read_at")
    return {**{name: row[name] for name in names}, "name": row["body"]["name"], "quiet": row["body"]["quiet"]}


def shown(row: RowMapping) -> dict[str, Any]:
    """A whole message."""
    return head(row) | {"body": row["body"]}


async def _own(request: Request, message_id: str) -> RowMapping:
    """The asker's message. Raises `UnknownName`, also where a workspace is closed to them by now."""
    person = accounts.current()
    row = await house.of(request).database.read(lambda c: table.message(c, person.user_id, message_id))
    person.within(row["workspace"])
    return row
