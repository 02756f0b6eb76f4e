"""`plainsay demo`, `serve`, `doctor` and `evals`: running the house and looking after it."""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.commands.common import shown_progress, telling_errors, write_json
from store.errors import unknown

if TYPE_CHECKING:
    from api.checkup import Finding

_MARKS = {True: "ok  ", False: "FAIL", None: "note"}
HostOption = Annotated[
    str, typer.Option(help="Address to listen on; any but loopback needs an owner account or an API key.")
]
PortOption = Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)]
evals = typer.Typer(help="Accuracy, speed and safety suites.", no_args_is_help=True)


def demo(
    industry: Annotated[str, typer.Option(help="retail, restaurant, automotive, healthcare or financial.")] = "retail",
    serve_it: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the page afterwards.")] = True,
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
) -> None:
    """Make a workspace with realistic data and serve it."""
    from ingestion.demo import INDUSTRIES
    from store import settings
    from tools import demos
    from warehouse import workspace as workspaces

    with telling_errors():
        if industry not in INDUSTRIES:
            raise unknown("demo", industry, INDUSTRIES)
        place = workspaces.named(f"demo-{industry}", settings.home())
        if not demos.is_ready(industry, place):
            with shown_progress() as progress:
                demos.make(industry, place, progress)
        typer.echo(f"The workspace {place.name} is ready.")
    if serve_it:
        serve(host, port)


def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8000,
    without_keys: Annotated[
        bool,
        typer.Option("--without-keys", help="Let in whoever reaches the server, as its owner."),
    ] = False,
    processes: Annotated[int, typer.Option(help="How many processes share the port; more than 1 need Postgres.")] = 1,
) -> None:
    """Serve the chat page and the API."""
    from api.server import serve as run_server

    with telling_errors():
        run_server(host, port, without_keys=without_keys, processes=processes)


def doctor(
    settings_only: Annotated[bool, typer.Option("--settings", help="List every setting.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check the installation: packages, extensions, folders, settings, and the language model if one is set up."""
    with telling_errors():
        rows = list(_settings() if settings_only else _findings())
    if as_json:
        write_json([{"name": n, "ok": ok, "detail": d} for n, ok, d in rows])
    else:
        for name, ok, detail in rows:
            typer.echo(f"{_MARKS[ok]} {name:28} {detail}")
    if any(ok is False for _, ok, _ in rows):
        raise typer.Exit(2)


def _settings() -> Iterator[Finding]:
    from store import settings

    for setting in settings.SETTINGS:
        value = settings.get(setting.name)
        yield setting.variable, True, f"{'•••' if setting.secret else value}  {setting.help}"


def _findings() -> Iterator[Finding]:
    from agent.llm import probe
    from api import checkup
    from warehouse import extensions

    yield "python", sys.version_info >= (3, 11), platform.python_version()
    yield from checkup.findings()
    for found in extensions.report():
        yield f"extension {found.name}", True, f"from {found.source}"
    static = Path(__file__).resolve().parents[1] / "static" / "index.html"
    yield "web page", static.exists(), "built" if static.exists() else "missing: run `make web`"
    for extra, module in {
        "llm": "openai",
        "knowledge": "chromadb",
        "analytics": "prophet",
        "slack": "slack_bolt",
    }.items():
        there = importlib.util.find_spec(module) is not None
        yield f"extra {extra}", True, "installed" if there else f"not installed (pip install 'plainsay[{extra}]')"
    yield from probe.findings()


@evals.command("run")
def evals_run(
    suite: Annotated[str, typer.Argument(help="Which suite; `plainsay evals list` names them.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Run an evaluation suite and print its figures."""
    with telling_errors():
        from evals import suites

        write_json(suites.run(suite)) if as_json else typer.echo(suites.render(suites.run(suite)))


@evals.command("list")
def evals_list() -> None:
    """Name the suites."""
    from evals import suites

    for name, summary in suites.listed():
        typer.echo(f"{name:16} {summary}")
