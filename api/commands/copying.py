"""`plainsay sources database`: tables of a running database; its address holds a password, so it is not typed."""

from __future__ import annotations

from typing import Annotated

import typer

from api.commands.common import shown_progress, telling_errors, write_json


def database(
    address: Annotated[
        str, typer.Argument(help="Where its address is kept: env:VARIABLE, file:PATH, or - for standard input.")
    ],
    workspace: Annotated[str, typer.Option(help="The workspace; made when it does not exist.")] = "my-data",
    table: Annotated[list[str] | None, typer.Option(help="A table to copy, again for more; without it all.")] = None,
    schema: Annotated[str | None, typer.Option(help="The schema that they are in.")] = None,
    since: Annotated[
        str | None, typer.Option(help="A column that only grows: the next copy reads what is new by it.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Your name for this database; without it its own.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Copy tables of a database: Postgres, MySQL, MariaDB, SQL Server, SQLite and others that SQLAlchemy reads."""
    from api.commands.data import _tell_report
    from api.commands.sources import _secret
    from ingestion import copying
    from store import settings
    from warehouse import workspace as workspaces

    with telling_errors():
        place = workspaces.named(workspace, settings.home())
        wanted = copying.Wanted(table or (), schema, since, name)
        url = _secret(address)
        with shown_progress(quiet=as_json) as progress:
            report = copying.copy(place, url, wanted, progress)
        if as_json:
            write_json(report.model_dump(mode="json"))
        else:
            _tell_report(report, workspace)
