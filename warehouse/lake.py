"""The lake of a workspace: one trusted writer at a time, any number of readers on published copies of its catalog."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from store.errors import UnknownName
from warehouse import compaction, disk, publishing, trusted
from warehouse.literals import literal
from warehouse.locks import exclusive
from warehouse.snapshot import Snapshot

CATALOG = "catalog.sqlite"


@dataclass(frozen=True)
class Lake:
    """A DuckLake in one folder: SQLite catalog, Parquet files under `data`, catalog copies under `published`."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> Lake:
        """The lake in `folder`, made empty and published when there is none yet."""
        lake = cls(folder.resolve())
        with disk.guarded(lake.folder):
            lake.data_path.mkdir(parents=True, exist_ok=True)
        if not (lake.published / publishing.MANIFEST).exists():
            with lake.writer():
                pass
        publishing.publish(lake.catalog, lake.data_path, lake.published)
        return lake

    @classmethod
    def open(cls, folder: Path) -> Lake:
        """The existing lake in `folder`. Raises `UnknownName` when there is none."""
        lake = cls(folder.resolve())
        if not lake.catalog.exists():
            raise UnknownName("This workspace holds no data yet.", hint="Load a file first.")
        return lake

    @property
    def catalog(self) -> Path:
        return self.folder / CATALOG

    @property
    def data_path(self) -> Path:
        return self.folder / "data"

    @property
    def published(self) -> Path:
        return self.folder / "published"

    @contextmanager
    def writer(self, wait: float = 5.0) -> Iterator[duckdb.DuckDBPyConnection]:
        """A trusted connection with the lake in USE; statements commit by themselves unless BEGIN is said.

        It must never run text that a user shaped. Raises `Unavailable` when another writer holds the lake for longer
        than `wait` seconds, or when the disk fails.
        """
        with (
            disk.guarded(self.folder),
            exclusive(self.folder / "writer.lock", wait),
            _attached(self.catalog, self.data_path) as connection,
        ):
            yield connection

    def tidy(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Merge small files and drop what no published state names; before publishing, with the writer's connection."""
        compaction.tidy(connection, self.published)

    def publish(self) -> Snapshot:
        """Make the last committed state the one that new questions read; those under way keep theirs."""
        return publishing.publish(self.catalog, self.data_path, self.published)

    def current(self) -> Snapshot:
        """The published state; a stat call when nothing changed. Raises `Unavailable` when none was ever published."""
        return publishing.current(self.published, self.data_path)


@contextmanager
def _attached(catalog: Path, data_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    if not catalog.exists():
        _create_catalog(catalog)
    with trusted.connection() as connection:
        # Rows inlined in the catalog would escape the file list that workers are held to, so none are.
        try:
            connection.execute(
                f"ATTACH {literal(f'ducklake:sqlite:{catalog}')} AS lake (DATA_PATH {literal(f'{data_path}/')},"
                " OVERRIDE_DATA_PATH true, DATA_INLINING_ROW_LIMIT 0)"
            )
        except duckdb.Error as error:
            raise disk.trouble(catalog.parent, error) from error
        connection.execute("USE lake")
        yield connection


def _create_catalog(catalog: Path) -> None:
    """WAL lets one writer and many publishers share the file; the mode is kept in the file itself."""
    catalog.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(catalog)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
