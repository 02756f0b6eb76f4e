"""`plainsay person`: what is held of one person, a copy of it for them, and their erasure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import telling_errors, write_json

if TYPE_CHECKING:
    from warehouse.workspace import Workspace

person = typer.Typer(help="One person's data: find, export, erase.", no_args_is_help=True)
WhoArgument = Annotated[str, typer.Argument(help="An e-mail address, a phone number or an id.")]
WorkspaceOption = Annotated[str, typer.Option(help="The workspace.")]


@person.command("find")
def find(who: WhoArgument, workspace: WorkspaceOption = "my-data") -> None:
    """Tell in which tables a person stands, and with how many rows."""
    from ingestion import persons

    with telling_errors():
        found = persons.held(_place(workspace), who)
    for one in found:
        typer.echo(f"{one.source} › {one.table}: {len(one.rows):,} rows")
    if not found:
        typer.echo("Nothing is held of this person.")


@person.command("export")
def export(
    who: WhoArgument,
    workspace: WorkspaceOption = "my-data",
    to: Annotated[Path | None, typer.Option(help="The file to write; without it the screen.")] = None,
) -> None:
    """Write all that is held of a person as JSON, as it came."""
    import json

    from ingestion import persons

    with telling_errors():
        found = [{"source": h.source, "table": h.table, "rows": h.rows} for h in persons.held(_place(workspace), who)]
    if to is None:
        write_json(found)
        return
    to.write_text(json.dumps(found, indent=1, default=str, ensure_ascii=False), encoding="utf-8")
    typer.echo(f"Wrote {sum(len(h['rows']) for h in found):,} rows to {to.name}.")


@person.command("erase")
def erase(
    who: WhoArgument,
    workspace: WorkspaceOption = "my-data",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take a person out of everything, earlier versions too. Figures of the past stay; nothing can be undone."""
    from ingestion import persons

    if not yes:
        typer.confirm("This cannot be undone. Erase?", abort=True)
    with telling_errors():
        done = persons.erase(_place(workspace), who)
    typer.echo(
        f"Erased: {done.removed:,} rows removed, {done.cleaned:,} kept without the person, {done.events:,} events."
    )


def _place(workspace: str) -> Workspace:
    from store import settings
    from warehouse import workspace as workspaces

    return workspaces.existing(workspace, settings.home())
