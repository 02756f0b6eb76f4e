"""The one secret of an installation, from which others are derived, so that none of them need be stored."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from store import settings
from store.errors import ConfigProblem

FILE = "secret.key"


def key(home: Path | None = None) -> bytes:
    """The 32 bytes of PLAINSAY_SECRET_KEY (base64), else of `secret.key` under home, made when first needed.

    Raises `ConfigProblem` when they cannot be used.
    """
    given: str = settings.get("secret_key")
    if given:
        return _checked(given, "PLAINSAY_SECRET_KEY")
    file = (home or settings.home()) / FILE
    if not file.exists():
        _make(file)
    return _checked(file.read_text(encoding="ascii"), f"the file {FILE}")


def derived(purpose: str, home: Path | None = None) -> bytes:
    """32 bytes for one purpose only; they tell nothing of the key or of other purposes."""
    return hmac.new(key(home), f"plainsay:{purpose}".encode(), hashlib.sha256).digest()


def _make(file: Path) -> None:
    """Whole or not at all, readable by its owner only, and never over one that another process made meanwhile."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(6)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(base64.b64encode(secrets.token_bytes(32)))
        out.flush()
        os.fsync(out.fileno())
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()


def _checked(text: str, where: str) -> bytes:
    try:
        found = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        found = b""
    if len(found) != 32:
        raise ConfigProblem(
            f"The key in {where} cannot be used.", code="bad_secret_key", hint="It must be 32 random bytes as base64."
        )
    return found
