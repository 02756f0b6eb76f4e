"""Turns what a person points at (files, folders) into the list of files to read."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingestion import formats
from ingestion.report import FileProblem


@dataclass(frozen=True)
class Found:
    """A file to read; `label` is how people see it: its name, with its place below the folder they gave."""

    path: Path
    label: str


@dataclass
class Search:
    """The files to read, the ones left aside because they are no data, and the paths that lead nowhere."""

    files: list[Found] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    problems: list[FileProblem] = field(default_factory=list)


def find_files(paths: Sequence[Path]) -> Search:
    """Every file of `paths`, folders searched through in name order, hidden files and folders left out."""
    search = Search()
    for path in paths:
        if path.is_dir():
            _add_folder(search, path)
        elif path.is_file():
            search.files.append(Found(path, shown(path.name)))
        else:
            search.problems.append(
                FileProblem(
                    file=shown(path.name), reason="There is no such file.", hint="Check the path and its spelling."
                )
            )
    return search


def _add_folder(search: Search, folder: Path) -> None:
    before = len(search.files)
    root = folder.resolve()
    for path in _walk(root):
        label = shown(str(Path(root.name) / path.relative_to(root)))
        if formats.supported(path):
            search.files.append(Found(path, label))
        else:
            search.skipped.append(label)
    if len(search.files) == before:
        search.problems.append(
            FileProblem(
                file=shown(folder.name or str(folder)),
                reason="The folder holds no file that can be read.",
                hint=f"Plainsay reads {formats.SUPPORTED}.",
            )
        )


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(parent) / name
            if not name.startswith(".") and path.is_file():
                yield path


def shown(name: str) -> str:
    """A name of the file system as text: bytes that are no UTF-8 and control characters become “�”.

    Such a name could otherwise be stored beside the tables and written nowhere else, or steer a terminal.
    """
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join("\ufffd" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text)
