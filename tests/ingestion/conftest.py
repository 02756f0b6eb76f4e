"""Fixtures of the ingestion tests: one warm reading worker for all of them, and ways to make awkward files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingestion.extract import Extract, Reading
from ingestion.reader import Reader


@pytest.fixture(scope="session")
def reader() -> Iterator[Reader]:
    with Reader(seconds=30) as warm:
        yield warm


@dataclass
class Bench:
    """Writes files into a folder, reads them through the worker and looks into the Parquet files that come back."""

    folder: Path
    reader: Reader
    numbers: Iterator[int] = field(default_factory=count)

    def read(self, path: Path, name: str | None = None) -> Reading:
        return self.reader.read(path, name or path.name, self.folder / f"out-{next(self.numbers)}")

    def text(self, content: str | bytes, name: str = "data.csv") -> Reading:
        path = self.folder / f"in-{next(self.numbers)}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self.read(path, name)

    def table(self, content: str | bytes, name: str = "data.csv") -> Extract:
        reading = self.text(content, name)
        assert not reading.faults, reading.faults
        return reading.tables[0]

    def column(self, values: list[str], header: str = "value") -> tuple[str, list[Any], Extract]:
        """(type, values, table) of a column between two others, so that blank cells keep their rows."""
        lines = "".join(f'{i},"{value}",x\n' for i, value in enumerate(values))
        table = self.table(f"id,{header},end\n{lines}")
        return types(table)[table.columns[1].name], [row[1] for row in rows(table)], table


def rows(table: Extract) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        return connection.execute("SELECT * FROM read_parquet(?)", [table.parquet]).fetchall()


def types(table: Extract) -> dict[str, str]:
    with duckdb.connect() as connection:
        found = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [table.parquet]).fetchall()
    return {row[0]: row[1] for row in found}


@pytest.fixture
def bench(tmp_path: Path, reader: Reader) -> Bench:
    return Bench(tmp_path, reader)


@pytest.fixture
def rows_of() -> Callable[[Extract], list[tuple[Any, ...]]]:
    return rows


@pytest.fixture
def types_of() -> Callable[[Extract], dict[str, str]]:
    return types
