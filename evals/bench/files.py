"""Files beside the bare library in the same run: how fast they are loaded, and how soon a bomb is refused."""

from __future__ import annotations

import gzip
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from evals.result import Figure, SuiteResult
from ingestion.pipeline import ingest
from ingestion.reader import Reader
from warehouse.literals import literal
from warehouse.workspace import named

ROWS = 1_000_000
ROUNDS = 3
_ZEROS = bytes(1_000_000)


@dataclass(frozen=True)
class Kind:
    """A kind of file: how DuckDB writes and reads it, and how near to that Plainsay must come, in percent."""

    name: str
    ending: str
    options: str
    reader: str
    target: float | None = None


KINDS = (
    Kind("CSV", "csv", "HEADER", "read_csv", 80),
    Kind("NDJSON", "ndjson", "FORMAT json", "read_json"),
    Kind("Parquet", "parquet", "FORMAT parquet", "read_parquet"),
)


def run() -> SuiteResult:
    """Load a million rows as CSV, as NDJSON and as Parquet, and offer archives that would fill the disk."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="plainsay-files-") as name:
        folder = Path(name)
        (folder / "small.csv").write_text("day,amount\n2026-01-01,1\n", encoding="utf-8")
        for kind in KINDS:
            figures += _beside(kind, folder)
        path = folder / "sales.csv"
        whole = min(_whole(path, folder / f"home-{n}") for n in range(ROUNDS))
        figures.append(Figure("CSV with profile, meaning and publishing", ROWS / whole, "rows/s"))
        figures.append(Figure("slowest refusal of a bomb", max(_refused(folder)), "s", 1))
    return SuiteResult("files", "speed", figures)


def _beside(kind: Kind, folder: Path) -> list[Figure]:
    """One kind of file, by DuckDB alone and by a warm reader."""
    path = folder / f"sales.{kind.ending}"
    _write(path, kind)
    bare = min(_bare(path, kind) for _ in range(ROUNDS))
    copied = min(_bare(path, kind, folder / f"bare-{kind.ending}-{n}.parquet") for n in range(ROUNDS))
    read = min(_read(path, folder / f"read-{kind.ending}-{n}") for n in range(ROUNDS))
    return [
        Figure(f"{kind.name}: DuckDB reads it", ROWS / bare, "rows/s"),
        Figure(f"{kind.name}: DuckDB reads it and writes Parquet", ROWS / copied, "rows/s"),
        Figure(f"{kind.name}: Plainsay proves, reads and writes it", ROWS / read, "rows/s"),
        Figure(f"{kind.name}: beside DuckDB reading", bare / read * 100, "%", kind.target, "more"),
        Figure(f"{kind.name}: beside DuckDB reading and writing", copied / read * 100, "%", kind.target, "more"),
    ]


def _write(path: Path, kind: Kind) -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT i AS id, DATE '2024-01-01' + CAST(i % 700 AS INTEGER) AS day, 'customer ' || (i % 9000) AS"
            " customer, ['north', 'south', 'east'][1 + i % 3] AS region, round(i % 997 / 7.0, 2) AS amount,"
            f" i % 5 AS items, i % 2 = 0 AS paid FROM range({ROWS}) t(i)) TO {literal(path)} ({kind.options})"
        )


def _bare(path: Path, kind: Kind, target: Path | None = None) -> float:
    """Seconds that DuckDB alone takes, into a table in memory or into the Parquet file that Plainsay writes too."""
    rows = f"SELECT * FROM {kind.reader}({literal(path)})"
    with duckdb.connect() as connection:
        began = time.perf_counter()
        connection.execute(
            f"COPY ({rows}) TO {literal(target)} (FORMAT parquet)" if target else f"CREATE TABLE t AS {rows}"
        )
        return time.perf_counter() - began


def _read(path: Path, work: Path) -> float:
    """Seconds that a warm worker takes, checks of every cell included."""
    with Reader() as reader:
        reader.read(path.parent / "small.csv", "small.csv", work.with_name(f"{work.name}-warm"))
        began = time.perf_counter()
        done = reader.read(path, path.name, work / "file")
        spent = time.perf_counter() - began
    if not done.tables or done.tables[0].rows != ROWS:
        raise AssertionError(f"{path.name} was not read")
    return spent


def _whole(path: Path, home: Path) -> float:
    began = time.perf_counter()
    ingest(named("shop", home), [path])
    return time.perf_counter() - began


def _refused(folder: Path) -> Iterator[float]:
    """Seconds until each bomb is refused. Raises `AssertionError` for one that is not."""
    with Reader() as reader:
        reader.read(folder / "small.csv", "small.csv", folder / "warm")
        for number, path in enumerate(_bombs(folder)):
            began = time.perf_counter()
            done = reader.read(path, path.name, folder / f"bomb-{number}")
            if done.tables or not done.faults:
                raise AssertionError(f"{path.name} was not refused")
            yield time.perf_counter() - began


def _bombs(folder: Path) -> Iterator[Path]:
    for name, member in (("big.zip", "big.csv"), ("sheet.xlsx", "xl/worksheets/sheet1.xml")):
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            with archive.open(member, "w") as file:
                for _ in range(300):
                    file.write(_ZEROS)
        yield folder / name
    with zipfile.ZipFile(folder / "many.zip", "w") as archive:
        for number in range(20_000):
            archive.writestr(f"{number}.csv", "")
    yield folder / "many.zip"
    with gzip.open(folder / "big.csv.gz", "wb") as packed:
        for _ in range(300):
            packed.write(_ZEROS)
    yield folder / "big.csv.gz"
