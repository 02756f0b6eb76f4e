"""Workspaces as files and as patterns for others, for the API and the command line alike."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from api.errors import Conflict
from store.errors import PlainsayError
from warehouse import workspace as workspaces


def packed(home: Path, name: str, target: Path, *, data: bool = True) -> None:
    """Write a workspace into the file `target`; without `data` its tables are empty. Raises `UnknownName`."""
    from ingestion.portable import pack

    pack(workspaces.existing(name, home), target, data=data)


def filled(home: Path, name: str, file: Path, by: str) -> list[str]:
    """Make a workspace from a file; its tables. Raises `Conflict` where there is one, `SourceProblem`."""
    from ingestion.portable import unpack

    place = free(home, name)
    try:
        return unpack(file, place, by=by)
    except PlainsayError:
        shutil.rmtree(place.root, ignore_errors=True)
        raise


def copied(home: Path, name: str, target: str, by: str, *, data: bool = True) -> list[str]:
    """Make `target` from the workspace `name`; its tables. Raises `UnknownName`, `Conflict`."""
    workspaces.existing(name, home)
    free(home, target)
    with tempfile.TemporaryDirectory(dir=home, prefix=".copy-") as folder:
        file = Path(folder) / "workspace.zip"
        packed(home, name, file, data=data)
        return filled(home, target, file, by)


def free(home: Path, name: str) -> workspaces.Workspace:
    """A workspace that is not there yet. Raises `Conflict`, `InvalidRequest` for a name that is none."""
    place = workspaces.named(name, home)
    if place.root.exists():
        raise Conflict(f"There is a workspace called “{name}” already.", code="workspace_exists")
    return place
