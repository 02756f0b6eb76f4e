"""Copies of running databases: all rows with their types and keys, then only what is new, each row once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal

import pytest

from ingestion import copying
from ingestion.copying import Wanted, copy
from store.errors import ConfigProblem, InvalidRequest, SourceProblem, UnknownName
from warehouse.lake import Lake
from warehouse.model import store as models
from warehouse.workspace import named

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, joined DATE);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), amount NUMERIC(10, 2),
                     changed TIMESTAMP, photo BLOB);
CREATE TABLE visits (at TIMESTAMP, page TEXT);
INSERT INTO customers VALUES (1, 'Ann', '2026-01-05'), (2, 'Bob', NULL);
INSERT INTO orders VALUES (1, 1, 9.50, '2026-02-01 10:00:00', x'00'), (2, 2, 20, '2026-02-02 10:00:00', NULL);
INSERT INTO visits VALUES ('2026-02-01 10:00:00', 'a'), ('2026-02-01 10:00:00', 'a');
"""


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop.db"
    run(path, SHOP)
    return path


def run(path, script: str) -> None:
    with closing(sqlite3.connect(path)) as source:
        source.executescript(script)


def rows(place, sql: str):
    with Lake.open(place.lake).writer() as writer:
        return writer.execute(sql).fetchall()


def test_all_tables_come_with_types_keys_and_meaning(shop, tmp_path):
    place = named("w", tmp_path)
    report = copy(place, f"sqlite:///{shop}", Wanted())
    assert {t.name: t.rows for t in report.tables} == {"customers": 2, "orders": 2, "visits": 2}
    assert report.problems == [] and any("photo" in w for t in report.tables for w in t.warnings)
    assert rows(place, "SELECT * FROM orders ORDER BY id") == [
        (1, 1, Decimal("9.50"), datetime(2026, 2, 1, 10)),
        (2, 2, Decimal("20.00"), datetime(2026, 2, 2, 10)),
    ]
    assert rows(place, "SELECT joined FROM customers ORDER BY id") == [(date(2026, 1, 5),), (None,)]
    assert [j.to for j in models.load(place.model_file).tables["orders"].joins] == ["customers"]


def test_the_next_copy_reads_what_is_new_and_doubles_nothing(shop, tmp_path):
    place, url = named("w", tmp_path), f"sqlite:///{shop}"
    wanted = Wanted(tables=("orders",), cursor="changed")
    assert copy(place, url, wanted).tables[0].rows == 2
    run(shop, "INSERT INTO orders VALUES (3, 1, 5, '2026-02-03 10:00:00', NULL);"
              "UPDATE orders SET amount = 11, changed = '2026-02-04 10:00:00' WHERE id = 1;")  # fmt: skip
    assert copy(place, url, wanted).tables[0].rows == 3, "the newest of last time, the new one, and the changed one"
    assert copy(place, url, wanted).tables[0].rows == 1
    assert rows(place, "SELECT id, amount FROM orders ORDER BY id") == [(1, 11), (2, 20), (3, 5)]
    log = Wanted(tables=("visits",), cursor="at")
    copy(place, url, log)
    run(shop, "INSERT INTO visits VALUES ('2026-02-01 10:00:00', 'a'), ('2026-02-02 10:00:00', 'b')")
    copy(place, url, log)
    assert rows(place, "SELECT page, count(*) FROM visits GROUP BY page ORDER BY page") == [("a", 3), ("b", 1)]
    run(shop, "ALTER TABLE orders ADD COLUMN note TEXT")
    again = copy(place, url, wanted).tables[0]
    assert again.rows == 3 and any("columns have changed" in w for w in again.warnings)
    assert len(rows(place, "SELECT note FROM orders")) == 3, "a new column comes with a whole copy"


def test_what_is_wrong_is_said_without_secrets(shop, tmp_path):
    place = named("w", tmp_path)
    with pytest.raises(UnknownName, match="order"):
        copy(place, f"sqlite:///{shop}", Wanted(tables=("order",)))
    with pytest.raises(InvalidRequest):
        copy(place, "not an address", Wanted())
    with pytest.raises(ConfigProblem, match="driver"):
        copy(place, "mysql+nosuchdriver://u:pw@h/x", Wanted())
    with pytest.raises(SourceProblem) as refused:
        copy(place, "postgresql://someone:hush@127.0.0.1:1/x", Wanted())
    assert "hush" not in str(refused.value)


def test_a_value_that_is_not_of_its_type_leaves_only_its_table_out(shop, tmp_path):
    run(shop, "INSERT INTO customers VALUES (3, 'Cid', 'soon')")
    place = named("w", tmp_path)
    report = copy(place, f"sqlite:///{shop}", Wanted())
    assert [p.file for p in report.problems] == ["shop › customers"]
    assert {t.name for t in report.tables} == {"orders", "visits"}
    assert copying.BATCH > 1


@pytest.mark.slow
def test_postgres_copies_and_goes_on_where_it_stopped(tmp_path, postgres_url):
    import psycopg

    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as server:
        server.execute("DROP TABLE IF EXISTS copied")
        server.execute("CREATE TABLE copied (id bigint PRIMARY KEY, at timestamptz, price numeric(12,3), more jsonb)")
        server.execute("INSERT INTO copied SELECT n, now() - n * interval '1 hour', n / 8.0, '{\"a\": 1}'"
                       " FROM generate_series(1, 50000) n")  # fmt: skip
        place, wanted = named("w", tmp_path), Wanted(tables=("copied",), cursor="at")
        assert copy(place, postgres_url, wanted).tables[0].rows == 50_000
        server.execute("INSERT INTO copied VALUES (0, now(), 1.5, NULL)")
        server.execute("UPDATE copied SET price = 7, at = now() WHERE id = 40000")
        assert copy(place, postgres_url, wanted).tables[0].rows == 3, (
            "the newest of last time, the new one, the changed one"
        )
    assert rows(place, "SELECT count(*), count(DISTINCT id), sum(price) FILTER (id IN (0, 40000)) FROM copied") == [
        (50_001, 50_001, Decimal("8.500"))
    ]
