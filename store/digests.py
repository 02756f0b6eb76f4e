"""Digests in the state database: who wants what when, what was said for which period, and what is known already."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.engine import RowMapping

from store import dialects
from store.errors import LimitReached, UnknownName
from store.models import utc_now
from store.push_tables import DigestMessageRow, DigestRow, DigestToldRow

MOST = 50
"""Digests that one person may have in one workspace."""
_ROW = DigestRow.__table__.c
_SAID = DigestMessageRow.__table__.c
_TOLD = DigestToldRow.__table__.c


def create(connection: Connection, owner: str, workspace: str, values: Mapping[str, Any]) -> str:
    """A new digest (name, recipe, timing, channels, webhook_id, next_at); its id. Raises `LimitReached`."""
    if len(listed(connection, owner, workspace)) >= MOST:
        raise LimitReached(f"You have {MOST} digests here, the most there may be.", hint="Remove one first.")
    made = f"dg-{uuid.uuid4().hex}"
    fixed = {"id": made, "owner": owner, "workspace": workspace, "created_at": utc_now(), "version": 1}
    connection.execute(insert(DigestRow).values({"active": True, **values, **fixed}))
    return made


def listed(connection: Connection, owner: str, workspace: str | None = None) -> list[RowMapping]:
    """A person's digests, oldest first."""
    query = select(DigestRow.__table__).where(_ROW.owner == owner)
    if workspace is not None:
        query = query.where(_ROW.workspace == workspace)
    return list(connection.execute(query.order_by(_ROW.created_at, _ROW.id)).mappings())


def of_workspace(connection: Connection, workspace: str) -> list[RowMapping]:
    """Everybody's digests of a workspace, oldest first."""
    query = select(DigestRow.__table__).where(_ROW.workspace == workspace).order_by(_ROW.created_at, _ROW.id)
    return list(connection.execute(query).mappings())


def find(connection: Connection, digest_id: str) -> RowMapping | None:
    """A digest, whoever owns it."""
    return connection.execute(select(DigestRow.__table__).where(_ROW.id == digest_id)).mappings().first()


def get(connection: Connection, owner: str, digest_id: str) -> RowMapping:
    """A digest of `owner`. Raises `UnknownName`, also for somebody else's."""
    found = find(connection, digest_id)
    if found is None or found["owner"] != owner:
        raise UnknownName("There is no such digest.", code="unknown_digest")
    return found


def change(connection: Connection, digest_id: str, values: Mapping[str, Any]) -> None:
    """Change columns of a digest; its version grows."""
    connection.execute(update(DigestRow).where(_ROW.id == digest_id).values({**values, "version": _ROW.version + 1}))


def remove(connection: Connection, digest_id: str) -> None:
    """Remove a digest with all it said."""
    for table in (DigestToldRow, DigestMessageRow):
        connection.execute(delete(table).where(table.digest_id == digest_id))
    connection.execute(delete(DigestRow).where(_ROW.id == digest_id))


def remove_all(connection: Connection, *, workspace: str | None = None, owner: str | None = None) -> None:
    """Remove every digest of a workspace, or of a person."""
    place = _ROW.workspace == workspace if workspace is not None else _ROW.owner == owner
    for digest_id in connection.execute(select(_ROW.id).where(place)).scalars().all():
        remove(connection, digest_id)


def due(connection: Connection, now: datetime, most: int = 500) -> list[RowMapping]:
    """Active digests whose moment has come, the oldest first."""
    query = select(DigestRow.__table__).where(_ROW.active, _ROW.next_at <= now).order_by(_ROW.next_at, _ROW.id)
    return list(connection.execute(query.limit(most)).mappings())


def move_on(connection: Connection, digest_id: str, was: datetime, following: datetime) -> bool:
    """Move the next moment on; false when somebody else did."""
    mine = update(DigestRow).where(_ROW.id == digest_id, _ROW.next_at == was).values(next_at=following)
    return connection.execute(mine).rowcount == 1


def said(connection: Connection, digest_id: str, period: str) -> RowMapping | None:
    """What a digest said for a period, or None while it has not."""
    query = select(DigestMessageRow.__table__).where(_SAID.digest_id == digest_id, _SAID.period == period)
    return connection.execute(query).mappings().first()


def say(connection: Connection, digest: RowMapping, period: str, state: str, body: Mapping[str, Any]) -> str | None:
    """Write down what a digest says for a period; the id, or None when it was said already and nothing changes."""
    made = f"dm-{uuid.uuid4().hex}"
    new = dialects.add_new(
        connection, DigestMessageRow, id=made, digest_id=digest["id"], workspace=digest["workspace"],
        owner=digest["owner"], period=period, state=state, headline=body["headline"], body=dict(body),
        created_at=utc_now(),
    )  # fmt: skip
    return made if new else None


def inbox(connection: Connection, owner: str, *, digest_id: str | None = None, most: int = 200) -> list[RowMapping]:
    """What a person was told, newest first; of one digest also what was held back."""
    query = select(DigestMessageRow.__table__).where(_SAID.owner == owner)
    query = query.where(_SAID.digest_id == digest_id) if digest_id else query.where(_SAID.state == "sent")
    return list(connection.execute(query.order_by(_SAID.created_at.desc(), _SAID.id).limit(most)).mappings())


def unread(connection: Connection, owner: str) -> int:
    """How many messages a person has not opened."""
    query = select(func.count()).where(_SAID.owner == owner, _SAID.state == "sent", _SAID.read_at.is_(None))
    return int(connection.execute(query).scalar_one())


def by_id(connection: Connection, message_id: str) -> RowMapping | None:
    """A message, whoever it went to."""
    return connection.execute(select(DigestMessageRow.__table__).where(_SAID.id == message_id)).mappings().first()


def read(connection: Connection, message_id: str) -> None:
    """Note that a message was opened; the first time counts."""
    first = update(DigestMessageRow).where(_SAID.id == message_id, _SAID.read_at.is_(None))
    connection.execute(first.values(read_at=utc_now()))


def told(connection: Connection, digest_id: str) -> dict[str, RowMapping]:
    """What a digest told of, by identity."""
    query = select(DigestToldRow.__table__).where(_TOLD.digest_id == digest_id)
    return {row["identity"]: row for row in connection.execute(query).mappings()}


def tell(connection: Connection, digest_id: str, identity: str, day: str, direction: str, size: float) -> None:
    """Remember that a finding was told, and how large it was."""
    connection.execute(delete(DigestToldRow).where(_TOLD.digest_id == digest_id, _TOLD.identity == identity))
    connection.execute(
        insert(DigestToldRow).values(digest_id=digest_id, identity=identity, day=day, direction=direction, size=size)
    )
