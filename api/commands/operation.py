"""`plainsay backup` and `restore`: the whole installation in one file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import telling_errors


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write the backup; the file must not be there yet.")],
) -> None:
    """Write everything to one file: state, conversations, workspaces with their data, the key. Works while serving."""
    with telling_errors():
        from api import backups
        from store import settings

        made = backups.create(settings.home(), file)
    rows = sum(made.rows.values())
    typer.echo(f"{file}: {made.files} files, {made.bytes:,} bytes, {rows:,} rows of state.")
    typer.echo("It holds the key of the installation: keep it where only you can read it.", err=True)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    over: Annotated[bool, typer.Option("--over", help="Replace the installation that is there.")] = False,
) -> None:
    """Bring an installation back from a backup, into SQLite or Postgres, whichever is set up. No server may run."""
    with telling_errors():
        from api import backups
        from store import settings

        found = backups.restore(settings.home(), file, over=over)
    typer.echo(f"Restored {len(found.workspaces)} workspaces and {sum(found.rows.values()):,} rows of state.")
    if found.left_out:
        typer.echo("What the assistant remembered of conversations stays in the other kind of database.", err=True)
