"""Who is asking, and whether the address lets them in: every request passes `admit` and its line in the table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from fastapi import Request

from api.errors import Unauthorised
from store import doors
from store.principal import NOBODY, Principal, refused
from store.rights import Door, Right

if TYPE_CHECKING:
    from api.shelf import Shelf

_asking: ContextVar[Principal] = ContextVar("asking")
_asked_for: ContextVar[Door] = ContextVar("asked_for", default="self")


@contextmanager
def acting(person: Principal) -> Iterator[None]:
    """Everything inside is asked by `person`; a request that nobody was named for has no rights at all."""
    token = _asking.set(person)
    try:
        yield
    finally:
        _asking.reset(token)


def current() -> Principal:
    """The person behind a request. Raises `LookupError` outside of one."""
    return _asking.get()


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
    if person == NOBODY:
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
    asks = _asked_for.get()
    if asks != "open" and asks != "self":
        person.require(asks)
    return name, person
