"""Who is asking: the server decides this, never the query and never the text of a question."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

Role = Literal["owner", "admin", "analyst", "viewer"]


@dataclass(frozen=True)
class Principal:
    """The asker with a role and the attributes that row policies read; rights are checked with this object alone."""

    user_id: str
    name: str
    role: Role = "viewer"
    attributes: MappingProxyType[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def may_write_sql(self) -> bool:
        """Raw SQL is a right of a role; metric queries are open to all."""
        return self.role in ("owner", "admin", "analyst")

    @property
    def may_load_data(self) -> bool:
        """Adding rows to a workspace changes what everyone is told."""
        return self.role in ("owner", "admin", "analyst")

    @property
    def may_manage_workspaces(self) -> bool:
        """Making and removing workspaces, with all that is in them."""
        return self.role in ("owner", "admin")

    @property
    def may_edit_model(self) -> bool:
        """Who may change what words mean may also lift policies, so it is a right of those who set them."""
        return self.role in ("owner", "admin")


LOCAL_OWNER = Principal(user_id="local", name="Local owner", role="owner")
"""The one person of a loopback installation without accounts."""
