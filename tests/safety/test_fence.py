"""Promises 2, 6 and 7: what the worker alone stops, how long anything may take, and what a dead worker costs."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evals import runaway
from store.errors import LimitReached, PlainsayError, Unavailable
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.guard import Limits


@pytest.fixture
def lone_engine(guarded: Any) -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(workers=1)
    yield engine
    engine.close()


@pytest.mark.data
@pytest.mark.slow
def test_all_runaway_queries_end_while_another_is_answered(corpora: Path, guarded: Any) -> None:
    """How soon they end and how long the other waits is measured by `plainsay evals run runaway`."""
    texts, wrong = runaway.bombs(corpora.parent), []
    assert len(texts) == 25

    def release() -> None:
        for text in texts:
            try:
                rows = engine.run(guarded.forge(text.sql, Limits(seconds=0.5))).table
                assert rows.nbytes <= 16_000_000
            except PlainsayError as error:
                if error.code not in ("query_seconds", "query_memory", "sql_does_not_fit"):
                    wrong.append((text.id, error.code))

    with closing(DuckDBEngine(workers=2)) as engine:
        took = runaway.Neighbour(engine, guarded.snapshot).beside(threading.Thread(target=release))
        assert engine.run(guarded.forge("SELECT 1 AS one")).table.num_rows == 1
    assert wrong == []
    assert len(took) >= len(texts)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM sqlite_scan('{dir}/planted.sqlite', 'keys')",
        "ATTACH '{dir}/planted.sqlite' AS planted (TYPE sqlite)",
        "SELECT * FROM read_blob('{dir}/planted.sqlite')",
        "SELECT * FROM read_text('{dir}/planted.txt')",
        "SELECT * FROM '{dir}/planted.txt'",
        "SELECT * FROM glob('{dir}/*')",
        "SELECT * FROM read_parquet('{lake}/data/**/*.parquet')",
        "SELECT * FROM postgres_scan('host=127.0.0.1', 'public', 'keys')",
        "SELECT * FROM read_csv('http://127.0.0.1:1/x')",
        "LOAD sqlite_scanner",
        "INSTALL sqlite_scanner",
        "COPY (SELECT 1) TO '{dir}/out.csv'",
        "COPY (SELECT 1) TO '{lake}/data/out.parquet'",
        "ATTACH '{lake}/evil.duckdb' AS evil",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET temp_directory = '{dir}'",
        "CREATE TABLE lake.main.zz AS SELECT 1",
        "INSERT INTO orders SELECT * FROM orders",
        "DELETE FROM orders",
        "SELECT secret FROM b.only_b",
        "SELECT secret FROM b.orders",
        "SELECT secret FROM query('SELECT secret FROM lake.b.only_b')",
    ],
)
def test_without_the_gate_the_worker_still_refuses(guarded: Any, sql: str) -> None:
    outside = guarded.lake.folder.parent
    with sqlite3.connect(outside / "planted.sqlite") as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS keys AS SELECT 'CANARY-KEY' AS key")
    connection.close()
    (outside / "planted.txt").write_text("CANARY-KEY\n")
    before = sorted(p.name for p in outside.rglob("*"))
    with pytest.raises(PlainsayError) as caught:
        guarded.engine.run(guarded.forge(sql))
    assert "CANARY" not in str(caught.value)
    assert str(outside) not in str(caught.value.to_dict())
    assert sorted(p.name for p in outside.rglob("*")) == before


def test_columns_by_pattern_do_not_show_file_paths(guarded: Any) -> None:
    for sql in ("SELECT COLUMNS('.*') FROM orders LIMIT 1", "SELECT * FROM orders LIMIT 1"):
        assert guarded.engine.run(guarded.bind(sql)).table.column_names == list(guarded.snapshot.tables["orders"])


def test_a_table_that_left_the_file_list_cannot_be_read(guarded: Any) -> None:
    files = {**guarded.snapshot.files, "customers": ()}
    narrowed = replace(guarded.snapshot, files=files)
    engine = DuckDBEngine(workers=1)
    try:
        assert engine.run(guarded.forge("SELECT max(id) AS m FROM orders", snapshot=narrowed)).table.num_rows == 1
        with pytest.raises(PlainsayError):
            engine.run(guarded.forge("SELECT name FROM customers", snapshot=narrowed))
    finally:
        engine.close()


def test_temporary_objects_do_not_outlive_a_question(guarded: Any, lone_engine: DuckDBEngine) -> None:
    lone_engine.run(guarded.forge("CREATE OR REPLACE TEMP MACRO sum(x) AS 42"))
    lone_engine.run(guarded.forge("CREATE TEMP VIEW orders AS SELECT 666 AS amount"))
    honest = lone_engine.run(guarded.bind("SELECT sum(amount) AS total FROM orders")).table.to_pylist()
    assert honest == [{"total": pytest.approx(749250.0)}]


def test_a_killed_worker_costs_one_answer(guarded: Any) -> None:
    engine = DuckDBEngine(workers=2)
    outcomes: list[str] = []

    def ask(number: int) -> None:
        try:
            engine.run(guarded.bind(f"SELECT count(*) + {number} AS n FROM orders"))
            outcomes.append("ok")
        except Unavailable:
            outcomes.append("lost")

    kills = 0
    try:
        threads = [threading.Thread(target=lambda k=k: [ask(k * 100 + i) for i in range(50)]) for k in range(4)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            time.sleep(0.15)
            for pid in engine.worker_ids()[: kills < 6]:
                os.kill(pid, signal.SIGKILL)
                kills += 1
    finally:
        engine.close()
    assert len(outcomes) == 200
    assert kills >= 3
    assert outcomes.count("lost") <= kills


def test_a_worker_killed_in_mid_query_is_said_so_and_replaced(guarded: Any, lone_engine: DuckDBEngine) -> None:
    lone_engine.prewarm(guarded.snapshot)
    while not lone_engine.worker_ids():
        time.sleep(0.01)
    victim = lone_engine.worker_ids()[0]
    timer = threading.Timer(0.3, os.kill, (victim, signal.SIGKILL))
    timer.start()
    with pytest.raises(Unavailable, match="stopped in the middle"):
        lone_engine.run(guarded.forge("SELECT count(*) FROM range(1000000000000)"))
    timer.join()
    assert lone_engine.run(guarded.bind("SELECT 1 AS one")).table.num_rows == 1


def test_workers_end_with_the_engine(guarded: Any) -> None:
    engine = DuckDBEngine(workers=1)
    engine.run(guarded.bind("SELECT 2 AS two"))
    pids = engine.worker_ids()
    engine.close()
    assert pids and not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_worker_has_no_secrets_and_no_way_to_write(guarded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "CANARY-KEY")
    engine = DuckDBEngine(workers=1)
    try:
        engine.run(guarded.bind("SELECT 3 AS three"))
        process = Path(f"/proc/{engine.worker_ids()[0]}")
        assert b"CANARY" not in (process / "environ").read_bytes()
        limits = (process / "limits").read_text()
        for name, most in (("Max file size", "0"), ("Max core file size", "0"), ("Max address space", "2147483648")):
            assert next(line for line in limits.splitlines() if line.startswith(name)).split()[-3:-1] == [most, most]
    finally:
        engine.close()


def test_a_slow_query_is_told_how_to_narrow(guarded: Any, lone_engine: DuckDBEngine) -> None:
    with pytest.raises(LimitReached) as caught:
        lone_engine.run(guarded.bind("SELECT count(*) FROM range(1000000000000)", Limits(seconds=0.3)))
    assert caught.value.code == "query_seconds"
    assert "filter" in str(caught.value)
