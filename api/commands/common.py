"""What commands share: which workspace is meant, what today is, how errors and progress look on a terminal."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.errors import InvalidRequest, PlainsayError, SourceProblem, UnknownName

if TYPE_CHECKING:
    from agent.view import WorkspaceView
    from ingestion.pipeline import LoadReport

DEMO = "demo-retail"
Progress = Callable[[str, float | None], None]


@dataclass(frozen=True)
class Place:
    """Where a command works: a home folder and a workspace in it; `report` is set when files were just loaded."""

    home: Path
    workspace: str
    report: LoadReport | None = None

    def view(self) -> WorkspaceView:
        """Model, profile, values and snapshot of the workspace."""
        from agent.view import WorkspaceViews

        return WorkspaceViews(self.home).get(self.workspace)


def parse_as_of(text: str | None) -> datetime | None:
    """`--as-of` as a moment: a date means its noon. Raises `InvalidRequest`."""
    if text is None:
        return None
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return datetime(day.year, day.month, day.day, 12)
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidRequest(
            f"“{text}” is not a date.", hint="Write it as 2026-01-31.", details={"field": "as_of", "value": text}
        ) from error


@contextmanager
def place(data: Sequence[Path], workspace: str | None, progress: Progress | None = None) -> Iterator[Place]:
    """The named workspace, or a throw-away one with the files of `data`, which is removed again at the end."""
    if not data:
        yield chosen(workspace)
        return
    if workspace:
        raise InvalidRequest("Give --data or --workspace, not both.")
    home = Path(tempfile.mkdtemp(prefix="plainsay-"))
    try:
        yield load(home, "data", data, progress)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def load(home: Path, name: str, paths: Sequence[Path], progress: Progress | None = None) -> Place:
    """Ingest `paths` into workspace `name`. Raises `SourceProblem` when not one table could be loaded."""
    from ingestion.pipeline import ingest
    from warehouse import workspace as workspaces

    missing = [p for p in paths if not p.exists()]
    if missing:
        raise SourceProblem(
            f"There is no file or folder {missing[0]}.", code="file_missing", hint="Check the path and its spelling."
        )
    report = ingest(workspaces.named(name, home), list(paths), progress=progress)
    if not report.tables:
        first = report.problems[0] if report.problems else None
        reason = f"{Path(first.file).name}: {first.reason}" if first else "no file of a known kind was found."
        raise SourceProblem(
            f"Nothing could be loaded. {reason}", code="nothing_loaded", hint=first.hint if first else None
        )
    return Place(home, name, report)


def chosen(name: str | None) -> Place:
    """The workspace `name`; without one the demo, or the only one there is. Raises `UnknownName` with the choices."""
    from store import settings
    from warehouse import workspace as workspaces

    home = settings.home()
    if name:
        return Place(home, workspaces.existing(name, home).name)
    known = workspaces.names(home)
    if DEMO in known or len(known) == 1:
        return Place(home, DEMO if DEMO in known else known[0])
    if not known:
        raise UnknownName(
            "There is no workspace yet.",
            hint="Ask a file with --data FILE, load one with `plainsay ingest FILE`, or try `plainsay demo`.",
        )
    raise UnknownName("Several workspaces exist.", hint=f"Name one with --workspace: {', '.join(known)}.")


@contextmanager
def telling_errors() -> Iterator[None]:
    """Turn our errors into one sentence on stderr and the exit code of their class."""
    import typer

    try:
        yield
    except PlainsayError as error:
        typer.secho(f"{error.message}", err=True, fg="red")
        if error.hint:
            typer.secho(error.hint, err=True)
        raise typer.Exit(error.exit_code) from error


def quiet_progress(_text: str, _share: float | None) -> None:
    """Progress nobody asked to see."""


@contextmanager
def shown_progress(quiet: bool = False) -> Iterator[Progress]:
    """A progress bar on a terminal, plain lines otherwise, on stderr so that output can be piped."""
    if quiet:
        yield quiet_progress
    elif sys.stderr.isatty():
        with _bar() as progress:
            yield progress
    else:
        yield _plain_lines()


def _plain_lines() -> Progress:
    import typer

    said: set[str] = set()

    def progress(text: str, _share: float | None) -> None:
        if text not in said:
            said.add(text)
            typer.echo(text, err=True)

    return progress


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    with Bar(TextColumn("{task.description}"), BarColumn(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def progress(text: str, share: float | None) -> None:
            bar.update(task, description=text, total=1.0 if share is not None else None, completed=share or 0)

        yield progress


def write_json(value: Any) -> None:
    """One JSON document on stdout."""
    import orjson
    import typer

    typer.echo(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode())
