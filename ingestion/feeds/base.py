"""The one interface of all places that are copied: what doors may ask of a database, a document store or a folder."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

import duckdb

from ingestion.connectors import connections
from ingestion.connectors.base import Check
from ingestion.connectors.connections import Connection
from ingestion.report import LoadReport
from warehouse.lake import Lake
from warehouse.workspace import Workspace

if TYPE_CHECKING:
    from ingestion.connectors.manifest import Driver

Progress = Callable[[str, float | None], None]
WRITER_WAIT = 120.0
_MODULES: dict[Driver, str] = {
    "database": "database", "mongodb": "mongo", "elasticsearch": "elastic", "influxdb": "influx", "address": "web",
    "s3": "bucket", "folder": "folder",
}  # fmt: skip


@dataclass(frozen=True)
class Offered:
    """One table, collection, index or file of a place: its columns with their types, its key, what only grows."""

    name: str
    columns: tuple[tuple[str, str], ...] = ()
    key: tuple[str, ...] = ()
    growing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON for doors."""
        return {**asdict(self), "columns": [{"name": n, "type": t} for n, t in self.columns]}


@dataclass(frozen=True)
class Place:
    """Where a feed reads from and loads into; `values` are all settings with secrets opened, never to be logged."""

    workspace: Workspace
    connection: Connection
    values: dict[str, str]

    @property
    def trusted(self) -> bool:
        """Whether somebody on this machine set it up, who may name any host and any file."""
        return bool(self.connection.options.get("trusted"))

    def wanted(self) -> list[str]:
        """The tables that were chosen; none means all."""
        return [part.strip() for part in self.values.get("tables", "").split(",") if part.strip()]

    def cursor_of(self, table: str) -> str | None:
        """The column that tells what is new in a table: one for all, or one for each."""
        parts = [part.strip() for part in self.values.get("cursor", "").split(",") if part.strip()]
        own = dict(part.split("=", 1) for part in parts if "=" in part)
        return (own.get(table) or next((p for p in parts if "=" not in p), None)) if parts else None


class Feed(Protocol):
    """A place that is copied. Nothing of it is kept open between calls but what `close` lets go of."""

    def check(self) -> Check:
        """Try the place. Never raises for what it says."""
        ...

    def tables(self) -> list[Offered]:
        """What can be copied. Raises `SourceProblem`."""
        ...

    def load(self, progress: Progress) -> LoadReport:
        """Copy what is new and publish it. Raises `SourceProblem`, `Unavailable`."""
        ...

    def close(self) -> None:
        """Let go of sockets."""
        ...


def open_feed(workspace: Workspace, connection: Connection) -> Feed:
    """The feed of a connection that has a driver; close it after use. Raises `ConfigProblem` without the driver."""
    assert connection.manifest.driver is not None
    module = importlib.import_module(f"ingestion.feeds.{_MODULES[connection.manifest.driver]}")
    place = Place(workspace, connection, connection.values(connections.home_of(workspace)))
    feed: Feed = module.opened(place)
    return feed


def finish(workspace: Workspace, lake: Lake, writer: duckdb.DuckDBPyConnection) -> int:
    """What follows the commit of a feed's rows: the list of sources, the model, and a published version."""
    from ingestion.connectors import sync

    return sync.settle(workspace, lake, writer)[1]
