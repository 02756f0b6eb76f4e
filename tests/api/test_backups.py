"""A backup taken while questions and loads go on is restored and equals the original, on SQLite and on Postgres."""

from __future__ import annotations

import asyncio
import shutil
import stat
import tarfile
from pathlib import Path
from typing import Any

import pytest

from api import backups
from api.app import create_app
from api.house import House, Parts
from evals.fakes.assistant import ScriptedAssistant
from store import database, dumps, settings
from store.errors import ConfigProblem, SourceProblem
from warehouse.lake import Lake
from warehouse.workspace import named

LIVING = {"processes", "schedules", "leases"}


def state_of(home: Path, folder: Path) -> dict[str, list[str]]:
    """Every table of the state as sorted lines, without what says who is alive."""
    folder.mkdir()
    engine = database.engine_of(database.address(home))
    dumps.write(engine, folder)
    engine.dispose()
    found = {p.stem: sorted(p.read_text().splitlines()) for p in folder.glob("*.jsonl") if p.stem not in LIVING}
    return {name: lines for name, lines in found.items() if lines}


def files_of(home: Path) -> dict[str, int]:
    """Every Parquet file and every model, by its size."""
    found = [p for p in (home / "workspaces").rglob("*") if p.suffix in (".parquet", ".yaml", ".json")]
    return {p.relative_to(home).as_posix(): p.stat().st_size for p in found if p.name != "current.json"}


@pytest.fixture
def home(tmp_path: Path, retail_home: Path) -> Path:
    place = tmp_path / "house"
    shutil.copytree(retail_home / "workspaces", place / "workspaces")
    (place / "api-keys").write_text("# keys\n")
    return place


async def busy(house: House, client: Any, stop: asyncio.Event) -> int:
    """Ask until told to stop."""
    count = 0
    while not stop.is_set():
        body = {"question": "total revenue", "workspace": "demo-retail", "thread_id": f"t{count % 7}"}
        assert (await client.post("/v1/ask", json=body)).status_code == 200
        count += 1
    return count


@pytest.mark.slow
async def test_a_restored_backup_equals_the_original(home, tmp_path, state_url, monkeypatch, request):
    import httpx

    monkeypatch.setenv("PLAINSAY_DATABASE_URL", state_url)
    app = create_app(home=home, parts=Parts(assistant=ScriptedAssistant()), static=home / "static")
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await client.post("/v1/dashboards", json={"title": "Weekly", "workspace": "demo-retail"})
            stop = asyncio.Event()
            asking = asyncio.create_task(busy(app.state.house, client, stop))
            await asyncio.sleep(0.3)
            during = await asyncio.to_thread(backups.create, home, tmp_path / "during.tar")
            stop.set()
            assert await asking > 1
    made = await asyncio.to_thread(backups.create, home, tmp_path / "after.tar")
    assert during.rows["runs"] <= made.rows["runs"] and during.workspaces == ["demo-retail"]
    assert stat.S_IMODE((tmp_path / "after.tar").stat().st_mode) == 0o600
    before, there = state_of(home, tmp_path / "before"), files_of(home)
    with pytest.raises(ConfigProblem):
        await asyncio.to_thread(backups.restore, home, tmp_path / "after.tar")

    other = tmp_path / "other"
    where = f"sqlite:///{tmp_path / 'other.db'}"
    if state_url.startswith("postgres"):
        from evals.places import postgres_database

        found = postgres_database(request.getfixturevalue("postgres_server"))
        where = found.__enter__()
        request.addfinalizer(lambda: found.__exit__(None, None, None))
    monkeypatch.setenv("PLAINSAY_DATABASE_URL", where)
    back = await asyncio.to_thread(backups.restore, other, tmp_path / "after.tar")
    assert back.left_out == ()
    assert state_of(other, tmp_path / "restored") == before and files_of(other) == there
    old, new = (Lake.open(named("demo-retail", place).lake).current() for place in (home, other))
    assert (old.version, old.tables) == (new.version, new.tables)
    assert all(Path(path).exists() for paths in new.files.values() for path in paths)
    again = await asyncio.to_thread(backups.restore, other, tmp_path / "during.tar", over=True)
    assert again.rows["runs"] == during.rows["runs"]


async def test_state_moves_from_sqlite_to_postgres(tmp_path, postgres_url, monkeypatch):
    home = tmp_path / "house"
    (home / "workspaces" / "shop" / "lake").mkdir(parents=True)
    async with _asked(home):
        pass
    await asyncio.to_thread(backups.create, home, tmp_path / "b.tar")
    before = state_of(home, tmp_path / "before")
    monkeypatch.setenv("PLAINSAY_DATABASE_URL", postgres_url)
    other = tmp_path / "other"
    await asyncio.to_thread(backups.restore, other, tmp_path / "b.tar")
    after = state_of(other, tmp_path / "after")
    assert after["runs"] == before["runs"] and after["run_events"] == before["run_events"]
    assert after["threads"] == before["threads"]


class _asked:
    """A house that was asked one question."""

    def __init__(self, home: Path) -> None:
        self.app = create_app(home=home, parts=Parts(assistant=ScriptedAssistant()), static=home / "static")
        self.life = self.app.router.lifespan_context(self.app)

    async def __aenter__(self) -> None:
        import httpx

        await self.life.__aenter__()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://localhost") as client:
            assert (await client.post("/v1/ask", json={"question": "total revenue"})).status_code == 200

    async def __aexit__(self, *error: Any) -> None:
        await self.life.__aexit__(*error)


async def test_a_damaged_backup_changes_nothing(tmp_path):
    home = tmp_path / "house"
    (home / "workspaces" / "shop" / "lake").mkdir(parents=True)
    async with _asked(home):
        pass
    await asyncio.to_thread(backups.create, home, tmp_path / "b.tar")
    whole = (tmp_path / "b.tar").read_bytes()
    at = whole.index(b"total revenue")
    for name, data in {
        "cut": whole[: len(whole) // 2], "none": b"", "text": b"no tar", "flip": whole[:at] + b"X" + whole[at + 1 :],
    }.items():  # fmt: skip
        (tmp_path / name).write_bytes(data)
        with pytest.raises(SourceProblem):
            await asyncio.to_thread(backups.restore, tmp_path / "fresh", tmp_path / name)
    with tarfile.open(tmp_path / "evil", "w") as archive:
        archive.add(tmp_path / "text", "../../evil.txt")
    with pytest.raises(SourceProblem):
        await asyncio.to_thread(backups.restore, tmp_path / "fresh", tmp_path / "evil")
    assert [p.name for p in (tmp_path / "fresh").iterdir()] == ["server.lock"]
    assert settings.get("database_url") == ""


async def test_nothing_is_restored_under_a_running_server(tmp_path):
    home = tmp_path / "house"
    (home / "workspaces" / "shop" / "lake").mkdir(parents=True)
    async with _asked(home):
        await asyncio.to_thread(backups.create, home, tmp_path / "b.tar")
        with pytest.raises(ConfigProblem):
            await asyncio.to_thread(backups.restore, home, tmp_path / "b.tar", over=True)
