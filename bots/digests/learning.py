"""What somebody opens, follows and mutes says what they care for: it orders their next messages and changes no number.

It is kept with the interests that questions teach, where its owner sees, corrects and deletes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from agent.view import WorkspaceView
    from bots.digests.gather import Finding
    from store.principal import Principal

Deed = Literal["opened", "followed", "muted"]
_SAYS: Mapping[Deed, float] = {"opened": 0.5, "followed": 1.5, "muted": -3.0}


def learn(view: WorkspaceView, person: Principal, deed: Deed, text: str) -> None:
    """Note what a reader did with a finding: the figures and fields that its words name grow or shrink."""
    from agent import personal

    personal.care(view.workspace, person, personal.named(view.model, text), _SAYS[deed])


def told(body: Mapping[str, Any], item: int = 0) -> str:
    """The words of one of a message's findings; of a quiet message there are none to learn from."""
    items = body["items"]
    return str(items[item]["text"]) if 0 <= item < len(items) else ""


def ordered(view: WorkspaceView, person: Principal, findings: list[Finding]) -> list[Finding]:
    """The findings with what the reader cares for first: the same ones, in another order."""
    from agent import personal

    interests = personal.of(view.workspace, person)
    return personal.ordered(findings, [f.text for f in findings], view.model, interests)
