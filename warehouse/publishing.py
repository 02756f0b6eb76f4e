"""Publishing: query workers must never load the SQLite extension, so they get a native copy of the catalog instead."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from store.errors import Unavailable
from warehouse import disk, freezing, trusted
from warehouse.literals import literal
from warehouse.locks import exclusive
from warehouse.snapshot import Snapshot

MANIFEST = "current.json"
KEPT_COPIES = 4
KEPT_SECONDS = 60
"""A question that was read with a copy may ask it so much later, however often the lake is published meanwhile."""
_PUBLISH_WAIT_SECONDS = 60.0
_FREEZE_SECONDS = 60.0
_cache: dict[Path, tuple[tuple[int, int], Snapshot]] = {}


def publish(catalog: Path, data_path: Path, published: Path) -> Snapshot:
    """Copy the SQLite `catalog` into a native file under `published` and name it in the manifest, atomically.

    The copy starts from SQLite's backup call, so that it is consistent while commits land. A state that is published
    already is returned as it is.
    """
    with disk.guarded(published):
        return _publish(catalog, data_path, published)


def _publish(catalog: Path, data_path: Path, published: Path) -> Snapshot:
    published.mkdir(parents=True, exist_ok=True)
    with (
        exclusive(published / "publish.lock", _PUBLISH_WAIT_SECONDS),
        tempfile.TemporaryDirectory(dir=published, prefix="copying-") as scratch,
    ):
        frozen = Path(scratch) / "catalog.sqlite"
        version = _freeze(catalog, frozen)
        known = _known(published, data_path)
        if known is not None and known.version >= version:
            return known
        native = Path(scratch) / "native.duckdb"
        with trusted.connection() as connection:
            _to_native(connection, frozen, native)
            manifest = _describe(connection, native, data_path, version)
        # A random part keeps a lake that was deleted and made anew from ever reusing a name that a cache remembers.
        target = published / f"catalog-{version:012d}-{secrets.token_hex(4)}.duckdb"
        _settle(native, target)
        manifest["catalog"] = target.name
        _write_manifest(published, Path(scratch), manifest)
    _sweep(published, keep=target)
    return current(published, data_path)


def current(published: Path, data_path: Path) -> Snapshot:
    """The state that the manifest names. Raises `Unavailable` when nothing was published."""
    path = published / MANIFEST
    try:
        stat = path.stat()
        mark = (stat.st_mtime_ns, stat.st_ino)
        known = _cache.get(path)
        if known and known[0] == mark:
            return known[1]
        snapshot = _read_manifest(path, data_path)
    except FileNotFoundError as error:
        raise Unavailable("This workspace has not been published yet.", hint="Load a file first.") from error
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        raise Unavailable(
            "The published state of this workspace cannot be read.",
            code="published_state_damaged",
            hint="Load a file again; that publishes what is stored anew.",
        ) from error
    _cache[path] = (mark, snapshot)
    return snapshot


def _known(published: Path, data_path: Path) -> Snapshot | None:
    """The published state; None when there is none or it is damaged, so that publishing again repairs it."""
    try:
        known = current(published, data_path)
    except Unavailable:
        return None
    return known if known.catalog.exists() else None


def _freeze(catalog: Path, frozen: Path) -> int:
    command = [sys.executable, "-I", "-S", freezing.__file__, str(catalog), str(frozen)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_FREEZE_SECONDS, check=True)
    return int(done.stdout)


def _to_native(connection: duckdb.DuckDBPyConnection, frozen: Path, native: Path) -> None:
    connection.execute(f"ATTACH {literal(frozen)} AS frozen (TYPE sqlite, READ_ONLY)")
    connection.execute(f"ATTACH {literal(native)} AS native")
    connection.execute("COPY FROM DATABASE frozen TO native")
    connection.execute("DETACH native")


def _describe(connection: duckdb.DuckDBPyConnection, native: Path, data_path: Path, version: int) -> dict[str, Any]:
    """Tables of the lake's `main` schema with their columns and files (delete files too), relative to `data_path`."""
    connection.execute(
        f"ATTACH {literal(f'ducklake:{native}')} AS lake (READ_ONLY, SNAPSHOT_VERSION {version},"
        f" DATA_PATH {literal(f'{data_path}/')}, OVERRIDE_DATA_PATH true)"
    )
    columns = connection.execute(
        "SELECT table_name, list(column_name ORDER BY column_index) FROM duckdb_columns()"
        " JOIN duckdb_tables() USING (database_name, schema_name, table_name)"
        " WHERE database_name = 'lake' AND schema_name = 'main' GROUP BY table_name ORDER BY table_name"
    ).fetchall()
    files = {name: list(_files(connection, name, data_path)) for name, _ in columns}
    return {"version": version, "tables": dict(columns), "files": files}


def _files(connection: duckdb.DuckDBPyConnection, table: str, data_path: Path) -> Iterator[str]:
    rows = connection.execute(
        f"SELECT data_file, delete_file FROM ducklake_list_files('lake', {literal(table)})"
    ).fetchall()
    for path in (path for row in rows for path in row if path):
        yield str(Path(path).relative_to(data_path))


def _settle(source: Path, target: Path) -> None:
    """Move into place only what has reached the disk."""
    descriptor = os.open(source, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    source.replace(target)


def _write_manifest(published: Path, scratch: Path, manifest: dict[str, Any]) -> None:
    draft = scratch / MANIFEST
    draft.write_text(json.dumps(manifest), encoding="utf-8")
    _settle(draft, published / MANIFEST)


def _read_manifest(path: Path, data_path: Path) -> Snapshot:
    manifest = json.loads(path.read_text(encoding="utf-8"))
    return Snapshot(
        version=manifest["version"],
        catalog=path.parent / manifest["catalog"],
        data_path=data_path,
        tables={name: tuple(columns) for name, columns in manifest["tables"].items()},
        files={name: tuple(str(data_path / f) for f in files) for name, files in manifest["files"].items()},
    )


def _sweep(published: Path, keep: Path) -> None:
    """Remove old copies; a worker that has one open keeps reading it, one that is about to open it still finds it."""
    copies = sorted((p for p in published.glob("catalog-*.duckdb") if p != keep), key=lambda p: p.stat().st_mtime_ns)
    recent = time.time() - KEPT_SECONDS
    for old in copies[: -(KEPT_COPIES - 1)]:
        if old.stat().st_mtime < recent:
            old.unlink(missing_ok=True)
