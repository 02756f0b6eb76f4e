"""The same state on SQLite and on Postgres: migrations up and down, runs, jobs, dashboards, leases, outbox."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from store import dashboards, jobs, leases, outbox, runs, schedule
from store.database import Database, address, engine_of, migrate
from store.errors import ConfigProblem, InvalidRequest, Unavailable
from store.models import Base, utc_now
from store.outbox import Parcel
from store.schedule import Schedule, every

ROOT = Path(__file__).resolve().parents[2]
for tables in (ROOT / "store").glob("*_tables.py"):  # all tables are to be known when they are compared
    importlib.import_module(f"store.{tables.stem}")


@pytest.fixture
def database(state_url: str) -> Iterator[Database]:
    opened = Database.open(url=state_url)
    yield opened
    opened.close()


def new(run: str, thread: str = "t", holder: str | None = "a", question: str = "total revenue") -> runs.NewRun:
    return runs.NewRun(run, thread, "shop", "ann", question, {"text": question}, holder)


def test_migrations_go_up_and_down_and_make_exactly_the_models(state_url: str) -> None:
    engine = engine_of(address(url=state_url))
    config = Config()
    config.set_main_option("script_location", str(ROOT / "store" / "migrations"))
    migrate(engine)
    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert set(inspect(connection).get_table_names()) == {"alembic_version"}
        command.upgrade(config, "head")
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        for step in range(1, len(list((ROOT / "store/migrations/versions").glob("v0*.py")))):
            command.downgrade(config, f"-{step}")
            command.upgrade(config, "head")
    engine.dispose()


async def test_runs_are_started_finished_found_and_pruned(database: Database) -> None:
    await database.write(lambda c: runs.start(c, new("r1")))
    await database.write(lambda c: runs.start(c, new("r2")))
    with pytest.raises(IntegrityError):
        await database.write(lambda c: runs.start(c, new("r1")))
    await database.write(lambda c: runs.finish(c, "r1", runs.Ending("done", {"id": "a-r1", "question": "q"})))
    found = await database.read(lambda c: runs.by_answer(c, "a-r1"))
    assert found is not None and found["answer"] == {"id": "a-r1", "question": "q"}
    assert found["created_at"].tzinfo is not None
    listed = await database.read(lambda c: runs.threads(c, "ann", "shop", "REVENUE"))
    assert [(row["id"], row["turns"], row["pinned"]) for row in listed] == [("t", 2, False)]
    assert await database.read(lambda c: runs.threads(c, "ann", None, "100%_")) == []
    assert [r["id"] for r in await database.read(lambda c: runs.turns(c, "t"))] == ["r1", "r2"]
    assert [r["id"] for r in await database.read(lambda c: runs.asked_last(c, "ann", "shop", "t"))] == ["r2"]
    assert not await database.read(lambda c: runs.earlier_running(c, "r2"))
    assert await database.write(lambda c: runs.claim_resume(c, "r1", "r2"))
    assert not await database.write(lambda c: runs.claim_resume(c, "r1", "r3"))
    later = utc_now() + timedelta(days=1)
    assert await database.read(lambda c: runs.unused_threads(c, later)) == ["t"]
    await database.write(lambda c: runs.delete_thread(c, "t"))
    assert await database.read(lambda c: runs.run(c, "r2")) is None


async def test_runs_of_a_thread_follow_each_other_and_wait(database: Database) -> None:
    for number in range(5):
        await database.write(lambda c, n=number: runs.start(c, new(f"r{n}")))
    assert [r["id"] for r in await database.read(lambda c: runs.turns(c, "t"))] == [f"r{n}" for n in range(5)]
    assert await database.read(lambda c: runs.earlier_running(c, "r1"))
    assert not await database.read(lambda c: runs.earlier_running(c, "r0"))


async def test_orphans_are_claimed_once_and_losers_know(database: Database) -> None:
    for number, holder in enumerate(["dead", "alive", None]):
        await database.write(lambda c, n=number, h=holder: runs.start(c, new(f"r{n}", f"t{n}", h)))
    claimed = await database.write(lambda c: runs.claim_orphans(c, "me", {"me", "alive"}))
    assert [row["id"] for row in claimed] == ["r0", "r2"]
    assert await database.write(lambda c: runs.claim_orphans(c, "other", {"me", "alive", "other"})) == []
    assert await database.read(lambda c: runs.lost(c, ["r0", "r1"], "alive")) == {"r0"}
    assert await database.write(lambda c: runs.let_go(c, "me")) == 2
    await database.write(lambda c: jobs.add(c, "j1", "shop", "ann", ["a.csv"], "dead"))
    await database.write(lambda c: jobs.tell(c, "j1", {"text": "Reading", "share": 0.5}))
    taken = await database.write(lambda c: jobs.claim_orphans(c, "me", {"me"}))
    assert [(j["id"], j["progress"]) for j in taken] == [("j1", {"text": "Reading", "share": 0.5})]
    assert await database.write(lambda c: jobs.claim_orphans(c, "other", {"me", "other"})) == []


async def test_dashboards_and_labels(database: Database) -> None:
    made = await database.write(lambda c: dashboards.create(c, "ann", "shop", "Münster – 東京"))
    await database.write(lambda c: dashboards.add_card(c, "ann", made, {"title": "x", "recipe": {"a": [1, 2.5]}}))
    row = await database.read(lambda c: dashboards.get(c, "ann", made))
    assert (row["title"], row["version"], row["cards"][0]["recipe"]) == ("Münster – 東京", 2, {"a": [1, 2.5]})
    await database.write(lambda c: jobs.set_label(c, "shop", "The shop"))
    assert await database.read(jobs.labels) == {"shop": "The shop"}


async def test_a_value_that_no_database_takes_is_the_askers_fault(database: Database) -> None:
    if not database.shared:
        pytest.skip("SQLite takes every text")
    with pytest.raises(InvalidRequest):
        await database.read(lambda c: runs.run(c, "a\x00b"))


async def test_a_lease_has_one_holder_and_a_growing_token(database: Database) -> None:
    assert await database.write(lambda c: leases.take(c, "x", "a", 30)) == 1
    assert await database.write(lambda c: leases.take(c, "x", "b", 30)) is None
    assert await database.write(lambda c: leases.take(c, "x", "a", 0.05)) == 1
    await asyncio.sleep(0.1)
    assert await database.read(lambda c: leases.holder_of(c, "x")) is None
    assert await database.write(lambda c: leases.take(c, "x", "b", 30)) == 2
    await database.write(lambda c: leases.give_back(c, "x", "a"))
    assert await database.read(lambda c: leases.holder_of(c, "x")) == "b"
    await database.write(lambda c: leases.give_back(c, "x", "b"))
    assert await database.write(lambda c: leases.take(c, "x", "a", 30)) == 1


async def test_a_schedule_fires_once_for_each_moment(database: Database) -> None:
    fired: list[datetime] = []

    def fire(connection, due):
        fired.append(due)
        assert outbox.put(connection, Parcel("digest", f"ann/{due.isoformat()}"))

    hourly = Schedule("hourly", every(3600), fire)
    noon = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
    assert not await database.write(lambda c: schedule.fire_due(c, hourly, noon))
    assert not await database.write(lambda c: schedule.fire_due(c, hourly, noon + timedelta(minutes=29)))
    late = noon + timedelta(hours=5)
    assert await database.write(lambda c: schedule.fire_due(c, hourly, late))
    assert not await database.write(lambda c: schedule.fire_due(c, hourly, late))
    assert fired == [datetime(2026, 1, 1, 13, tzinfo=UTC)]


async def test_a_schedule_that_fails_stays_due(database: Database) -> None:
    def fail(connection, due):
        outbox.put(connection, Parcel("digest", "half"))
        raise KeyError("broken")

    noon = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
    await database.write(lambda c: schedule.fire_due(c, Schedule("s", every(60), fail), noon))
    late = noon + timedelta(hours=1)
    with pytest.raises(KeyError):
        await database.write(lambda c: schedule.fire_due(c, Schedule("s", every(60), fail), late))
    assert await database.read(outbox.counts) == {}
    whole = Schedule("s", every(60), lambda c, due: outbox.put(c, Parcel("digest", "whole")) and None)
    assert await database.write(lambda c: schedule.fire_due(c, whole, late))
    assert await database.read(outbox.counts) == {("digest", "waiting"): 1}


async def test_two_state_openers_fire_once(state_url: str) -> None:
    databases = [Database.open(url=state_url) for _ in range(3)]
    fired: list[str] = []

    def one(name: str) -> Schedule:
        return Schedule("s", every(60), lambda c, due: fired.append(name))

    noon = datetime(2026, 1, 1, 12, 30, tzinfo=UTC)
    for minute in range(6):
        now = noon + timedelta(minutes=minute)
        await asyncio.gather(
            *(d.write(lambda c, n=n, t=now: schedule.fire_due(c, one(str(n)), t)) for n, d in enumerate(databases)),
            return_exceptions=True,
        )
    assert len(fired) == 5
    for database in databases:
        database.close()


async def test_the_outbox_knows_a_key_once_and_hands_a_parcel_to_one(database: Database) -> None:
    assert await database.write(lambda c: outbox.put(c, Parcel("hook", "1", {"n": 1})))
    assert not await database.write(lambda c: outbox.put(c, Parcel("hook", "1", {"n": 2})))
    assert await database.write(lambda c: outbox.put(c, Parcel("mail", "1")))
    soon = utc_now() + timedelta(hours=1)
    await database.write(lambda c: outbox.put(c, Parcel("hook", "later", due_at=soon)))
    both = await asyncio.gather(*(database.write(lambda c, me=me: outbox.claim(c, ["hook"], me)) for me in ("a", "b")))
    claimed = [one for found in both for one in found]
    assert [(one.key, one.payload, one.attempts) for one in claimed] == [("1", {"n": 1}, 1)]
    assert await database.write(lambda c: outbox.again(c, claimed[0], 0, "not yet"))
    (second,) = await database.write(lambda c: outbox.claim(c, ["hook"], "b"))
    assert second.attempts == 2
    assert not await database.write(lambda c: outbox.sent(c, claimed[0])) or second.holder == claimed[0].holder
    assert await database.write(lambda c: outbox.sent(c, second))
    assert not await database.write(lambda c: outbox.dead(c, second, "late"))
    assert await database.write(lambda c: outbox.replay(c, second.id, "hook"))
    assert not await database.write(lambda c: outbox.replay(c, second.id, "mail"))
    (third,) = await database.write(lambda c: outbox.claim(c, ["hook"], "c", seconds=0.0))
    await asyncio.sleep(0.01)
    assert await database.write(lambda c: outbox.settle_lost(c, ["hook"], "unknown")) == 1
    assert not await database.write(lambda c: outbox.sent(c, third))
    assert await database.write(lambda c: outbox.prune(c, utc_now() + timedelta(seconds=5))) == 1


async def test_two_that_have_the_same_state_open_never_claim_the_same_parcel(state_url: str) -> None:
    first, second = Database.open(url=state_url), Database.open(url=state_url)
    try:
        for turn in range(5):
            await first.write(lambda c, t=turn: [outbox.put(c, Parcel("hook", f"{t}/{n}")) for n in range(10)])
            both = await asyncio.gather(
                *(db.write(lambda c, me=me: outbox.claim(c, ["hook"], me)) for db, me in ((first, "a"), (second, "b")))
            )
            assert len({one.id for found in both for one in found}) == sum(map(len, both)) == 10
    finally:
        first.close()
        second.close()


def test_addresses(tmp_path: Path) -> None:
    assert address(url="postgres://u:p@h/db").drivername == "postgresql+psycopg"
    assert address(tmp_path).get_backend_name() == "sqlite"
    for wrong in ("nonsense", "mysql://x/y"):
        with pytest.raises(ConfigProblem):
            engine_of(address(url=wrong))


async def test_a_database_that_is_down_is_unavailable(postgres_url: str) -> None:
    database = Database.open(url=postgres_url)
    database._engine.dispose()
    original = database._engine.pool._creator  # type: ignore[attr-defined]
    await database.read(lambda c: c.execute(text("SELECT 1")).scalar())
    assert original is not None
    with pytest.raises(Unavailable):
        await database.read(lambda c: c.execute(text("SELECT pg_terminate_backend(pg_backend_pid())")))
    assert await database.read(lambda c: c.execute(text("SELECT 1")).scalar()) == 1
    database.close()
