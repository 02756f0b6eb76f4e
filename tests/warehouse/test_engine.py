"""The engine's contract: rows as Arrow within limits, a cache, errors people can read, workers that never linger."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from store.errors import InvalidRequest, SourceProblem, Unavailable
from store.principal import LOCAL_OWNER
from warehouse.engines.base import QueryResult
from warehouse.engines.cache import ResultCache
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.guard import BoundQuery, Limits, RawSql, authorize
from warehouse.lake import Lake
from warehouse.model.schema import SemanticModel, Table
from warehouse.snapshot import Snapshot


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lake = Lake.create(tmp_path_factory.mktemp("engine") / "lake")
    with lake.writer() as connection:
        connection.execute(
            "CREATE TABLE orders AS SELECT range AS id, DATE '2026-01-01' + CAST(range % 90 AS INTEGER) AS day,"
            " CAST(range AS DECIMAL(12, 2)) AS amount, CASE WHEN range = 77 THEN 'n/a' ELSE '5' END AS score,"
            " TIMESTAMPTZ '2026-01-01 00:00:00+00' AS instant FROM range(50000)"
        )
    return lake.publish()


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(workers=2)
    yield engine
    engine.close()


def _bind(snapshot: Snapshot, sql: str, limits: Limits | None = None) -> BoundQuery:
    model = SemanticModel(model="m", tables={name: Table(source=name) for name in snapshot.tables})
    return authorize(RawSql(sql), LOCAL_OWNER, model=model, snapshot=snapshot, limits=limits)


def _run(engine: DuckDBEngine, snapshot: Snapshot, sql: str, limits: Limits | None = None) -> QueryResult:
    return engine.run(_bind(snapshot, sql, limits))


def test_rows_come_back_as_arrow(engine: DuckDBEngine, snapshot: Snapshot) -> None:
    result = _run(engine, snapshot, "SELECT day, sum(amount) AS revenue FROM orders GROUP BY day ORDER BY day LIMIT 2")
    assert [str(field.type) for field in result.table.schema] == ["date32[day]", "decimal128(38, 2)"]
    assert result.table.num_rows == 2
    assert result.ms > 0
    assert not result.truncated and not result.cached


def test_instants_are_in_utc(engine: DuckDBEngine, snapshot: Snapshot) -> None:
    result = _run(engine, snapshot, "SELECT CAST(max(instant) AS VARCHAR) AS moment FROM orders")
    assert result.table.to_pylist() == [{"moment": "2026-01-01 00:00:00+00"}]


def test_the_row_cap_cuts_and_says_so(engine: DuckDBEngine, snapshot: Snapshot) -> None:
    cut = _run(engine, snapshot, "SELECT id FROM orders ORDER BY id", Limits(rows=2500))
    assert (cut.table.num_rows, cut.truncated) == (2500, True)
    assert cut.table["id"].to_pylist() == list(range(2500))
    exact = _run(engine, snapshot, "SELECT id FROM orders ORDER BY id LIMIT 2500", Limits(rows=2500))
    assert (exact.table.num_rows, exact.truncated) == (2500, False)


def test_the_byte_cap_cuts_and_says_so(engine: DuckDBEngine, snapshot: Snapshot) -> None:
    cut = _run(engine, snapshot, "SELECT repeat('x', 1000) AS wide FROM orders", Limits(bytes=300_000))
    assert cut.truncated
    assert cut.table.num_rows > 0
    assert cut.table.nbytes <= 310_000
    huge = _run(engine, snapshot, "SELECT repeat('x', 1000000) AS wide", Limits(bytes=300_000))
    assert (huge.table.num_rows, huge.truncated) == (0, True)


def test_the_same_question_is_answered_from_the_cache(engine: DuckDBEngine, snapshot: Snapshot) -> None:
    sql = "SELECT median(amount) AS m FROM orders"
    first, second = _run(engine, snapshot, sql), _run(engine, snapshot, sql)
    assert (first.cached, second.cached) == (False, True)
    assert first.table.equals(second.table)
    assert not _run(engine, snapshot, sql, Limits(rows=5)).cached


def test_a_value_that_does_not_fit_is_a_problem_of_the_data(engine: DuckDBEngine, snapshot: Snapshot) -> None:
    with pytest.raises(SourceProblem) as caught:
        _run(engine, snapshot, "SELECT sum(CAST(score AS INTEGER)) AS s FROM orders")
    assert "n/a" not in str(caught.value)


def test_a_wrong_column_in_own_sql_is_named(
    engine: DuckDBEngine, snapshot: Snapshot, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(InvalidRequest, match="revenu") as caught:
        _run(engine, snapshot, "SELECT revenu FROM orders")
    assert "amount" in (caught.value.hint or "")
    assert caught.value.details["reference"] in {record.__dict__.get("reference") for record in caplog.records}


def test_many_threads_share_two_workers(engine: DuckDBEngine, snapshot: Snapshot) -> None:
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = _run(engine, snapshot, f"SELECT count(*) + {number} AS n FROM orders").table.to_pylist()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: [{"n": 50_000 + number}] for number in range(40)}
    assert len(engine.worker_ids()) <= 2


def test_prewarm_starts_workers_and_a_new_state_retires_old_ones(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    engine = DuckDBEngine(workers=2)
    try:
        engine.prewarm(lake.current())
        old = _wait_for(engine, 2)
        with lake.writer() as connection:
            connection.execute("CREATE TABLE n AS SELECT 1 AS a")
        engine.prewarm(lake.publish())
        new = _wait_for(engine, 2)
        assert not set(old) & set(new)
    finally:
        engine.close()


def _wait_for(engine: DuckDBEngine, count: int) -> list[int]:
    deadline = time.monotonic() + 15
    while len(engine.worker_ids()) < count and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(engine.worker_ids()) == count
    return engine.worker_ids()


def test_a_closed_engine_says_so(snapshot: Snapshot) -> None:
    engine = DuckDBEngine(workers=1)
    engine.close()
    with pytest.raises(Unavailable):
        _run(engine, snapshot, "SELECT 1 AS one")


def test_closing_ends_the_question_under_way(snapshot: Snapshot) -> None:
    engine = DuckDBEngine(workers=1)
    timer = threading.Timer(1.0, engine.close)
    timer.start()
    started = time.monotonic()
    with pytest.raises(Unavailable):
        _run(engine, snapshot, "SELECT count(*) FROM range(1000000000000)", Limits(seconds=20))
    assert time.monotonic() - started < 10
    timer.join()
    assert engine.worker_ids() == []


def test_the_cache_forgets_the_least_recently_used() -> None:
    cache = ResultCache(most_bytes=4000)
    results = {name: QueryResult(pa.table({"n": pa.array(range(100), pa.int64())}), 1.0) for name in "abcdef"}
    for name in "abcde":
        cache.put(name, results[name])
        cache.get("a")
    cache.put("f", results["f"])
    assert [name for name in "abcdef" if cache.get(name)] == ["a", "c", "d", "e", "f"]  # 800 bytes each, five fit
    cache.put("big", QueryResult(pa.table({"n": pa.array(range(1000), pa.int64())}), 1.0))
    cache.put("", results["a"])
    assert cache.get("big") is None
    assert cache.get("") is None


def test_a_published_copy_that_vanished_is_unavailable_not_a_crash(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    gone = lake.current()
    gone.catalog.unlink()
    engine = DuckDBEngine(workers=1)
    try:
        with pytest.raises(Unavailable):
            _run(engine, gone, "SELECT 1 AS one")
    finally:
        engine.close()


_ORPHAN = """
import os, sys, time
from pathlib import Path
from warehouse.engines.cache import ResultCache
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.lake import Lake
engine = DuckDBEngine(workers=1)
engine.prewarm(Lake.open(Path(sys.argv[1])).current())
while not engine.worker_ids():
    time.sleep(0.01)
print(engine.worker_ids()[0], flush=True)
os._exit(1)
"""


def test_a_worker_ends_when_its_parent_is_gone(snapshot: Snapshot) -> None:
    parent = subprocess.run(
        [sys.executable, "-c", _ORPHAN, str(snapshot.catalog.parents[1])],
        capture_output=True, text=True, timeout=30, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    worker = Path(f"/proc/{int(parent.stdout)}")
    deadline = time.monotonic() + 5
    while worker.exists() and time.monotonic() < deadline:
        if (worker / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return  # ended; nobody has collected it
        time.sleep(0.02)
    assert not worker.exists()


def test_float_sums_are_the_same_every_time(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    with lake.writer() as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT CAST(hash(range) % 100000 AS DOUBLE) / 7.0 AS v, range % 5 AS g"
            " FROM range(2000000)"
        )
    snapshot, engine = lake.publish(), DuckDBEngine(workers=2)
    try:
        runs = [f"SELECT g, sum(v) AS s, avg(v) AS a FROM t GROUP BY g ORDER BY g LIMIT {5 + n}" for n in range(6)]
        answers = [_run(engine, snapshot, sql).table.to_pylist() for sql in runs]
    finally:
        engine.close()
    assert all(answer == answers[0] for answer in answers)
