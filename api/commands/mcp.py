"""`plainsay mcp`: the same tools for a program on this machine, over standard input and output."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from api.commands.common import Place, place, quiet_progress, telling_errors


def mcp(
    data: Annotated[
        list[Path] | None, typer.Option("--data", help="Files or a folder to load into a throw-away workspace.")
    ] = None,
    workspace: Annotated[str | None, typer.Option("--workspace", help="The only workspace to offer.")] = None,
) -> None:
    """Serve the Model Context Protocol on standard input and output, for a client that starts this command."""
    from api import logs
    from store import settings

    logs.configure("warning", settings.get("log_json"))
    with telling_errors():
        if data or workspace:
            with place(data or [], workspace, quiet_progress) as where:
                asyncio.run(_serve(where))
        else:
            asyncio.run(_serve(Place(settings.home(), "")))


async def _serve(where: Place) -> None:
    from mcp.server.stdio import stdio_server

    from agent.assistant import Assistant
    from api.desks import LocalDesk
    from api.shelf import Shelf
    from api.wires.mcp import McpWire
    from warehouse.engines.duckdb import DuckDBEngine

    engine = DuckDBEngine(1)
    assistant = Assistant(home=where.home, engine=engine)
    desk = LocalDesk(Shelf(where.home), assistant, engine, where.workspace or None)
    server = McpWire(desk).server()
    try:
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())
    finally:
        await desk.aclose()
        await asyncio.to_thread(engine.close)
