"""Write keys in the state database: found by their hash, for one workspace, good for sending events alone."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from store import secrets_kept
from store.errors import InvalidRequest, LimitReached, UnknownName
from store.event_tables import WriteKeyRow
from store.models import utc_now

PREFIX = "wk-"
MOST = 100
MOST_ORIGINS = 50
SHOWN = ("id", "name", "workspace", "origins", "per_minute", "created_at", "used_at")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}")
_ROW = WriteKeyRow.__table__.c


@dataclass(frozen=True)
class NewWriteKey:
    """A key to make: without origins any page may use it, without a number the setting limits it."""

    name: str
    workspace: str
    created_by: str
    origins: Sequence[str] = ()
    per_minute: int | None = None


def create(connection: Connection, wanted: NewWriteKey) -> tuple[str, str]:
    """A new key: (its id, its text, which is kept nowhere). Raises `InvalidRequest`, `LimitReached`."""
    if not _NAME.fullmatch(wanted.name):
        raise InvalidRequest(
            f"“{wanted.name[:63]}” cannot be the name of a key.", hint="Use letters, digits, dots and dashes.",
            details={"field": "name"},
        )  # fmt: skip
    if len(listed(connection, wanted.workspace)) >= MOST:
        raise LimitReached(f"A workspace has {MOST} write keys at most.", hint="Revoke one first.")
    text, made = secrets_kept.new(PREFIX), f"wk-{uuid.uuid4().hex[:16]}"
    connection.execute(
        insert(WriteKeyRow).values(
            id=made, digest=secrets_kept.digest(text), name=wanted.name, workspace=wanted.workspace,
            origins=clean_origins(wanted.origins), per_minute=wanted.per_minute, created_by=wanted.created_by,
            created_at=utc_now(),
        )
    )  # fmt: skip
    return made, text


def clean_origins(given: Sequence[str]) -> list[str] | None:
    """Origins such as https://shop.example, None for none given. Raises `InvalidRequest`."""
    for origin in given:
        parts = urlsplit(origin)
        if parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/"):
            raise InvalidRequest(
                f"“{origin[:100]}” is not the address of a site.", hint="Write it as https://shop.example.",
                details={"field": "origins"},
            )  # fmt: skip
    if len(given) > MOST_ORIGINS:
        raise InvalidRequest(f"A key has {MOST_ORIGINS} sites at most.", details={"field": "origins"})
    return sorted({origin.rstrip("/").lower() for origin in given}) or None


def find(connection: Connection, text: str) -> RowMapping | None:
    """The key in force with this text, or None."""
    query = select(WriteKeyRow.__table__).where(_ROW.digest == secrets_kept.digest(text), _ROW.revoked_at.is_(None))
    return connection.execute(query).mappings().first()


def used(connection: Connection, key_id: str) -> None:
    """Note that a key was used."""
    connection.execute(update(WriteKeyRow).where(_ROW.id == key_id).values(used_at=utc_now()))


def listed(connection: Connection, workspace: str) -> list[RowMapping]:
    """The keys in force of a workspace, newest first."""
    query = select(WriteKeyRow.__table__).where(_ROW.workspace == workspace, _ROW.revoked_at.is_(None))
    return list(connection.execute(query.order_by(_ROW.created_at.desc(), _ROW.id)).mappings())


def get(connection: Connection, key_id: str) -> RowMapping:
    """A key by its id. Raises `UnknownName`."""
    query = select(WriteKeyRow.__table__).where(_ROW.id == key_id, _ROW.revoked_at.is_(None))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownName("There is no such key.", code="unknown_key")
    return row


def revoke(connection: Connection, key_id: str) -> None:
    """End a key for good."""
    connection.execute(update(WriteKeyRow).where(_ROW.id == key_id).values(revoked_at=utc_now()))


def forget_workspace(connection: Connection, workspace: str) -> None:
    """Remove all of a workspace."""
    connection.execute(delete(WriteKeyRow).where(_ROW.workspace == workspace))
