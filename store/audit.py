"""The audit log: entries are only ever added, and each is chained to the one before, so that a change is seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Select, String, cast, insert, or_, select
from sqlalchemy.engine import RowMapping
from sqlalchemy.exc import IntegrityError

from store.errors import Unavailable
from store.models import utc_now
from store.people_tables import AuditRow

GENESIS = "0" * 64
_ATTEMPTS = 8
_PAGE = 1_000
_SHOWN = ("seq", "at", "actor", "actor_name", "action", "workspace", "target", "detail", "hash")


@dataclass(frozen=True)
class Deed:
    """What somebody did; `detail` holds names and counts, never secrets and never rows."""

    actor: str
    actor_name: str
    action: str
    target: str = ""
    workspace: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Sought:
    """Which entries to list: by actor, action (or its beginning), workspaces, words, time; before a number."""

    actor: str | None = None
    action: str | None = None
    workspaces: Sequence[str] | None = None
    words: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    limit: int = 100


@dataclass(frozen=True)
class Verified:
    """Whether the chain holds: the number of entries, the hash of the last, the first entry that does not fit."""

    entries: int
    head: str
    broken_at: int | None = None


def append(connection: Connection, deed: Deed) -> int:
    """Add an entry; its number. Two processes that write at once take numbers one after the other."""
    for _ in range(_ATTEMPTS):
        last = connection.execute(select(AuditRow.seq, AuditRow.hash).order_by(AuditRow.seq.desc()).limit(1)).first()
        seq, previous = (last[0] + 1, last[1]) if last is not None else (1, GENESIS)
        values = {
            "seq": seq, "at": utc_now(), "actor": deed.actor[:128], "actor_name": deed.actor_name[:200],
            "action": deed.action[:40], "workspace": deed.workspace, "target": deed.target[:200],
            "detail": deed.detail, "previous": previous,
        }  # fmt: skip
        try:
            with connection.begin_nested():
                connection.execute(insert(AuditRow).values(**values, hash=_hash(values)))
        except IntegrityError:
            continue
        return int(seq)
    raise Unavailable("The audit log is busy.", code="audit_busy", retry_after=1.0)


def search(connection: Connection, sought: Sought) -> list[dict[str, Any]]:
    """Entries, newest first."""
    query: Select[Any] = select(*(AuditRow.__table__.c[name] for name in _SHOWN)).order_by(AuditRow.seq.desc())
    if sought.actor:
        query = query.where(AuditRow.actor == sought.actor)
    if sought.action:
        query = query.where(AuditRow.action.startswith(sought.action, autoescape=True))
    if sought.workspaces is not None:
        query = query.where(AuditRow.workspace.in_(sought.workspaces))
    if sought.words:
        texts = (AuditRow.actor_name, AuditRow.action, AuditRow.target, cast(AuditRow.detail, String))
        query = query.where(or_(*(text.icontains(sought.words, autoescape=True) for text in texts)))
    if sought.since is not None:
        query = query.where(AuditRow.at >= sought.since)
    if sought.until is not None:
        query = query.where(AuditRow.at < sought.until)
    if sought.before is not None:
        query = query.where(AuditRow.seq < sought.before)
    return [dict(row) for row in connection.execute(query.limit(sought.limit)).mappings()]


def verify(connection: Connection) -> Verified:
    """Walk the whole chain. An end that was cut off shows only by a head that somebody noted elsewhere."""
    count, head = 0, GENESIS
    for row in _all(connection):
        values = {name: row[name] for name in row if name != "hash"}
        if row["seq"] != count + 1 or row["previous"] != head or row["hash"] != _hash(values):
            return Verified(count, head, int(row["seq"]))
        count, head = count + 1, row["hash"]
    return Verified(count, head)


def holds(connection: Connection, head: str) -> bool:
    """Whether there is an entry with this hash."""
    return connection.execute(select(AuditRow.seq).where(AuditRow.hash == head)).first() is not None


def _all(connection: Connection) -> Iterator[RowMapping]:
    after = 0
    while True:
        query = select(AuditRow.__table__).where(AuditRow.seq > after).order_by(AuditRow.seq).limit(_PAGE)
        rows = connection.execute(query).mappings().all()
        yield from rows
        if len(rows) < _PAGE:
            return
        after = rows[-1]["seq"]


def _hash(values: dict[str, Any]) -> str:
    at: datetime = values["at"]
    plain = values | {"at": at.astimezone(UTC).isoformat(timespec="microseconds")}
    return hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()
