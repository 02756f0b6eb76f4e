"""`plainsay events`: write keys, events from a file, and loading what waits; the server does the last by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from api.commands.common import telling_errors, write_json

events = typer.Typer(help="Events of sites and apps: write keys, sending, loading.", no_args_is_help=True)
WorkspaceOption = Annotated[str, typer.Option(help="The workspace; made when it does not exist.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@events.command("key")
def make_key(
    name: Annotated[str, typer.Argument(help="What the key is for, such as website.")],
    workspace: WorkspaceOption = "my-data",
    origin: Annotated[
        list[str] | None, typer.Option(help="A site whose pages may use it, as https://shop.example; without it all.")
    ] = None,
    per_minute: Annotated[int | None, typer.Option(help="Most events in a minute.", min=1)] = None,
) -> None:
    """Make a write key and print it last, once: it can send events into one workspace and nothing else."""
    from store import settings, write_keys
    from store.principal import LOCAL_OWNER
    from warehouse import workspace as workspaces

    with telling_errors():
        place = workspaces.named(workspace, settings.home())
        wanted = write_keys.NewWriteKey(name, place.name, LOCAL_OWNER.user_id, origin or (), per_minute)
        place.lake.mkdir(parents=True, exist_ok=True)
        _, text = _with_state(lambda database: database.write(lambda c: write_keys.create(c, wanted)))
        typer.echo(f"A write key for {workspace}; it is shown this once:")
        typer.echo(text)


@events.command("keys")
def list_keys(workspace: WorkspaceOption = "my-data", as_json: AsJson = False) -> None:
    """List the write keys of a workspace."""
    from store import write_keys

    with telling_errors():
        rows = _with_state(lambda database: database.read(lambda c: write_keys.listed(c, workspace)))
    if as_json:
        write_json([{k: row[k] for k in write_keys.SHOWN} for row in rows])
        return
    for row in rows:
        used = f"used {row['used_at']:%Y-%m-%d}" if row["used_at"] else "never used"
        typer.echo(f"{row['id']:22} {row['name']:24} {', '.join(row['origins'] or ['any site']):30} {used}")


@events.command("revoke")
def revoke_key(key_id: Annotated[str, typer.Argument(help="Its id, as `plainsay events keys` shows it.")]) -> None:
    """End a write key for good; a server that runs refuses it within seconds."""
    from store import write_keys

    with telling_errors():

        def end(connection: Any) -> None:
            write_keys.get(connection, key_id)
            write_keys.revoke(connection, key_id)

        _with_state(lambda database: database.write(end))
    typer.echo("Revoked.")


@events.command("send")
def send(
    file: Annotated[Path, typer.Argument(help="Events as NDJSON or JSON.")],
    workspace: WorkspaceOption = "my-data",
    as_json: AsJson = False,
) -> None:
    """Take events from a file, without a server; an event that is known by its id changes nothing."""
    from api import event_bodies
    from store import settings
    from store.errors import InvalidRequest
    from warehouse import workspace as workspaces

    with telling_errors():
        if not file.is_file():
            raise InvalidRequest(f"There is no file {file}.", hint="Give a file with events as NDJSON or JSON.")
        place = workspaces.named(workspace, settings.home())
        place.lake.mkdir(parents=True, exist_ok=True)
        media = "ndjson" if file.suffix.lower() in (".ndjson", ".jsonl") else "json"
        told = event_bodies.read(file.read_bytes(), media)
        done = asyncio.run(_taken(place, told))
    if as_json:
        write_json(done)
        return
    known = f", {done['duplicates']:,} known already" if done["duplicates"] else ""
    typer.echo(f"{done['stored']:,} events{known}.")
    for problem in done["errors"]:
        typer.secho(f"Event {problem['index'] + 1}: {problem['message']}", fg="red", err=True)
    typer.echo(f'Ask with: plainsay ask --workspace {workspace} "events per day"')


@events.command("follow")
def follow(
    topics: Annotated[list[str], typer.Argument(help="Topics of Kafka to follow.")],
    brokers: Annotated[str, typer.Option(help="Addresses of brokers, as kafka-1:9092,kafka-2:9092.")],
    workspace: WorkspaceOption = "my-data",
    group: Annotated[
        str | None, typer.Option(help="The consumer group that remembers how far it is; plainsay-WORKSPACE without it.")
    ] = None,
    options: Annotated[
        Path | None, typer.Option(help="A file of client settings, name=value a line, as for SASL and TLS.")
    ] = None,
    stop_when_idle: Annotated[
        float | None, typer.Option(help="End when nothing came for so many seconds; without it goes on.", min=1)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take events from Kafka until stopped; how far it is is committed once the events are on disk."""
    from ingestion.events import kafka
    from store import settings
    from warehouse import workspace as workspaces

    with telling_errors():
        place = workspaces.named(workspace, settings.home())
        wanted = kafka.Topics(
            brokers, topics, group or f"plainsay-{place.name}", kafka.options_from(options) if options else {}
        )
        place.lake.mkdir(parents=True, exist_ok=True)
        done = asyncio.run(_followed(place, wanted, stop_when_idle))
    if as_json:
        write_json(asdict(done))
        return
    known = f", {done.duplicates:,} known already" if done.duplicates else ""
    typer.echo(f"{done.messages:,} messages: {done.accepted:,} events{known}.")
    if done.set_aside:
        text = f"{done.set_aside:,} messages hold no event that can be kept; see: plainsay events set-aside"
        typer.secho(f"{text} --workspace {workspace}", fg="yellow", err=True)


@events.command("set-aside")
def list_set_aside(workspace: WorkspaceOption = "my-data", as_json: AsJson = False) -> None:
    """List the messages of a stream that could not be kept as events, and why."""
    from ingestion.events import kafka
    from store import settings
    from warehouse import workspace as workspaces

    with telling_errors():
        rows = kafka.set_aside(workspaces.existing(workspace, settings.home()).root)
    if as_json:
        write_json(rows)
        return
    for row in rows:
        shown = " ".join(row["value"].split())[:60]
        typer.echo(f"{row['topic']} {row['partition']} {row['offset']:>10}  {row['reason']}  {shown}")
    typer.echo(f"{len(rows):,} set aside.")


async def _followed(place: Any, topics: Any, idle: float | None) -> Any:
    """Follow until a signal ends it, then load what was taken."""
    import signal

    from ingestion.events import kafka, settling
    from ingestion.events.intake import Intake

    over, intake = asyncio.Event(), Intake(place)
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, over.set)

    def settle() -> None:
        if intake.waits():
            settling.settle(place, intake.pace)

    try:
        done = await kafka.follow(intake, topics, settle, over=over, idle=idle)
    finally:
        intake.close()
    settling.settle(place, intake.pace, now=True)
    return done


async def _taken(place: Any, told: Any) -> dict[str, Any]:
    from ingestion.events import settling, shape
    from ingestion.events.intake import Intake

    total: dict[str, Any] = {"stored": 0, "duplicates": 0, "rejected": 0, "errors": []}
    intake = Intake(place)
    try:
        for start in range(0, len(told.events), shape.MOST_EVENTS):
            done = await intake.take(told.events[start : start + shape.MOST_EVENTS], told.shared)
            total["duplicates"] += done["duplicates"]
            total["rejected"] += done["rejected"]
            total["errors"] += [e | {"index": e["index"] + start} for e in done["errors"]]
    finally:
        intake.close()
    stored = settling.settle(place, intake.pace, now=True)
    total["stored"], total["duplicates"] = stored.rows, total["duplicates"] + stored.duplicates
    total["errors"] = total["errors"][: shape.MOST_ERRORS]
    return total


def _with_state(use: Callable[[Any], Any]) -> Any:
    from store.database import Database

    database = Database.open()
    try:
        return asyncio.run(use(database))
    finally:
        database.close()
