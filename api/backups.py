"""Backup and restore of a whole installation: state, conversations, every workspace's lake, and the key.

While a server runs, state is read as of one moment, and a lake is held still for the moment in which its files are
linked; questions go on meanwhile and loads wait for that moment.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from api.house import own
from store import bus, database, dumps
from store.errors import ConfigProblem, SourceProblem
from warehouse import workspace as workspaces
from warehouse.locks import exclusive

FORMAT = 1
MANIFEST = "manifest.json"
HOLD_SECONDS = 120.0
_OURS = ("state.db", "server.lock", "trash", ".backup-", "checkpoints.db-", ".restore-")
_SQLITE = b"SQLite format 3\x00"


@dataclass(frozen=True)
class Summary:
    """What a backup holds: files, bytes, rows of state by table, names of workspaces."""

    files: int
    bytes: int
    rows: dict[str, int]
    workspaces: list[str]
    left_out: tuple[str, ...] = ()


def create(home: Path, target: Path) -> Summary:
    """Write a backup of the installation in `home` to the file `target`, which must not exist.

    Raises `ConfigProblem` when state cannot be read or the file is there.
    """
    if target.exists():
        raise ConfigProblem(
            f"The file {target.name} is there already.", code="backup_exists", hint="Take another name."
        )
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=home) as folder, _state(home) as engine:
        stage = Path(folder)
        (stage / "state").mkdir()
        rows = dumps.write(engine, stage / "state")
        _copy_home(home, stage / "home")
        names = workspaces.names(home)
        files = {path.relative_to(stage).as_posix(): path for path in _files(stage)}
        manifest = {
            "format": FORMAT, "made_at": datetime.now(UTC).isoformat(), "revision": database.revision(engine),
            "database": engine.dialect.name, "rows": rows, "workspaces": names,
            "files": {name: _digest(path) for name, path in files.items()},
        }  # fmt: skip
        (stage / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
        draft = target.with_name(f".{target.name}.part")
        _pack(stage, [MANIFEST, *files], draft)
        draft.replace(target)
    return Summary(len(files), target.stat().st_size, rows, names)


def restore(home: Path, source: Path, *, over: bool = False) -> Summary:
    """Make `home` and the state database what they were. `over` replaces what is there.

    Raises `SourceProblem` for a file that is no whole backup, `ConfigProblem` when a server is running or something is
    there already.
    """
    home.mkdir(parents=True, exist_ok=True)
    with closing(own(home / "server.lock")), tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as folder:
        stage = Path(folder)
        manifest = _unpack(source, stage)
        _check_free(home, over)
        rows = _restore_state(home, stage / "state", manifest, over)
        for old in _kept_in(home):
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        for new in sorted((stage / "home").iterdir()) if (stage / "home").exists() else []:
            new.replace(home / new.name)
    left_out = tuple(sorted(name for name, count in manifest["rows"].items() if count and name not in rows))
    return Summary(len(manifest["files"]), source.stat().st_size, rows, manifest["workspaces"], left_out)


@contextmanager
def _state(home: Path) -> Iterator[Engine]:
    engine = database.engine_of(database.address(home))
    try:
        database.migrate(engine)
        yield engine
    finally:
        engine.dispose()


def _restore_state(home: Path, folder: Path, manifest: dict[str, Any], over: bool) -> dict[str, int]:
    address = database.address(home)
    if address.get_backend_name() == "sqlite" and address.database:
        for tail in ("", "-wal", "-shm"):
            Path(address.database + tail).unlink(missing_ok=True)
    engine = database.engine_of(address)
    try:
        if engine.dialect.name == "postgresql":
            dumps.clear(engine)
            asyncio.run(_conversations(home))
        return dumps.read(engine, folder, manifest["revision"])
    finally:
        engine.dispose()


async def _conversations(home: Path) -> None:
    """Make LangGraph's own tables, so that they can be filled."""
    from agent import checkpoints

    _, close = await checkpoints.opened(home, database.address(home))
    await close()


def _check_free(home: Path, over: bool) -> None:
    """Nothing is replaced unless that was said."""
    address = database.address(home)
    if address.get_backend_name() == "sqlite":
        used = bool(address.database and Path(address.database).exists())
    else:
        with _state(home) as engine:
            _nobody_serves(engine)
            used = not dumps.is_empty(engine)
    if (used or any(True for _ in _kept_in(home))) and not over:
        raise ConfigProblem(
            "There is an installation already.",
            code="restore_over",
            hint="Restore with --over to replace it, or choose another PLAINSAY_HOME and database.",
        )


def _nobody_serves(engine: Engine) -> None:
    with engine.connect() as connection:
        if bus.living(connection, "") - {""}:
            raise ConfigProblem(
                "A server uses this database.", code="home_in_use", hint="Stop every server that uses it first."
            )


def _copy_home(home: Path, target: Path) -> None:
    """Everything a restore needs from the folder: lakes held still while linked, databases as of one moment."""
    target.mkdir()
    for entry in _kept_in(home):
        if entry.name == "workspaces":
            for place in sorted(entry.iterdir()):
                _copy_workspace(place, target / "workspaces" / place.name)
        else:
            _copy(entry, target / entry.name)


def _copy_workspace(place: Path, target: Path) -> None:
    target.mkdir(parents=True)
    lake = place / "lake"
    if not lake.is_dir():
        _copy(place, target)
        return
    with exclusive(lake / "writer.lock", HOLD_SECONDS), exclusive(lake / "published" / "publish.lock", HOLD_SECONDS):
        for entry in sorted(place.iterdir()):
            _copy(entry, target / entry.name)


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink() or source.name.endswith((".lock", "-wal", "-shm", ".tmp")):
        return
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for entry in sorted(source.iterdir()):
            _copy(entry, target / entry.name)
    elif source.is_file():
        _copy_file(source, target)


def _copy_file(source: Path, target: Path) -> None:
    """A database as of one moment; a Parquet file, which never changes, as a link; any other by its bytes."""
    with source.open("rb") as file:
        is_database = file.read(len(_SQLITE)) == _SQLITE
    if is_database:
        with (
            closing(sqlite3.connect(source)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.backup(new)
        return
    if source.suffix in (".parquet", ".duckdb"):
        try:
            os.link(source, target)
        except OSError:
            shutil.copy2(source, target)
        return
    shutil.copy2(source, target)


def _kept_in(home: Path) -> Iterator[Path]:
    """What of a home belongs into a backup."""
    yield from (path for path in sorted(home.iterdir()) if not path.name.startswith(_OURS))


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pack(stage: Path, names: list[str], target: Path) -> None:
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        with tarfile.open(fileobj=out, mode="w|") as archive:
            for name in names:
                archive.add(stage / name, name, recursive=False)
        out.flush()
        os.fsync(out.fileno())


def _unpack(source: Path, stage: Path) -> dict[str, Any]:
    """The manifest of a backup whose files are all there and as they were."""
    try:
        with tarfile.open(source, mode="r|") as archive:
            archive.extractall(stage, filter="data")
        manifest: dict[str, Any] = json.loads((stage / MANIFEST).read_text(encoding="utf-8"))
        good = manifest["format"] == FORMAT and all(
            _digest(stage / name) == digest for name, digest in manifest["files"].items()
        )
    except (OSError, tarfile.TarError, ValueError, KeyError) as error:
        raise _damaged(source) from error
    if not good:
        raise _damaged(source)
    return manifest


def _damaged(source: Path) -> SourceProblem:
    return SourceProblem(
        f"{source.name} is not a whole backup of Plainsay.",
        code="backup_damaged",
        hint="Nothing was changed. Use another backup.",
    )
