"""State opens, migrates itself, refuses politely, and keeps what was committed."""

from __future__ import annotations

import asyncio
import sqlite3
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.schema import CreateTable

from store import jobs
from store.database import Database
from store.errors import ConfigProblem
from store.migrations import HEAD
from store.models import Base


def test_migrations_make_exactly_the_models(tmp_path):
    Database.open(tmp_path).close()
    engine = create_engine(f"sqlite:///{tmp_path / 'state.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD
    engine.dispose()


def test_head_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", "store:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_tables_can_be_made_on_postgres():
    from sqlalchemy.dialects import postgresql

    dialect = postgresql.dialect()
    for table in Base.metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=dialect))


async def test_writes_are_on_disk_off_the_loop_and_durable(tmp_path):
    database = Database.open(tmp_path)
    threads: set[str] = set()

    def write(connection):
        threads.add(threading.current_thread().name)
        jobs.set_label(connection, "shop", "The shop")
        return [
            connection.execute(text(f"PRAGMA {p}")).scalar() for p in ("journal_mode", "synchronous", "foreign_keys")
        ]

    assert await asyncio.gather(*(database.write(write) for _ in range(5))) == [["wal", 2, 1]] * 5
    assert threads == {"state-writer_0"}
    other = sqlite3.connect(tmp_path / "state.db")
    assert other.execute("SELECT label FROM workspaces").fetchall() == [("The shop",)]
    other.close()
    database.close()


async def test_a_failed_write_leaves_nothing(tmp_path):
    database = Database.open(tmp_path)

    def fail(connection):
        jobs.set_label(connection, "shop", "x")
        raise KeyError("no")

    with pytest.raises(KeyError):
        await database.write(fail)
    assert await database.read(jobs.labels) == {}
    database.close()


def test_a_broken_file_is_a_config_problem(tmp_path):
    (tmp_path / "state.db").write_bytes(b"this is no database" * 1000)
    with pytest.raises(ConfigProblem) as refused:
        Database.open(tmp_path)
    assert str(tmp_path) not in str(refused.value)


def test_an_url_chooses_another_place(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAINSAY_DATABASE_URL", f"sqlite:///{tmp_path / 'elsewhere.db'}")
    Database.open(tmp_path / "home").close()
    assert (tmp_path / "elsewhere.db").exists()
