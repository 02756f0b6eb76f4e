"""`plainsay packs`: what a trade measures and calls things, checked and put to use."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.common import telling_errors, write_json
from store.errors import PlainsayError

packs = typer.Typer(help="Industry packs: metrics, words and knowledge of a trade.", no_args_is_help=True)
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PackArgument = Annotated[str, typer.Argument(help="A pack's name, or the folder of one.")]


@packs.command("list")
def list_packs(as_json: JsonOption = False) -> None:
    """List the packs that can be installed, with what they hold."""
    from knowledge.packs import load
    from knowledge.packs.summary import summary

    rows = []
    for name, folder in load.available().items():
        try:
            rows.append(summary(load.load(folder)))
        except PlainsayError as error:
            typer.secho(f"{name}: {error}", err=True, fg="red")
    if as_json:
        write_json(rows)
        return
    for row in rows:
        held = ", ".join(f"{n} {what}" for what, n in row["counts"].items() if n)
        typer.echo(f"{row['pack']:14} {row['version']:8} {row['label']}: {held}")


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
