"""The `plainsay` command: thin wiring, so that `--help` stays instant."""

from __future__ import annotations

import gc

import typer

from api.commands import (
    alerts,
    budgets,
    copying,
    data,
    digests,
    events,
    interests,
    learned,
    mcp,
    model,
    operation,
    packs,
    people,
    persons,
    service,
    slack,
    sources,
    trained,
    workspaces,
)
from api.commands.ask import ask
from api.commands.knowledge import knowledge
from api.shadow import stop_if_shadowed
from store import settings

app = typer.Typer(
    name="plainsay",
    help="Ask your business data in plain English, get an answer you can check.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(service.demo)
app.command()(service.serve)
app.command()(operation.backup)
app.command()(operation.restore)
app.command()(mcp.mcp)
app.command()(ask)
app.command()(data.ingest)
app.command()(sources.connect)
sources.sources.command("database")(copying.database)
app.add_typer(sources.sources, name="sources")
app.add_typer(events.events, name="events")
app.command()(data.query)
app.command()(data.tool)
app.command()(data.tools)
app.command()(trained.trained)
app.add_typer(model.models, name="model")
app.add_typer(interests.interests, name="interests")
app.add_typer(learned.learned, name="learned")
app.add_typer(packs.packs, name="packs")
app.add_typer(knowledge, name="knowledge")
app.add_typer(digests.digest, name="digest")
app.add_typer(alerts.alerts, name="alerts")
app.add_typer(workspaces.workspaces, name="workspaces")
app.add_typer(budgets.budgets, name="budgets")
app.add_typer(persons.person, name="person")
app.add_typer(people.users, name="users")
app.add_typer(people.keys, name="keys")
app.add_typer(people.audit, name="audit")
app.add_typer(slack.slack, name="slack")
app.add_typer(service.evals, name="evals")
app.command()(service.doctor)


def main() -> None:
    """Entry point of the console script."""
    stop_if_shadowed()
    gc.set_threshold(50_000)  # imports make many objects and hardly any garbage; looking for it slows a start
    try:
        app()
    except Exception:  # BLE001 - process edge: a person gets a sentence, a developer the trace on demand
        if settings.get("log_level") == "debug":
            raise
        typer.secho("Something went wrong on our side.", err=True, fg="red")
        typer.secho("Run it again with PLAINSAY_LOG_LEVEL=debug to see what, and report that.", err=True)
        raise SystemExit(1) from None
