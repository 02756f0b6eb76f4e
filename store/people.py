"""People and their roles in the state database: plain functions of a connection, each sure of one fact at a time."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy.engine import RowMapping

from store import alerts, budgets, digests, runs
from store.errors import InvalidRequest, UnknownName
from store.models import DashboardRow, utc_now
from store.people_tables import KeyRow, MemberRow, SessionRow, UserRow
from store.principal import LOCAL_OWNER, Principal
from store.rights import EVERYWHERE, LEAST, ROLES, Role, highest

_EMAIL = re.compile(r"[^@\s\x00-\x1f<>\"(),:;\\]{1,64}@[^@\s\x00-\x1f<>\"(),:;\\]{1,189}")
_ATTRIBUTE = re.compile(r"[a-z][a-z0-9_]{0,62}")
_MOST_VALUES, _LONGEST_VALUE = 500, 200


def clean_email(text: str) -> str:
    """An e-mail address in the one form that is kept. Raises `InvalidRequest`."""
    found = unicodedata.normalize("NFKC", text).strip().casefold()
    if not _EMAIL.fullmatch(found) or len(found) > 254:
        raise InvalidRequest("That is not an e-mail address.", code="bad_email", details={"field": "email"})
    return found


def clean_name(text: str) -> str:
    """A person's name on one line. Raises `InvalidRequest` for none."""
    found = " ".join("".join(c for c in text if unicodedata.category(c)[0] != "C" or c == " ").split())[:200]
    if not found:
        raise InvalidRequest("A name is needed.", code="bad_name", details={"field": "name"})
    return found


def clean_role(text: str) -> Role:
    """One of the roles. Raises `InvalidRequest`."""
    found = next((role for role in ROLES if role == text), None)
    if found is None:
        raise InvalidRequest(
            f"There is no role “{text[:40]}”.", code="bad_role", hint=f"Use one of {', '.join(ROLES)}.",
            details={"field": "role"},
        )  # fmt: skip
    return found


def clean_attributes(given: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What policies may read of a person. Raises `InvalidRequest` for odd names and too many values."""
    for name, values in given.items():
        if not _ATTRIBUTE.fullmatch(name) or len(values) > _MOST_VALUES or any(len(v) > _LONGEST_VALUE for v in values):
            raise InvalidRequest(
                f"“{name[:60]}” cannot be an attribute with these values.",
                code="bad_attribute",
                hint="Use a name of small letters, digits and _, and up to 500 short values.",
                details={"field": "attributes"},
            )
    return {name: [str(v) for v in values] for name, values in sorted(given.items())}


def any_owner(connection: Connection) -> bool:
    """Whether an owner account exists, so that everybody has to sign in."""
    owning = and_(MemberRow.workspace == EVERYWHERE, MemberRow.role == "owner")
    query = select(MemberRow.user_id).join(UserRow, UserRow.id == MemberRow.user_id)
    return connection.execute(query.where(owning, UserRow.kind == "person").limit(1)).first() is not None


def create(
    connection: Connection,
    *,
    name: str,
    email: str | None,
    password: str | None = None,
    sso: str | None = None,
    first_owner: bool = False,
) -> str:
    """A new person, or without an e-mail a service account; the id. Raises `InvalidRequest` for a taken address.

    The first owner takes the id of the local owner, and with it what that one asked and kept before accounts existed.
    """
    if email is not None and by_email(connection, email) is not None:
        raise InvalidRequest(
            "Somebody has this e-mail address already.", code="email_taken", details={"field": "email"}
        )
    made = LOCAL_OWNER.user_id if first_owner else f"{'u' if email else 'svc'}-{uuid.uuid4().hex[:16]}"
    connection.execute(
        insert(UserRow).values(
            id=made, kind="person" if email else "service", email=email, name=name, password=password, sso=sso,
            totp_last=0, recovery=[], attributes={}, groups=[], created_at=utc_now(),
        )
    )  # fmt: skip
    return made


def get(connection: Connection, user_id: str) -> RowMapping:
    """A person with all columns. Raises `UnknownName`."""
    found = connection.execute(select(UserRow.__table__).where(UserRow.id == user_id)).mappings().first()
    if found is None:
        raise UnknownName("There is no such person.", code="unknown_user")
    return found


def by_email(connection: Connection, email: str) -> RowMapping | None:
    """The person with a cleaned e-mail address, or None."""
    return connection.execute(select(UserRow.__table__).where(UserRow.email == email)).mappings().first()


def by_sso(connection: Connection, subject: str) -> RowMapping | None:
    """The person whom a sign-on provider calls `subject` (issuer and id), or None."""
    return connection.execute(select(UserRow.__table__).where(UserRow.sso == subject)).mappings().first()


def change(connection: Connection, user_id: str, **values: Any) -> None:
    """Change columns of a person."""
    connection.execute(update(UserRow).where(UserRow.id == user_id).values(**values))


def remove(connection: Connection, user_id: str) -> None:
    """Forget a person with their memberships, sessions, keys, conversations and dashboards."""
    digests.remove_all(connection, owner=user_id)
    alerts.remove_all(connection, owner=user_id)
    budgets.forget(connection, "person", user_id)
    runs.delete_threads_of(connection, owner=user_id)
    connection.execute(delete(DashboardRow).where(DashboardRow.owner == user_id))
    for table in (SessionRow, KeyRow, MemberRow):
        connection.execute(delete(table).where(table.user_id == user_id))
    connection.execute(delete(UserRow).where(UserRow.id == user_id))


def give_role(connection: Connection, user_id: str, workspace: str, role: Role | None, origin: str = "direct") -> None:
    """Set a person's role in a workspace, or with None take it away."""
    place = and_(MemberRow.user_id == user_id, MemberRow.workspace == workspace, MemberRow.origin == origin)
    connection.execute(delete(MemberRow).where(place))
    if role is not None:
        connection.execute(insert(MemberRow).values(user_id=user_id, workspace=workspace, origin=origin, role=role))


def leave_all(connection: Connection, user_id: str, origin: str) -> None:
    """Take away all roles of one origin."""
    connection.execute(delete(MemberRow).where(MemberRow.user_id == user_id, MemberRow.origin == origin))


def forget_workspace(connection: Connection, workspace: str) -> None:
    """Take away all roles and keys of a workspace that is gone."""
    connection.execute(delete(MemberRow).where(MemberRow.workspace == workspace))
    connection.execute(delete(KeyRow).where(KeyRow.workspace == workspace))


def memberships(connection: Connection, user_ids: Sequence[str]) -> dict[str, dict[str, Role]]:
    """user id -> workspace -> role, the higher one where two origins give one."""
    found: dict[str, dict[str, Role]] = defaultdict(dict)
    query = select(MemberRow.user_id, MemberRow.workspace, MemberRow.role).where(MemberRow.user_id.in_(user_ids))
    for user_id, workspace, role in connection.execute(query):
        known = highest(found[user_id].get(workspace), clean_role(role))
        if known is not None:
            found[user_id][workspace] = known
    return found


def owners(connection: Connection) -> list[str]:
    """The ids of the owners who can sign in."""
    query = select(MemberRow.user_id).join(UserRow, UserRow.id == MemberRow.user_id)
    owning = and_(MemberRow.workspace == EVERYWHERE, MemberRow.role == "owner", UserRow.disabled_at.is_(None))
    return sorted(set(connection.execute(query.where(owning)).scalars()))


def listed(connection: Connection, workspace: str | None = None, words: str | None = None) -> list[RowMapping]:
    """People and service accounts by name: all of them, or those who may enter a workspace."""
    query = select(UserRow.__table__).order_by(UserRow.kind, func.lower(UserRow.name), UserRow.id)
    if workspace is not None:
        inside = select(MemberRow.user_id).where(MemberRow.workspace.in_((workspace, EVERYWHERE)))
        query = query.where(UserRow.id.in_(inside))
    if words:
        like = (UserRow.name.icontains(words, autoescape=True), UserRow.email.icontains(words, autoescape=True))
        query = query.where(or_(*like))
    return list(connection.execute(query).mappings())


def principal(row: RowMapping, roles: Mapping[str, Role]) -> Principal:
    """The rights of a person. Policies may read `email`, unless an attribute of that name was set."""
    own = {"email": [row["email"]]} if row["email"] else {}
    attributes = {name: tuple(values) for name, values in (own | row["attributes"]).items()}
    return Principal(
        user_id=row["id"], name=row["name"], role=roles.get(EVERYWHERE, LEAST),
        attributes=MappingProxyType(attributes), groups=tuple(sorted(row["groups"])),
        memberships=MappingProxyType(dict(roles)),
    )  # fmt: skip


def principal_of(connection: Connection, user_id: str) -> Principal | None:
    """The rights of a person as of now; None for who is not there, or was disabled."""
    row = connection.execute(select(UserRow.__table__).where(UserRow.id == user_id)).mappings().first()
    if row is None or row["disabled_at"] is not None:
        return None
    return principal(row, memberships(connection, [user_id]).get(user_id, {}))
