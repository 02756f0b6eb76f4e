"""What a deleted workspace leaves behind in the state database is deleted with it, after a crash too."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import structlog
from sqlalchemy import Connection

from api.shelf import Shelf
from store import (
    alerts,
    budgets,
    dashboards,
    digests,
    jobs,
    leases,
    outbox,
    people,
    runs,
    settings,
    tickets,
    webhooks,
    write_keys,
)
from store.database import Database

LEASE_SECONDS = 60.0
PASSAGES = "forget-passages"
"""The parcels that take a workspace's passages out of the index of knowledge, which lies outside its folder."""

log = structlog.get_logger("plainsay.forgetting")


def forget(connection: Connection, workspace: str) -> None:
    """Drop the conversations, dashboards, digests, alerts, webhooks and the label of a workspace."""
    runs.delete_threads_of(connection, workspace=workspace)
    key = f"{workspace}:{uuid.uuid4().hex}"
    outbox.put(connection, outbox.Parcel(PASSAGES, key, {"workspace": workspace}))
    dashboards.delete_dashboards_of(connection, workspace)
    jobs.forget_workspace(connection, workspace)
    webhooks.forget_workspace(connection, workspace)
    budgets.forget(connection, "workspace", workspace)
    write_keys.forget_workspace(connection, workspace)
    people.forget_workspace(connection, workspace)
    tickets.take_back_of(connection, "invitation", "workspace", workspace)
    digests.remove_all(connection, workspace=workspace)
    alerts.remove_all(connection, workspace=workspace)


def passages(home: Path, workspace: str) -> None:
    """Take the passages of a workspace out of the index. Raises `Unavailable` while another process holds it."""
    if not settings.get("knowledge_url") and not (home / "knowledge").is_dir():
        return
    from knowledge import embedding, vectors

    if embedding.available():
        vectors.of(home).forget(workspace)


async def finish(database: Database, shelf: Shelf, me: str) -> None:
    """End the deletions that a crash cut short: nobody who makes a workspace of that name sees old conversations.

    One process at a time does it; the others need not wait.
    """
    if await database.write(lambda connection: leases.take(connection, "graves", me, LEASE_SECONDS)) is None:
        return
    for name, grave in await asyncio.to_thread(shelf.graves):
        if name is not None:
            log.info("deletion_resumed", workspace=name)
            await database.write(lambda connection, gone=name: forget(connection, gone))  # type: ignore[misc]
        await asyncio.to_thread(shelf.clear, grave)
    await database.write(lambda connection: leases.give_back(connection, "graves", me))
