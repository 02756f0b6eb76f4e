"""The state database as commands use it, beside a running server or without, and what they leave in the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def write_state(work: Callable[[Any], T]) -> T:
    """Run `work` with a connection in one transaction."""
    found: T = _with_database(lambda database: database.write(work))
    return found


def read_state(work: Callable[[Any], T]) -> T:
    """Run `work` with a connection."""
    found: T = _with_database(lambda database: database.read(work))
    return found


def noted(connection: Any, action: str, target: str, workspace: str | None = None, **detail: Any) -> None:
    """An entry of the audit log in the same transaction; whoever has this machine acts as its owner."""
    from store import audit as log
    from store.principal import LOCAL_OWNER

    deed = log.Deed("cli", LOCAL_OWNER.name, action, target, workspace, detail=detail | {"by": "command line"})
    log.append(connection, deed)


def _with_database(use: Callable[[Any], Any]) -> Any:
    from store.database import Database

    database = Database.open()
    try:
        return asyncio.run(use(database))
    finally:
        database.close()
