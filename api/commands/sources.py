"""`plainsay connect` and `plainsay sources`: outside services as data; secrets never stand on a command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.commands.common import shown_progress, telling_errors, write_json
from store.errors import InvalidRequest

if TYPE_CHECKING:
    from ingestion.connectors.connections import Connection
    from ingestion.connectors.manifest import Manifest
    from warehouse.workspace import Workspace

sources = typer.Typer(
    help="Connected sources: list, refresh, change, remove, and what they brought.", no_args_is_help=True
)
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
WorkspaceOption = Annotated[str, typer.Option(help="The workspace; made when it does not exist.")]
GivenOption = Annotated[list[str] | None, typer.Option("--set", help="A setting that is no secret, as name=value.")]
SecretOption = Annotated[
    list[str] | None,
    typer.Option("--secret", help="A secret as name=env:VARIABLE, name=file:PATH, or name=- for standard input."),
]
IdArgument = Annotated[str, typer.Argument(help="The id that `plainsay sources list` shows.")]


def connect(
    source: Annotated[str, typer.Argument(help="What to connect, such as stripe; without it all are listed.")] = "",
    workspace: WorkspaceOption = "my-data",
    given: GivenOption = None,
    secret: SecretOption = None,
    name: Annotated[str | None, typer.Option(help="Your name for this connection.")] = None,
    environment: Annotated[
        str, typer.Option(help="live, another that the source has, or the address of a mock that is allowed.")
    ] = "live",
    since: Annotated[str | None, typer.Option(help="Load from this date on.")] = None,
) -> None:
    """Connect a service, a database or a place of files and load it; asks for what is missing."""
    from api import sources as work
    from ingestion.connectors import catalog
    from store import settings
    from warehouse import workspace as workspaces

    with telling_errors():
        if not source:
            _show_catalogue()
            return
        manifest = catalog.get(source)
        values = _settings(manifest, given or [], secret or [])
        place = workspaces.named(workspace, settings.home())
        mock = environment if "://" in environment else None
        wanted = work.Wanted(
            source, values, name=name, environment="live" if mock else environment, since=since, base_url=mock,
            trusted=True,
        )  # fmt: skip
        made, check = work.connect(place, wanted)
        typer.echo(f"Connected {made.label} as {made.id}. {check.detail}")
        _load(place, made.id, as_json=False)
        typer.echo(f'Ask with: plainsay ask --workspace {workspace} "what can I ask?"')


@sources.command("look")
def look(
    source: Annotated[str, typer.Argument(help="What to look into, such as postgresql.")],
    given: GivenOption = None,
    secret: SecretOption = None,
    as_json: JsonOption = False,
) -> None:
    """Try a database or another source and list the tables that it offers; nothing is kept."""
    from api import sources as work
    from ingestion.connectors import catalog
    from store import settings
    from warehouse import workspace as workspaces

    with telling_errors():
        values = _settings(catalog.get(source), given or [], secret or [])
        found = work.look(workspaces.named("looking", settings.home()), work.Wanted(source, values, trusted=True))
        if as_json:
            write_json(found)
        else:
            _tell_offered(found)


@sources.command("list")
def listed(workspace: WorkspaceOption = "my-data", as_json: JsonOption = False) -> None:
    """List the connected sources with their health."""
    with telling_errors():
        _tell_health(_place(workspace), as_json)


@sources.command("refresh")
def refresh(
    source: Annotated[str, typer.Argument(help="The id of one connection; without it all.")] = "",
    workspace: WorkspaceOption = "my-data",
    as_json: JsonOption = False,
) -> None:
    """Load what is new."""
    from ingestion.connectors import connections

    with telling_errors():
        place = _place(workspace)
        ids = [connections.get(place, source).id] if source else [c.id for c in connections.all_of(place)]
        for connection_id in ids:
            _load(place, connection_id, as_json)


@sources.command("health")
def health(workspace: WorkspaceOption = "my-data", as_json: JsonOption = False) -> None:
    """Tell how fresh each source is, what went wrong, and what the tests of the common tables found."""
    with telling_errors():
        _tell_health(_place(workspace), as_json, checks=True)


@sources.command("remove")
def remove(
    source: IdArgument,
    workspace: WorkspaceOption = "my-data",
    rows: Annotated[bool, typer.Option("--rows", help="Delete what was loaded too.")] = False,
) -> None:
    """Forget a connection and its secrets; what was loaded stays unless --rows is given."""
    from api import sources as work

    with telling_errors():
        work.remove(_place(workspace), source, rows=rows)
    typer.echo(f"Removed {source}{' with its rows' if rows else ''}.")


@sources.command("report")
def report(
    source: IdArgument,
    file: Annotated[Path, typer.Argument(help="A report of the source, as CSV or NDJSON.")],
    workspace: WorkspaceOption = "my-data",
    resource: Annotated[str | None, typer.Option(help="Which report it is, where a source has several.")] = None,
) -> None:
    """Load a report file of a source that has no list to read; the same file is never loaded twice."""
    from api import sources as work

    with telling_errors():
        rows = work.load_report(_place(workspace), source, file, resource)
    typer.echo(f"{rows:,} rows." if rows else "This file was loaded before; nothing changed.")


@sources.command("rates")
def rates(
    file: Annotated[Path | None, typer.Argument(help="CSV with the columns day, base, quote and rate.")] = None,
    currency: Annotated[str | None, typer.Option(help="The currency that amounts are also shown in.")] = None,
    named: Annotated[str, typer.Option(help="Who stated the rates; it is kept beside them.")] = "stated",
    days: Annotated[
        int | None, typer.Option(help="For how many days a rate counts after its own; 31 suits monthly rates.")
    ] = None,
    workspace: WorkspaceOption = "my-data",
) -> None:
    """State exchange rates and choose the reporting currency; tell which amounts have no rate."""
    from api import common_tables
    from ingestion.canonical import rates as work

    with telling_errors():
        place = _place(workspace)
        found = work.read_rows(file) if file else []
        count = common_tables.state_rates(place, found, named=named, currency=currency, valid_days=days)
        known = common_tables.rates_of(place)
    typer.echo(f"{count:,} rates. Reporting currency: {known['currency'] or 'none'}.")
    for gap in known["missing"]:
        typer.echo(f"No rate for {gap['rows']:,} rows of {gap['table']} in {gap['currency']} ({gap['column']}).")


@sources.command("set")
def change(
    source: IdArgument,
    given: Annotated[list[str] | None, typer.Argument(help="Settings as name=value; name= takes one back.")] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option("--secret", help="A secret as name=env:VARIABLE, name=file:PATH, or name=- for standard input."),
    ] = None,
    every: Annotated[
        int | None, typer.Option(min=0, help="Minutes between loads that begin by themselves; 0 ends them.")
    ] = None,
    keep_days: Annotated[
        int | None, typer.Option(min=0, help="Days that rows are kept whole; then what figures need. 0 for ever.")
    ] = None,
    workspace: WorkspaceOption = "my-data",
) -> None:
    """Change settings or secrets of a connection; what depends on them is built anew."""
    from api import sources as work
    from ingestion.connectors import connections

    with telling_errors():
        place = _place(workspace)
        manifest = connections.get(place, source).manifest
        plain = dict(map(_pair, given or []))
        _no_secrets(manifest, plain)
        values = plain | {name: _secret(text) for name, text in map(_pair, secret or [])}
        made = work.change(place, source, values, every, keep_days)
    changed = sorted(values) + [n for n, v in (("every", every), ("keep-days", keep_days)) if v is not None]
    typer.echo(f"Changed {made.id}: {', '.join(changed) or 'nothing'}.")


@sources.command("lineage")
def lineage(
    table: Annotated[str, typer.Argument(help="A common table, such as payments.")],
    column: Annotated[str | None, typer.Option(help="Only this column.")] = None,
    workspace: WorkspaceOption = "my-data",
    as_json: JsonOption = False,
) -> None:
    """Tell where a common table comes from: sources, lists and rows, and the place of each column."""
    from api import common_tables

    with telling_errors():
        found = common_tables.lineage(_place(workspace), table)
        if as_json:
            write_json(found)
            return
        for origin in found["origins"]:
            typer.echo(f"{origin['label']} › {origin['resource']}: {origin['rows']:,} rows")
            for one in origin["columns"]:
                if column in (None, one["name"]):
                    typer.echo(f"  {one['name']:20} {one['from']}")
        if not found["origins"]:
            typer.echo(f"No connected source brings {table} yet.")


def _place(workspace: str) -> Workspace:
    from store import settings
    from warehouse import workspace as workspaces

    return workspaces.existing(workspace, settings.home())


def _tell_offered(found: dict[str, Any]) -> None:
    typer.echo(found["detail"])
    for table in found["tables"]:
        growing = f"  new by {', '.join(table['growing'])}" if table["growing"] else ""
        typer.echo(f"{table['name']:30} {len(table['columns']):>4} columns{growing}")


def _load(place: Workspace, connection_id: str, as_json: bool) -> None:
    from ingestion.connectors import connections, sync

    connection = connections.get(place, connection_id)
    if connection.manifest.driver is not None:
        _copy(place, connection, as_json)
        return
    with shown_progress(quiet=as_json) as progress:
        done = sync.sync(place, connection, progress=progress)
    if as_json:
        write_json(done.to_dict())
        return
    for one in done.resources:
        typer.echo(f"{one.resource}: {one.changed:,} new or changed rows")
        if one.error:
            typer.secho(f"  {one.error} {one.hint or ''}".rstrip(), fg="red", err=True)
        if one.rejected:
            typer.secho(f"  {one.rejected:,} rows put aside: {one.reasons[0]}", fg="red", err=True)


def _copy(place: Workspace, connection: Connection, as_json: bool) -> None:
    from api.commands.data import _tell_report
    from ingestion.feeds.loading import load

    with shown_progress(quiet=as_json) as progress:
        report = load(place, connection, progress)
    if as_json:
        write_json(report.model_dump(mode="json"))
    elif report.tables or report.problems:
        _tell_report(report, place.name)
    else:
        typer.echo(f"{connection.label}: nothing is new.")


def _tell_health(place: Workspace, as_json: bool, *, checks: bool = False) -> None:
    from api import sources as work

    found = work.listed(place)
    if as_json:
        write_json(found)
        return
    for item in found["items"]:
        known = item["health"]
        typer.echo(f"{item['id']:20} {known['state']:10} {known['rows']:>10,} rows  {known['loaded_at'] or 'never'}")
        typer.echo(f"{'':20} {known['detail']}")
    for case in found["checks"] if checks else ():
        typer.echo(f"{case['severity']}: {case['table']}: {case['test']}: {case['bad']:,} rows")
    if not found["items"]:
        typer.echo("Nothing is connected yet. `plainsay connect` lists what can be.")


def _show_catalogue() -> None:
    from api import sources as work

    for one in work.catalogue():
        typer.echo(f"{one['source']:20} {one['label']:22} {one['proven']['label']:14} {one['summary']}")


def _settings(manifest: Manifest, given: list[str], secrets: list[str]) -> dict[str, str]:
    """What was given, and what a person types."""
    values = dict(map(_pair, given))
    _no_secrets(manifest, values)
    values |= {name: _secret(text) for name, text in map(_pair, secrets)}
    for spec in manifest.settings:
        if spec.name in values or not spec.required or spec.default:
            continue
        if not typer.get_text_stream("stdin").isatty():
            how = f"--secret {spec.name}=env:VARIABLE" if spec.secret else f"--set {spec.name}=…"
            raise InvalidRequest(f"{manifest.label} needs “{spec.label}”.", hint=f"Give {how}. {spec.help}".strip())
        values[spec.name] = typer.prompt(spec.label, hide_input=spec.secret)
    return values


def _no_secrets(manifest: Manifest, values: Mapping[str, str]) -> None:
    for spec in manifest.settings:
        if spec.secret and spec.name in values:
            name = spec.name
            raise InvalidRequest(
                f"“{name}” is a secret and may not stand on the command line.",
                hint=f"Use --secret {name}=env:VARIABLE, {name}=file:PATH or {name}=- for standard input.",
            )


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise InvalidRequest(f"“{text}” is not name=value.")
    return name, value


def _secret(text: str) -> str:
    """A secret from where it is kept. Raises `InvalidRequest` for text that stands there itself."""
    kind, _, where = text.partition(":")
    if text == "-":
        return typer.get_text_stream("stdin").readline().rstrip("\n")
    if kind == "env" and where in os.environ:
        return os.environ[where]
    if kind == "file" and Path(where).is_file():
        return Path(where).read_text(encoding="utf-8").strip()
    raise InvalidRequest(
        "A secret is named by where it is kept.", hint="Write name=env:VARIABLE, name=file:PATH or name=-."
    )
