"""A workspace as one file: its tables and its model, to keep, to move, or to begin another workspace from."""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from pathlib import Path

from ingestion.pipeline import ingest
from store.errors import SourceProblem, UnknownName
from warehouse.lake import Lake
from warehouse.literals import literal
from warehouse.model import history, store
from warehouse.workspace import Workspace

FORMAT = 1
MOST_BYTES = 20_000_000_000
_TABLE = re.compile(r"tables/([a-z_][a-z0-9_]{0,126})\.parquet")


def pack(workspace: Workspace, target: Path) -> None:
    """Write the tables and the model of a workspace into the zip file `target`. Raises `UnknownName` when it is empty.

    All rows of all tables: who may have this file is not asked here.
    """
    with (
        tempfile.TemporaryDirectory(dir=target.parent, prefix="pack-") as work,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        names = _written(workspace, Path(work))
        archive.writestr("manifest.json", json.dumps({"format": FORMAT, "workspace": workspace.name, "tables": names}))
        archive.write(workspace.model_file, "model.yaml")
        for name in names:
            archive.write(Path(work) / f"{name}.parquet", f"tables/{name}.parquet", zipfile.ZIP_STORED)


def unpack(archive_file: Path, workspace: Workspace, *, by: str | None = None) -> list[str]:
    """Fill an empty workspace from a file that `pack` wrote; the names of its tables.

    Raises `SourceProblem` for a file of another kind, of another format, or with anything else in it.
    """
    workspace.root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=workspace.root, prefix=".unpack-") as work:
        try:
            with zipfile.ZipFile(archive_file) as archive:
                text, names = _checked(archive)
                for name in names:
                    archive.extract(f"tables/{name}.parquet", work)
        except (zipfile.BadZipFile, KeyError, ValueError) as error:
            raise _foreign() from error
        store.parse(text)
        report = ingest(workspace, [Path(work) / "tables" / f"{name}.parquet" for name in names])
    if {table.name for table in report.tables} != set(names):
        raise SourceProblem("Some tables of this file cannot be read.", code="import_damaged")
    history.save_text(workspace, text, why="imported", by=by)
    return names


def _written(workspace: Workspace, folder: Path) -> list[str]:
    lake = Lake.open(workspace.lake)
    if not workspace.model_file.exists():
        raise UnknownName("This workspace holds no data yet.", hint="Load a file first.")
    names = sorted(lake.current().tables)
    with lake.writer() as connection:
        for name in names:
            quoted = '"' + name.replace('"', '""') + '"'
            connection.execute(f"COPY (FROM {quoted}) TO {literal(str(folder / f'{name}.parquet'))} (FORMAT parquet)")
    return names


def _checked(archive: zipfile.ZipFile) -> tuple[str, list[str]]:
    """The model's text and the names of the tables, once nothing but them is in the file and it is not too large."""
    if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
        raise SourceProblem("This file is too large to import.", code="import_large")
    manifest = json.loads(archive.read("manifest.json"))
    if manifest.get("format") != FORMAT:
        raise SourceProblem("This file was written by another version.", code="import_format")
    found = [_TABLE.fullmatch(n) for n in archive.namelist() if n not in ("manifest.json", "model.yaml")]
    names = [match[1] for match in found if match is not None]
    if len(names) != len(found) or sorted(names) != sorted(manifest["tables"]):
        raise _foreign()
    return archive.read("model.yaml").decode("utf-8"), names


def _foreign() -> SourceProblem:
    return SourceProblem(
        "This is no file of an exported workspace.", code="import_foreign", hint="Choose one that Plainsay exported."
    )
