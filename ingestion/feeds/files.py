"""Files of a place that are loaded as they come and as they change, each version once; what the place holds is told."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from ingestion import formats, pipeline
from ingestion.connectors import connections
from ingestion.connectors.connections import Connection
from ingestion.connectors.health import write
from ingestion.feeds.base import Offered, Place, Progress, finish
from ingestion.finding import Found, Search, shown
from ingestion.report import FileProblem, LoadReport
from store.errors import PlainsayError
from warehouse.workspace import Workspace

_WORK_PREFIX = ".loading-"


@dataclass
class Seen:
    """What is known of one file: the `mark` of the version that was looked at last, and why that was not loaded."""

    mark: str
    problem: str | None = None
    hint: str = ""
    gone: bool = False


@dataclass(frozen=True)
class Listed:
    """A file that is there: how people see it, the mark of its version (None: still being written), how to get it.

    `fetch` puts it into a folder of ours and gives its path, or None when this version is known already.
    """

    name: str
    mark: str | None
    fetch: Callable[[Path], Path | None]


class FileFeed:
    """What folders, buckets and web addresses have in common; `listing` gives the files that are there now."""

    def __init__(self, place: Place, listing: Callable[[dict[str, Seen]], list[Listed]]) -> None:
        self._place, self._listing = place, listing
        self.gone: list[str] = []

    def tables(self) -> list[Offered]:
        """The files that are there and can be read."""
        return [Offered(one.name) for one in self._listing({}) if formats.supported(Path(one.name))]

    def load(self, progress: Progress) -> LoadReport:
        """Load what is new or has changed; files that went are told, and what came of them stays."""
        known = states_of(self._place.workspace, self._place.connection)
        there = self._listing(known)
        report = LoadReport()
        with self._room() as room:
            got = {one: path for one in there for path in self._fetched(one, known, room, report)}
            if got:
                self._ingest(got, known, report, progress)
        names = {one.name for one in there}
        for name, seen in known.items():
            seen.gone = name not in names
        self.gone = sorted(name for name, seen in known.items() if seen.gone and not seen.problem)
        _repeat(known, report)
        _save(self._place.workspace, self._place.connection, known)
        return report

    def _fetched(self, one: Listed, known: dict[str, Seen], room: Path, report: LoadReport) -> Iterator[Path]:
        """The file in a folder of ours, when this version of it was not loaded yet."""
        before = known.get(one.name)
        if one.mark is None or (before is not None and before.mark == one.mark and not before.gone):
            return
        if not formats.supported(Path(one.name)):
            report.skipped.append(one.name)
            return
        folder = room / str(len(list(room.iterdir())))
        folder.mkdir()
        try:
            path = one.fetch(folder)
        except PlainsayError as error:
            known[one.name] = Seen("", error.message, error.hint or "")
            return
        if path is not None:
            yield path

    def _ingest(self, got: dict[Listed, Path], known: dict[str, Seen], report: LoadReport, progress: Progress) -> None:
        label = self._place.connection.label
        search = Search([Found(path, f"{label}/{shown(one.name)}") for one, path in got.items()])
        done = pipeline.ingest_found(self._place.workspace, search, progress=progress, finish=finish)
        report.tables, report.snapshot = done.tables, done.snapshot
        for one in got:
            whole = [p for p in done.problems if p.file == f"{label}/{shown(one.name)}"]
            known[one.name] = Seen(one.mark or "", *((whole[0].reason, whole[0].hint) if whole else ()))
        report.problems += [p for p in done.problems if " › " in p.file]

    @contextmanager
    def _room(self) -> Iterator[Path]:
        root = self._place.workspace.root
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=root, prefix=_WORK_PREFIX) as room:
            yield Path(room)


def states_of(workspace: Workspace, connection: Connection) -> dict[str, Seen]:
    """What is known of the files of a connection, by name."""
    file = _file(workspace, connection)
    raw = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return {name: Seen(**seen) for name, seen in raw.items()}


def _repeat(known: dict[str, Seen], report: LoadReport) -> None:
    """A file that could not be read stays told until it changes or goes."""
    report.problems += [
        FileProblem(file=name, reason=seen.problem, hint=seen.hint)
        for name, seen in sorted(known.items()) if seen.problem and not seen.gone
    ]  # fmt: skip


def _save(workspace: Workspace, connection: Connection, known: dict[str, Seen]) -> None:
    kept = {name: asdict(seen) for name, seen in known.items() if not (seen.gone and seen.problem)}
    write(_file(workspace, connection), kept)


def _file(workspace: Workspace, connection: Connection) -> Path:
    return connections.folder(workspace) / f"{connection.id}.files"
