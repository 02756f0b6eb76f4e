"""What happens to connections by itself, in one process of all: they are loaded again, and old rows lose their rest."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection

from store import jobs as table
from store.errors import PlainsayError
from store.models import utc_now
from store.principal import LOCAL_OWNER
from store.schedule import Schedule, every
from warehouse import workspace as workspaces

if TYPE_CHECKING:
    from api.house import House

log = structlog.get_logger("plainsay.refreshing")
LOOK_SECONDS = 60.0
AGE_SECONDS = 86_400.0


async def run_forever(house: House) -> None:
    """Queue the loads that are due, a look a minute, until cancelled."""
    loop, mine, old = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def fire(_connection: Connection, _moment: datetime) -> None:
        loop.call_soon_threadsafe(mine.set)

    def fire_old(_connection: Connection, _moment: datetime) -> None:
        loop.call_soon_threadsafe(old.set)
        fire(_connection, _moment)

    house.clock.add(Schedule("refresh", every(LOOK_SECONDS), fire))
    house.clock.add(Schedule("age", every(AGE_SECONDS), fire_old))
    while True:
        await mine.wait()
        mine.clear()
        try:
            await queue_due(house, utc_now())
            if old.is_set():
                old.clear()
                await age_all(house, utc_now())
        except PlainsayError as error:
            log.warning("refreshing_waits", code=error.code)


async def age_all(house: House, now: datetime) -> int:
    """Reduce rows that are past the time for which their connection keeps them whole; how many."""
    from ingestion.connectors import aging

    count = 0
    for name in await asyncio.to_thread(workspaces.names, house.home):
        count += await asyncio.to_thread(aging.age, workspaces.existing(name, house.home), now)
    return count


async def queue_due(house: House, now: datetime) -> int:
    """Queue a load of each connection whose time has come and that is not being loaded; how many."""
    count = 0
    for name in await asyncio.to_thread(workspaces.names, house.home):
        place = workspaces.existing(name, house.home)
        wanted = await asyncio.to_thread(_wanted, place)
        if not wanted:
            continue
        last = await house.database.read(lambda c, name=name: _last(c, name))  # type: ignore[misc]
        for connection_id, minutes in wanted.items():
            before = last.get(connection_id)
            if before is None or (before[1] and now - before[0] >= timedelta(minutes=minutes, seconds=-5)):
                await house.jobs.queue(place, house.jobs.new_id(), [f"source:{connection_id}"], LOCAL_OWNER)
                count += 1
    return count


def _wanted(place: workspaces.Workspace) -> dict[str, int]:
    """Minutes between loads by connection; a folder in which nothing has happened waits."""
    from ingestion.connectors import connections

    found = {c.id: c for c in connections.all_of(place) if c.options.get("every")}
    if any(c.manifest.driver == "folder" for c in found.values()):
        from ingestion.feeds.folder import pending

        found = {i: c for i, c in found.items() if c.manifest.driver != "folder" or pending(place, c)}
    return {i: int(c.options["every"]) for i, c in found.items()}


def _last(connection: Connection, workspace: str) -> dict[str, tuple[datetime, bool]]:
    """By connection: when its newest load was asked for, and whether that ended."""
    found: dict[str, tuple[datetime, bool]] = {}
    for row in table.of_workspace(connection, workspace, most=500):
        kind, _, source = row["files"][0].partition(":") if len(row["files"]) == 1 else ("", "", "")
        if kind == "source" and source not in found:
            found[source] = (row["created_at"], row["finished_at"] is not None)
    return found
