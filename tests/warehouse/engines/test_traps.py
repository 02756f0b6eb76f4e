"""What each engine does differently, silently: the trap still bites with our settings off, and our SQL is right."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
import sqlglot
from sqlglot import exp

from warehouse.compiler.dialects import render
from warehouse.engines.clickhouse import SETTINGS


def ours(sql: str, dialect: str) -> str:
    """What the compiler would send for a tree that DuckDB reads as `sql`."""
    return render(sqlglot.parse_one(sql, dialect="duckdb"), dialect)


@pytest.fixture
def raw_clickhouse(clickhouse: Any) -> Any:
    """One value, with or without our settings."""

    def ask(sql: str, **settings: Any) -> Any:
        return clickhouse._client.arrow(sql, settings, "q").column(0).to_pylist()[0]

    return ask


@pytest.fixture
def raw_postgres(postgres: Any) -> Any:
    def ask(sql: str) -> Any:
        with postgres._connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0]

    return ask


def both(ask: Any, trap: str, dialect_sql: str) -> tuple[Any, Any]:
    return ask(trap), ask(dialect_sql, **SETTINGS)


def test_t1_clickhouse_an_alias_shadows_its_column(raw_clickhouse: Any) -> None:
    inner = "SELECT toDate('2025-01-01') AS d"
    sql = f"SELECT count() FROM (SELECT toDate('2025-02-01') AS d FROM ({inner}) WHERE d < '2025-01-15')"
    assert both(raw_clickhouse, sql, sql) == (0, 1)


def test_t2_clickhouse_misses_of_a_join_are_no_nulls(raw_clickhouse: Any) -> None:
    sql = "SELECT count() FROM (SELECT 1 AS a) l LEFT JOIN (SELECT 2 AS a, 'x' AS v) r ON l.a = r.a WHERE r.v IS NULL"
    assert both(raw_clickhouse, sql, sql) == (0, 1)


def test_t3_clickhouse_the_sum_of_nothing_is_zero(raw_clickhouse: Any) -> None:
    sql = "SELECT sum(number) FROM numbers(5) WHERE number > 9"
    assert both(raw_clickhouse, sql, sql) == (0, None)
    assert raw_clickhouse("SELECT count(number) FROM numbers(5) WHERE number > 9", **SETTINGS) == 0


def test_t4_clickhouse_decimals_divide_with_their_scale(raw_clickhouse: Any) -> None:
    divided = ours("SELECT CAST(10 AS DECIMAL(18,2)) / CAST(3 AS DECIMAL(18,2))", "clickhouse")
    trap, right = both(raw_clickhouse, "SELECT toDecimal64(10, 2) / toDecimal64(3, 2)", divided)
    assert float(trap) == 3.33
    assert right == pytest.approx(10 / 3)


def test_t5_clickhouse_a_bound_as_text_is_read_in_the_session_zone(raw_clickhouse: Any) -> None:
    row = "toDateTime64('2025-01-01 12:00:00', 6, 'UTC')"
    assert raw_clickhouse(f"SELECT {row} >= toDateTime64('2025-01-01 18:00:00', 6)", session_timezone="Asia/Tokyo") == 1
    bound = ours("SELECT CAST('2025-01-01 18:00:00' AS TIMESTAMP)", "clickhouse").removeprefix("SELECT")
    assert raw_clickhouse(f"SELECT {row} >= {bound}", session_timezone="Asia/Tokyo") == 0


def test_t6_clickhouse_the_median_is_a_sample(raw_clickhouse: Any) -> None:
    table = "(SELECT number AS x FROM numbers(1000001))"
    assert (
        raw_clickhouse(
            f"SELECT median(intHash32(x) % 1000003) = quantileExactInclusive(0.5)(intHash32(x) % 1000003) FROM {table}"
        )
        == 0
    )
    text = ours("SELECT MEDIAN(x) AS m FROM t", "clickhouse").replace('"t"', table)
    assert raw_clickhouse(text, **SETTINGS) == 500000


def test_t7_clickhouse_first_values_skip_what_is_empty(raw_clickhouse: Any) -> None:
    table = "(SELECT 1 AS i, CAST(NULL AS Nullable(Int32)) AS x UNION ALL SELECT 2, 5)"
    frame = "OVER (ORDER BY i ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)"
    trap = f"SELECT first_value(x) {frame} AS f FROM {table} ORDER BY i DESC LIMIT 1"
    assert raw_clickhouse(trap, **SETTINGS) == 5
    text = ours(f"SELECT FIRST_VALUE(x) {frame} AS f FROM t ORDER BY i DESC LIMIT 1", "clickhouse").replace(
        '"t"', table
    )
    assert raw_clickhouse(text, **SETTINGS) is None


def test_t7_clickhouse_distinct_counts_are_exact(raw_clickhouse: Any) -> None:
    sql = "SELECT COUNT(DISTINCT number) FROM numbers(70000)"
    assert raw_clickhouse("SELECT uniq(number) FROM numbers(70000)") != 70000
    assert raw_clickhouse(sql, **SETTINGS) == 70000


def test_t8_postgres_whole_numbers_divide_whole(raw_postgres: Any) -> None:
    assert raw_postgres("SELECT 7 / 2") == 3
    assert raw_postgres(ours("SELECT 7 / 2", "postgres")) == 3.5


def test_t8_postgres_the_largest_is_an_empty_one(raw_postgres: Any) -> None:
    table = "(VALUES (1), (NULL), (3)) AS t(x)"
    assert raw_postgres(f"SELECT x FROM {table} ORDER BY x DESC LIMIT 1") is None
    text = ours("SELECT x FROM t ORDER BY x DESC NULLS LAST LIMIT 1", "postgres").replace('"t"', table)
    assert raw_postgres(text) == 3


def test_t8_postgres_periods_of_dates_are_not_moved_by_the_session_zone(raw_postgres: Any) -> None:
    text = ours("SELECT CAST(DATE_TRUNC('month', CAST('2025-03-01' AS DATE)) AS TEXT)", "postgres")
    assert "+" in raw_postgres("SELECT CAST(DATE_TRUNC('month', CAST('2025-03-01' AS DATE)) AS TEXT)")
    assert raw_postgres(text) == "2025-03-01 00:00:00"


@pytest.mark.parametrize("value", ["2.5", "-2.5", "3.5", "0.5"])
def test_t10_halves_are_rounded_alike(raw_postgres: Any, raw_clickhouse: Any, value: str) -> None:
    import duckdb

    sql = f"SELECT ROUND(CAST({value} AS DOUBLE)) AS r"
    expected = duckdb.connect().execute(sql).fetchone()[0]
    assert raw_postgres(ours(sql, "postgres")) == expected
    assert raw_clickhouse(ours(sql, "clickhouse"), **SETTINGS) == expected


def test_t10_the_trap_of_halves(raw_postgres: Any, raw_clickhouse: Any) -> None:
    assert raw_postgres("SELECT round(CAST(2.5 AS DOUBLE PRECISION))") == 2
    assert raw_clickhouse("SELECT round(2.5)") == 2


def test_t10_nothing_is_divided_by_zero(raw_postgres: Any, raw_clickhouse: Any) -> None:
    for ask, dialect, settings in ((raw_postgres, "postgres", {}), (raw_clickhouse, "clickhouse", SETTINGS)):
        assert ask(ours("SELECT 7 / (1 - 1) AS x", dialect), **settings) is None
        assert ask(ours("SELECT 7 % (1 - 1) AS x", dialect), **settings) is None


def test_t12_weeks_begin_on_monday(raw_postgres: Any, raw_clickhouse: Any) -> None:
    sql = "SELECT CAST(DATE_TRUNC('week', CAST('2025-11-02 10:00:00' AS TIMESTAMP)) AS DATE) AS w"
    assert str(raw_postgres(ours(sql, "postgres"))) == "2025-10-27"
    assert str(raw_clickhouse(ours(sql, "clickhouse"), **SETTINGS)) == "2025-10-27"
    assert str(raw_clickhouse("SELECT toStartOfWeek(toDate('2025-11-02'))")) == "2025-11-02"


@pytest.mark.parametrize(("unit", "days"), [("day", 3), ("week", 1), ("month", 1), ("year", 0), ("hour", 49)])
def test_t12_differences_count_borders(raw_postgres: Any, raw_clickhouse: Any, unit: str, days: int) -> None:
    ends = "CAST('2025-01-30 23:30:00' AS TIMESTAMP), CAST('2025-02-02 00:10:00' AS TIMESTAMP)"
    if unit == "week":
        ends = "CAST('2025-01-30 23:30:00' AS TIMESTAMP), CAST('2025-02-03 00:10:00' AS TIMESTAMP)"
    sql = f"SELECT DATE_DIFF('{unit}', {ends}) AS d"
    assert raw_postgres(ours(sql, "postgres")) == days
    assert raw_clickhouse(ours(sql, "clickhouse"), **SETTINGS) == days


def test_texts_reach_every_engine_as_they_are(raw_postgres: Any, raw_clickhouse: Any, naughty: list[str]) -> None:
    for text in naughty:
        tree = exp.select(exp.alias_(exp.Literal.string(text), "t"))
        assert raw_postgres(render(tree, "postgres")) == text
        assert raw_clickhouse(render(tree, "clickhouse"), **SETTINGS) == text


@pytest.mark.parametrize("dialect", ["snowflake", "bigquery", "trino", "mysql"])
def test_unproven_dialects_are_refused(dialect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from store.errors import InvalidRequest

    tree = exp.select(exp.column("a", quoted=True)).from_("t")
    with pytest.raises(InvalidRequest) as caught:
        render(tree, dialect)
    assert caught.value.code == "unverified_dialect"
    monkeypatch.setenv("PLAINSAY_UNVERIFIED_DIALECTS", "true")
    if dialect != "mysql":
        assert "SELECT" in render(tree, dialect)


def test_what_has_no_equal_is_refused_not_guessed() -> None:
    from store.errors import InvalidRequest

    for sql in ("SELECT TRY_CAST(a AS INT) FROM t", "SELECT a // 2 FROM t", "SELECT strftime(a, '%Y') FROM t"):
        with pytest.raises(InvalidRequest, match="same meaning"):
            ours(sql, "clickhouse")


def test_numbers_of_postgres_are_exact(postgres: Any) -> None:
    from warehouse.engines.rows import _decimals

    made = _decimals(pa.chunked_array([["1.10", None, "9007199254740993.01"]]))
    assert [str(v) for v in made.to_pylist()] == ["1.10", "None", "9007199254740993.01"]
