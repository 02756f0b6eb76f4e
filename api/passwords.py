"""Passwords: long rather than odd, never a known one, kept by Argon2id, and compared at one speed for everybody."""

from __future__ import annotations

import threading
from functools import lru_cache
from typing import TYPE_CHECKING

from store.errors import InvalidRequest

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 256
_LOOKED_AT = 72
_WEAK = 2
AT_ONCE = threading.BoundedSemaphore(4)
"""Argon2 takes 64 MB for each password; more at once have to wait."""


def check(password: str, *known: str) -> None:
    """Whether a password may be used; `known` are words that others know of its person.

    Raises `InvalidRequest` for one that is short, long, common, or made of what is known.
    """
    if len(password) < SHORTEST:
        raise _bad(f"The password is shorter than {SHORTEST} characters.", "Four words that do not belong together do.")
    if len(password) > LONGEST:
        raise _bad(f"The password is longer than {LONGEST} characters.", "Use a shorter one.")
    import zxcvbn

    words = [part for text in known for part in (text, *text.replace("@", " ").replace(".", " ").split()) if part]
    found = zxcvbn.zxcvbn(password[:_LOOKED_AT], user_inputs=["plainsay", *words], max_length=_LOOKED_AT)
    if found["score"] < _WEAK:
        raise _bad("This password is easy to guess.", "Four words that do not belong together are hard to guess.")


def hashed(password: str) -> str:
    """What is kept of a password."""
    with AT_ONCE:
        return str(_hasher().hash(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether a password is the right one. Without a kept one it takes as long, and never is."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    with AT_ONCE:
        try:
            right = _hasher().verify(kept or _nobodys(), password[: LONGEST + 1])
        except (Argon2Error, InvalidHashError):
            return False
    return right and kept is not None


def outdated(kept: str) -> bool:
    """Whether a password should be hashed again, with the parameters of today."""
    return bool(_hasher().check_needs_rehash(kept))


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return str(_hasher().hash("the password of nobody"))


def _bad(message: str, hint: str) -> InvalidRequest:
    return InvalidRequest(message, code="weak_password", hint=hint, details={"field": "password"})
