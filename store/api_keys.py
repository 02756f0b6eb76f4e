"""API keys in the state database: found by their hash, held by a person or a service account, never more than that."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.engine import RowMapping

from store import people, secrets_kept
from store.errors import InvalidRequest, UnknownName
from store.models import utc_now
from store.people_tables import KeyRow
from store.principal import Principal
from store.rights import LEAST, RIGHTS, ROLES, Right, rights_of

PREFIX = "ps-"
USED_EVERY = timedelta(minutes=1)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,62}")


@dataclass(frozen=True)
class NewKey:
    """A key to make: its holder, the one workspace it opens (None: the holder's), what it may (None: all of that)."""

    name: str
    user_id: str
    created_by: str
    workspace: str | None = None
    scopes: tuple[Right, ...] | None = None
    days: int | None = None


def clean_scopes(given: Sequence[str]) -> tuple[Right, ...] | None:
    """Rights by their names, a role standing for all of its rights; None for none given. Raises `InvalidRequest`."""
    found: set[Right] = set()
    for name in given:
        right = next((r for r in RIGHTS if r == name), None)
        role = next((r for r in ROLES if r == name), None)
        if right is None and role is None:
            raise InvalidRequest(
                f"There is no right “{name[:40]}”.", code="bad_scope", details={"field": "scopes"},
                hint=f"Use {', '.join(RIGHTS)}, or a role: {', '.join(ROLES)}.",
            )  # fmt: skip
        found |= {right} if right is not None else rights_of(role or LEAST)
    return tuple(sorted(found)) or None


def create(connection: Connection, wanted: NewKey) -> tuple[str, str]:
    """A new key: (its id, its text, which is kept nowhere). Raises `InvalidRequest`."""
    if not _NAME.fullmatch(wanted.name):
        raise InvalidRequest(
            f"“{wanted.name[:63]}” cannot be the name of a key.", hint="Use letters, digits, dots and dashes.",
            details={"field": "name"},
        )  # fmt: skip
    text, made, now = secrets_kept.new(PREFIX), f"k-{uuid.uuid4().hex[:16]}", utc_now()
    expires = now + timedelta(days=wanted.days) if wanted.days is not None else None
    connection.execute(
        insert(KeyRow).values(
            id=made, digest=secrets_kept.digest(text), name=wanted.name, user_id=wanted.user_id,
            workspace=wanted.workspace, scopes=list(wanted.scopes) if wanted.scopes is not None else None,
            created_by=wanted.created_by, created_at=now, expires_at=expires,
        )
    )  # fmt: skip
    return made, text


def find(connection: Connection, text: str) -> RowMapping | None:
    """The key in force with this text, or None."""
    query = select(KeyRow.__table__).where(KeyRow.digest == secrets_kept.digest(text), KeyRow.revoked_at.is_(None))
    row = connection.execute(query).mappings().first()
    return None if row is None or _over(row) else row


def by_id(connection: Connection, key_id: str) -> RowMapping | None:
    """The key in force with this id, or None."""
    query = select(KeyRow.__table__).where(KeyRow.id == key_id, KeyRow.revoked_at.is_(None))
    row = connection.execute(query).mappings().first()
    return None if row is None or _over(row) else row


def _over(row: RowMapping) -> bool:
    return row["expires_at"] is not None and row["expires_at"] < utc_now()


def holder(connection: Connection, row: RowMapping) -> Principal | None:
    """Who a request with this key is: its holder as of now, narrowed to its workspace and its scopes."""
    person = people.principal_of(connection, row["user_id"])
    if person is None:
        return None
    if row["workspace"] is not None:
        role = person.role_in(row["workspace"])
        held = {row["workspace"]: role} if role is not None else {}
        person = replace(person, role=LEAST, memberships=MappingProxyType(held))
    scopes = frozenset(r for r in RIGHTS if r in row["scopes"]) if row["scopes"] is not None else None
    return replace(person, scopes=scopes)


def used(connection: Connection, row: RowMapping) -> None:
    """Note that a key was used."""
    connection.execute(update(KeyRow).where(KeyRow.id == row["id"]).values(used_at=utc_now()))


def is_due(row: RowMapping) -> bool:
    """Whether the last use is to be noted; once a minute is enough."""
    return row["used_at"] is None or row["used_at"] + USED_EVERY < utc_now()


def any_key(connection: Connection) -> bool:
    """Whether there is a key that was not revoked."""
    return connection.execute(select(KeyRow.id).where(KeyRow.revoked_at.is_(None)).limit(1)).first() is not None


def listed(connection: Connection, user_id: str | None = None) -> list[RowMapping]:
    """Keys that were not revoked, newest first: all of them, or those of one holder."""
    query = select(KeyRow.__table__).where(KeyRow.revoked_at.is_(None)).order_by(KeyRow.created_at.desc(), KeyRow.id)
    if user_id is not None:
        query = query.where(KeyRow.user_id == user_id)
    return list(connection.execute(query).mappings())


def get(connection: Connection, key_id: str) -> RowMapping:
    """A key by its id. Raises `UnknownName`."""
    query = select(KeyRow.__table__).where(KeyRow.id == key_id, KeyRow.revoked_at.is_(None))
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownName("There is no such key.", code="unknown_key")
    return row


def revoke(connection: Connection, key_id: str) -> None:
    """End a key for good."""
    connection.execute(update(KeyRow).where(KeyRow.id == key_id).values(revoked_at=utc_now()))
