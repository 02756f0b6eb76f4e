"""The case list on other engines: each test's DuckDB tables are copied there, and the same query must say the same."""

from __future__ import annotations

import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evals.postgres import postgres_server
from warehouse.engines.clickhouse import ClickHouseEngine
from warehouse.engines.clickhouse_clients import EmbeddedClient
from warehouse.engines.remote import RemoteEngine
from warehouse.literals import literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from warehouse.guard import BoundQuery

ENGINES = ("postgres", "clickhouse", "spark")
_CLICKHOUSE_TYPES = {
    "INTEGER": "Int32",
    "BIGINT": "Int64",
    "DOUBLE": "Float64",
    "BOOLEAN": "Bool",
    "VARCHAR": "String",
    "DATE": "Date32",
    "TIMESTAMP": "DateTime64(6, 'UTC')",
    "TIMESTAMP WITH TIME ZONE": "DateTime64(6, 'UTC')",
}
_SPARK_QUIET = {
    "SPARK_LOCAL_IP": "127.0.0.1",
    "SPARK_LOCAL_HOSTNAME": "localhost",
}
_SPARK_SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.adaptive.enabled": "false",
}
"""Tables of ten rows: compiling code for them and planning around their size takes longer than reading them."""


class EngineRunner(ABC):
    """An engine with the tables of the test that is running. `ran` counts the queries it executed."""

    def __init__(self, engine: RemoteEngine) -> None:
        self.engine = engine
        self.dialect = engine.dialect
        self.ran = 0
        self._held: dict[str, pa.Table] = {}

    def rows(self, source: duckdb.DuckDBPyConnection, bound: BoundQuery) -> list[tuple[Any, ...]]:
        """The rows of the query over copies of the tables it reads."""
        for table in bound.tables:
            self._mirror(source, table)
        found = self.engine.run(bound).table
        self.ran += 1
        return [tuple(row) for row in zip(*(c.to_pylist() for c in found.columns), strict=True)]

    def close(self) -> None:
        """Give back what the runs used."""
        self.engine.close()

    def _mirror(self, source: duckdb.DuckDBPyConnection, table: str) -> None:
        quoted = '"' + table.replace('"', '""') + '"'
        rows = source.execute(f"SELECT * FROM {quoted}").to_arrow_table()
        held = self._held.get(table)
        if held is None or not held.schema.equals(rows.schema) or not held.equals(rows):
            described = source.execute(f"DESCRIBE {quoted}").fetchall()
            self.load(table, rows, {name: kind for name, kind, *_ in described})
            self._held[table] = rows

    @abstractmethod
    def load(self, table: str, rows: pa.Table, types: dict[str, str]) -> None:
        """Make or replace a table; `types` are DuckDB's."""


class _Postgres(EngineRunner):
    def __init__(self, engine: RemoteEngine, url: str) -> None:
        super().__init__(engine)
        from adbc_driver_postgresql import dbapi

        self._connection = dbapi.connect(url, autocommit=True)

    def close(self) -> None:
        """Give back the owner's connection too."""
        self._connection.close()
        super().close()

    def load(self, table: str, rows: pa.Table, types: dict[str, str]) -> None:
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="replace")


class _ClickHouse(EngineRunner):
    def __init__(self, client: EmbeddedClient, folder: Path) -> None:
        super().__init__(ClickHouseEngine(client))
        self._client, self._folder = client, folder

    def load(self, table: str, rows: pa.Table, types: dict[str, str]) -> None:
        import pyarrow as pa

        path = self._folder / "rows.arrow"
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
            writer.write_table(rows)
        columns = ", ".join(f"`{n}` Nullable({_CLICKHOUSE_TYPES.get(t, _decimal(t))})" for n, t in types.items())
        self._client.run(f"DROP TABLE IF EXISTS `{table}`")
        self._client.run(f"CREATE TABLE `{table}` ({columns}) ENGINE = MergeTree ORDER BY tuple()")
        if rows.num_rows:
            listed = f"file({literal(path)}, 'Arrow', {literal(columns)})"
            self._client.run(f"INSERT INTO `{table}` SELECT * FROM {listed}")


class _Spark(EngineRunner):
    def __init__(self, engine: RemoteEngine) -> None:
        super().__init__(engine)
        session: Any = engine.session  # type: ignore[attr-defined]
        for name, value in _SPARK_SMALL.items():
            session.conf.set(name, value)
        session.sql("SELECT count(DISTINCT id), sum(id) FROM range(10)").toArrow()  # the first job starts everything

    def load(self, table: str, rows: pa.Table, types: dict[str, str]) -> None:
        session = self.engine.session  # type: ignore[attr-defined]
        session.createDataFrame(rows).createOrReplaceTempView(f"`{table}`")


def _decimal(duckdb_type: str) -> str:
    return duckdb_type.replace("DECIMAL", "Decimal")


@contextmanager
def engine_runner(name: str) -> Iterator[EngineRunner]:
    """A started engine of its own for the time of a run. Raises `ConfigProblem` when its packages are missing."""
    with tempfile.TemporaryDirectory(prefix="plainsay-engine-") as scratch:
        folder = Path(scratch)
        if name == "postgres":
            with postgres_server(folder) as url:
                yield from _closing(_Postgres(_postgres_engine(url), url))
        elif name == "clickhouse":
            yield from _closing(_ClickHouse(EmbeddedClient(str(folder / "data")), folder))
        else:
            yield from _closing(_Spark(_spark_engine()))


def _closing(runner: EngineRunner) -> Iterator[EngineRunner]:
    try:
        yield runner
    finally:
        runner.close()


def _postgres_engine(url: str) -> RemoteEngine:
    from warehouse.engines.postgres import PostgresEngine

    return PostgresEngine(url)


def _spark_engine() -> RemoteEngine:
    from warehouse.engines.spark import SparkEngine

    os.environ.update(_SPARK_QUIET)
    return SparkEngine("local[2]")
