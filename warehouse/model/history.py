"""Keeps every version of a workspace's model, so that a change can be seen, compared and taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from store.errors import unknown
from warehouse.model import store
from warehouse.model.roundtrip import rewritten
from warehouse.model.schema import SemanticModel
from warehouse.model.value_build import reworded
from warehouse.model.values import ValuesIndex
from warehouse.workspace import Workspace

_MOST = 100
OUTSIDE = "edited in the file"


class Version(BaseModel):
    """One version of the model: its number (1 is the first), when (UTC), who saved it, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: int
    at: datetime
    by: str | None = None
    why: str = ""


def save(workspace: Workspace, model: SemanticModel, *, why: str, by: str | None = None) -> None:
    """Put `model` in force, keeping comments and layout of the file, and remember it as a version.

    An edit that someone made in the file since becomes a version of its own first. Raises `InvalidRequest` when the
    file on disk is no model.
    """
    path = workspace.model_file
    if path.is_file():
        before = path.read_text(encoding="utf-8")
        _remember(workspace, before, by=None, why=OUTSIDE)
        text = rewritten(before, model)
    else:
        text = store.dump(model)
    store.write(text, path)
    store.write_schema(workspace.root)
    _remember(workspace, text, by=by, why=why)
    _reword(workspace, model)


def save_text(workspace: Workspace, text: str, *, why: str, by: str | None = None) -> SemanticModel:
    """Put the model `text` in force as it is written. Raises `InvalidRequest` with line and column."""
    model = store.parse(text)
    if workspace.model_file.is_file():
        _remember(workspace, workspace.model_file.read_text(encoding="utf-8"), by=None, why=OUTSIDE)
    store.write(text, workspace.model_file)
    _remember(workspace, text, by=by, why=why)
    _reword(workspace, model)
    return model


def versions(workspace: Workspace) -> list[Version]:
    """The versions that are kept, oldest first."""
    return [Version.model_validate_json(line) for line in _lines(workspace)]


def text_of(workspace: Workspace, number: int) -> str:
    """The text of a version. Raises `UnknownName`."""
    path = _file(workspace, number)
    if not path.is_file():
        raise unknown("model version", str(number), [str(v.number) for v in versions(workspace)])
    return path.read_text(encoding="utf-8")


def restore(workspace: Workspace, number: int, *, by: str | None = None) -> SemanticModel:
    """Put an old version in force again, as a new version. Raises `UnknownName`."""
    return save_text(workspace, text_of(workspace, number), why=f"version {number} restored", by=by)


def _reword(workspace: Workspace, model: SemanticModel) -> None:
    """Let the index of values know the model's words for them, which it would else learn with the next data."""
    if not workspace.values_file.is_file():
        return
    try:
        index = ValuesIndex.load(workspace.values_file)
    except (ValueError, KeyError, TypeError, AttributeError):
        return  # damaged, or of another version: whoever reads it next says what to do
    reworded(index, model).save(workspace.values_file)


def _remember(workspace: Workspace, text: str, *, by: str | None, why: str) -> None:
    known = versions(workspace)
    if known and text_of(workspace, known[-1].number) == text:
        return
    version = Version(number=known[-1].number + 1 if known else 1, at=datetime.now(UTC), by=by, why=why)
    _folder(workspace).mkdir(exist_ok=True)
    _file(workspace, version.number).write_text(text, encoding="utf-8")
    kept = [*known, version][-_MOST:]
    draft = _index(workspace).with_suffix(".draft")
    draft.write_text("".join(v.model_dump_json() + "\n" for v in kept), encoding="utf-8")
    draft.replace(_index(workspace))
    for old in known[: len(known) + 1 - len(kept)]:
        _file(workspace, old.number).unlink(missing_ok=True)


def _lines(workspace: Workspace) -> list[str]:
    path = _index(workspace)
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []


def _folder(workspace: Workspace) -> Path:
    return workspace.root / "model-history"


def _index(workspace: Workspace) -> Path:
    return _folder(workspace) / "versions.jsonl"


def _file(workspace: Workspace, number: int) -> Path:
    return _folder(workspace) / f"{number:06}.yaml"
