"""Connections are loaded again when their time has come, once, and rows past their time lose their rest each day."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api import refreshing
from api.app import create_app
from api.house import House
from ingestion.connectors import aging, connections
from store import jobs as table
from store.models import utc_now
from warehouse.workspace import Workspace, named


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    app = create_app(home=tmp_path)
    async with app.router.lifespan_context(app):
        yield app.state.house


@pytest.fixture
def shop(house: House) -> Workspace:
    place = named("shop", house.home)
    place.lake.mkdir(parents=True)
    made = connections.make(place, "stripe", {"api_key": "rk_live_12345678"})
    made.options.update({"every": 60, aging.KEEP: 30})
    connections.save(place, made)
    return place


async def queued(house: House, now: datetime, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What would be loaded at a moment, without loading it."""
    wanted: list[list[str]] = []

    async def queue(_place: Workspace, _job: str, files: list[str], _person: Any) -> None:
        wanted.append(files)

    with monkeypatch.context() as patched:
        patched.setattr(house.jobs, "queue", queue)
        assert await refreshing.queue_due(house, now) == len(wanted)
    return wanted


async def test_a_connection_is_loaded_once_when_its_time_has_come(
    house: House, shop: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utc_now()
    assert await queued(house, now, monkeypatch) == [["source:stripe"]]
    await house.database.write(lambda c: table.add(c, "j1", "shop", "me", ["source:stripe"], house.bus.id))
    assert await queued(house, now + timedelta(hours=9), monkeypatch) == []  # still being loaded
    await house.database.write(lambda c: table.move(c, "j1", "done"))
    assert await queued(house, now + timedelta(minutes=30), monkeypatch) == []
    assert await queued(house, now + timedelta(minutes=61), monkeypatch) == [["source:stripe"]]


async def test_every_workspace_ages(house: House, shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, datetime]] = []

    def age(place: Workspace, now: datetime) -> int:
        seen.append((place.name, now))
        return 3

    monkeypatch.setattr(aging, "age", age)
    now = utc_now()
    assert await refreshing.age_all(house, now) == 3
    assert seen == [("shop", now)]
