"""Who is asking, and whether the address lets them in: every request passes `admit` and its line in the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from fastapi import Request

from api.errors import Unauthorised
from store import doors
from store.principal import NOBODY, Principal, refused
from store.rights import Door, Right

if TYPE_CHECKING:
    from api.shelf import Shelf


@dataclass(frozen=True)
class Caller:
    """Who sent a request and how they are known; `real` is the administrator behind a person who is only viewed as."""

    person: Principal
    by: Literal["nothing", "loopback", "key", "cookie"] = "nothing"
    session_id: str | None = None
    key_id: str | None = None
    real: Principal | None = None

    @property
    def self(self) -> Principal:
        """The person who really sits there."""
        return self.real or self.person


@dataclass
class Trail:
    """What a request did, for the audit log: filled in on the way, written when it succeeded."""

    workspace: str | None = None
    target: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    actor: Principal | None = None


_trail: ContextVar[Trail] = ContextVar("trail")
_calling: ContextVar[Caller] = ContextVar("calling")
_asked_for: ContextVar[Door] = ContextVar("asked_for", default="self")


@contextmanager
def acting(caller: Caller) -> Iterator[Trail]:
    """Everything inside is asked by `caller`; a request that nobody was named for has no rights at all."""
    trail = Trail()
    tokens = _calling.set(caller), _trail.set(trail)
    try:
        yield trail
    finally:
        _calling.reset(tokens[0])
        _trail.reset(tokens[1])


def note(target: str = "", *, workspace: str | None = None, actor: Principal | None = None, **detail: Any) -> None:
    """Say what this request is about, for its entry in the audit log; names and counts, never secrets or rows."""
    trail = _trail.get(None)
    if trail is not None:
        trail.target = target or trail.target
        trail.workspace = workspace or trail.workspace
        trail.actor = actor or trail.actor
        trail.detail |= detail


def caller() -> Caller:
    """Who sent this request, and how. Raises `LookupError` outside of one."""
    return _calling.get()


def current() -> Principal:
    """The person behind a request. Raises `LookupError` outside of one."""
    return _calling.get().person


async def admit(request: Request) -> None:
    """Let in who has, in some workspace or the house, the right that the table names for this route.

    Raises `Unauthorised`, `QueryRefused`. What the workspace meant allows is checked by `entered`, once it is known.
    """
    found = doors.entry(request.method, request.scope["route"].path)
    asks: Door = found.asks if found is not None else "owners"
    _asked_for.set(asks)
    if asks == "open":
        return
    person = current()
    if person == NOBODY or (found is not None and found.wire and caller().by == "cookie"):
        raise Unauthorised("Please sign in first.", hint="Sign in, or send the header Authorization: Bearer KEY.")
    if found is None or (asks != "self" and not person.may_somewhere(asks)):
        raise refused("owners" if asks == "self" else asks)


def asked_for(default: Right) -> Right:
    """The right that the route of this request asks for."""
    asks = _asked_for.get()
    return default if asks == "open" or asks == "self" else asks


def entered(shelf: Shelf, workspace: str | None) -> tuple[str, Principal]:
    """The workspace meant and the asker with the role held there; reads the disk, so call it in a thread.

    Raises `UnknownName` where the asker is no member, `QueryRefused` without the right that the route asks for.
    """
    name = shelf.chosen(workspace, current())
    person = current().within(name)
    note(workspace=name)
    asks = _asked_for.get()
    if asks != "open" and asks != "self":
        person.require(asks)
    return name, person
