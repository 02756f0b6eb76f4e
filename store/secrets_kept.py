"""Secrets that are handed out once and kept as hashes; long and random, a slow hash would protect nothing more."""

from __future__ import annotations

import hashlib
import secrets

LENGTH = 32


def new(prefix: str = "") -> str:
    """A new secret of 256 random bits."""
    return f"{prefix}{secrets.token_urlsafe(LENGTH)}"


def digest(text: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
