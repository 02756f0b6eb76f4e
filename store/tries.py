"""How often somebody may try to sign in: waits grow with failures, for names that exist and names that do not alike."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from store.errors import PlainsayError, Retry
from store.models import utc_now
from store.people_tables import TryRow

FREE = {"pair": 5, "name": 20, "address": 60}
"""Failures before waiting begins: of one name from one address, of one name, from one address."""
FIRST_WAIT, LONGEST_WAIT = 5.0, 900.0
FORGET = timedelta(hours=24)


class TooManyTries(PlainsayError, RuntimeError):
    """Signing in has to wait."""

    http_status, exit_code, default_code = 429, 4, "too_many_tries"
    default_retry: Retry = "as_is"


def begin(connection: Connection, name: str, address: str) -> None:
    """Count a try before it is made, so that a hundred at once are a hundred. Raises `TooManyTries`."""
    now = utc_now()
    keys = _keys(name, address)
    query = select(TryRow.__table__).where(TryRow.id.in_(list(keys.values())))
    known = {row["id"]: row for row in connection.execute(query).mappings()}
    wait = max((row["until"] - now for row in known.values() if row["until"] is not None), default=timedelta(0))
    if wait > timedelta(0):
        raise TooManyTries("Too many tries.", hint="Wait a little, then try again.", retry_after=wait.total_seconds())
    for kind, key in keys.items():
        row = known.get(key)
        before = row["failed"] if row is not None and row["last_at"] + FORGET > now else 0
        values = {"failed": before + 1, "until": _until(kind, before + 1, now), "last_at": now}
        connection.execute(
            update(TryRow).where(TryRow.id == key).values(**values)
            if row is not None
            else insert(TryRow).values(id=key, **values)
        )


def succeed(connection: Connection, name: str, address: str) -> None:
    """Forget the failures of a name; the address keeps its own, less this one."""
    keys = _keys(name, address)
    connection.execute(delete(TryRow).where(TryRow.id.in_([keys["pair"], keys["name"]])))
    connection.execute(
        update(TryRow).where(TryRow.id == keys["address"], TryRow.failed > 0).values(failed=TryRow.failed - 1)
    )


def sweep(connection: Connection, now: datetime) -> int:
    """Forget old failures; how many."""
    return connection.execute(delete(TryRow).where(TryRow.last_at < now - FORGET)).rowcount


def _until(kind: str, failed: int, now: datetime) -> datetime | None:
    over = failed - FREE[kind]
    return now + timedelta(seconds=min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(over, 20))) if over >= 0 else None


def _keys(name: str, address: str) -> dict[str, str]:
    parts = {"pair": f"{name}\x00{address}", "name": name, "address": address}
    return {kind: hashlib.sha256(f"{kind}\x00{text}".encode()).hexdigest() for kind, text in parts.items()}
