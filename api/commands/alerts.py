"""`plainsay alerts`: say what you want to hear of, see what it would have told you, keep it, answer what it found."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands import desks
from api.commands.common import Place, place, shown_progress, telling_errors, write_json

if TYPE_CHECKING:
    from bots.alerts.desk import AlertDesk, Watched
    from store.database import Database

alerts = typer.Typer(help="Be told when something happens: say what, rehearse it, keep it.", no_args_is_help=True)
Said = Annotated[str, typer.Argument(help="“tell me when revenue drops below 10k”, or a rule as JSON.")]
WorkspaceOption = Annotated[str | None, typer.Option("--workspace", help="The workspace; without it the demo.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsOfOption = Annotated[str | None, typer.Option(help="The day to look from, as 2026-01-31; without it today.")]
AlertArgument = Annotated[str, typer.Argument(help="The id of an alert, from `plainsay alerts list`.")]


@alerts.command("preview")
def preview(
    said: Said, workspace: WorkspaceOption = None, as_of: AsOfOption = None, as_json: JsonOption = False
) -> None:
    """Show how a sentence is understood and what the alert would say now."""
    with telling_errors(), place([], workspace) as where:
        watched, says, body, shown = asyncio.run(_preview(where, said, desks.moment(as_of)))
        if as_json:
            write_json({"rule": watched.rule.model_dump(mode="json"), "says": says, "message": body, "shown": shown})
            return
        typer.echo(says)
        typer.echo(_text(body) if body else f"Nothing to tell now. {shown}")


@alerts.command("rehearse")
def rehearse(
    said: Said,
    days: Annotated[int, typer.Option(help="How many days to go back.", min=1, max=800)] = 180,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which messages the alert would have sent, each on the rows of its own day."""
    with telling_errors(), place([], workspace) as where:
        found = asyncio.run(_rehearse(where, said, days, desks.moment(as_of), as_json))
        if as_json:
            write_json(found)
            return
        typer.echo(f"{len(found)} {'message' if len(found) == 1 else 'messages'} in {days} days.")


@alerts.command("add")
def add(
    said: Said,
    workspace: WorkspaceOption = None,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    at: Annotated[str, typer.Option(help="The time of day to look.")] = "08:00",
    zone: Annotated[str, typer.Option(help="Your time zone, as Europe/Berlin.")] = "UTC",
    channel: Annotated[list[str] | None, typer.Option(help="inbox, email or slack; again for more.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it was understood.")] = False,
) -> None:
    """Keep an alert of your own, after you agreed with how it was understood."""
    with telling_errors(), place([], workspace) as where:
        watched, says, label = asyncio.run(_understood(where, said))
        typer.echo(says)
        if not yes and not typer.confirm("Is that right?"):
            raise typer.Exit(3)
        made, called = asyncio.run(_add(where, watched, name or label, {"at": at, "zone": zone}, channel or ["inbox"]))
        typer.echo(f"Kept as {made}: {called}")


@alerts.command("list")
def listed(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List your alerts, and what lasts now."""
    with telling_errors(), place([], workspace) as where:
        rows = asyncio.run(_listed(where))
        if as_json:
            write_json(rows)
            return
        for row in rows:
            state = "off" if not row["active"] else f"{row['open']} open" if row["open"] else "quiet"
            typer.echo(f"{row['id']}  {row['name']}  ({state})")
        if not rows:
            typer.echo('You have no alert here yet. Try: plainsay alerts add "tell me when revenue drops below 10k"')


@alerts.command("check")
def check(workspace: WorkspaceOption = None) -> None:
    """Look at your alerts of a workspace now, beside their regular times, and tell what is news."""
    with telling_errors(), place([], workspace) as where:
        for line in asyncio.run(_check(where)):
            typer.echo(line)


@alerts.command("snooze")
def snooze(alert: AlertArgument, days: Annotated[int, typer.Option(help="For how long.", min=1, max=366)] = 7) -> None:
    """Keep an alert quiet for some days."""
    from store.models import utc_now

    with telling_errors():
        until = utc_now() + timedelta(days=days)
        asyncio.run(_change(alert, {"snoozed_until": until}))
        typer.echo(f"Quiet until {until:%Y-%m-%d}.")


@alerts.command("remove")
def remove(alert: AlertArgument) -> None:
    """Watch it no more; what was told stays in the inbox."""
    with telling_errors():
        asyncio.run(_change(alert, None))
        typer.echo("Removed.")


def _desk(where: Place) -> AbstractAsyncContextManager[AlertDesk]:
    from bots.alerts.desk import AlertDesk

    return desks.opened(where, AlertDesk)


@asynccontextmanager
async def _state() -> AsyncIterator[Database]:
    from store import settings
    from store.database import Database

    database = await asyncio.to_thread(Database.open, settings.home())
    try:
        yield database
    finally:
        await asyncio.to_thread(database.close)


async def _watched(desk: AlertDesk, where: Place, said: str, moment: datetime) -> tuple[Watched, str]:
    """The alert that a sentence or a JSON rule means, and how it is said. Raises `InvalidRequest`."""
    from pydantic import ValidationError

    from bots.alerts.desk import Watched
    from bots.alerts.proposed import HELP
    from bots.alerts.rule import RULE
    from store.errors import InvalidRequest
    from store.principal import LOCAL_OWNER

    if said.lstrip().startswith("{"):
        try:
            return Watched(where.workspace, RULE.validate_json(said)), "A rule as JSON."
        except ValidationError as error:
            first = error.errors()[0]
            raise InvalidRequest(f"The rule cannot be used: {first['msg']}.") from error
    found = await desk.proposed(where.workspace, LOCAL_OWNER, said, moment)
    if found is None:
        raise InvalidRequest("That asks for no alert.", hint=HELP)
    if found.rule is None:
        raise InvalidRequest(
            found.says, hint=f"For example: {' · '.join(found.options[:3])}" if found.options else None
        )
    return Watched(where.workspace, found.rule), found.says


async def _preview(where: Place, said: str, moment: datetime) -> tuple[Watched, str, dict[str, Any] | None, str]:
    from bots.alerts.message import News, compose
    from store.principal import LOCAL_OWNER

    async with _desk(where) as desk:
        watched, says = await _watched(desk, where, said, moment)
        found = await desk.found(watched, LOCAL_OWNER, moment, {})
    body = compose([News("preview", "Preview", found.events, found.looked.label)]) if found.events else None
    return watched, says, body, found.looked.waiting or found.looked.shown


async def _understood(where: Place, said: str) -> tuple[Watched, str, str]:
    from api.routes.alerts import name_of
    from store.models import utc_now
    from store.principal import LOCAL_OWNER

    async with _desk(where) as desk:
        watched, says = await _watched(desk, where, said, utc_now())
        looked = await desk.look(watched, LOCAL_OWNER, utc_now())
    return watched, says, name_of(watched.rule, looked.label)


async def _rehearse(where: Place, said: str, days: int, until: datetime, quiet: bool) -> list[dict[str, Any]]:
    from store.principal import LOCAL_OWNER

    found = []
    with shown_progress(quiet=quiet) as progress:
        async with _desk(where) as desk:
            watched, says = await _watched(desk, where, said, until)
            if not quiet:
                typer.echo(says)
            async for step in desk.rehearsal(watched, LOCAL_OWNER, days, until):
                progress("Looking back", step.done / step.of)
                if step.body is None:
                    continue
                found.append({"at": step.moment.isoformat(), **step.body})
                if not quiet:
                    typer.echo(f"{step.moment:%Y-%m-%d}  {step.body['headline']}")
    return found


async def _add(
    where: Place, watched: Watched, name: str, looks: dict[str, str], channels: list[str]
) -> tuple[str, str]:
    from pydantic import ValidationError

    from bots.alerts.rule import Looks, Target, Telling
    from store import alerts as table
    from store.errors import InvalidRequest
    from store.models import utc_now
    from store.principal import LOCAL_OWNER

    try:
        target, when = Target.model_validate({"channels": channels}), Looks.model_validate(looks)
    except ValidationError as error:
        raise InvalidRequest(f"That cannot be used: {error.errors()[0]['msg']}.") from error
    if {"webhook", "teams"} & set(target.channels):
        raise InvalidRequest("Webhooks and Teams are chosen on the page or over the API.")
    from bots.alerts.desk import Watched as Kept

    timing = Kept(where.workspace, watched.rule, when).timing
    values: dict[str, Any] = {
        "name": name[:120], "rule": watched.rule.model_dump(mode="json"), "looks": when.model_dump(mode="json"),
        "target": target.model_dump(mode="json"), "telling": Telling().model_dump(mode="json"), "escalation": None,
        "on_data": when.on_data, "next_at": timing.following(utc_now()),
    }  # fmt: skip
    async with _state() as database:
        made = await database.write(lambda c: table.create(c, LOCAL_OWNER.user_id, where.workspace, values))
    return made, name[:120]


async def _listed(where: Place) -> list[dict[str, Any]]:
    from api.routes.alerts import shown, standing
    from store import alerts as table
    from store.principal import LOCAL_OWNER

    def read(connection: Any) -> list[dict[str, Any]]:
        rows = table.listed(connection, LOCAL_OWNER.user_id, where.workspace)
        return [shown(row) | standing(connection, row) for row in rows]

    async with _state() as database:
        return await database.read(read)


async def _change(alert: str, values: dict[str, Any] | None) -> None:
    """Change an alert of the local owner, or remove it. Raises `UnknownName`."""
    from store import alerts as table
    from store.principal import LOCAL_OWNER

    def write(connection: Any) -> None:
        table.get(connection, LOCAL_OWNER.user_id, alert)
        if values is None:
            table.remove(connection, alert)
        else:
            table.change(connection, alert, values)

    async with _state() as database:
        await database.write(write)


async def _check(where: Place) -> list[str]:
    from bots.alerts import run
    from store import alerts as table
    from store.delivery import Courier
    from store.errors import UnknownName
    from store.models import utc_now
    from store.principal import LOCAL_OWNER

    async def person(user_id: str) -> Any:
        return LOCAL_OWNER if user_id == LOCAL_OWNER.user_id else None

    moment = utc_now()
    async with _state() as database, _desk(where) as desk:
        rows = await database.read(lambda c: table.listed(c, LOCAL_OWNER.user_id, where.workspace))
        if not rows:
            raise UnknownName("You have no alert here yet.", hint="Keep one with: plainsay alerts add SENTENCE")
        ids, mark = [row["id"] for row in rows], f"cli-{moment.timestamp():.0f}"
        await database.write(lambda c: run.put(c, LOCAL_OWNER.user_id, where.workspace, moment, ids, mark))
        courier = Courier(database, mark, (run.Runner(database, desk, person).handler(),))
        while await courier.look():
            pass
        lines = []
        for row in rows:
            look = next(iter(await database.read(lambda c, i=row["id"]: table.looks(c, i, 1))), None)  # type: ignore[misc]
            said = f"{look['outcome']} - {look['note']}" if look is not None else "still on its way"
            lines.append(f"{row['name']}: {said}")
        told = await database.read(lambda c: table.told(c, LOCAL_OWNER.user_id, 5))
        return lines + [m["headline"] for m in told if m["moment"] >= moment - timedelta(seconds=1)]


def _text(body: dict[str, Any]) -> str:
    from bots.digests import mail

    envelope = mail.Envelope("alert@localhost", "you@localhost", "preview", "preview", "")
    return "\n".join(mail.text(envelope, body))
