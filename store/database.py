"""The state database: one writer thread, a few readers, nothing on the event loop, and commits that are on disk.

SQLite runs in WAL mode with synchronous=FULL: what was acknowledged survives a killed process and a power cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError

from store import settings
from store.errors import ConfigProblem, Unavailable
from store.migrations import HEAD

T = TypeVar("T")
READERS = 4


class Database:
    """Application state. `write` and `read` take a function of a connection and run it off the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="state-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="state-reader")

    @classmethod
    def open(cls, home: Path | None = None, url: str | None = None) -> Database:
        """Open and migrate. Without `url` the setting decides, else `state.db` under home. Raises `ConfigProblem`."""
        address = url or settings.get("database_url") or _sqlite_url(home or settings.home())
        engine = create_engine(
            address, hide_parameters=True, json_serializer=_dumps, json_deserializer=orjson.loads, pool_pre_ping=True
        )
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
        try:
            migrate(engine)
        except DatabaseError as error:
            engine.dispose()
            raise ConfigProblem(
                "The state database cannot be opened.",
                code="state_unreadable",
                hint="Check PLAINSAY_DATABASE_URL, or that PLAINSAY_HOME is writable and its state.db is intact.",
            ) from error
        return cls(engine)

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction on the writer thread; returns when it is committed."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._transact, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._transact, work)

    def close(self) -> None:
        """Finish what is queued and close all connections."""
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self._engine.dispose()

    def _transact(self, work: Callable[[Connection], T]) -> T:
        try:
            with self._engine.begin() as connection:
                return work(connection)
        except OperationalError as error:
            raise Unavailable(
                "The state database is busy or out of space.", code="state_busy", retry_after=2.0
            ) from error


def migrate(engine: Engine) -> None:
    """Bring the schema to HEAD; Alembic is imported only when there is something to do."""
    if _revision(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        if not engine.dialect.has_table(connection, "alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(found) if found is not None else None


def _sqlite_url(home: Path) -> str:
    home.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{home / 'state.db'}"


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
