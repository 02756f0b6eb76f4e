"""What leaves the house: written down with a unique key first, then claimed by one process and delivered.

States: `waiting` (due at `due_at`), `sending` (claimed until `until`), `sent`, `dead` (given up), and `unknown`: the
process that was sending died, so nobody knows whether it arrived, and it is not repeated unless a person says so.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, or_, select, update
from sqlalchemy.engine import RowMapping

from store import dialects
from store.models import OutboxRow

State = Literal["waiting", "sending", "sent", "unknown", "dead"]
_ROW = OutboxRow.__table__.c


@dataclass(frozen=True)
class Parcel:
    """Something to deliver: `kind` says by whom, `key` makes it unique within its kind, `payload` is JSON."""

    kind: str
    key: str
    payload: dict[str, Any] = field(default_factory=dict)
    workspace: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True)
class Claimed:
    """A parcel in the hands of one process until its claim runs out; `attempts` counts this one."""

    id: str
    kind: str
    key: str
    payload: dict[str, Any]
    workspace: str | None
    attempts: int
    holder: str


def put(connection: Connection, parcel: Parcel) -> bool:
    """Write a parcel down; false when its key is known already, and then nothing changes."""
    now = dialects.moment(connection)
    return dialects.add_new(
        connection, OutboxRow, id=f"o-{uuid.uuid4().hex}", kind=parcel.kind, key=parcel.key, payload=parcel.payload,
        workspace=parcel.workspace, state="waiting", attempts=0, due_at=parcel.due_at or now, created_at=now,
    )  # fmt: skip


def claim(
    connection: Connection, kinds: list[str], holder: str, *, seconds: float = 60.0, most: int = 10
) -> list[Claimed]:
    """Take up to `most` parcels that are due, oldest first; nobody else gets them for `seconds`."""
    now = dialects.moment(connection)
    due = (
        select(_ROW.id)
        .where(_ROW.kind.in_(kinds), _ROW.state == "waiting", _ROW.due_at <= now)
        .order_by(_ROW.due_at)
        .limit(most)
    )
    if dialects.shared(connection):
        due = due.with_for_update(skip_locked=True)
    ids = list(connection.execute(due).scalars())
    if not ids:
        return []
    connection.execute(
        update(OutboxRow)
        .where(_ROW.id.in_(ids))
        .values(state="sending", holder=holder, until=now + timedelta(seconds=seconds), attempts=_ROW.attempts + 1)
    )
    rows = connection.execute(select(OutboxRow.__table__).where(_ROW.id.in_(ids)).order_by(_ROW.due_at, _ROW.id))
    return [_claimed(row, holder) for row in rows]


def sent(connection: Connection, one: Claimed, note: str | None = None) -> bool:
    """It arrived; false when the claim had run out meanwhile."""
    return _end(connection, one, "sent", note)


def dead(connection: Connection, one: Claimed, note: str) -> bool:
    """It will never arrive."""
    return _end(connection, one, "dead", note)


def ambiguous(connection: Connection, one: Claimed, note: str) -> bool:
    """Nobody knows whether it arrived."""
    return _end(connection, one, "unknown", note)


def again(connection: Connection, one: Claimed, seconds: float, note: str) -> bool:
    """It did not arrive; try again in `seconds`."""
    due = dialects.moment(connection) + timedelta(seconds=seconds)
    return _move(connection, one, state="waiting", due_at=due, holder=None, until=None, note=note)


def settle_lost(
    connection: Connection, kinds: list[str], state: Literal["waiting", "unknown"], gone: Sequence[str] = ()
) -> int:
    """Decide about parcels whose sender died: send them again, or leave them as unknown. Returns how many.

    A sender is taken for dead when its claim ran out; `gone` are holders that are known to be.
    """
    now = dialects.moment(connection)
    theirs = or_(_ROW.until < now, _ROW.holder.in_(gone)) if gone else _ROW.until < now
    lost = update(OutboxRow).where(_ROW.kind.in_(kinds), _ROW.state == "sending", theirs)
    values: dict[str, Any] = {"state": state, "holder": None, "until": None}
    values |= {"ended_at": now, "note": "The sender stopped in mid-delivery."} if state == "unknown" else {}
    return connection.execute(lost.values(**values)).rowcount


def replay(connection: Connection, parcel_id: str, kind: str) -> bool:
    """Send a parcel once more that was sent, given up or is unknown; false when there is no such one."""
    now = dialects.moment(connection)
    ended = or_(_ROW.state == "sent", _ROW.state == "dead", _ROW.state == "unknown")
    values = {"state": "waiting", "due_at": now, "attempts": 0, "ended_at": None, "note": "replayed"}
    statement = update(OutboxRow).where(_ROW.id == parcel_id, _ROW.kind == kind, ended)
    return connection.execute(statement.values(**values)).rowcount == 1


def listed(connection: Connection, kind: str, prefix: str = "", limit: int = 100) -> list[RowMapping]:
    """Parcels of a kind whose keys begin with `prefix`, newest first."""
    query = (
        select(OutboxRow.__table__)
        .where(_ROW.kind == kind, _ROW.key.startswith(prefix, autoescape=True))
        .order_by(_ROW.created_at.desc(), _ROW.id)
        .limit(limit)
    )
    return list(connection.execute(query).mappings())


def counts(connection: Connection) -> dict[tuple[str, str], int]:
    """How many parcels there are by kind and state."""
    query = select(_ROW.kind, _ROW.state, func.count()).group_by(_ROW.kind, _ROW.state)
    return {(kind, state): number for kind, state, number in connection.execute(query)}


def prune(connection: Connection, before: datetime) -> int:
    """Drop parcels that ended before a moment."""
    return connection.execute(delete(OutboxRow).where(_ROW.ended_at < before)).rowcount


def _end(connection: Connection, one: Claimed, state: State, note: str | None) -> bool:
    now = dialects.moment(connection)
    return _move(connection, one, state=state, ended_at=now, holder=None, until=None, note=note)


def _move(connection: Connection, one: Claimed, **values: Any) -> bool:
    mine = update(OutboxRow).where(_ROW.id == one.id, _ROW.holder == one.holder, _ROW.state == "sending")
    return connection.execute(mine.values(**values)).rowcount == 1


def _claimed(row: Row[Any], holder: str) -> Claimed:
    return Claimed(row.id, row.kind, row.key, row.payload, row.workspace, row.attempts, holder)
