"""What SQLite and Postgres say differently, in one place: the clock that processes share, and “unless it is there”."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, inspect, select
from sqlalchemy.dialects import postgresql, sqlite

from store.models import utc_now


def shared(connection: Connection) -> bool:
    """Whether other processes may use this state at the same time."""
    return connection.dialect.name == "postgresql"


def moment(connection: Connection) -> datetime:
    """Now, by the clock that all processes share: the database's, or this machine's when the state is a file."""
    if not shared(connection):
        return utc_now()
    now: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return now


def insert_into(connection: Connection, table: Any) -> Any:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if shared(connection) else sqlite.insert(table)


def add_new(connection: Connection, table: Any, **values: Any) -> bool:
    """Insert a row unless one with its unique values is there; whether it was inserted."""
    keys = inspect(table).primary_key
    statement = insert_into(connection, table).values(**values).on_conflict_do_nothing().returning(*keys)
    return connection.execute(statement).first() is not None
