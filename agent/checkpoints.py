"""Where LangGraph keeps the state of a conversation: a file beside SQLite state, the same database beside Postgres."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from sqlalchemy.engine import URL

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")

FILE = "checkpoints.db"
SETUP_LOCK = 7_246_871_011
CONNECTIONS = 4
Saver = tuple["BaseCheckpointSaver[Any]", Callable[[], Awaitable[None]]]


async def opened(home: Path, state: URL | None) -> Saver:
    """The saver, ready for use, and how to close it: in the Postgres database `state`, else in a file under home."""
    return await _in_file(home) if state is None else await _in_postgres(state)


async def _in_file(home: Path) -> Saver:
    import aiosqlite
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    home.mkdir(parents=True, exist_ok=True)
    connection = aiosqlite.connect(home / FILE)
    saver = AsyncSqliteSaver(connection, serde=JsonPlusSerializer(pickle_fallback=False))
    await connection
    try:
        await connection.execute("PRAGMA journal_mode=WAL")
        await connection.execute("PRAGMA synchronous=NORMAL")
        await saver.setup()
    except BaseException:  # stopped in between: nobody else knows of this connection yet
        await connection.close()
        raise
    return saver, connection.close


async def _in_postgres(state: URL) -> Saver:
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
    from psycopg import AsyncConnection
    from psycopg.rows import dict_row
    from psycopg_pool import AsyncConnectionPool

    dsn = state.set(drivername="postgresql").render_as_string(hide_password=False)
    pool: AsyncConnectionPool[AsyncConnection[dict[str, Any]]] = AsyncConnectionPool(
        dsn,
        min_size=1,
        max_size=CONNECTIONS,
        open=False,
        kwargs={"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row},
        check=AsyncConnectionPool.check_connection,
    )
    saver = AsyncPostgresSaver(pool, serde=JsonPlusSerializer(pickle_fallback=False))
    try:
        await pool.open(wait=True, timeout=15)
        async with pool.connection() as connection:  # processes that start together make the tables in turn
            await connection.execute("SELECT pg_advisory_lock(%s)", (SETUP_LOCK,))
            try:
                await saver.setup()
            finally:
                await connection.execute("SELECT pg_advisory_unlock(%s)", (SETUP_LOCK,))
    except BaseException:
        await pool.close()
        raise
    return saver, pool.close
