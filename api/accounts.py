"""Who is asking: the owner of a loopback installation, until accounts exist."""

from __future__ import annotations

from store.principal import LOCAL_OWNER, Principal


def current() -> Principal:
    """The person behind a request."""
    return LOCAL_OWNER


def principal(user_id: str) -> Principal | None:
    """The person with this id as of now, or None when there is no such person any more."""
    return LOCAL_OWNER if user_id == LOCAL_OWNER.user_id else None
