"""`plainsay workspaces`: make, copy, move and remove workspaces from the machine itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.common import telling_errors, write_json
from api.commands.state import noted, read_state, write_state

workspaces = typer.Typer(help="Workspaces: apart from each other in all they hold.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(help="The workspace, in lower-case letters, digits, - and _.")]
Label = Annotated[str, typer.Option(help="What people call it.")]
WithoutData = Annotated[bool, typer.Option("--template", help="Model, policies and empty tables, but no row.")]


@workspaces.command("list")
def list_workspaces(as_json: AsJson = False) -> None:
    """All workspaces with their tables and rows."""
    from api.shelf import Shelf
    from store import jobs, settings
    from store.principal import LOCAL_OWNER

    with telling_errors():
        items = Shelf(settings.home()).items(read_state(jobs.labels), LOCAL_OWNER)
    if as_json:
        write_json(items)
        return
    for one in items:
        typer.echo(f"{one['name']:32} {one['tables']:>4} tables {one['rows']:>14,} rows  {one['label']}")


@workspaces.command("create")
def create_workspace(name: Name, label: Label = "") -> None:
    """Make an empty workspace; load files into it with `plainsay ingest`."""
    from api import moving
    from api.shelf import Shelf
    from store import settings

    with telling_errors():
        moving.free(settings.home(), name)
        Shelf(settings.home()).create(name)
        _made(name, label, "workspace.made")
    typer.echo(f"The workspace {name} is there. Load files with: plainsay ingest FILE --workspace {name}")


@workspaces.command("copy")
def copy_workspace(
    name: Name,
    new: Annotated[str, typer.Argument(help="The workspace to make.")],
    label: Label = "",
    template: WithoutData = False,
) -> None:
    """Make a workspace from another one; members and conversations are not copied."""
    from api import moving
    from store import settings
    from store.principal import LOCAL_OWNER

    with telling_errors():
        tables = moving.copied(settings.home(), name, new, LOCAL_OWNER.user_id, data=not template)
        _made(new, label, "workspace.copied", source=name)
    typer.echo(f"The workspace {new} has {len(tables)} tables{', all empty' if template else ''}.")


@workspaces.command("export")
def export_workspace(
    name: Name, file: Annotated[Path, typer.Argument(help="The file to write.")], template: WithoutData = False
) -> None:
    """Write all tables and the model of a workspace into one file."""
    from api import moving
    from store import settings
    from store.errors import ConfigProblem

    with telling_errors():
        file = file.expanduser()
        if file.exists():
            raise ConfigProblem(f"There is a file {file.name} already.", code="file_exists", hint="Take another name.")
        moving.packed(settings.home(), name, file, data=not template)
        write_state(lambda connection: noted(connection, "workspace.exported", name, name))
    typer.echo(f"{file} holds {name}: {'its model and no row' if template else 'all its rows'}.")


@workspaces.command("import")
def import_workspace(
    name: Name,
    file: Annotated[Path, typer.Argument(help="A file that an export wrote.")],
    label: Label = "",
) -> None:
    """Make a workspace from an exported file."""
    from api import moving
    from store import settings
    from store.errors import SourceProblem
    from store.principal import LOCAL_OWNER

    with telling_errors():
        if not file.expanduser().is_file():
            raise SourceProblem(f"There is no file {file}.", code="file_missing", hint="Check the path.")
        tables = moving.filled(settings.home(), name, file.expanduser(), LOCAL_OWNER.user_id)
        _made(name, label, "workspace.imported")
    typer.echo(f"The workspace {name} has {len(tables)} tables.")


@workspaces.command("delete")
def delete_workspace(name: Name, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Remove a workspace with its data, conversations, dashboards, roles and keys. It cannot be brought back."""
    from api import forgetting
    from api.shelf import Shelf
    from store import settings
    from warehouse import workspace as places

    with telling_errors():
        places.existing(name, settings.home())
        if not yes and typer.prompt(f"Type “{name}” to remove it for good") != name:
            typer.echo("Nothing was removed.")
            raise typer.Exit(1)
        shelf = Shelf(settings.home())
        grave = shelf.remove(name)

        def forget(connection: Any) -> None:
            forgetting.forget(connection, name)
            noted(connection, "workspace.removed", name, name)

        write_state(forget)
        shelf.clear(grave)
    typer.echo(f"{name} is gone.")


def _made(name: str, label: str, action: str, **detail: Any) -> None:
    from store import jobs

    def write(connection: Any) -> None:
        if label:
            jobs.set_label(connection, name, label)
        noted(connection, action, name, name, **detail)

    write_state(write)
