"""Takes the files out of a zip one by one under names of our own, so that no member can choose where it lands."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from ingestion import formats
from ingestion.extract import MAX_EXPANDED, Fault, Unreadable

_CHUNK = 1 << 20


def members(path: Path, folder: Path) -> Iterator[tuple[str, Path | Fault]]:
    """(name inside the archive, extracted file or why not) of each member that could be data.

    Raises `Unreadable` for bombs, damaged archives and archives without a readable file.
    """
    wanted = [info for info in formats.directory(path) if _is_data(info.filename)]
    if not wanted:
        raise Unreadable("The archive holds no file that can be read.", f"Plainsay reads {formats.SUPPORTED}.")
    with zipfile.ZipFile(path) as archive:
        for number, info in enumerate(wanted):
            name = shown(info.filename)
            target = folder / f"member-{number}"
            try:
                _extract(archive, info, target)
            except Unreadable as problem:
                yield name, Fault(problem.reason, problem.hint)
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError, OSError):
                yield name, Fault("This file of the archive is damaged or encrypted.", "Unpack it and load it alone.")
            else:
                yield name, target


def shown(name: str) -> str:
    """The last part of a member's name, whatever separators or parent folders it carries."""
    return PurePosixPath(name.replace("\\", "/")).name or "member"


def _is_data(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if name.endswith("/") or not parts or any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts):
        return False
    return formats.supported(Path(shown(name)))


def _extract(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
    written = 0
    with archive.open(info) as source, target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > MAX_EXPANDED:
                raise Unreadable("The file is too large to unpack.", "Unpack it yourself and load it in parts.")
            out.write(chunk)
