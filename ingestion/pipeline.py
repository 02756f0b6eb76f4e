"""Files in, a published snapshot with its profile and semantic model out; whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import structlog

from ingestion import correcting, profiling
from ingestion.catalogue import Load, assign_names, facts_of, intact, stored_facts, write_table
from ingestion.finding import Found, Search, find_files
from ingestion.profiling import SourceFacts
from ingestion.reader import Reader
from ingestion.report import FileProblem, LoadedTable, LoadReport
from store.errors import Unavailable
from warehouse import disk
from warehouse.lake import Lake
from warehouse.literals import quoted
from warehouse.profile import DataProfile
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from warehouse.model.schema import SemanticModel

__all__ = ["FileProblem", "LoadReport", "LoadedTable", "ingest", "resume"]

Progress = Callable[[str, float | None], None]
Finish = Callable[[Workspace, Lake, duckdb.DuckDBPyConnection], int]
"""What follows the commit of a load; gives the version that was published."""
_WORK_PREFIX = ".loading-"
_ABANDONED_SECONDS = 86_400
_log = structlog.get_logger(__name__)


def ingest(workspace: Workspace, paths: Sequence[Path], *, progress: Progress | None = None) -> LoadReport:
    """Load files and folders into `workspace`, made when needed; a file loaded before replaces its own tables.

    All good tables become visible together; bad files are told in the report, never raised. Raises `Unavailable` when
    another load holds the workspace or the disk is full; what was there before stays as it was.
    """
    return ingest_found(workspace, find_files(paths), progress=progress)


def ingest_found(
    workspace: Workspace, search: Search, *, progress: Progress | None = None, finish: Finish | None = None
) -> LoadReport:
    """The same for files that were found already; `finish` may do more than `complete` before it is published."""
    tell = progress or (lambda _text, _share: None)
    is_new = not workspace.root.exists()
    report = LoadReport(problems=search.problems, skipped=search.skipped)
    with disk.guarded(workspace.root):
        workspace.root.mkdir(parents=True, exist_ok=True)
        _sweep(workspace.root)
    with (
        disk.guarded(workspace.root),
        tempfile.TemporaryDirectory(dir=workspace.root, prefix=_WORK_PREFIX) as work,
        ThreadPoolExecutor(1) as aside,
        Reader() as reader,
    ):
        lake = aside.submit(Lake.create, workspace.lake)
        loads = _read(reader, search.files, Path(work), report, tell)
        if loads:
            _store((workspace, lake.result(), finish or complete), loads, report, tell)
        else:
            lake.result()
    if is_new and not report.tables:
        shutil.rmtree(workspace.root)
    return report


def resume(workspace: Workspace) -> bool:
    """Finish a load that was cut off after its commit (profile, model, publishing); True when there was one.

    Costs one look at the disk when there is nothing to do. A load that is still running is left alone.
    """
    if not unfinished(workspace).exists():
        return False
    lake = Lake.open(workspace.lake)
    try:
        with lake.writer(wait=0) as connection:
            complete(workspace, lake, connection)
    except Unavailable:
        return False
    return True


def _read(reader: Reader, files: Sequence[Found], work: Path, report: LoadReport, tell: Progress) -> list[Load]:
    """The tables of all files; problems go into the report."""
    loads: list[Load] = []
    for number, file in enumerate(files):
        tell(f"Reading {file.label}", 0.6 * number / len(files))
        reading = reader.read(file.path, file.label, work / str(number))
        loads += [Load(table, file.label) for table in reading.tables]
        for fault in reading.faults:
            name = f"{file.label} › {fault.part}" if fault.part else file.label
            report.problems.append(FileProblem(file=name, reason=fault.reason, hint=fault.hint, line=fault.line))
    return loads


def _store(
    place: tuple[Workspace, Lake, Finish], loads: list[Load], report: LoadReport, tell: Progress
) -> None:  # fmt: skip
    workspace, lake, finish = place
    tell("Storing the tables", 0.6)
    with lake.writer() as connection:
        loads = list(_intact(connection, loads, report))
        known = stored_facts(connection)
        names = assign_names(loads, known)
        notes = [_place_note(connection, name, load, known) for name, load in zip(names, loads, strict=True)]
        unfinished(workspace).touch()
        with _transaction(connection):
            for name, load, facts, note in zip(names, loads, facts_of(loads, names), notes, strict=True):
                write_table(connection, name, load, facts)
                note += correcting.again(connection, name, facts, known.get(name, SourceFacts()))
            _without_forgotten(connection, workspace, names)
        tell("Working out what the tables mean", 0.75)
        report.snapshot = finish(workspace, lake, connection)
    report.tables += [
        LoadedTable(
            name=name, rows=load.extract.rows, columns=len(load.extract.columns), origin=load.origin,
            warnings=note + load.extract.warnings,
        )
        for name, load, note in zip(names, loads, notes, strict=True)
    ]  # fmt: skip
    tell("Ready", 1.0)


def _without_forgotten(connection: duckdb.DuckDBPyConnection, workspace: Workspace, names: Sequence[str]) -> None:
    """Whoever asked to be forgotten does not come back with a file; looked at only where somebody did."""
    if (workspace.root / "forgotten.json").is_file():
        from ingestion.connectors import forgotten

        forgotten.swept(connection, workspace, names)


def _place_note(
    connection: duckdb.DuckDBPyConnection, name: str, load: Load, known: Mapping[str, SourceFacts]
) -> list[str]:
    """What a load does to the tables that are there: replaces its own, or stands beside one of another file."""
    if name in known:
        (rows,) = connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone() or (0,)
        return [f"This replaced the table loaded before from “{load.origin}” ({rows:,} rows)."]
    if name != load.extract.name:
        return [f"The name “{load.extract.name}” was taken by another table, so this one is called “{name}”."]
    return []


def _intact(connection: duckdb.DuckDBPyConnection, loads: list[Load], report: LoadReport) -> Iterator[Load]:
    """The loads whose files hold what was promised; the others become problems, so that none spoils the rest."""
    for load in loads:
        if intact(connection, load):
            yield load
        else:
            reason, hint = "The rows read do not match the rows stored.", "Load the file again."
            report.problems.append(FileProblem(file=load.origin, reason=reason, hint=hint))


def complete(workspace: Workspace, lake: Lake, connection: duckdb.DuckDBPyConnection) -> int:
    """Profile, model and publish the committed state. Every step may be repeated; the marker goes last."""
    from warehouse.model.refresh import refresh

    lake.tidy(connection)
    facts = stored_facts(connection)
    (version,) = connection.execute("SELECT max(snapshot_id) FROM ducklake_snapshots('lake')").fetchone() or (0,)
    profile: DataProfile = profiling.profile(connection, sorted(facts), facts=facts, snapshot=version)
    refresh(workspace, profile, connection, _known_meaning(workspace, profile, facts))
    profiling.save(profile, workspace.profile_file)
    snapshot = lake.publish()
    unfinished(workspace).unlink(missing_ok=True)
    return snapshot.version


def _known_meaning(
    workspace: Workspace, profile: DataProfile, facts: Mapping[str, SourceFacts]
) -> SemanticModel | None:
    """What the tables of connected sources and of events mean; None when there are none, without loading what knows."""
    given: SemanticModel | None = None
    if any((f.origin or "").startswith("Connected sources") for f in facts.values()):
        from ingestion.canonical import meaning, rates
        from ingestion.connectors import connections

        worth = meaning.Worth(rates.reporting_currency(workspace), rates.gaps(workspace))
        given = meaning.given(profile, facts, connections.uncovered(workspace), worth)
    if any((f.origin or "").startswith("Events") for f in facts.values()):
        from ingestion.events import meaning as of_events
        from warehouse.model.refresh import overlaid

        known = of_events.given(profile, facts)
        given = known if given is None else overlaid(given, known)
    return given


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute("BEGIN")
    yield
    connection.execute("COMMIT")


def unfinished(workspace: Workspace) -> Path:
    """Exists while a commit may lack its profile, model or published copy."""
    return workspace.root / ".load-unfinished"


def _sweep(root: Path) -> None:
    """Remove work folders that a killed load left behind a day or more ago."""
    for folder in root.glob(f"{_WORK_PREFIX}*"):
        if folder.stat().st_mtime < time.time() - _ABANDONED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)
