"""Secrets that have to be read again, such as those of second factors: sealed with the key of the installation.

Who has the state database alone, or a dump of it, has none of them; the key lies beside it or in the environment.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path
from typing import TYPE_CHECKING

from store import installation
from store.errors import ConfigProblem

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = "sealed1:"
_NONCE = 12


class Seal:
    """Seals and opens texts for one purpose; a text opens only for whom it was sealed (such as a user id)."""

    def __init__(self, purpose: str, home: Path | None = None) -> None:
        self._purpose = purpose
        self._home = home

    def close(self, text: str, owner: str) -> str:
        """The sealed form of `text`, another one each time. Raises `ConfigProblem` for a key that cannot be used."""
        nonce = os.urandom(_NONCE)
        kept = self._cipher().encrypt(nonce, text.encode(), self._bound(owner))
        return MARK + base64.b64encode(nonce + kept).decode()

    def open(self, kept: str, owner: str) -> str:
        """What was sealed; a text that never was (of an older version) as it is.

        Raises `ConfigProblem` when the key of the installation is another one now, or the text was changed.
        """
        if not is_sealed(kept):
            return kept
        from cryptography.exceptions import InvalidTag

        try:
            raw = base64.b64decode(kept.removeprefix(MARK), validate=True)
            return str(self._cipher().decrypt(raw[:_NONCE], raw[_NONCE:], self._bound(owner)).decode())
        except (InvalidTag, ValueError) as error:
            raise ConfigProblem(
                "A sealed secret cannot be opened.",
                code="sealed_with_another_key",
                hint="It was sealed with another PLAINSAY_SECRET_KEY or secret.key. Bring that key back, or let an "
                "administrator turn the second factor off.",
            ) from error

    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(installation.derived(f"seal {self._purpose}", self._home))

    def _bound(self, owner: str) -> bytes:
        return f"{self._purpose}:{owner}".encode()


def is_sealed(kept: str) -> bool:
    """Whether a text was sealed."""
    return kept.startswith(MARK)
