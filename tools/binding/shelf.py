"""The packs of a workspace on disk: a copy of each, the workspace's own changes, and what it put into the model."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import orjson
import yaml
from pydantic import BaseModel, ConfigDict, Field

from knowledge.packs import files, load
from knowledge.packs.schema import Pack
from store.errors import InvalidRequest, unknown
from tools.binding.entries import Change
from tools.binding.result import Binding
from warehouse.workspace import Workspace

_LARGEST = 20_000_000
_KINDS = (".yaml", ".md")


class Installed(BaseModel):
    """A pack in a workspace: how it was bound, what people decided, and its changes to the model."""

    model_config = ConfigDict(extra="forbid")

    pack: str
    version: str
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    by: str | None = None
    binding: Binding
    decided: dict[str, str | None] = Field(default_factory=dict)
    changes: list[Change] = Field(default_factory=list)


def folder(workspace: Workspace, name: str) -> Path:
    """Where a workspace keeps a pack."""
    return workspace.root / "packs" / name


def names(workspace: Workspace) -> list[str]:
    """The packs of a workspace, sorted."""
    root = workspace.root / "packs"
    return sorted(p.name for p in root.iterdir() if (p / "installed.json").is_file()) if root.is_dir() else []


def record(workspace: Workspace, name: str) -> Installed:
    """What is known about an installed pack. Raises `UnknownName`."""
    path = folder(workspace, name) / "installed.json"
    if name not in names(workspace):
        raise unknown("installed pack", name, names(workspace))
    return _record(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _record(path: Path, _changed: int) -> Installed:
    return Installed.model_validate_json(path.read_bytes())


def keep(workspace: Workspace, installed: Installed) -> None:
    """Write the record in one step."""
    path = folder(workspace, installed.pack) / "installed.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_bytes(orjson.dumps(installed.model_dump(mode="json"), option=orjson.OPT_INDENT_2))
    draft.replace(path)


def copy_pack(workspace: Workspace, name: str, source: Traversable) -> None:
    """Keep the files of a pack with the workspace, so that it stays what it was until it is upgraded."""
    target = folder(workspace, name) / "pack"
    draft = target.with_name("pack.draft")
    shutil.rmtree(draft, ignore_errors=True)
    size = 0
    for path, text in _texts(source):
        size += len(text)
        if size > _LARGEST:
            raise InvalidRequest("The pack is too large.", hint="A pack holds at most 20 MB of text.")
        (draft / path).parent.mkdir(parents=True, exist_ok=True)
        (draft / path).write_text(text, encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)


def _texts(source: Traversable) -> list[tuple[str, str]]:
    found = [(f.name, f) for f in source.iterdir() if f.name.endswith(_KINDS) and not f.name.startswith("demo")]
    for inner in ("knowledge", "prompts"):
        if (source / inner).is_dir():
            found += [(f"{inner}/{f.name}", f) for f in (source / inner).iterdir() if f.name.endswith(".md")]
    return [(path, f.read_text(encoding="utf-8")) for path, f in sorted(found, key=lambda pair: pair[0])]


def drop(workspace: Workspace, name: str) -> None:
    """Forget an installed pack; the workspace's own changes to it go too."""
    shutil.rmtree(folder(workspace, name), ignore_errors=True)


def pack(workspace: Workspace, name: str) -> Pack:
    """An installed pack with the workspace's own changes. Raises `UnknownName`, `InvalidRequest`."""
    record(workspace, name)
    inner, own = folder(workspace, name) / "pack", _own_file(workspace, name)
    return _pack(inner, own, inner.stat().st_mtime_ns, own.stat().st_mtime_ns if own.is_file() else 0)


@lru_cache(maxsize=32)
def _pack(inner: Path, own: Path, _changed: int, _own_changed: int) -> Pack:
    return load.load(inner, parsed_changes(own.read_text(encoding="utf-8")) if own.is_file() else None)


def own_changes(workspace: Workspace, name: str) -> str:
    """The workspace's own changes to a pack as YAML text; empty when there are none."""
    path = _own_file(workspace, name)
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def keep_changes(workspace: Workspace, name: str, text: str) -> None:
    """Write the workspace's own changes."""
    path = _own_file(workspace, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def parsed_changes(text: str) -> Mapping[str, Any]:
    """Own changes as data. Raises `InvalidRequest` with the line."""
    return files.read(text, "overrides.yaml", {})


def _own_file(workspace: Workspace, name: str) -> Path:
    return folder(workspace, name) / "overrides.yaml"


def blank_changes(found: Pack) -> str:
    """What a new file of own changes says."""
    example = next(iter(found.metrics), "metric")
    entry = yaml.safe_dump({"metrics": {example: {"label": "Our own word for it"}}}, sort_keys=False)
    head = f"# What this workspace does otherwise than the pack {found.name}: only what differs.\n# null takes out.\n"
    return head + "".join(f"# {line}\n" for line in entry.splitlines())


def stamp(workspace: Workspace) -> tuple[tuple[str, int, int], ...]:
    """Changes whenever a pack is installed, bound, overridden or removed."""
    found = []
    for name in names(workspace):
        own = _own_file(workspace, name)
        changed = (folder(workspace, name) / "installed.json").stat().st_mtime_ns
        found.append((name, changed, own.stat().st_mtime_ns if own.is_file() else 0))
    return tuple(found)
