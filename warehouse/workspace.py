"""One tenant's folder: its lake, its semantic model, its profile and the index of its values."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from store import settings
from store.errors import InvalidRequest, unknown

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Workspace:
    """Paths of a workspace; the modules that own each file read and write it."""

    name: str
    root: Path

    @property
    def lake(self) -> Path:
        return self.root / "lake"

    @property
    def model_file(self) -> Path:
        return self.root / "model.yaml"

    @property
    def profile_file(self) -> Path:
        return self.root / "profile.json"

    @property
    def values_file(self) -> Path:
        return self.root / "values.json"

    @property
    def exists(self) -> bool:
        return self.lake.is_dir()


def folder(home: Path | None = None) -> Path:
    """Where workspaces live."""
    return (home or settings.home()) / "workspaces"


def named(name: str, home: Path | None = None) -> Workspace:
    """The workspace `name`, existing or not. Raises `InvalidRequest` for a name that is not a plain slug."""
    if not _NAME.fullmatch(name):
        raise InvalidRequest(
            f"“{name}” cannot be a workspace name.",
            hint="Use lower-case letters, digits, - and _, at most 63 characters.",
            details={"field": "workspace", "value": name},
        )
    return Workspace(name, folder(home) / name)


def existing(name: str, home: Path | None = None) -> Workspace:
    """The workspace `name`, which must exist. Raises `UnknownName` with near names."""
    workspace = named(name, home)
    if not workspace.exists:
        raise unknown("workspace", name, names(home))
    return workspace


def names(home: Path | None = None) -> list[str]:
    """Names of all workspaces, sorted."""
    root = folder(home)
    return sorted(p.name for p in root.iterdir() if (p / "lake").is_dir()) if root.is_dir() else []


def delete(name: str, home: Path | None = None) -> None:
    """Remove a workspace with everything in it."""
    shutil.rmtree(existing(name, home).root)
