"""What a deleted workspace leaves behind in the state database is deleted with it, after a crash too."""

from __future__ import annotations

import asyncio

import structlog
from sqlalchemy import Connection

from api.shelf import Shelf
from store import dashboards, jobs, runs
from store.database import Database

log = structlog.get_logger("plainsay.forgetting")


def forget(connection: Connection, workspace: str) -> None:
    """Drop the conversations, dashboards and the label of a workspace."""
    runs.delete_threads_of(connection, workspace)
    dashboards.delete_dashboards_of(connection, workspace)
    jobs.forget_workspace(connection, workspace)


async def finish(database: Database, shelf: Shelf) -> None:
    """End the deletions that a crash cut short: nobody who makes a workspace of that name sees old conversations."""
    for name, grave in await asyncio.to_thread(shelf.graves):
        if name is not None:
            log.info("deletion_resumed", workspace=name)
            await database.write(lambda connection, gone=name: forget(connection, gone))  # type: ignore[misc]
        await asyncio.to_thread(shelf.clear, grave)
