"""Who is asking: the owner of a loopback installation, or whoever holds an API key, until accounts exist."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from api import keys
from store.errors import QueryRefused
from store.principal import LOCAL_OWNER, Principal

_asking: ContextVar[Principal] = ContextVar("asking")


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


def principal(user_id: str) -> Principal | None:
    """The person with this id as of now, or None when there is no such person any more."""
    return LOCAL_OWNER if user_id == LOCAL_OWNER.user_id else keys.ring().person(user_id)


def loader() -> None:
    """Lets in who may add data to a workspace. Raises `QueryRefused`."""
    if not current().may_load_data:
        raise QueryRefused("Your role may not load data.", code="load_role", hint="Ask an administrator.")


def manager() -> None:
    """Lets in who may make and remove workspaces. Raises `QueryRefused`."""
    if not current().may_manage_workspaces:
        raise QueryRefused(
            "Your role may not make or remove workspaces.", code="workspace_role", hint="Ask an administrator."
        )
