"""Who a cookie or a key belongs to, and who may see as whom: the one place where requests become people."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from api import keys
from api.accounts import Caller
from api.errors import Unauthorised
from store import api_keys, audit, people, sessions
from store.audit import Deed
from store.database import Database
from store.principal import LOCAL_OWNER, Principal
from store.rights import EVERYWHERE, LEAST, Role, rank

VIEWED = "as:"
"""Begins the id of who views as another: what is asked so is kept apart from the conversations of both."""


@dataclass(frozen=True)
class Known:
    """A caller, and the cookie to give back where it was rotated."""

    caller: Caller
    cookie: str | None = None


class People:
    """Looks people up in the state database, as they are now."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._required = False
        self.version = 0

    def changed(self) -> None:
        """Somebody's rights changed: whoever reads a stream is looked up again at once."""
        self.version += 1

    async def same(self, caller: Caller) -> bool:
        """Whether a caller is still there, with the same rights as when the request came."""
        if caller.by == "loopback":
            return not await self.required()
        if caller.by == "nothing":
            return False
        now = await self._database.read(lambda c: _now(c, caller))
        return now is not None and now.person == caller.person

    async def required(self) -> bool:
        """Whether everybody has to sign in: an owner account exists. It stays so."""
        if not self._required:
            self._required = await self._database.read(people.any_owner)
        return self._required

    async def person(self, user_id: str) -> Principal | None:
        """The person with this id as of now, or None when there is no such person any more."""
        if user_id.startswith(VIEWED):
            return None
        if user_id == LOCAL_OWNER.user_id and not await self.required():
            return LOCAL_OWNER
        found = await self._database.read(lambda c: people.principal_of(c, user_id))
        return found or keys.ring().person(user_id)

    async def by_cookie(self, cookie: str) -> Known | None:
        """Who a session belongs to; None for a cookie that opens nothing (any more)."""
        found = await self._database.read(lambda c: sessions.find(c, cookie))
        if found is None:
            return None
        row, fresh = found.row, None
        if found.due:
            row_now, fresh = await self._database.write(lambda c: sessions.touch(c, cookie))
            if row_now is None:
                await self._note(row["user_id"], "session.copied", row["id"])
                return None
        caller = await self._database.read(lambda c: _seated(c, row["user_id"], row["id"], row["view_as"]))
        return Known(caller, fresh) if caller is not None else None

    async def by_key(self, authorization: str) -> Caller | None:
        """Who a bearer key belongs to; None where no keys exist at all, so that a placeholder is as good as none.

        Raises `Unauthorised` for a key that is not known, has expired, or whose holder was disabled.
        """
        scheme, _, text = authorization.partition(" ")
        ring = keys.ring()
        if ring.keys and (mine := ring.find(authorization)) is not None:
            return Caller(mine, "key")
        if scheme.lower() == "bearer" and text.strip().startswith(api_keys.PREFIX):
            found = await self._database.read(lambda c: _held(c, text.strip()))
            if found is not None:
                person, row = found
                if api_keys.is_due(row):
                    await self._database.write(lambda c: api_keys.used(c, row))
                return Caller(person, "key", key_id=row["id"])
        if ring.keys or await self.required() or await self._database.read(api_keys.any_key):
            raise Unauthorised("This API key is not known here.", hint="Check the key, or ask for a new one.")
        return None

    async def record(self, deed: Deed) -> None:
        """Add to the audit log."""
        await self._database.write(lambda c: audit.append(c, deed))

    async def _note(self, user_id: str, action: str, target: str) -> None:
        name = await self._database.read(lambda c: people.get(c, user_id)["name"])
        await self.record(Deed(user_id, name, action, target))


def _held(connection: Connection, text: str) -> tuple[Principal, RowMapping] | None:
    row = api_keys.find(connection, text)
    person = api_keys.holder(connection, row) if row is not None else None
    return (person, row) if person is not None and row is not None else None


def _now(connection: Connection, caller: Caller) -> Caller | None:
    """A caller as of now, by the same session or key."""
    if caller.session_id is not None:
        row = sessions.by_id(connection, caller.session_id)
        return _seated(connection, row["user_id"], row["id"], row["view_as"]) if row is not None else None
    if caller.key_id is not None:
        key = api_keys.by_id(connection, caller.key_id)
        person = api_keys.holder(connection, key) if key is not None else None
    else:
        person = keys.ring().person(caller.person.user_id)
    return Caller(person, "key") if person is not None else None


def _seated(connection: Connection, user_id: str, session_id: str, view_as: str | None) -> Caller | None:
    person = people.principal_of(connection, user_id)
    if person is None:
        return None
    if view_as is None:
        return Caller(person, "cookie", session_id)
    other = people.principal_of(connection, view_as)
    seen = viewed(person, other) if other is not None else replace(person, memberships=MappingProxyType({}))
    return Caller(replace(seen, scopes=frozenset({"ask"})), "cookie", session_id, real=person)


def viewed(viewer: Principal, other: Principal) -> Principal:
    """`other` as `viewer` may see them: only in workspaces where the viewer may view as people of that role.

    It may ask, and nothing else; what it asks is kept apart from the conversations of both.
    """
    given = other.memberships if other.memberships is not None else {EVERYWHERE: other.role}
    places = set(given) | set(viewer.memberships or {}) if EVERYWHERE in given else set(given)
    held: dict[str, Role] = {}
    for place in places:
        role = other.everywhere if place == EVERYWHERE else other.role_in(place)
        mine = viewer.everywhere if place == EVERYWHERE else viewer.role_in(place)
        if role is not None and mine is not None and rank(mine) >= rank(role):
            looker = replace(viewer, role=mine)
            if looker.may("view_as"):
                held[place] = role
    return replace(
        other,
        user_id=f"{VIEWED}{viewer.user_id}:{other.user_id}"[:128],
        role=held.get(EVERYWHERE, LEAST),
        memberships=MappingProxyType(held),
        scopes=frozenset({"ask"}),
        viewed_by=viewer.user_id,
    )
