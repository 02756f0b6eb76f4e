"""Stopping, sharing and refusing work: one answer for all who wait, a quick end, no scan above the ceiling."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from store.errors import ConfigProblem, LimitReached, Unavailable
from store.principal import LOCAL_OWNER
from warehouse.engines import problems
from warehouse.engines.base import QueryResult, run_of_query
from warehouse.engines.cache import ResultCache
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.engines.of_run import EngineOfRun
from warehouse.guard import BoundQuery, Limits, RawSql, authorize
from warehouse.lake import Lake
from warehouse.model.schema import SemanticModel, Table
from warehouse.snapshot import Snapshot

ENDLESS = "SELECT count(*) FROM range(100000000000)"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lake = Lake.create(tmp_path_factory.mktemp("running") / "lake")
    with lake.writer() as connection:
        connection.execute("CREATE TABLE orders AS SELECT range AS id, range % 7 AS kind FROM range(100000)")
    return lake.publish()


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(workers=2)
    yield engine
    engine.close()


def bound(snapshot: Snapshot, sql: str, **limits: Any) -> BoundQuery:
    model = SemanticModel(model="m", tables={"orders": Table(source="orders")})
    return authorize(RawSql(sql), LOCAL_OWNER, model=model, snapshot=snapshot, limits=Limits(**limits))


def test_a_stopped_run_stops_its_query_within_a_second(engine: DuckDBEngine, snapshot: Snapshot) -> None:
    engine.run(bound(snapshot, "SELECT 1 AS warm"))
    mine, found = EngineOfRun(engine, "run-1"), []

    def ask() -> None:
        with pytest.raises(LimitReached) as caught:
            mine.run(bound(snapshot, ENDLESS))
        found.append((caught.value.code, time.monotonic()))

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(0.5)
    stopped_at = time.monotonic()
    assert engine.cancel("another run") == 0
    mine.stop()
    asking.join(10)
    ((code, ended_at),) = found
    assert code == "query_stopped"
    assert ended_at - stopped_at < 9  # and not when the query's own limit is reached
    assert engine.run(bound(snapshot, "SELECT count(*) AS n FROM orders")).table.to_pylist() == [{"n": 100_000}]


def test_who_asks_the_same_meanwhile_waits_for_the_one_answer() -> None:
    cache, made, release = ResultCache(1_000_000), [], threading.Event()

    def make() -> QueryResult:
        made.append(1)
        release.wait(5)
        return QueryResult(pa.table({"n": [1]}), 3.0)

    results: list[QueryResult] = []
    asking = [threading.Thread(target=lambda: results.append(cache.obtain("k", make))) for _ in range(20)]
    for thread in asking:
        thread.start()
    time.sleep(0.1)
    release.set()
    for thread in asking:
        thread.join(5)
    assert len(made) == 1
    assert sorted(r.cached for r in results) == [False] + [True] * 19


@pytest.mark.parametrize(
    ("error", "times"),
    [(problems.stopped(), 2), (Unavailable("busy"), 2), (LimitReached("slow", code="query_seconds"), 1)],
)
def test_what_stopped_one_does_not_stop_the_others_but_a_limit_holds_for_all(error: Exception, times: int) -> None:
    cache, made, release = ResultCache(1_000_000), [], threading.Event()

    def make() -> QueryResult:
        made.append(1)
        if len(made) == 1:
            release.wait(5)
            raise error
        return QueryResult(pa.table({"n": [1]}), 3.0)

    outcomes: list[str] = []

    def ask() -> None:
        try:
            outcomes.append(f"{cache.obtain('k', make).ms}")
        except (LimitReached, Unavailable):
            outcomes.append("failed")

    asking = [threading.Thread(target=ask) for _ in range(3)]
    for thread in asking:
        thread.start()
        time.sleep(0.05)
    release.set()
    for thread in asking:
        thread.join(5)
    assert len(made) == times
    assert outcomes.count("failed") == (1 if times == 2 else 3)


def test_a_run_knows_that_all_its_answers_were_kept(engine: DuckDBEngine, snapshot: Snapshot) -> None:
    sql = "SELECT kind, count(*) AS n FROM orders GROUP BY kind ORDER BY kind"
    first, second = EngineOfRun(engine, "a"), EngineOfRun(engine, "b")
    first.run(bound(snapshot, sql))
    second.run(bound(snapshot, sql))
    assert (first.cached, second.cached) == (False, True)
    assert run_of_query.get() == ""


def test_a_new_snapshot_or_other_limits_are_answered_anew(tmp_path: Path, engine: DuckDBEngine) -> None:
    lake = Lake.create(tmp_path / "lake")
    for value in (1, 2):
        with lake.writer() as connection:
            connection.execute(f"CREATE OR REPLACE TABLE orders AS SELECT {value} AS id")
        result = engine.run(bound(lake.publish(), "SELECT max(id) AS m FROM orders"))
        assert (result.table.to_pylist(), result.cached) == ([{"m": value}], False)


def test_a_scan_above_the_ceiling_is_refused_before_it_runs(engine: DuckDBEngine, snapshot: Snapshot) -> None:
    with pytest.raises(LimitReached) as caught:
        engine.run(bound(snapshot, "SELECT max(id) AS m FROM orders", scan_rows=50_000))
    assert caught.value.code == "query_scan"
    assert caught.value.details == {"rows": 100_000, "most": 50_000}
    assert "100,000" in caught.value.message
    assert engine.run(bound(snapshot, "SELECT max(id) AS m FROM orders", scan_rows=200_000)).table.num_rows == 1
    with pytest.raises(LimitReached, match="would read"):
        engine.run(bound(snapshot, ENDLESS, scan_rows=2_000_000_000))


def test_postgres_rows_limits_and_stops(postgres: Any, asked: Any) -> None:
    engine = postgres.engine
    with postgres._connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS big")
        cursor.execute("CREATE TABLE big AS SELECT i, i % 7 AS kind FROM generate_series(1, 20000) i")
        cursor.execute("ANALYZE big")
    found = asked(engine, "SELECT kind, count(*) AS n FROM big GROUP BY kind ORDER BY kind LIMIT 1")
    assert found.table.to_pylist() == [{"kind": 0, "n": 2857}]
    cut = asked(engine, "SELECT i FROM big", Limits(rows=10))
    assert (cut.table.num_rows, cut.truncated) == (10, True)
    with pytest.raises(LimitReached) as caught:
        asked(engine, "SELECT i FROM big", Limits(scan_rows=1000))
    assert caught.value.code == "query_scan"
    endless = "SELECT count(*) AS n FROM big a, big b, big c"
    with pytest.raises(LimitReached) as caught:
        asked(engine, endless, Limits(seconds=0.5))
    assert caught.value.code == "query_seconds"
    mine = EngineOfRun(engine, "pg")
    stopping = threading.Thread(target=_stop_when_it_runs, args=(engine, mine))
    stopping.start()
    with pytest.raises(LimitReached) as caught:
        asked(mine_describing(mine, engine), endless)
    stopping.join()
    assert caught.value.code == "query_stopped"


def _stop_when_it_runs(engine: Any, mine: EngineOfRun) -> None:
    while not any(task.handle for task in engine._running._tasks):
        time.sleep(0.02)
    time.sleep(0.3)
    mine.stop()


def mine_describing(mine: EngineOfRun, engine: Any) -> Any:
    """An engine of a run that can still be asked which tables there are."""
    mine.describe = engine.describe  # type: ignore[attr-defined]
    return mine


def test_postgres_never_writes(postgres: Any) -> None:
    with postgres.engine._connection(None) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('default_transaction_read_only')")
        assert cursor.fetchone() == ("on",)


@pytest.mark.parametrize(
    ("module", "url", "extra"),
    [
        ("adbc_driver_postgresql", "postgresql://nowhere/x", "postgres"),
        ("clickhouse_connect", "clickhouse://nowhere:8123/x", "clickhouse"),
        ("pyspark.sql", "sc://nowhere", "spark"),
    ],
)
def test_a_missing_package_names_its_install_command(
    monkeypatch: pytest.MonkeyPatch, module: str, url: str, extra: str
) -> None:
    import sys

    from warehouse.engines.connect import open_engine

    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(ConfigProblem, match=f"pip install 'plainsay.{extra}.'"):
        open_engine(url)
