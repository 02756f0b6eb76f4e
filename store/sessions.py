"""Signed-in browsers: a session is found by the hash of its cookie, which changes with time, and ends when told to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.engine import RowMapping

from store import secrets_kept
from store.models import utc_now
from store.people_tables import SessionRow

LIFE = timedelta(days=14)
IDLE = timedelta(days=3)
ROTATE = timedelta(hours=12)
GRACE = timedelta(minutes=5)
"""How long the cookie before a rotation still opens: requests that were under way carry it."""
SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Found:
    """A session that is in force; `due` says that something about it is to be written."""

    row: RowMapping
    due: bool


def start(connection: Connection, user_id: str, method: str, agent: str) -> str:
    """A new session of a person; its cookie."""
    text, now = secrets_kept.new(), utc_now()
    connection.execute(
        insert(SessionRow).values(
            id=f"s-{uuid.uuid4().hex[:16]}", digest=secrets_kept.digest(text), user_id=user_id, method=method,
            agent=agent[:200], created_at=now, seen_at=now, rotated_at=now, expires_at=now + LIFE,
        )
    )  # fmt: skip
    return text


def find(connection: Connection, cookie: str) -> Found | None:
    """The session of a cookie, or None when there is none, or it is over."""
    hashed, now = secrets_kept.digest(cookie), utc_now()
    query = select(SessionRow.__table__).where(or_(SessionRow.digest == hashed, SessionRow.previous == hashed))
    row = connection.execute(query).mappings().first()
    if row is None or _over(row, now):
        return None
    stale = row["digest"] != hashed
    late = stale and row["rotated_at"] + GRACE < now
    turn = not stale and row["rotated_at"] + ROTATE < now
    return Found(row, late or turn or row["seen_at"] + SEEN_EVERY < now)


def by_id(connection: Connection, session_id: str) -> RowMapping | None:
    """A session in force, or None."""
    row = connection.execute(select(SessionRow.__table__).where(SessionRow.id == session_id)).mappings().first()
    return None if row is None or _over(row, utc_now()) else row


def _over(row: RowMapping, now: datetime) -> bool:
    return bool(row["expires_at"] < now or row["seen_at"] + IDLE < now)


def touch(connection: Connection, cookie: str) -> tuple[RowMapping | None, str | None]:
    """Note that a session is used: (the session, its new cookie if it was rotated).

    A cookie that was replaced a while ago is a copy in other hands: it ends the session.
    """
    found = find(connection, cookie)
    if found is None:
        return None, None
    row, now = found.row, utc_now()
    mine = SessionRow.id == row["id"]
    if row["digest"] != secrets_kept.digest(cookie):
        if row["rotated_at"] + GRACE < now:
            connection.execute(delete(SessionRow).where(mine))
            return None, None
        return row, None
    if row["rotated_at"] + ROTATE < now:
        return row, rotate(connection, row)
    connection.execute(update(SessionRow).where(mine).values(seen_at=now))
    return row, None


def rotate(connection: Connection, row: RowMapping) -> str:
    """Another cookie for a session; the one before opens for some minutes more."""
    text, now = secrets_kept.new(), utc_now()
    values = {"digest": secrets_kept.digest(text), "previous": row["digest"], "rotated_at": now, "seen_at": now}
    connection.execute(update(SessionRow).where(SessionRow.id == row["id"]).values(**values))
    return text


def look_as(connection: Connection, session_id: str, user_id: str | None) -> None:
    """See things as another person from now on, or as oneself again."""
    connection.execute(update(SessionRow).where(SessionRow.id == session_id).values(view_as=user_id))


def listed(connection: Connection, user_id: str) -> list[RowMapping]:
    """The sessions of a person in force, latest use first."""
    now = utc_now()
    query = select(SessionRow.__table__).where(
        SessionRow.user_id == user_id, SessionRow.expires_at > now, SessionRow.seen_at > now - IDLE
    )
    return list(connection.execute(query.order_by(SessionRow.seen_at.desc())).mappings())


def end(connection: Connection, user_id: str, session_id: str) -> bool:
    """End a session of a person; false when there is none."""
    query = delete(SessionRow).where(SessionRow.id == session_id, SessionRow.user_id == user_id)
    return connection.execute(query).rowcount == 1


def end_all(connection: Connection, user_id: str, keep: str | None = None) -> int:
    """End all sessions of a person but one; how many."""
    query = delete(SessionRow).where(SessionRow.user_id == user_id, SessionRow.id != (keep or ""))
    connection.execute(update(SessionRow).where(SessionRow.view_as == user_id).values(view_as=None))
    return connection.execute(query).rowcount


def sweep(connection: Connection, now: datetime) -> int:
    """Forget sessions that are over; how many."""
    over = or_(SessionRow.expires_at < now, SessionRow.seen_at < now - IDLE)
    return connection.execute(delete(SessionRow).where(over)).rowcount
