"""Databases copied from servers of their own, first all and then what is new, so that their labels say what ran."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from evals.places import mariadb_server, postgres_database
from evals.postgres import bin_folder, postgres_server
from ingestion.connectors import connections
from ingestion.feeds.base import open_feed
from store.errors import PlainsayError
from warehouse.lake import Lake
from warehouse.workspace import Workspace, named

_FIRST = (
    "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount NUMERIC(10, 2), changed TIMESTAMP)",
    "INSERT INTO orders VALUES (1, 10.50, '2026-02-01 10:00:00'), (2, 20.25, '2026-02-02 10:00:00')",
)
_THEN = (
    "INSERT INTO orders VALUES (3, 1.10, '2026-02-03 10:00:00')",
    "UPDATE orders SET amount = 11, changed = '2026-02-04 10:00:00' WHERE id = 1",
)
_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "sqlite": "sqlite"}


def run() -> dict[str, str]:
    """By place: what it was copied from, when all of it and then what was new came exactly."""
    return {source: what for source in _DRIVERS if (what := _tried(source)) is not None}


def _tried(source: str) -> str | None:
    """What was copied exactly; None where nothing was, or this machine has no such server."""
    with tempfile.TemporaryDirectory(prefix="ps-") as folder, ExitStack() as stack:
        try:
            served = stack.enter_context(_served(source, Path(folder)))
            return served[1] if served is not None and _copied(source, served[0], Path(folder)) else None
        except PlainsayError:
            return None


@contextmanager
def _served(source: str, folder: Path) -> Iterator[tuple[str, str] | None]:
    """The address of an empty database and what it is; None where this machine has no such server."""
    if source == "sqlite":
        yield f"sqlite:///{folder / 'shop.db'}", "a SQLite file"
    elif source == "postgresql" and bin_folder().is_dir():
        with postgres_server(folder) as server, postgres_database(server) as address:
            yield address, "a PostgreSQL server"
    elif source == "mysql" and shutil.which("mariadbd"):
        with mariadb_server(folder) as (address, run_sql):
            run_sql("GRANT ALL ON shop.* TO r@'127.0.0.1'")
            yield address, "a MariaDB server"
    else:
        yield None


def _copied(source: str, address: str, folder: Path) -> bool:
    engine = create_engine(make_url(address).set(drivername=_DRIVERS[source]))
    workspace = named("tried", folder / "home")
    made = connections.make(workspace, source, {"address": address, "cursor": "changed"})
    made.options["trusted"] = True
    connections.save(workspace, made)
    told = []
    for statements in (_FIRST, _THEN):
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        feed = open_feed(workspace, made)
        try:
            feed.load(lambda _text, _share: None)
        finally:
            feed.close()
        told.append(_stored(workspace))
    engine.dispose()
    return told == [(2, Decimal("30.75")), (3, Decimal("32.35"))]


def _stored(workspace: Workspace) -> tuple[int, Decimal]:
    with Lake.open(workspace.lake).writer() as writer:
        rows, amount = writer.execute("SELECT count(*), sum(amount) FROM orders").fetchone() or (0, None)
    return int(rows), Decimal(amount or 0)
