"""A watched folder: what lies in it is loaded once it is whole, and again when it changes."""

from __future__ import annotations

import os
import shutil
import time
from functools import partial
from pathlib import Path

from ingestion import formats
from ingestion.connectors.base import Check
from ingestion.connectors.connections import Connection
from ingestion.feeds import files
from ingestion.feeds.base import Place
from ingestion.feeds.files import FileFeed, Listed, Seen
from store import settings
from store.errors import SourceProblem
from warehouse.workspace import Workspace

SETTLED_SECONDS = 5.0
"""How long a file must have been left alone before it counts as whole."""
MOST_FILES = 10_000
_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".swp")


def opened(place: Place) -> FolderFeed:
    """The feed of a connection."""
    return FolderFeed(place)


class FolderFeed(FileFeed):
    """The files below a folder of this machine; hidden ones and those under way are left out."""

    def __init__(self, place: Place) -> None:
        super().__init__(place, self._list)
        self._root = Path(place.values["folder"])

    def check(self) -> Check:
        """Whether the folder is there, may be watched and can be read."""
        try:
            found = self._list({})
        except SourceProblem as error:
            return Check(False, f"{error.message} {error.hint or ''}".strip())
        readable = sum(formats.supported(Path(one.name)) for one in found)
        return Check(True, f"The folder holds {readable:,} files that can be read.")

    def close(self) -> None:
        """Nothing stays open."""

    def _list(self, _known: dict[str, Seen]) -> list[Listed]:
        root = self._allowed()
        found = []
        for name, path in _walk(root):
            mark = _mark(path)
            if mark is not None:
                found.append(Listed(name, mark[0] if mark[1] else None, partial(_copied, path, mark[0])))
        if len(found) > MOST_FILES:
            raise SourceProblem(f"The folder holds more than {MOST_FILES:,} files.", code="too_many_files")
        return found

    def _allowed(self) -> Path:
        """The folder, when it may be read: somebody on this machine named it, or it lies where the setting allows."""
        real = self._root.resolve()
        roots = [Path(part).resolve() for part in str(settings.get("watch")).split(":") if part]
        if not self._place.trusted and not any(real.is_relative_to(root) for root in roots):
            raise SourceProblem(
                "This folder may not be watched.", code="folder_refused",
                hint="PLAINSAY_WATCH on the server names the folders below which that is allowed.",
            )  # fmt: skip
        if not real.is_dir() or not os.access(real, os.R_OK | os.X_OK):
            raise SourceProblem("There is no such folder, or it cannot be read.", code="no_folder")
        return real


def pending(workspace: Workspace, connection: Connection) -> bool:
    """Whether a load would find something new, changed or gone; costs a look at names and times only."""
    known = files.states_of(workspace, connection)
    root = Path(connection.given["folder"])
    if not root.is_dir():
        return True
    marks = {name: mark for name, path in _walk(root.resolve()) if (mark := _mark(path)) is not None}
    fresh = any(
        settled and (name not in known or known[name].mark != mark or known[name].gone)
        for name, (mark, settled) in marks.items() if formats.supported(Path(name))
    )  # fmt: skip
    return fresh or any(name not in marks and not seen.gone for name, seen in known.items())


def _walk(root: Path) -> list[tuple[str, Path]]:
    """Files below `root` by the name that people see; links lead nowhere, so that nothing outside is read."""
    found = []
    for parent, folders, names in os.walk(root):
        folders[:] = sorted(n for n in folders if not n.startswith("."))
        for name in sorted(names):
            path = Path(parent) / name
            hidden = name.startswith((".", "~$")) or name.casefold().endswith(_UNFINISHED)
            if not hidden and not path.is_symlink() and path.is_file():
                found.append((path.relative_to(root).as_posix(), path))
    return found


def _mark(path: Path) -> tuple[str, bool] | None:
    """What tells a version of a file, and whether it was left alone for long enough; None when it has just gone."""
    try:
        info = path.stat()
    except OSError:
        return None
    settled = info.st_size > 0 and time.time() - max(info.st_mtime, info.st_ctime) >= SETTLED_SECONDS
    return f"{info.st_size}:{info.st_mtime_ns}", settled


def _copied(path: Path, mark: str, to: Path) -> Path | None:
    """A copy that nobody writes to any more; None when the file changed meanwhile, which the next look sees."""
    target = to / f"file{''.join(path.suffixes[-2:])}"
    try:
        shutil.copyfile(path, target)
    except OSError as error:
        raise SourceProblem("The file cannot be read.", hint="Check the rights of the file.") from error
    now = _mark(path)
    return target if now is not None and now[0] == mark else None
