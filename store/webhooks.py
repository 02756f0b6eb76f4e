"""Where workspaces tell of their events, and what is told: ids and states, never a question, a figure or a row."""

from __future__ import annotations

import uuid
from typing import Any, Literal, get_args

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from store import outbox
from store.errors import LimitReached, UnknownName
from store.models import WebhookRow, utc_now
from store.outbox import Parcel

Event = Literal["run.done", "run.failed", "run.cancelled", "job.done", "job.failed", "ping"]
EVENTS: tuple[str, ...] = get_args(Event)
KIND = "webhook"
MOST = 20
_ROW = WebhookRow.__table__.c


def create(connection: Connection, workspace: str, owner: str, url: str, events: list[str]) -> str:
    """A new webhook; its id. Raises `LimitReached` beyond 20 of a workspace."""
    if len(listed(connection, workspace)) >= MOST:
        raise LimitReached(f"A workspace has {MOST} webhooks at most.", hint="Remove one first.")
    made = f"wh-{uuid.uuid4().hex}"
    connection.execute(
        insert(WebhookRow).values(
            id=made, workspace=workspace, owner=owner, url=url, events=events, active=True, secret_version=1,
            created_at=utc_now(),
        )
    )  # fmt: skip
    return made


def listed(connection: Connection, workspace: str) -> list[RowMapping]:
    """The webhooks of a workspace, oldest first."""
    query = select(WebhookRow.__table__).where(_ROW.workspace == workspace).order_by(_ROW.created_at, _ROW.id)
    return list(connection.execute(query).mappings())


def get(connection: Connection, webhook_id: str) -> RowMapping:
    """A webhook. Raises `UnknownName`."""
    found = connection.execute(select(WebhookRow.__table__).where(_ROW.id == webhook_id)).mappings().first()
    if found is None:
        raise UnknownName("There is no such webhook.", code="unknown_webhook")
    return found


def change(connection: Connection, webhook_id: str, values: dict[str, Any]) -> None:
    """Change url, events or whether it is active; `rotate` gives it another secret."""
    more = dict(values)
    if more.pop("rotate", False):
        more["secret_version"] = _ROW.secret_version + 1
    if more:
        connection.execute(update(WebhookRow).where(_ROW.id == webhook_id).values(**more))


def remove(connection: Connection, webhook_id: str) -> None:
    """Remove it; what waits for it is given up when its turn comes."""
    connection.execute(delete(WebhookRow).where(_ROW.id == webhook_id))


def forget_workspace(connection: Connection, workspace: str) -> None:
    """Remove all of a workspace."""
    connection.execute(delete(WebhookRow).where(_ROW.workspace == workspace))


def emit(connection: Connection, workspace: str, event: str, subject: str, data: dict[str, Any]) -> int:
    """Write down an event for every webhook that wants it, in the transaction that makes it true. How many do.

    `subject` and the event make it unique: emitting it again changes nothing.
    """
    count = 0
    for hook in listed(connection, workspace):
        if hook["active"] and event in hook["events"]:
            count += tell(connection, hook["id"], workspace, event, subject, data)
    return count


def tell(
    connection: Connection, webhook_id: str, workspace: str, event: str, subject: str, data: dict[str, Any]
) -> bool:
    """Write down an event for one webhook."""
    payload = {"type": event, "timestamp": utc_now().isoformat(), "data": {"workspace": workspace, **data}}
    return outbox.put(connection, Parcel(KIND, f"{webhook_id}/{event}/{subject}"[:255], payload, workspace))


def deliveries(connection: Connection, webhook_id: str, limit: int = 100) -> list[RowMapping]:
    """What was sent, waits or failed, newest first."""
    return outbox.listed(connection, KIND, f"{webhook_id}/", limit)
