"""`plainsay model`: what the tables mean, worked out, checked on the data, corrected, compared and taken back."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.ask import WorkspaceOption
from api.commands.common import chosen, place, shown_progress, telling_errors, write_json
from store.errors import InvalidRequest

if TYPE_CHECKING:
    from agent.view import WorkspaceView
    from warehouse.model.schema import SemanticModel
    from warehouse.model.trial import Figure, Finding, Trial

models = typer.Typer(help="The semantic model: what the tables mean.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
FileOption = Annotated[Path | None, typer.Option(help="Use this file instead of the workspace's own.")]
_COLOURS = {"error": "red", "warning": "yellow"}


@models.command("infer")
def infer(
    data: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    out: Annotated[Path | None, typer.Option(help="Write the YAML here instead of stdout.")] = None,
) -> None:
    """Work out a semantic model from files and print it as YAML."""
    with telling_errors(), shown_progress() as progress, place(data, None, progress) as where:
        text = where.view().workspace.model_file.read_text(encoding="utf-8")
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text, encoding="utf-8")


@models.command("show")
def show(
    workspace: WorkspaceOption = None,
    version: Annotated[int | None, typer.Option(help="An older version; `plainsay model history` lists them.")] = None,
) -> None:
    """Print the semantic model of a workspace."""
    from warehouse.model import history

    with telling_errors():
        place_of = chosen(workspace).view().workspace
        old = history.text_of(place_of, version) if version is not None else None
        typer.echo(old if old is not None else place_of.model_file.read_text(encoding="utf-8"))


@models.command("schema")
def schema() -> None:
    """Print the JSON Schema of model files, for editors."""
    from warehouse.model.store import json_schema

    write_json(json_schema())


@models.command("check")
def check(workspace: WorkspaceOption = None, file: FileOption = None, as_json: JsonOption = False) -> None:
    """Check that every name, join and expression of the model holds on the data, and compute each metric once."""
    from warehouse.model import store, trial

    with telling_errors():
        view = chosen(workspace).view()
        text = (file or view.workspace.model_file).read_text(encoding="utf-8")
        model = store.parse(text)
        with _trial(view) as tried:
            found = trial.check(model, tried, text)
    errors = [f for f in found if f.severity == "error"]
    if as_json:
        write_json([vars(f) for f in found])
    else:
        _tell(found)
    if errors:
        raise typer.Exit(4)
    if not as_json:
        figures = len(model.metrics) + sum(len(t.measures) for t in model.tables.values())
        typer.echo(f"The model holds: {len(model.tables)} tables, {figures} figures.")


def _tell(found: list[Finding]) -> None:
    """The findings as lines; names that several tables share are normal and take one line together."""
    shared = [f.where.removeprefix("dimensions.") for f in found if f.code == "ambiguous_name"]
    if shared:
        typer.echo(f"note: several tables have {', '.join(shared)}; a query names the table too.", err=True)
    for f in (f for f in found if f.code != "ambiguous_name"):
        at = f"line {f.line}, column {f.column}, " if f.line else ""
        hint = f" {f.hint}" if f.hint else ""
        typer.secho(f"{f.severity}: {at}{f.where}: {f.message}{hint}", fg=_COLOURS[f.severity], err=True)


@models.command("edit")
def edit(workspace: WorkspaceOption = None) -> None:
    """Open the model in $EDITOR; a version that does not load is kept aside and the old one stays in force."""
    import shutil

    from warehouse.model import history

    with telling_errors():
        here = chosen(workspace).view().workspace
        editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
        if not editor:
            raise InvalidRequest(
                "No editor is set.", hint=f"Set EDITOR, or edit {here.model_file} and run `plainsay model check`."
            )
        draft = here.model_file.with_suffix(".draft.yaml")
        if not draft.is_file():
            shutil.copyfile(here.model_file, draft)
        subprocess.run([*editor.split(), str(draft)], check=True)
        history.save_text(here, draft.read_text(encoding="utf-8"), why="edited")
        draft.unlink()
    check(workspace)


@models.command("diff")
def diff(
    workspace: WorkspaceOption = None,
    file: FileOption = None,
    version: Annotated[int | None, typer.Option(help="Compare with this version; default the one before.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show which metrics a change of the model gives other values: over all time and over the last full month."""
    from warehouse.model import trial

    with telling_errors():
        view = chosen(workspace).view()
        before, after = _two(view, file, version)
        with _trial(view) as tried:
            pairs = trial.changed(trial.figures(before, tried), trial.figures(after, tried))
    if as_json:
        write_json([{"before": b and vars(b), "after": a and vars(a)} for b, a in pairs])
        return
    for b, a in pairs:
        either = a or b
        assert either is not None  # a pair has at least one side
        typer.echo(f"{either.label} ({either.name}): {_shown(b)} -> {_shown(a)}")
    typer.echo(f"{len(pairs)} metrics change." if pairs else "No metric changes.")


def _two(view: WorkspaceView, file: Path | None, version: int | None) -> tuple[SemanticModel, SemanticModel]:
    """The models to compare: the file with the one in force, or that one with an older version."""
    from warehouse.model import history, store

    if file is not None:
        return view.model, store.parse(file.read_text(encoding="utf-8"))
    known = history.versions(view.workspace)
    if version is None:
        current = view.workspace.model_file.read_text(encoding="utf-8")
        older = [v for v in known if history.text_of(view.workspace, v.number) != current]
        if not older:
            raise InvalidRequest("There is no older version to compare with.", hint="Give --file or --version.")
        version = older[-1].number
    return store.parse(history.text_of(view.workspace, version)), view.model


def _shown(figure: Figure | None) -> str:
    if figure is None:
        return "not there"
    if figure.error is not None:
        return f"fails ({figure.error})"
    month = "" if figure.last_month is None else f", last full month {_number(figure.last_month)}"
    return f"{_number(figure.total)}{month}"


def _number(value: Any) -> str:
    return "none" if value is None else f"{value:,.6g}" if isinstance(value, float) else f"{value:,}"


@models.command("history")
def show_history(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the versions of the model: when, who and why."""
    from warehouse.model import history

    with telling_errors():
        known = history.versions(chosen(workspace).view().workspace)
    if as_json:
        write_json([v.model_dump(mode="json") for v in known])
        return
    for v in known:
        typer.echo(f"{v.number:>4}  {v.at:%Y-%m-%d %H:%M}  {v.by or '-':16}  {v.why}")


@models.command("restore")
def restore(
    version: Annotated[int, typer.Argument(help="The version; `plainsay model history` lists them.")],
    workspace: WorkspaceOption = None,
) -> None:
    """Put an older version of the model in force again; it becomes the newest one."""
    from warehouse.model import history

    with telling_errors():
        history.restore(chosen(workspace).view().workspace, version, by="command line")
    typer.echo(f"Version {version} is in force again.")


@models.command("review")
def review(
    workspace: WorkspaceOption = None,
    accept: Annotated[str | None, typer.Option(help="The id of an assumption that is right.")] = None,
    reject: Annotated[str | None, typer.Option(help="The id of one that is wrong; it never returns.")] = None,
    value: Annotated[str | None, typer.Option(help="With --accept: what to put in its place, as JSON.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List what was assumed about the data, the least sure first; accept, correct or reject an assumption."""
    import json

    from warehouse.model.refresh import decide, load_review

    with telling_errors():
        here = chosen(workspace).view().workspace
        if reject:
            decide(here, reject, "rejected", by="command line")
        elif accept:
            try:
                edited = json.loads(value) if value is not None else None
            except json.JSONDecodeError as error:
                raise InvalidRequest("--value must be JSON.", hint="As in --value '\"order_date\"'.") from error
            decide(here, accept, "accepted" if value is None else "edited", value=edited, by="command line")
        items = load_review(here)
    if as_json:
        write_json([{"id": i.id, **i.model_dump(mode="json")} for i in items])
        return
    for item in items:
        typer.echo(f"{item.id}  {item.confidence:.0%} sure. {item.finding} {item.evidence or ''} {item.effect}")
    typer.echo(f"{len(items)} to review." if items else "Nothing to review.")


@contextmanager
def _trial(view: WorkspaceView) -> Iterator[Trial]:
    """The workspace's data to try models on, with an engine of its own."""
    from store.principal import LOCAL_OWNER
    from warehouse.engines.duckdb import DuckDBEngine
    from warehouse.model.trial import Trial

    engine = DuckDBEngine(workers=1)
    try:
        yield Trial(view.profile, view.snapshot, engine, LOCAL_OWNER, datetime.now())
    finally:
        engine.close()
