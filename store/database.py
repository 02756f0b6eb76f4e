"""The state database: one writer thread, a few readers, nothing on the event loop, and commits that are on disk.

SQLite runs in WAL mode with synchronous=FULL: what was acknowledged survives a killed process and a power cut. A
Postgres URL lets several processes share the state; everything else stays as it is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, DataError, NoSuchModuleError, OperationalError

from store import settings
from store.errors import ConfigProblem, InvalidRequest, Unavailable
from store.migrations import HEAD

T = TypeVar("T")
READERS = 4
CONNECT_SECONDS = 5
MOST_TRIES = 4
MIGRATION_LOCK = 7_246_871_010
_POSTGRES = ("postgresql", "postgres")
_WRITES = "plainsay_writes"
_AGAIN = ("40001", "40P01")
"""Serialisation failure and deadlock: Postgres says to run the transaction again."""


class Database:
    """Application state. `write` and `read` take a function of a connection and run it off the event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(**{_WRITES: True})
        self.written: Callable[[float], object] = lambda _seconds: None
        """Told how long each write took, waiting included."""
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="state-writer")
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="state-reader")

    @classmethod
    def open(cls, home: Path | None = None, url: str | None = None) -> Database:
        """Open and migrate. Without `url` the setting decides, else `state.db` under home. Raises `ConfigProblem`."""
        engine = engine_of(address(home, url))
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

    @property
    def shared(self) -> bool:
        """Whether other processes may use this state at the same time."""
        return self._engine.dialect.name == "postgresql"

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one transaction on the writer thread; returns when it is committed.

        What `work` reads stays true until it has written, whoever else has the state open.
        """
        began = time.perf_counter()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writer, self._transact, work, self._writing)
        finally:
            self.written(time.perf_counter() - began)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on a reader thread."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._transact, work, self._engine)

    def close(self) -> None:
        """Finish what is queued and close all connections."""
        self._writer.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self._engine.dispose()

    def _transact(self, work: Callable[[Connection], T], engine: Engine) -> T:
        for attempt in range(MOST_TRIES):
            try:
                with engine.begin() as connection:
                    return work(connection)
            except OperationalError as error:
                if attempt + 1 < MOST_TRIES and getattr(error.orig, "sqlstate", None) in _AGAIN:
                    continue
                raise Unavailable(
                    "The state database is busy or out of space.", code="state_busy", retry_after=2.0
                ) from error
            except DataError as error:
                raise InvalidRequest("The request holds a value that cannot be stored.") from error
        raise Unavailable("The state database is busy.", code="state_busy", retry_after=2.0)


def address(home: Path | None = None, url: str | None = None) -> URL:
    """Where state lives: `url`, else the setting, else `state.db` under home. Raises `ConfigProblem`."""
    given = url or settings.get("database_url") or _sqlite_url(home or settings.home())
    try:
        found = make_url(given)
    except ArgumentError as error:
        raise ConfigProblem(
            "PLAINSAY_DATABASE_URL is not a database URL.",
            code="bad_database_url",
            hint="Write it like postgresql://user:password@host:5432/plainsay, or leave it empty for SQLite.",
        ) from error
    return found.set(drivername="postgresql+psycopg") if found.get_backend_name() in _POSTGRES else found


def engine_of(where: URL) -> Engine:
    """A pool of connections to state. Raises `ConfigProblem` for a database that cannot hold state."""
    if where.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigProblem("State lives in SQLite or Postgres.", code="bad_database_url")
    more: dict[str, Any] = {}
    if where.get_backend_name() == "postgresql":
        more = {"pool_size": READERS + 1, "max_overflow": 2, "connect_args": {"connect_timeout": CONNECT_SECONDS}}
    try:
        engine = create_engine(
            where, hide_parameters=True, json_serializer=_dumps, json_deserializer=orjson.loads, pool_pre_ping=True,
            **more,
        )  # fmt: skip
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigProblem(
            "State on Postgres needs a package that is not installed.",
            code="missing_extra",
            hint="Install it with: pip install 'plainsay[postgres]'.",
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def migrate(engine: Engine, target: str = HEAD) -> None:
    """Bring the schema up to a revision; Alembic is imported only when there is something to do."""
    if revision(engine) == target:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # processes that start together migrate one after the other
            connection.execute(text(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, target)


def revision(engine: Engine) -> str | None:
    """The revision of the schema, None before there is one."""
    with engine.connect() as connection:
        if not engine.dialect.has_table(connection, "alembic_version"):
            return None
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(found) if found is not None else None


def _sqlite_url(home: Path) -> str:
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    return f"sqlite:///{home / 'state.db'}"


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # else the driver begins at the first write, and what was read before may be old
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
