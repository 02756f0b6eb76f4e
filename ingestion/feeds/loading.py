"""Loads of places that are copied: one at a time for each, told in its health, and taken away with it."""

from __future__ import annotations

import duckdb

from ingestion.catalogue import stored_facts
from ingestion.connectors import connections
from ingestion.connectors.connections import Connection
from ingestion.feeds import health
from ingestion.feeds.base import Progress, open_feed
from ingestion.report import LoadReport
from store.errors import PlainsayError
from warehouse.literals import quoted
from warehouse.locks import exclusive
from warehouse.workspace import Workspace


def load(workspace: Workspace, connection: Connection, progress: Progress | None = None) -> LoadReport:
    """Copy what is new of a place. Raises `SourceProblem`, `Unavailable` when it is being copied already."""
    tell = progress or (lambda _t, _s: None)
    with exclusive(connections.folder(workspace) / f"{connection.id}.lock", 0.1):
        feed = open_feed(workspace, connection)
        try:
            report = feed.load(tell)
        except PlainsayError as error:
            health.failed(workspace, connection, f"{error.message} {error.hint or ''}".strip())
            raise
        finally:
            feed.close()
        health.note(workspace, connection, report, getattr(feed, "gone", ()))
    return report


def drop(writer: duckdb.DuckDBPyConnection, connection: Connection) -> None:
    """Take away the tables that came from a connection."""
    for name in tables_of(writer, connection):
        writer.execute(f"DROP TABLE {quoted(name)}")


def tables_of(writer: duckdb.DuckDBPyConnection, connection: Connection) -> list[str]:
    """The stored tables that came from a connection, by where the lake says that they came from."""
    begins = (f"{connection.label} › ", f"{connection.label}/")
    return [name for name, facts in stored_facts(writer).items() if (facts.origin or "").startswith(begins)]
