"""Who is asking: the server decides this, never the query and never the text of a question."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

from store import rights
from store.errors import QueryRefused, UnknownName
from store.rights import EVERYWHERE, Right, Role

__all__ = ["LOCAL_OWNER", "NOBODY", "Principal", "Role"]


class Row(Protocol):
    """What has columns by name."""

    def __getitem__(self, key: str, /) -> Any: ...


@dataclass(frozen=True)
class Principal:
    """The asker with a role and what row policies read; rights are checked with this object alone.

    `memberships` maps workspaces to roles (`*` stands for all); None means that `role` holds in every workspace.
    Before `within` names one, `role` is the role held everywhere, else the least. `scopes` narrows the rights of a
    role, as of an API key. `viewed_by` is the id of an administrator who looks at things as this person.
    """

    user_id: str
    name: str
    role: Role = "viewer"
    attributes: MappingProxyType[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    groups: tuple[str, ...] = ()
    memberships: Mapping[str, Role] | None = None
    scopes: frozenset[Right] | None = None
    viewed_by: str | None = None

    @property
    def everywhere(self) -> Role | None:
        """The role held in every workspace, if any."""
        return self.role if self.memberships is None else self.memberships.get(EVERYWHERE)

    def role_in(self, workspace: str) -> Role | None:
        """The role held in a workspace: the higher of the one for all and its own; None outside."""
        if self.memberships is None:
            return self.role
        return rights.highest(self.memberships.get(EVERYWHERE), self.memberships.get(workspace))

    def within(self, workspace: str) -> Principal:
        """The same person with the role held in `workspace`. Raises `UnknownName`, as for one that is not there."""
        role = self.role_in(workspace)
        if role is None:
            raise UnknownName(f"There is no workspace called “{workspace}”.", details={"kind": "workspace", "near": []})
        return self if role == self.role else replace(self, role=role)

    def owns(self, row: Row) -> bool:
        """Whether a thread, run, dashboard or job is the person's own, in a workspace that is still open to them."""
        return row["owner"] == self.user_id and self.role_in(row["workspace"]) is not None

    def is_any(self, named: Iterable[str]) -> bool:
        """Whether a list names the person's role, or with `group:NAME` one of their groups."""
        return any(who == self.role or (who[:6] == "group:" and who[6:] in self.groups) for who in named)

    def may(self, right: Right) -> bool:
        """Whether the person has a right here; outside of a workspace, with the role held everywhere."""
        role = self.everywhere if rights.RIGHTS[right].house else self.role
        return role is not None and rights.has(role, right) and (self.scopes is None or right in self.scopes)

    def may_somewhere(self, right: Right) -> bool:
        """Whether there is a workspace, or the house, where the person has a right."""
        if self.memberships is None or rights.RIGHTS[right].house:
            return self.may(right)
        held = any(rights.has(role, right) for role in self.memberships.values())
        return held and (self.scopes is None or right in self.scopes)

    def require(self, right: Right) -> None:
        """Go on only with a right. Raises `QueryRefused` with the code RIGHT_role."""
        if not self.may(right):
            raise refused(right)

    @property
    def may_write_sql(self) -> bool:
        """Raw SQL is a right of a role; metric queries are open to all."""
        return self.may("sql")

    @property
    def may_load_data(self) -> bool:
        """Adding rows to a workspace changes what everyone is told."""
        return self.may("load")

    @property
    def may_manage_workspaces(self) -> bool:
        """Making and removing workspaces, with all that is in them."""
        return self.may("workspaces")

    @property
    def may_edit_model(self) -> bool:
        """Who may change what words mean; policies are a right of their own."""
        return self.may("model")


def refused(right: Right) -> QueryRefused:
    """The refusal of a right that the asker lacks."""
    return QueryRefused(
        f"Your role may not {rights.RIGHTS[right].refusal}.", code=f"{right}_role", hint="Ask an administrator."
    )


LOCAL_OWNER = Principal(user_id="local", name="Local owner", role="owner")
"""The one person of a loopback installation without accounts."""
NOBODY = Principal(user_id="nobody", name="Nobody", memberships=MappingProxyType({}), scopes=frozenset())
"""Who has not signed in: a member of nothing."""
