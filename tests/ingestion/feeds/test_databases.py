"""Databases as sources: tried, looked into, copied by what is new, kept sealed, and reached only where allowed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest

from api import sources
from ingestion.connectors import connections, health
from ingestion.feeds.addresses import engine_at
from store.errors import InvalidRequest, SourceProblem, Unavailable, UnknownName
from warehouse.locks import exclusive


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "shop.db"
    run(path, "CREATE TABLE orders (id INTEGER PRIMARY KEY, amount NUMERIC(10, 2), changed TIMESTAMP);"
              "CREATE TABLE visits (at TIMESTAMP, page TEXT);"
              "INSERT INTO orders VALUES (1, 9.5, '2026-02-01 10:00:00'), (2, 20, '2026-02-02 10:00:00');"
              "INSERT INTO visits VALUES ('2026-02-01 10:00:00', 'a');")  # fmt: skip
    return path


def run(path, script: str) -> None:
    with closing(sqlite3.connect(path)) as source:
        source.executescript(script)


def settings(shop, **more: str) -> dict[str, str]:
    return {"address": f"sqlite:///{shop}", **more}


def test_a_database_is_looked_into_without_keeping_anything(place, shop):
    found = sources.look(place, sources.Wanted("sqlite", settings(shop), trusted=True))
    orders = next(t for t in found["tables"] if t["name"] == "orders")
    assert orders["key"] == ("id",) and orders["growing"] == ("id", "changed")
    assert {c["name"]: c["type"] for c in orders["columns"]} == {"id": "integer", "amount": "number",
                                                                "changed": "moment"}  # fmt: skip
    assert connections.all_of(place) == []


@pytest.mark.slow
def test_each_table_is_copied_by_its_own_cursor_and_told_in_health(place, shop, connect, load, rows):
    made = connect("sqlite", settings(shop, cursor="orders=changed"), trusted=True)
    assert {t.name: t.rows for t in load(made).tables} == {"orders": 2, "visits": 1}
    run(shop, "INSERT INTO orders VALUES (3, 1, '2026-02-03 10:00:00');"
              "UPDATE orders SET amount = 11, changed = '2026-02-04 10:00:00' WHERE id = 1;"
              "DELETE FROM visits; INSERT INTO visits VALUES ('2026-02-05 10:00:00', 'b')")  # fmt: skip
    assert {t.name: t.rows for t in load(made).tables} == {"orders": 3, "visits": 1}
    assert rows("SELECT id, amount FROM orders ORDER BY id") == [(1, 11), (2, 20), (3, 1)]
    assert rows("SELECT page FROM visits") == [("b",)], "without a cursor the table is what the database has now"
    assert rows("SELECT connection, kind FROM connected_sources") == [("SQLite file", "databases")]
    found = health.of(place, made)
    assert (found.state, found.rows) == ("fresh", 4)
    shown = sources.describe(place, made)
    assert "address" not in shown["settings"] and shown["secrets"] == ["address"]
    assert {r["name"]: r["rows"] for r in sources.schema(place, made.id)["resources"]} == {"orders": 3, "visits": 1}


@pytest.mark.slow
def test_two_databases_of_one_kind_keep_their_tables_apart(place, shop, connect, load, rows, tmp_path):
    other = tmp_path / "other.db"
    run(other, "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (7)")
    first = connect("sqlite", settings(shop, tables="orders"), trusted=True)
    second = connect("sqlite", settings(other), trusted=True)
    load(first)
    load(second)
    load(first)
    assert rows("SELECT count(*) FROM orders") == [(2,)] and rows("SELECT id FROM orders_2") == [(7,)]
    sources.remove(place, first.id, rows=True)
    assert rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND table_name LIKE 'orders%'") == [
        ("orders_2",)
    ]
    with pytest.raises(InvalidRequest, match="connected already"):
        connect("sqlite", settings(shop), trusted=True, name=second.label)


def test_what_cannot_work_is_said_and_nothing_is_saved(place, shop, connect):
    with pytest.raises(SourceProblem, match="no table “order”"):
        connect("sqlite", settings(shop, tables="order"), trusted=True)
    with pytest.raises(InvalidRequest, match="not an address of PostgreSQL"):
        connect("postgresql", {"address": f"sqlite:///{shop}"}, trusted=True)
    with pytest.raises(SourceProblem, match="could not be read") as refused:
        connect("postgresql", {"address": "postgresql://u:hush@127.0.0.1:1/x"}, trusted=True)
    assert "hush" not in str(refused.value) and connections.all_of(place) == []


@pytest.mark.slow
def test_a_table_that_went_is_told_and_what_was_copied_stays(place, shop, connect, load, rows):
    made = connect("sqlite", settings(shop, tables="orders,visits"), trusted=True)
    load(made)
    run(shop, "DROP TABLE visits")
    with pytest.raises(UnknownName):
        load(made)
    assert health.of(place, made).state == "failing" and rows("SELECT count(*) FROM visits") == [(1,)]
    with exclusive(connections.folder(place) / f"{made.id}.lock", 1), pytest.raises(Unavailable):
        load(made)


@pytest.mark.parametrize(
    "address",
    ["sqlite:////etc/passwd", "postgresql://u:p@127.0.0.1/x", "postgresql://u:p@10.0.0.7:5432/x",
     "postgresql://u:p@169.254.169.254/x", "postgresql://u:p@[::1]:5432/x", "mysql://u:p@localhost/x",
     "postgresql:///x?host=/var/run/postgresql", "mysql://u:p@1.1.1.1/x?read_default_file=/etc/my.cnf",
     "postgresql://u:p@1.1.1.1/x?hostaddr=127.0.0.1", "mysql+mysqldb://u:p@1.1.1.1/x"],
)  # fmt: skip
def test_a_person_on_a_page_reaches_no_private_database_and_no_file(address):
    with pytest.raises(SourceProblem):
        engine_at(address, trusted=False)


def test_an_allowed_private_database_is_reached_at_the_address_that_was_checked(monkeypatch):
    monkeypatch.setenv("PLAINSAY_CONNECTOR_PRIVATE", "localhost:5432,localhost:3306")
    for address, name in (("postgresql://u:p@localhost/x", "hostaddr"), ("mysql://u:p@localhost/x", "host")):
        engine = engine_at(address, trusted=False)
        _, given = engine.dialect.create_connect_args(engine.url)
        given |= engine.pool._creator.keywords if hasattr(engine.pool._creator, "keywords") else {}
        assert given["host"] == "localhost" and name
        engine.dispose()


@pytest.fixture
def mariadb(tmp_path):
    """A real MariaDB server on loopback, where one is installed."""
    from evals.places import mariadb_server

    if shutil.which("mariadbd") is None or shutil.which("mariadb") is None:
        pytest.skip("MariaDB is not installed")
    with mariadb_server(tmp_path) as (url, run_sql):
        yield url, run_sql


@pytest.mark.slow
def test_mariadb_comes_with_its_own_kinds_of_values_and_goes_on(mariadb, connect, load, rows):
    url, run_sql = mariadb
    run_sql(
        "CREATE TABLE orders (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, amount DECIMAL(12, 3), at DATETIME(6),"
        " d DATE, t TIME, e ENUM('a', 'b'), y YEAR, j JSON, b BLOB);"
        "INSERT INTO orders (amount, at, d, t, e, y, j, b) SELECT seq / 8, '2026-01-01' + INTERVAL seq MINUTE,"
        " '2026-01-01', '10:00:00', 'a', 2026, '{\"k\": 1}', 'x' FROM seq_1_to_30000;"
        "INSERT INTO orders (amount, at, d, t) VALUES (1, '2026-01-01', '0000-00-00', '-30:00:05')"
    )  # fmt: skip
    made = connect("mysql", {"address": url, "cursor": "at"}, trusted=True)
    report = load(made)
    assert report.problems == [] and [t.rows for t in report.tables] == [30_001]
    assert rows("SELECT sum(amount), count(d), min(t), max(t), max(y), max(j) FROM orders") == [
        (Decimal("56251875.000") + 1, 30_000, "-30:00:05", "10:00:00", "2026", '{"k": 1}')
    ]
    run_sql("INSERT INTO orders (amount, at) VALUES (5, '2026-03-01'); UPDATE orders SET amount = 7, at = '2026-03-01'"
            " WHERE id = 8")  # fmt: skip
    assert [t.rows for t in load(made).tables] == [8], (
        "the new one, the changed one, and five minutes before the newest"
    )
    assert rows("SELECT count(*), count(DISTINCT id), sum(amount) FROM orders") == [
        (30_002, 30_002, Decimal("56251876") + 5 + 6)
    ]
