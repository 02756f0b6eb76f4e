"""The few settings that an administrator may change while the server runs; the environment always wins over them.

They lie in a file under home, so that every process and the command line read the same; what is secret is sealed.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from store.errors import ConfigProblem

FILE = "settings.json"
CHANGEABLE = (
    "model", "model_url", "model_key", "model_seconds", "model_turn_tokens", "model_user_tokens",
    "model_workspace_tokens",
)  # fmt: skip
_SEALED = frozenset({"model_key"})
_OWNER = "installation"
_UNREADABLE = f"The file {FILE} under home cannot be read."


def read(name: str, home: Path) -> str:
    """The text kept for a setting, empty where there is none. Raises `ConfigProblem` for a file nobody can read."""
    text = _all(home).get(name, "")
    if not text or name not in _SEALED:
        return text
    from store.sealed import Seal

    try:
        return Seal("setting", home).open(text, _OWNER)
    except ConfigProblem as error:
        raise ConfigProblem(
            "The key of the language model cannot be opened.", code="sealed_with_another_key",
            hint="It was sealed with another PLAINSAY_SECRET_KEY or secret.key. Write it anew on the admin page.",
        ) from error  # fmt: skip


def is_kept(name: str, home: Path) -> bool:
    """Whether something is kept for a setting, without opening it."""
    return bool(_all(home).get(name))


def change(values: Mapping[str, str], home: Path) -> None:
    """Keep these texts, whole or not at all; an empty one takes the setting away."""
    from store.sealed import Seal

    kept = _all(home)
    for name, text in values.items():
        kept[name] = Seal("setting", home).close(text, _OWNER) if text and name in _SEALED else text
    home.mkdir(parents=True, exist_ok=True)
    draft = home / f".{FILE}.{secrets.token_hex(6)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump({name: text for name, text in kept.items() if text}, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(home / FILE)


def _all(home: Path) -> dict[str, str]:
    try:
        found = json.loads((home / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigProblem(
            f"The file {FILE} under home cannot be read.", hint="Remove it or bring it back."
        ) from error
    if not isinstance(found, dict):
        raise ConfigProblem(f"The file {FILE} under home cannot be read.", hint="Remove it or bring it back.")
    return {name: text for name, text in found.items() if name in CHANGEABLE and isinstance(text, str)}
