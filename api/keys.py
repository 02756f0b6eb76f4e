"""API keys of the environment and of a file, for who runs no accounts; only hashes are compared and kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from store import settings
from store.errors import ConfigProblem, InvalidRequest
from store.principal import Principal
from store.rights import ROLES, Role

SHORTEST = 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_LINE = re.compile(rf"(?P<name>{_NAME.pattern})\s+(?P<role>\w+)\s+sha256:(?P<digest>[0-9a-f]{{64}})")


@dataclass(frozen=True)
class Key:
    """A key by the SHA-256 of its text: keys are long and random, so a slow hash would protect nothing."""

    name: str
    role: Role
    digest: str

    @property
    def holder(self) -> Principal:
        """Who a request with this key is."""
        return Principal(user_id=f"key:{self.name}", name=self.name, role=self.role)


@dataclass(frozen=True)
class Ring:
    """All keys of this installation."""

    keys: tuple[Key, ...] = ()

    def person(self, user_id: str) -> Principal | None:
        """The holder with this id, or None."""
        return next((k.holder for k in self.keys if k.holder.user_id == user_id), None)

    def find(self, authorization: str) -> Principal | None:
        """The holder of the key in an Authorization header, or None.

        Every key is compared, each in constant time, so that the time taken tells nothing.
        """
        scheme, _, text = authorization.partition(" ")
        digest = _digest(text.strip())
        found = [key for key in self.keys if hmac.compare_digest(key.digest, digest)]
        return found[0].holder if scheme.lower() == "bearer" and found else None


def ring() -> Ring:
    """The keys of `PLAINSAY_API_KEYS` and of the keys file as they are now. Raises `ConfigProblem`."""
    file = keys_file()
    stat = file.stat() if file.is_file() else None
    return Ring(_given(settings.get("api_keys")) + _kept(file, stat.st_mtime_ns if stat else None))


def keys_file() -> Path:
    """Where `plainsay keys create` writes."""
    named: str = settings.get("api_keys_file")
    return Path(named).expanduser() if named else settings.home() / "api-keys"


def create(name: str, role: str) -> str:
    """A new key, added to the keys file by its hash; the text is given back once and kept nowhere.

    Raises `InvalidRequest` for a name that is taken or cannot be used, and for an unknown role.
    """
    if not _NAME.fullmatch(name):
        raise InvalidRequest(f"“{name}” cannot be the name of a key.", hint="Use letters, digits, dots and dashes.")
    if role not in ROLES:
        raise InvalidRequest(f"There is no role “{role}”.", hint=f"Use one of {', '.join(ROLES)}.")
    if any(key.name == name for key in ring().keys):
        raise InvalidRequest(f"There is a key called “{name}” already.", code="key_exists", hint="Take another name.")
    text = f"ps-{secrets.token_urlsafe(32)}"
    file = keys_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    with file.open("a", encoding="utf-8") as lines:
        lines.write(f"{name} {role} sha256:{_digest(text)}\n")
    return text


@lru_cache(maxsize=4)
def _given(text: str) -> tuple[Key, ...]:
    """Keys as `key`, `name=key` or `name:role=key` with commas between; without a role they are the owner's."""
    found = []
    for number, part in enumerate((p.strip() for p in text.split(",") if p.strip()), 1):
        label, is_named, key = part.rpartition("=")
        name, _, role = label.partition(":") if is_named else (f"key-{number}", "", "")
        if len(key) < SHORTEST or not _NAME.fullmatch(name) or (role or "owner") not in ROLES:
            raise ConfigProblem(
                f"Part {number} of PLAINSAY_API_KEYS cannot be used.",
                code="bad_api_key",
                hint=f"Write name:role=KEY with a KEY of at least {SHORTEST} characters and a role of "
                f"{', '.join(ROLES)}; commas go between.",
            )
        found.append(Key(name, role or "owner", _digest(key)))  # type: ignore[arg-type]
    return tuple(found)


@lru_cache(maxsize=4)
def _kept(file: Path, changed: int | None) -> tuple[Key, ...]:
    """The keys of a file: lines of name, role and sha256:HASH, comments after `#`; `changed` tells its states apart."""
    if changed is None:
        return ()
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        text = line.partition("#")[0].strip()
        match = _LINE.fullmatch(text)
        if text and (match is None or match["role"] not in ROLES):
            raise ConfigProblem(
                f"Line {number} of the keys file cannot be read.",
                code="bad_api_key",
                hint="Write NAME ROLE sha256:HASH, or remove the line and run `plainsay keys create`.",
            )
        if match is not None:
            found.append(Key(match["name"], match["role"], match["digest"]))  # type: ignore[arg-type]
    return tuple(found)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
