"""Who may change whom: roles are given up to one's own, the last owner stays, and nobody reaches above themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from store import people
from store.errors import QueryRefused, UnknownName
from store.principal import LOCAL_OWNER, Principal, refused
from store.rights import EVERYWHERE, LEAST, Right, Role, highest, rank


def holds(actor: Principal, right: Right, place: str) -> bool:
    """Whether somebody has a right in a workspace, or with `*` in all of them."""
    role = actor.everywhere if place == EVERYWHERE else actor.role_in(place)
    return role is not None and replace(actor, role=role).may(right)


def check_role(actor: Principal, place: str, before: Role | None, after: Role | None) -> None:
    """Whether `actor` may change a role in a workspace (`*`: all) from one to another. Raises `QueryRefused`."""
    if not holds(actor, "members", place):
        raise refused("members")
    mine = actor.everywhere if place == EVERYWHERE else actor.role_in(place)
    above = [r for r in (before, after) if r is not None and (mine is None or rank(r) > rank(mine))]
    if above or ("owner" in (before, after) and before != after and not holds(actor, "owners", EVERYWHERE)):
        raise QueryRefused(
            "You can change roles up to your own only.", code="role_above", hint="Ask somebody with more rights."
        )


def check_person(connection: Connection, actor: Principal, user_id: str, right: Right = "people") -> RowMapping:
    """The row of a person whom `actor` may change altogether: with a right of the house, and no role above theirs.

    Raises `QueryRefused`, `UnknownName`.
    """
    actor.require(right)
    if not holds(actor, right, EVERYWHERE):
        raise refused(right)
    row = people.get(connection, user_id)
    held = highest(*people.memberships(connection, [user_id]).get(user_id, {}).values())
    if held is not None and rank(held) > rank(actor.everywhere or LEAST):
        raise QueryRefused("This person has more rights than you.", code="role_above")
    return row


def set_roles(
    connection: Connection, actor: Principal, user_id: str, wanted: Mapping[str, Role | None]
) -> dict[str, Any]:
    """Change roles by workspace; None takes one away. What was changed. Raises `QueryRefused`, `UnknownName`."""
    people.get(connection, user_id)
    direct = people.memberships(connection, [user_id]).get(user_id, {})
    changed = {}
    for place, role in wanted.items():
        before = direct.get(place)
        check_role(actor, place, before, role)
        if before != role:
            people.give_role(connection, user_id, place, role)
            changed[place] = {"before": before, "after": role}
    keep_an_owner(connection)
    return changed


def keep_an_owner(connection: Connection) -> None:
    """Refuse, and with it undo, what would leave nobody to own the house. Raises `QueryRefused`."""
    if not people.owners(connection):
        raise QueryRefused(
            "Somebody has to own this installation.", code="last_owner", hint="Make somebody else an owner first."
        )


def seen_by(connection: Connection, actor: Principal, user_id: str) -> RowMapping:
    """A person whom `actor` may know of: a member of a workspace whose members they look after.

    Raises `UnknownName`, also for people elsewhere.
    """
    row = people.get(connection, user_id)
    held = people.memberships(connection, [user_id]).get(user_id, {})
    if actor.user_id == LOCAL_OWNER.user_id or holds(actor, "members", EVERYWHERE):
        return row
    if any(holds(actor, "members", place) for place in held if place != EVERYWHERE):
        return row
    raise UnknownName("There is no such person.", code="unknown_user")


def listed(
    connection: Connection, actor: Principal, workspace: str | None, words: str | None = None
) -> list[dict[str, Any]]:
    """People as `actor` may know of them, with the roles in workspaces that `actor` looks after."""
    rows = people.listed(connection, workspace, words)
    held = people.memberships(connection, [row["id"] for row in rows])
    everywhere = holds(actor, "members", EVERYWHERE)
    items = []
    for row in rows:
        roles = {
            place: role for place, role in held.get(row["id"], {}).items()
            if everywhere or place == workspace or (place == EVERYWHERE and workspace is not None)
        }  # fmt: skip
        if everywhere or roles:
            items.append(card(row, roles))
    return items


def card(row: RowMapping, roles: Mapping[str, Role]) -> dict[str, Any]:
    """A person as lists show them; never anything secret."""
    return {
        "id": row["id"], "kind": row["kind"], "name": row["name"], "email": row["email"], "roles": dict(roles),
        "attributes": row["attributes"], "groups": row["groups"], "disabled": row["disabled_at"] is not None,
        "second_factor": row["totp"] is not None, "sign_on": row["sso"] is not None,
        "created_at": row["created_at"], "seen_at": row["seen_at"],
    }  # fmt: skip
