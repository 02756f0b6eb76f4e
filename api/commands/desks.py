"""What the commands of digests and of alerts share: the moment they look from, and a desk over this machine's data."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from api.commands.common import Place, parse_as_of

if TYPE_CHECKING:
    from agent.view import WorkspaceViews
    from warehouse.engines.base import Engine

DeskT = TypeVar("DeskT")


def moment(as_of: str | None) -> datetime:
    """The beginning of the day `as_of` (UTC), without it now. Raises `InvalidRequest`."""
    found = parse_as_of(as_of)
    return found.replace(tzinfo=UTC) if found is not None else datetime.now(UTC)


@asynccontextmanager
async def opened(
    where: Place, desk: Callable[[Callable[[], WorkspaceViews], Callable[[], Awaitable[Engine]]], DeskT]
) -> AsyncIterator[DeskT]:
    """A `desk` over the workspaces of a place, with an engine of its own that ends with it."""
    from agent.view import WorkspaceViews
    from warehouse.engines.duckdb import DuckDBEngine

    engine, views = DuckDBEngine(workers=1), WorkspaceViews(where.home)

    async def ready() -> Engine:
        return engine

    try:
        yield desk(lambda: views, ready)
    finally:
        await asyncio.to_thread(engine.close)
