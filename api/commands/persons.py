"""`plainsay person`: what is held of one person, a copy, their erasure; what is personal data and who sees it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import telling_errors, write_json

if TYPE_CHECKING:
    from warehouse.workspace import Workspace

person = typer.Typer(
    help="Personal data: find, export or erase one person's; see and protect its columns.", no_args_is_help=True
)
WhoArgument = Annotated[str, typer.Argument(help="An e-mail address, a phone number or an id.")]
WorkspaceOption = Annotated[str, typer.Option(help="The workspace.")]
HideOption = Annotated[bool, typer.Option("--hide", help="As if the columns were not there; else they show •••.")]
ForOption = Annotated[list[str], typer.Option("--for", help="A role, or group:NAME. Without it everybody.")]
NotForOption = Annotated[list[str], typer.Option("--not-for", help="A role, or group:NAME.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


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


@person.command("columns")
def columns(workspace: WorkspaceOption = "my-data", as_json: JsonOption = False) -> None:
    """List the columns that hold personal data: by their names, or by what stands in them."""
    from warehouse.model import store
    from warehouse.model.schema import personal_columns

    with telling_errors():
        found = list(personal_columns(store.load(_place(workspace).model_file)))
    if as_json:
        write_json([{"table": table, "column": column, "kind": kind} for table, column, kind in found])
        return
    for table, column, kind in found:
        typer.echo(f"{table}.{column}: {kind or 'marked by hand'}")
    if not found:
        typer.echo("No column of personal data was found.")


@person.command("protect")
def protect(
    workspace: WorkspaceOption = "my-data",
    hide: HideOption = False,
    applies: ForOption = [],  # noqa: B006
    exempt: NotForOption = ["owner", "admin"],  # noqa: B006
    lift: Annotated[bool, typer.Option("--lift", help="Take the protection away.")] = False,
) -> None:
    """Mask all personal data for whom you say, what is loaded later too; it takes the place of what was said before."""
    from pydantic import ValidationError

    from store.errors import InvalidRequest
    from warehouse.model import history, store
    from warehouse.model.policies import ColumnPolicy

    with telling_errors():
        place = _place(workspace)
        model = store.load(place.model_file)
        kept = tuple(p for p in model.column_policies if not (p.personal and p.table is None))
        try:
            action = "hide" if hide else "mask"
            made = ColumnPolicy(
                name="personal_data", personal=True, action=action, applies_to=tuple(applies), exempt=tuple(exempt)
            )  # fmt: skip
        except ValidationError as error:
            raise InvalidRequest("A person is named by a role, or by a group as group:NAME.") from error
        changed = model.model_copy(update={"column_policies": kept if lift else (*kept, made)})
        history.save(place, changed, why="policies changed")
    who = ", ".join(applies) or "everybody"
    typer.echo(
        "Personal data is open again."
        if lift
        else f"Personal data: {action} for {who}, not for {', '.join(exempt) or 'nobody'}."
    )


def _place(workspace: str) -> Workspace:
    from store import settings
    from warehouse import workspace as workspaces

    return workspaces.existing(workspace, settings.home())
