"""Secrets at rest: AES-256-GCM under a key of the installation, bound to the connection that they belong to."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path

from store import installation
from store.errors import ConfigProblem

_PREFIX = "v1:"


def seal(text: str, bound_to: str, home: Path | None = None) -> str:
    """`text` encrypted; it opens only with the same `bound_to`, so that it cannot be moved to another connection."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(12)
    sealed = AESGCM(_key(home)).encrypt(nonce, text.encode("utf-8"), bound_to.encode("utf-8"))
    return _PREFIX + base64.b64encode(nonce + sealed).decode("ascii")


def unseal(sealed: str, bound_to: str, home: Path | None = None) -> str:
    """The text again. Raises `ConfigProblem` when the key is another one or the text was tampered with."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        raw = base64.b64decode(sealed.removeprefix(_PREFIX), validate=True)
        return AESGCM(_key(home)).decrypt(raw[:12], raw[12:], bound_to.encode("utf-8")).decode("utf-8")
    except (InvalidTag, ValueError) as error:
        raise ConfigProblem(
            "A stored secret cannot be read with this installation's key.",
            code="secret_unreadable",
            hint="Restore PLAINSAY_SECRET_KEY or the file secret.key under home, or connect the source again.",
        ) from error


def _key(home: Path | None) -> bytes:
    return installation.derived("connections", home)
