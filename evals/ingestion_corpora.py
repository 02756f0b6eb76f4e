"""Reads every file of the torture corpora and reports what loaded, what was refused, and at what cost."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingestion import formats
from ingestion.extract import Reading
from ingestion.reader import Reader

FOLDERS = ("csv-spectrum", "duckdb-csv", "frictionless")
_NO_DATA = ("LICENSE", "LICENSE.md", "package.json")


def corpus_files(data: Path) -> list[Path]:
    """Every data file of the three corpora, the expected answers and licences left out."""
    roots = [data / "corpora" / folder for folder in FOLDERS]
    return sorted(
        path
        for root in roots
        for path in root.rglob("*")
        if path.is_file() and path.name not in _NO_DATA and "csv-spectrum/json" not in path.as_posix()
    )


def read_all(files: list[Path], work: Path, reader: Reader) -> Iterator[tuple[Path, Reading]]:
    """(file, what came of it) for each file, through one warm worker."""
    for number, path in enumerate(files):
        yield path, reader.read(path, path.name, work / str(number))


def run(data: Path) -> dict[str, Any]:
    """Figures over all corpus files: counts, slowest file (s), worker size (MB), silent empties (must be none)."""
    files = corpus_files(data)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as work, Reader() as reader:
        readings = list(read_all(files, Path(work), reader))
        rss = reader.max_rss_mb
    slowest = max(readings, key=lambda item: item[1].seconds)
    return {
        "files": len(files),
        "loaded": sum(bool(reading.tables) for _, reading in readings),
        "refused": sum(not reading.tables for _, reading in readings),
        "with_warnings": sum(any(t.warnings for t in reading.tables) for _, reading in readings),
        "unexpected": [path.name for path, reading in readings if reading.log],
        "silent_empties": [path.name for path, reading in readings for t in reading.tables if not t.rows],
        "slowest_file": slowest[0].name,
        "slowest_seconds": round(slowest[1].seconds, 3),
        "worker_rss_mb": round(rss),
        "total_seconds": round(time.perf_counter() - started, 1),
        "unsupported": sum(not formats.supported(path) for path in files),
    }
