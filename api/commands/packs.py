"""`plainsay packs`: what a trade measures and calls things, checked, put to use, corrected and taken out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.ask import WorkspaceOption
from api.commands.common import chosen, telling_errors, write_json
from store.errors import InvalidRequest, PlainsayError

if TYPE_CHECKING:
    from tools.binding.result import Binding

packs = typer.Typer(help="Industry packs: metrics, words and knowledge of a trade.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PackArgument = Annotated[str, typer.Argument(help="A pack's name, or the folder of one.")]
NameArgument = Annotated[str, typer.Argument(help="The name of an installed pack.")]
BY = "command line"


@packs.command("list")
def list_packs(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the packs that can be installed, with what they hold; with --workspace those that are installed there."""
    with telling_errors():
        rows = _installed(workspace) if workspace else _available()
    if as_json:
        write_json(rows)
        return
    for row in rows:
        held = ", ".join(f"{n} {what}" for what, n in row["counts"].items() if n)
        typer.echo(f"{row['pack']:14} {row['version']:8} {row['label']}: {held}")
    if not rows:
        typer.echo("No pack is installed. `plainsay packs install NAME` installs one.")


def _available() -> list[dict[str, Any]]:
    from knowledge.packs import load
    from knowledge.packs.summary import summary

    rows = []
    for name, folder in load.available().items():
        try:
            rows.append(summary(load.load(folder)))
        except PlainsayError as error:
            typer.secho(f"{name}: {error}", err=True, fg="red")
    return rows


def _installed(workspace: str) -> list[dict[str, Any]]:
    from knowledge.packs.summary import summary
    from tools.binding import shelf

    here = chosen(workspace).view().workspace
    return [summary(shelf.pack(here, name)) for name in shelf.names(here)]


@packs.command("check")
def check(pack: PackArgument, as_json: JsonOption = False) -> None:
    """Check that every name of a pack leads somewhere and every benchmark stands in its passage."""
    from knowledge.packs import load
    from knowledge.packs.check import check as findings
    from knowledge.packs.summary import summary

    with telling_errors():
        read = load.load(load.find(pack))
    found = findings(read)
    if as_json:
        write_json([vars(f) for f in found])
    for one in () if as_json else found:
        colour = "red" if one.severity == "error" else "yellow"
        typer.secho(f"{one.severity}: {one.where}: {one.message} {one.hint or ''}".rstrip(), fg=colour, err=True)
    if any(f.severity == "error" for f in found):
        raise typer.Exit(4)
    if not as_json:
        held = ", ".join(f"{n} {what}" for what, n in summary(read)["counts"].items() if n)
        typer.echo(f"The pack {read.name} {read.manifest.version} holds: {held}.")


@packs.command("schema")
def schema() -> None:
    """Print the JSON Schema of pack files, for editors."""
    from knowledge.packs.schema import json_schema

    write_json(json_schema())


@packs.command("new")
def new(
    name: Annotated[str, typer.Argument(help="The new pack's name: lower-case letters, digits and _.")],
    folder: Annotated[Path | None, typer.Option(help="Where to put it; default the packs of the home folder.")] = None,
) -> None:
    """Start a pack of your own: a small one that passes the check, with comments to go on from."""
    from knowledge.packs import skeleton
    from knowledge.packs.load import own_folder

    with telling_errors():
        made = skeleton.write(name, (folder or own_folder()) / name)
    typer.echo(f"{made} is there. Edit it, then: plainsay packs check {name if folder is None else made}")


@packs.command("install")
def install(
    pack: PackArgument,
    workspace: WorkspaceOption = None,
    preview: Annotated[bool, typer.Option("--preview", help="Show what would be bound, change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Match a pack to the workspace's tables and put its metrics, words and driver trees to use at once."""
    from knowledge.packs import load
    from tools.binding import install as packing

    with telling_errors():
        here, source = chosen(workspace).view().workspace, load.find(pack)
        binding = packing.preview(here, source) if preview else packing.install(here, source, by=BY).binding
    _tell(binding, as_json)


@packs.command("upgrade")
def upgrade(
    name: NameArgument,
    workspace: WorkspaceOption = None,
    from_: Annotated[str | None, typer.Option("--from", help="A folder with the new version.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Bring an installed pack to the newest version at hand and bind it again, as after new data."""
    from knowledge.packs import load
    from tools.binding import install as packing

    with telling_errors():
        here = chosen(workspace).view().workspace
        source = load.find(from_ or name)
        done = packing.upgrade(here, name, source=source, by=BY)
    _tell(done.binding, as_json)


@packs.command("remove")
def remove(name: NameArgument, workspace: WorkspaceOption = None) -> None:
    """Take a pack out of a workspace; what people changed in the model since stays."""
    from tools.binding import install as packing

    with telling_errors():
        packing.remove(chosen(workspace).view().workspace, name, by=BY)
    typer.echo(f"The pack {name} is removed.")


@packs.command("show")
def show(name: NameArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show how an installed pack is bound: what can be asked, what waits for review, what is missing."""
    from tools.binding import shelf, uses

    with telling_errors():
        here = chosen(workspace).view().workspace
        binding = shelf.record(here, name).binding
        fresh = [n for n in uses.news(here) if n.pack == name]
    _tell(binding, as_json)
    for one in () if as_json else fresh:
        typer.echo(f"The data changed since. Binding again adds {len(one.more)} and takes away {len(one.fewer)}:")
        typer.echo(f"  plainsay packs upgrade {name}")


@packs.command("quality")
def quality(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Hold the rules of the installed packs against the data: which records break them."""
    from dataclasses import asdict
    from datetime import datetime

    from store.principal import LOCAL_OWNER
    from tools.binding import uses
    from tools.registry import ToolContext
    from warehouse.engines.duckdb import DuckDBEngine

    engine = DuckDBEngine(workers=1)
    try:
        with telling_errors():
            view = chosen(workspace).view()
            found = uses.quality(
                ToolContext(
                    view.workspace, LOCAL_OWNER, view.model, view.profile, engine, view.snapshot, datetime.now()
                )
            )
    finally:
        engine.close()
    if as_json:
        write_json([asdict(b) for b in found])
        return
    for one in found:
        verdict = "a few" if one.broken is None else f"{one.broken:,} of {one.rows:,}" if one.broken else "fine"
        typer.echo(f"{verdict:>20}  {one.table}: {one.means}")
    if not found:
        typer.echo("No rule of an installed pack can be checked on this data.")


@packs.command("recipes")
def recipes(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the digests that the installed packs propose, with the figures that are bound here."""
    from dataclasses import asdict

    from tools.binding import uses

    with telling_errors():
        found = uses.recipes(chosen(workspace).view().workspace)
    if as_json:
        write_json([asdict(r) for r in found])
        return
    for one in found:
        typer.echo(
            f"{one.pack}.{one.name}: {one.label}, {one.cadence}, for the {one.audience}: {', '.join(one.metrics)}"
        )


@packs.command("bind")
def bind(
    name: NameArgument,
    choices: Annotated[
        list[str], typer.Argument(help="`entity=table` or `entity.column=column`; with nothing after = none of them.")
    ],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say which table or column is meant where the pack is not sure, or is wrong."""
    from tools.binding import install as packing

    with telling_errors():
        decided = dict(_choice(c) for c in choices)
        done = packing.upgrade(chosen(workspace).view().workspace, name, decided=decided, by=BY)
    _tell(done.binding, as_json)


def _choice(text: str) -> tuple[str, str | None]:
    place, sign, stored = text.partition("=")
    if not sign or not place.strip():
        raise InvalidRequest(f"“{text}” is no choice.", hint="Write entity.column=stored_column.")
    return place.strip(), stored.strip() or None


@packs.command("override")
def override(
    name: NameArgument,
    file: Annotated[
        Path | None, typer.Argument(help="YAML that says what differs; without it the changes are shown.")
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Change any part of an installed pack for this workspace: metrics, words, trees, benchmarks, goals."""
    from tools.binding import install as packing
    from tools.binding import shelf

    with telling_errors():
        here = chosen(workspace).view().workspace
        if file is None:
            typer.echo(shelf.own_changes(here, name) or shelf.blank_changes(shelf.pack(here, name)), nl=False)
            return
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidRequest(f"{file} cannot be read.", hint="Give a UTF-8 text file.") from error
        done = packing.change(here, name, text, by=BY)
    _tell(done.binding, False)


_SAID = {
    "bound": "can be asked", "assumed": "can be asked, with an assumption to confirm", "own": "defined here already",
    "review": "waiting for you to confirm a column", "missing": "missing something",
}  # fmt: skip


def _tell(binding: Binding, as_json: bool) -> None:
    if as_json:
        write_json(binding.model_dump(mode="json"))
        return
    for status, said in _SAID.items():
        found = [m for m in binding.metrics.values() if m.status == status]
        if not found:
            continue
        typer.secho(f"{len(found)} {said}:", bold=True)
        for metric in found:
            why = f": no {', no '.join(metric.missing)}" if metric.missing else "".join(f" {n}" for n in metric.notes)
            typer.echo(f"  {metric.label}{why}")
    for doubt in binding.review:
        typer.echo(f"? {doubt.confidence:.0%} sure: {doubt.finding} Affects {len(doubt.affects)} metrics.")
    if binding.review:
        typer.echo(f"Correct a match with: plainsay packs bind {binding.pack} entity.column=your_column")
