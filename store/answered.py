"""Requests that carry an Idempotency-Key: the first is worked on, every repetition gets the first one's answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from store import dialects
from store.models import AnsweredRow

CLAIM = timedelta(minutes=2)
KEPT = timedelta(hours=24)
_ROW = AnsweredRow.__table__.c


@dataclass(frozen=True)
class Known:
    """A request that was made before; without `status` it is still being worked on."""

    fingerprint: str
    status: int | None
    headers: dict[str, str]
    body: str


def begin(connection: Connection, key: str, fingerprint: str) -> Known | None:
    """Claim a key for a request; what is known when another one had it first. A claim ends after two minutes."""
    now = dialects.moment(connection)
    connection.execute(delete(AnsweredRow).where(_ROW.id == key, _ROW.until < now))
    if dialects.add_new(connection, AnsweredRow, id=key, fingerprint=fingerprint, until=now + CLAIM):
        return None
    row = connection.execute(select(AnsweredRow.__table__).where(_ROW.id == key)).mappings().one()
    return Known(row["fingerprint"], row["status"], row["headers"] or {}, row["body"] or "")


def answer(connection: Connection, key: str, status: int, headers: dict[str, str], body: str) -> None:
    """Keep the answer for a day."""
    until = dialects.moment(connection) + KEPT
    values = {"status": status, "headers": headers, "body": body, "until": until}
    connection.execute(update(AnsweredRow).where(_ROW.id == key).values(**values))


def give_up(connection: Connection, key: str) -> None:
    """Let the request be made anew: it failed on our side, or its answer is not one that can be kept."""
    connection.execute(delete(AnsweredRow).where(_ROW.id == key, _ROW.status.is_(None)))


def prune(connection: Connection, now: datetime) -> int:
    """Drop what is past its time."""
    return connection.execute(delete(AnsweredRow).where(_ROW.until < now)).rowcount
