"""`plainsay digest`: what a digest says now, what it would have said, and sending those that one has."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands import desks
from api.commands.common import Place, place, shown_progress, telling_errors, write_json

if TYPE_CHECKING:
    from bots.digests.desk import Desk, Wanted

digest = typer.Typer(help="Short regular messages: try them, rehearse them, send them.", no_args_is_help=True)
WorkspaceOption = Annotated[str | None, typer.Option("--workspace", help="The workspace; without it the demo.")]
CadenceOption = Annotated[
    str, typer.Option(help="daily, workdays, weekly, monthly, quarterly, or matters (only when it does).")
]
MetricOption = Annotated[list[str] | None, typer.Option("--metric", help="A metric to tell of, again for more.")]
ZoneOption = Annotated[str, typer.Option(help="Time zone of the reader, as Europe/Berlin.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@digest.command("preview")
def preview(
    workspace: WorkspaceOption = None,
    cadence: CadenceOption = "weekly",
    metric: MetricOption = None,
    as_of: Annotated[str | None, typer.Option(help="The day it would have come, as 2026-01-31.")] = None,
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
) -> None:
    """Show the message as it would be now, or on a day with the rows of then."""
    with telling_errors(), place([], workspace) as where:
        wanted = _wanted(where, cadence, metric, zone)
        moment = desks.moment(as_of)
        with shown_progress(quiet=as_json) as progress:
            progress("Looking for what matters", None)
            message = asyncio.run(_preview(where, wanted, moment))
        if as_json:
            write_json(message.to_dict())
        else:
            typer.echo(_said(message))


@digest.command("rehearse")
def rehearse(
    days: Annotated[int, typer.Option(help="How many days to go back.", min=1, max=800)] = 90,
    workspace: WorkspaceOption = None,
    cadence: CadenceOption = "matters",
    metric: MetricOption = None,
    as_of: Annotated[str | None, typer.Option(help="The day to go back from; without it today.")] = None,
    zone: ZoneOption = "UTC",
    as_json: JsonOption = False,
) -> None:
    """Show which messages would have gone out, each on the rows of its own day."""
    with telling_errors(), place([], workspace) as where:
        wanted = _wanted(where, cadence, metric, zone)
        found = asyncio.run(_rehearse(where, wanted, days, desks.moment(as_of), as_json))
    if as_json:
        write_json(found)
        return
    noun = "message" if len(found) == 1 else "messages"
    typer.echo(f"{len(found)} {noun} in {days} days.")


@digest.command("send")
def send(workspace: WorkspaceOption = None) -> None:
    """Send your digests of a workspace now, beside their regular times."""
    with telling_errors(), place([], workspace) as where:
        for line in asyncio.run(_send(where)):
            typer.echo(line)


def _wanted(where: Place, cadence: str, metrics: list[str] | None, zone: str) -> Wanted:
    from pydantic import ValidationError

    from bots.digests.desk import Wanted
    from bots.digests.moments import Timing
    from bots.digests.recipe import Recipe
    from store.errors import InvalidRequest

    try:
        timing = Timing.model_validate({"cadence": cadence, "zone": zone})
    except ValidationError as error:
        first = error.errors()[0]
        raise InvalidRequest(f"The value of {first['loc'][0]} cannot be used: {first['msg']}.") from error
    return Wanted(where.workspace, Recipe(metrics=tuple(metrics or ())), timing)


def _desk(where: Place) -> AbstractAsyncContextManager[Desk]:
    from bots.digests.desk import Desk

    return desks.opened(where, Desk)


async def _preview(where: Place, wanted: Wanted, moment: datetime) -> Any:
    from store.principal import LOCAL_OWNER

    async with _desk(where) as desk:
        return (await desk.made(wanted, LOCAL_OWNER, moment, {})).message


async def _rehearse(where: Place, wanted: Wanted, days: int, until: datetime, quiet: bool) -> list[dict[str, Any]]:
    from store.principal import LOCAL_OWNER

    found = []
    with shown_progress(quiet=quiet) as progress:
        async with _desk(where) as desk:
            async for step in desk.rehearsal(wanted, LOCAL_OWNER, days, until):
                progress("Looking back", step.done / step.of)
                if step.message.held:
                    continue
                found.append({"period": step.period, "at": step.moment.isoformat(), **step.message.to_dict()})
                if not quiet:
                    typer.echo(f"{step.period}  {step.message.headline}")
    return found


async def _send(where: Place) -> list[str]:
    from bots.digests import run
    from bots.digests.channels import Channels
    from store import digests
    from store.database import Database
    from store.delivery import Courier
    from store.errors import UnknownName
    from store.models import utc_now
    from store.principal import LOCAL_OWNER, Principal

    database = await asyncio.to_thread(Database.open, where.home)

    async def person(user_id: str) -> Principal | None:
        from store import people

        found = await database.read(lambda c: people.principal_of(c, user_id))
        return found or (LOCAL_OWNER if user_id == LOCAL_OWNER.user_id else None)

    def queue(connection: Any) -> list[Any]:
        rows = digests.listed(connection, LOCAL_OWNER.user_id, where.workspace)
        for row in rows:
            run.now(connection, row, moment)
        return rows

    moment = utc_now().replace(second=0, microsecond=0)
    try:
        rows = await database.write(queue)
        if not rows:
            raise UnknownName("You have no digest here yet.", hint="Make one on the page Digests, or over the API.")
        async with _desk(where) as desk:
            channels = Channels(database, where.home, person).handlers()
            handlers = (run.Runner(database, desk, person).handler(), *channels)
            courier = Courier(database, f"cli-{moment.timestamp():.0f}", handlers)
            while await courier.look():
                pass
        return await database.read(lambda c: [line for row in rows for line in _outcome(c, row, moment)])
    finally:
        await asyncio.to_thread(database.close)


def _outcome(connection: Any, row: Any, moment: datetime) -> list[str]:
    from bots.digests import run
    from store import digests

    said = digests.said(connection, row["id"], f"now-{moment:%Y-%m-%dT%H:%M}")
    if said is None:
        return [f"{row['name']}: still on its way."]
    ways = run.deliveries(connection, [said["id"]]).get(said["id"], [])
    lines = [f"{row['name']}: {said['headline']}"]
    return lines + [f"  {way['channel']}: {way['state']}{' - ' + way['note'] if way['note'] else ''}" for way in ways]


def _said(message: Any) -> str:
    """A message as plain text."""
    from bots.digests import mail

    envelope = mail.Envelope("digest@localhost", "you@localhost", "preview", "preview", "", "")
    return "\n".join(mail.text(envelope, message.to_dict() | {"name": "Preview"}))
