"""A workspace as one file: its tables and its model, to keep, to move, or to begin another workspace from."""

from __future__ import annotations

import json
import re
import tempfile
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingestion.catalogue import stored_facts
from ingestion.pipeline import complete, ingest
from ingestion.profiling import SourceFacts
from store.errors import SourceProblem, UnknownName
from warehouse.lake import Lake
from warehouse.literals import literal, quoted
from warehouse.model import history, store
from warehouse.workspace import Workspace

FORMAT = 1
MOST_BYTES = 20_000_000_000
MOST_NAME = 200
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,126}")
_TABLE = re.compile(rf"tables/({_NAME.pattern})\.parquet")
_KIND = re.compile(r"[A-Z]+(?: WITH TIME ZONE)?(?:\(\d{1,2}(?:, ?\d{1,2})?\))?(?:\[\])?")


def pack(workspace: Workspace, target: Path, *, data: bool = True) -> None:
    """Write the tables and the model of a workspace into the zip file `target`. Raises `UnknownName` when it is empty.

    All rows of all tables, or without `data` none: who may have this file is not asked here.
    """
    with (
        tempfile.TemporaryDirectory(dir=target.parent, prefix="pack-") as work,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        manifest = _written(workspace, Path(work), data=data)
        archive.writestr("manifest.json", json.dumps({"format": FORMAT, "workspace": workspace.name, **manifest}))
        archive.write(workspace.model_file, "model.yaml")
        for name in manifest["tables"]:
            archive.write(Path(work) / f"{name}.parquet", f"tables/{name}.parquet", zipfile.ZIP_STORED)


def unpack(archive_file: Path, workspace: Workspace, *, by: str | None = None) -> list[str]:
    """Fill an empty workspace from a file that `pack` wrote; the names of its tables.

    Raises `SourceProblem` for a file of another kind, of another format, or with anything else in it.
    """
    workspace.root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=workspace.root, prefix=".unpack-") as work:
        try:
            with zipfile.ZipFile(archive_file) as archive:
                text, content = _checked(archive)
                for name in content.full:
                    archive.extract(f"tables/{name}.parquet", work)
        except (zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
            raise _foreign() from error
        store.parse(text)
        if content.full:
            report = ingest(workspace, [Path(work) / "tables" / f"{name}.parquet" for name in content.full])
            if {table.name for table in report.tables} != set(content.full):
                raise SourceProblem("Some tables of this file cannot be read.", code="import_damaged")
    _finish(workspace, content)
    history.save_text(workspace, text, why="imported", by=by)
    return sorted([*content.full, *content.empty])


@dataclass(frozen=True)
class _Content:
    """What a file holds: tables with rows, tables without by their columns, and what sources said of each."""

    full: list[str]
    empty: dict[str, list[tuple[str, str]]]
    facts: dict[str, SourceFacts]


def _written(workspace: Workspace, folder: Path, *, data: bool) -> dict[str, Any]:
    """Write the tables that have rows; the rest of the manifest."""
    lake = Lake.open(workspace.lake)
    if not workspace.model_file.exists():
        raise UnknownName("This workspace holds no data yet.", hint="Load a file first.")
    names, full, empty = sorted(lake.current().tables), [], {}
    with lake.writer() as connection:
        facts = stored_facts(connection)
        for name in names:
            (filled,) = connection.execute(f"SELECT count(*) > 0 FROM {quoted(name)}").fetchone() or (False,)
            if filled and data:
                file = literal(str(folder / f"{name}.parquet"))
                connection.execute(f"COPY (FROM {quoted(name)}) TO {file} (FORMAT parquet)")
                full.append(name)
            else:
                described = connection.execute(f"DESCRIBE {quoted(name)}").fetchall()
                empty[name] = [(row[0], row[1]) for row in described]
    told = {name: asdict(facts[name]) for name in names if name in facts}
    return {"tables": full, "empty": empty, "facts": told}


def _finish(workspace: Workspace, content: _Content) -> None:
    """Make the tables without rows, and note which file each came from, so that loading it again replaces its table."""
    lake = Lake.create(workspace.lake)
    with lake.writer() as connection:
        for name, columns in content.empty.items():
            spelled = ", ".join(f"{quoted(column)} {kind}" for column, kind in columns)
            connection.execute(f"CREATE TABLE {quoted(name)} ({spelled})")
        for name, facts in content.facts.items():
            connection.execute(f"COMMENT ON TABLE {quoted(name)} IS {literal(json.dumps(asdict(facts)))}")
        complete(workspace, lake, connection)


def _checked(archive: zipfile.ZipFile) -> tuple[str, _Content]:
    """The model's text and the tables, once nothing but them is in the file and it is not too large."""
    if sum(entry.file_size for entry in archive.infolist()) > MOST_BYTES:
        raise SourceProblem("This file is too large to import.", code="import_large")
    manifest = json.loads(archive.read("manifest.json"))
    if manifest.get("format") != FORMAT:
        raise SourceProblem("This file was written by another version.", code="import_format")
    found = [_TABLE.fullmatch(n) for n in archive.namelist() if n not in ("manifest.json", "model.yaml")]
    names = [match[1] for match in found if match is not None]
    if len(names) != len(found) or sorted(names) != sorted(manifest["tables"]):
        raise _foreign()
    empty = {name: [_column(*column) for column in columns] for name, columns in manifest.get("empty", {}).items()}
    if not all(columns and _NAME.fullmatch(name) and name not in names for name, columns in empty.items()):
        raise _foreign()
    known = {*names, *empty}
    facts = {name: SourceFacts(**told) for name, told in manifest.get("facts", {}).items() if name in known}
    return archive.read("model.yaml").decode("utf-8"), _Content(names, empty, facts)


def _column(name: str, kind: str) -> tuple[str, str]:
    """A column of a table without rows; its type is one of DuckDB's, spelled as DuckDB spells it."""
    if not _KIND.fullmatch(kind) or not 0 < len(name) <= MOST_NAME or "\x00" in name:
        raise _foreign()
    return name, kind


def _foreign() -> SourceProblem:
    return SourceProblem(
        "This is no file of an exported workspace.", code="import_foreign", hint="Choose one that Plainsay exported."
    )
