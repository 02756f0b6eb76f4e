"""The profile: counts, extremes, common values, cheap on large tables."""

from __future__ import annotations

import time

import duckdb
import pytest

from ingestion.profiling import profile


@pytest.fixture
def connection():
    with duckdb.connect() as found:
        yield found


def test_a_small_table_is_counted_exactly(connection):
    connection.execute(
        """CREATE TABLE t AS SELECT * FROM (VALUES
            (1, 1.5, 'b', DATE '2024-01-02', TIMESTAMPTZ '2024-01-02 03:04:05+02'),
            (2, 2.0, 'a', NULL, NULL),
            (2, 4.0, 'b', DATE '2023-01-02', NULL)) v(i, d, s, day, moment)"""
    )
    columns = profile(connection).tables["t"].columns
    assert (columns["i"].distinct, columns["i"].nulls, columns["i"].integral, columns["i"].mean) == (2, 0, True, 5 / 3)
    assert (columns["d"].integral, columns["d"].min, columns["d"].max) == (False, "1.5", "4.0")
    assert (columns["s"].values, columns["s"].max_length) == (["b", "a"], 1)
    assert (columns["day"].min, columns["day"].nulls) == ("2023-01-02", 1)
    assert columns["moment"].min == "2024-01-02 01:04:05"


def test_an_empty_table(connection):
    connection.execute("CREATE TABLE t(a INTEGER, b VARCHAR)")
    found = profile(connection).tables["t"]
    assert (found.rows, found.columns["a"].values, found.columns["b"].min) == (0, [], None)


def test_only_the_tables_asked_for(connection):
    connection.execute("CREATE TABLE a AS SELECT 1 AS x; CREATE TABLE b AS SELECT 1 AS x")
    assert list(profile(connection, ["b"], snapshot=7).tables) == ["b"]


def test_a_large_table_takes_few_seconds_and_gives_the_same_twice(connection):
    columns = ", ".join(
        f"(hash(range * {i}) % {10 ** (i % 7)})::{'VARCHAR' if i % 2 else 'BIGINT'} AS c{i}" for i in range(1, 16)
    )
    connection.execute(f"CREATE TABLE big AS SELECT {columns} FROM range(1200000)")
    started = time.process_time()
    first = profile(connection)
    assert time.process_time() - started < 8
    assert first == profile(connection)
    assert not first.tables["big"].columns["c1"].distinct_exact
