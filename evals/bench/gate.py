"""What safety costs: the gate, a worker process and Arrow over a pipe, beside the same query on bare DuckDB."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb

from evals.result import Figure, SuiteResult
from store.principal import LOCAL_OWNER
from warehouse import extensions
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.guard import Limits, RawSql, authorize
from warehouse.lake import Lake
from warehouse.literals import literal
from warehouse.model.schema import SemanticModel, Table
from warehouse.snapshot import Snapshot

SIZES = (1_000_000, 50_000_000)
REPEATS = 9
_SQL = (
    "SELECT date_trunc('month', day) AS month, country, sum(amount) AS revenue, count(*) AS orders FROM orders"
    " GROUP BY ALL ORDER BY month, country LIMIT {limit}"
)
_ROWS = (
    "CREATE TABLE orders AS SELECT range AS id, DATE '2024-01-01' + CAST(range % 730 AS INTEGER) AS day,"
    " 'C' || (range % 20) AS country, CAST(range % 10000 AS DECIMAL(18, 2)) / 100 AS amount FROM range({rows})"
)


def run() -> SuiteResult:
    """Each query `REPEATS` times both ways by turns, never from the cache but where that is what is measured."""
    figures: list[Figure] = []
    for size in SIZES:
        with tempfile.TemporaryDirectory(prefix="plainsay-bench-") as folder:
            figures += _at(size, Path(folder))
    return SuiteResult("gate", "speed", figures)


def _at(size: int, folder: Path) -> list[Figure]:
    lake = Lake.create(folder / "lake")
    with lake.writer() as connection:
        connection.execute(_ROWS.format(rows=size))
    snapshot = lake.publish()
    model = SemanticModel(model="bench", tables={"orders": Table(source="orders")})
    limits = Limits(seconds=120, scan_rows=10 * size)

    def fenced(limit: int) -> None:
        sql = _SQL.format(limit=limit)
        engine.run(authorize(RawSql(sql), LOCAL_OWNER, model=model, snapshot=snapshot, limits=limits))

    with closing(DuckDBEngine(workers=1)) as engine, _bare(snapshot) as bare:
        for warm in (1, 2):
            fenced(warm)
            bare.execute(_SQL.format(limit=warm)).to_arrow_table()
        pairs = [
            (_ms(lambda n=n: bare.execute(_SQL.format(limit=n)).to_arrow_table()), _ms(lambda n=n: fenced(n)))  # type: ignore[misc]
            for n in range(1000, 1000 + REPEATS)
        ]
        kept = [_ms(lambda: fenced(1000)) for _ in range(REPEATS)]
    alone, behind = (statistics.median(times) for times in zip(*pairs, strict=True))
    name = f"{size // 1_000_000} M rows"
    return [
        Figure(f"{name}: bare DuckDB", alone, "ms"),
        Figure(f"{name}: gate and worker", behind, "ms"),
        Figure(f"{name}: overhead", behind - alone, "ms", 15 if size <= 1_000_000 else None),
        Figure(f"{name}: ratio", behind / alone, "x", 1.1 if size > 1_000_000 else None),
        Figure(f"{name}: answer from the cache", statistics.median(kept), "ms", 5),
    ]


def _bare(snapshot: Snapshot) -> duckdb.DuckDBPyConnection:
    """The same files, attached in this process with the worker's one thread and no fence."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(f"LOAD {literal(extensions.locate('ducklake').path or 'ducklake')}")
    connection.execute(
        f"ATTACH {literal(f'ducklake:{snapshot.catalog}')} AS lake (READ_ONLY, SNAPSHOT_VERSION {snapshot.version},"
        f" DATA_PATH {literal(f'{snapshot.data_path}/')}, OVERRIDE_DATA_PATH true)"
    )
    connection.execute("SET parquet_metadata_cache = true")
    return connection.execute("USE lake")


def _ms(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
