"""`plainsay slack`: the manifest of the app, linking people, and a bot for machines that Slack cannot reach."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.commands.common import telling_errors

slack = typer.Typer(help="Plainsay in Slack.", no_args_is_help=True)


@slack.command("manifest")
def manifest(
    url: Annotated[
        str, typer.Option(help="Address Slack reaches this server at; empty writes one for Socket Mode.")
    ] = "",
) -> None:
    """Print the app manifest to paste at api.slack.com/apps."""
    from bots.slack import manifest as made

    with telling_errors():
        typer.echo(made.text(url))


@slack.command("run")
def run(
    port: Annotated[int, typer.Option(help="Port to listen on, on this machine only.", min=0, max=65535)] = 8000,
) -> None:
    """Run the bot over Socket Mode, on a machine that Slack cannot reach; the page is served to this machine."""
    from api.server import serve
    from store import settings
    from store.errors import ConfigProblem

    with telling_errors():
        if not (settings.get("slack_app_token") and settings.get("slack_bot_token")):
            raise ConfigProblem(
                "Socket Mode needs two tokens.", code="no_slack", hint="Set SLACK_BOT_TOKEN and SLACK_APP_TOKEN."
            )
        serve("127.0.0.1", port)


@slack.command("link")
def link(
    email: Annotated[str, typer.Argument(help="E-mail of the person; “local” where there are no accounts yet.")],
    code: Annotated[str, typer.Argument(help="The code that `/plainsay link` told them in Slack.")],
) -> None:
    """Say which person a Slack user is."""
    from store import people, tickets
    from store import slack as table
    from store.database import Database
    from store.errors import UnknownName
    from store.principal import LOCAL_OWNER

    def put(connection: Any) -> None:
        if email == LOCAL_OWNER.user_id and not people.any_owner(connection):
            user_id = LOCAL_OWNER.user_id
        else:
            row = people.by_email(connection, people.clean_email(email))
            if row is None:
                raise UnknownName("There is no such person.", code="unknown_user")
            user_id = row["id"]
        body = tickets.spend(connection, "slack", code)["body"]
        table.link(connection, body["team"], body["slack_user"], user_id)

    with telling_errors():
        import asyncio

        database = Database.open()
        try:
            asyncio.run(database.write(put))
        finally:
            database.close()
    typer.echo("Linked.")
