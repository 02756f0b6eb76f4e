"""Connections of a workspace: which sources, with which settings; secrets are sealed before they touch the disk."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestion.connectors import catalog, vault
from ingestion.connectors.manifest import Manifest
from store.errors import InvalidRequest, unknown
from warehouse.workspace import Workspace

_ID = re.compile(r"[a-z][a-z0-9_]{0,40}")
_MOST_CHARS = 20_000


@dataclass(frozen=True)
class Connection:
    """One account of one source. `sealed` holds encrypted secrets by name; `repr` shows none of them."""

    id: str
    source: str
    label: str
    given: dict[str, str] = field(default_factory=dict)
    sealed: dict[str, str] = field(default_factory=dict, repr=False)
    created_at: str = ""
    environment: str = "live"
    base_url: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def manifest(self) -> Manifest:
        """What this source can do."""
        return catalog.get(self.source)

    @property
    def schema(self) -> str:
        """The schema of the lake that holds this connection's rows as they came."""
        return f"raw_{self.id}"

    def values(self, home: Path) -> dict[str, str]:
        """All settings with secrets opened; defaults for what was not given. Never log it."""
        found = {s.name: s.default or "" for s in self.manifest.settings}
        found |= self.given
        return found | {name: vault.unseal(text, self._bound(name), home) for name, text in self.sealed.items()}

    def with_secrets(self, given: Mapping[str, str], home: Path) -> Connection:
        """The same with further secrets, sealed; an older webhook secret stays valid beside the new one."""
        sealed = dict(self.sealed)
        for name, text in given.items():
            if name in sealed:
                sealed[f"{name}_before"] = vault.seal(
                    vault.unseal(sealed[name], self._bound(name), home), self._bound(f"{name}_before"), home
                )
            sealed[name] = vault.seal(text, self._bound(name), home)
        return replace(self, sealed=sealed)

    def _bound(self, name: str) -> str:
        return f"{self.id}/{name}"


def folder(workspace: Workspace) -> Path:
    """Where a workspace keeps its connections."""
    return workspace.root / "connections"


def home_of(workspace: Workspace) -> Path:
    """The home that a workspace lies in."""
    return workspace.root.parent.parent


def all_of(workspace: Workspace) -> list[Connection]:
    """The connections of a workspace, oldest first."""
    place = folder(workspace)
    found = [_read(path) for path in sorted(place.glob("*.json"))] if place.is_dir() else []
    return sorted(found, key=lambda c: (c.created_at, c.id))


def get(workspace: Workspace, connection_id: str) -> Connection:
    """The connection with this id; a source's name will do when it is connected once. Raises `UnknownName`."""
    found = all_of(workspace)
    same = [c for c in found if c.id == connection_id] or [c for c in found if c.source == connection_id]
    if len(same) != 1:
        raise unknown("connection", connection_id, [c.id for c in found])
    return same[0]


def make(
    workspace: Workspace, source: str, given: Mapping[str, str], *, name: str | None = None, environment: str = "live",
    base_url: str | None = None,
) -> Connection:  # fmt: skip
    """A new connection, checked and with its secrets sealed, not yet saved. Raises `InvalidRequest`, `UnknownName`."""
    manifest = catalog.get(source)
    values = _checked(manifest, given)
    if environment not in manifest.base_url:
        raise InvalidRequest(
            f"{manifest.label} has no environment “{environment}”.",
            hint=f"Use one of {', '.join(manifest.base_url)}.",
            details={"field": "environment"},
        )
    if base_url is not None:
        from ingestion.connectors import guarded

        guarded.check_override(base_url)
    made = Connection(
        id=_free_id(workspace, name or source),
        source=source,
        label=_free_label(workspace, manifest, name),
        given={s.name: values[s.name] for s in manifest.settings if not s.secret and s.name in values},
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        environment=environment,
        base_url=base_url,
        options={"sandbox": True} if _is_sandbox(manifest, environment, values) else {},
    )
    hidden = {s.name: values[s.name] for s in manifest.settings if s.secret and s.name in values}
    return made.with_secrets(hidden, home_of(workspace))


def save(workspace: Workspace, connection: Connection) -> None:
    """Write a connection whole or not at all, readable by its owner only."""
    place = folder(workspace)
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    data = dict(connection.__dict__)
    draft = place / f".{connection.id}.{secrets.token_hex(4)}"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(data, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    draft.replace(place / f"{connection.id}.json")


def change(workspace: Workspace, connection: Connection, given: Mapping[str, str]) -> Connection:
    """The connection with other settings or secrets, checked and saved; an empty text takes a setting back.

    Raises `InvalidRequest` for what does not fit and `UnknownName` for a setting that the source does not have.
    """
    manifest = connection.manifest
    hidden = {s.name for s in manifest.settings if s.secret}
    whole = {**connection.given, **given}
    checked = _checked(manifest, whole, kept=connection.sealed.keys() & hidden - given.keys())
    plain = {n: v for n, v in checked.items() if n not in hidden}
    changed = replace(connection, given=plain).with_secrets(
        {n: checked[n] for n in hidden & given.keys() if n in checked}, home_of(workspace)
    )
    save(workspace, changed)
    return changed


def remove(workspace: Workspace, connection: Connection) -> None:
    """Forget a connection and its secrets."""
    (folder(workspace) / f"{connection.id}.json").unlink(missing_ok=True)


def uncovered(workspace: Workspace) -> dict[str, str]:
    """Per metric, which connected sources cannot give it and why."""
    found: dict[str, list[str]] = {}
    for source in sorted({c.source for c in all_of(workspace)}):
        manifest = catalog.get(source)
        for metric, why in manifest.cannot.items():
            found.setdefault(metric, []).append(f"{manifest.label} ({why})")
    return {metric: f"{', '.join(texts)}." for metric, texts in found.items()}


def _read(path: Path) -> Connection:
    return Connection(**json.loads(path.read_text(encoding="utf-8")))


def _checked(manifest: Manifest, given: Mapping[str, str], kept: Collection[str] = ()) -> dict[str, str]:
    """The settings that fit; those `kept` are secrets that were checked when they came."""
    specs = {s.name: s for s in manifest.settings}
    for name in given:
        if name not in specs:
            raise unknown("setting", name, specs)
    values: dict[str, str] = {}
    for spec in manifest.settings:
        if spec.name in kept:
            continue
        text = (given.get(spec.name) or spec.default or "").strip()
        if not text:
            if spec.required:
                raise _bad(spec.name, f"{manifest.label} needs “{spec.label}”.", spec.help)
            continue
        if spec.choices and text not in spec.choices:
            raise _bad(spec.name, f"“{spec.label}” must be one of {', '.join(spec.choices)}.", spec.help)
        if len(text) > _MOST_CHARS or any(ord(c) < 32 and c not in "\n\r\t" for c in text):
            raise _bad(spec.name, f"“{spec.label}” holds characters that cannot be used.", spec.help)
        if spec.pattern and not re.fullmatch(spec.pattern, text):
            raise _bad(spec.name, f"“{spec.label}” does not look right.", spec.help)
        if not spec.secret and not spec.pattern and re.search(r"[/?#\\@\s]", text) and spec.name != "url":
            raise _bad(spec.name, f"“{spec.label}” holds characters that cannot be used.", spec.help)
        values[spec.name] = text.upper() if spec.name == "currency" else text
    return values


def _is_sandbox(manifest: Manifest, environment: str, values: Mapping[str, str]) -> bool:
    """Whether the whole account is one to play with; its payments are then looked at like real ones."""
    first = next(iter(manifest.base_url))
    keys = [values.get(s.name, "") for s in manifest.settings if s.secret]
    return (environment != first and "sandbox" in environment) or any(re.match(r"[a-z]+_test_|test_", k) for k in keys)


def _bad(name: str, message: str, hint: str) -> InvalidRequest:
    return InvalidRequest(message, code="bad_setting", hint=hint or None, details={"field": name})


def _free_label(workspace: Workspace, manifest: Manifest, name: str | None) -> str:
    """What a connection is called; tables of databases and files are told apart by it, so each has its own."""
    taken = {c.label for c in all_of(workspace)} if manifest.driver else set()
    if name is not None:
        if name in taken:
            raise _bad("name", f"Something called “{name}” is connected already.", "Choose another name.")
        return name
    names = (manifest.label, *(f"{manifest.label} {n}" for n in range(2, 10_000)))
    return next(n for n in names if n not in taken)


def _free_id(workspace: Workspace, name: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:36] or "source"
    base = base if base[0].isalpha() else f"s_{base}"
    taken = {c.id for c in all_of(workspace)}
    found = next(f for f in (base, *(f"{base}_{n}" for n in range(2, 10_000))) if f not in taken)
    if not _ID.fullmatch(found):
        raise InvalidRequest(f"“{name}” cannot be the name of a connection.", details={"field": "name"})
    return found
