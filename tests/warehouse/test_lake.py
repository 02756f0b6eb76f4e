"""The lake: one writer, published states that readers keep, nothing acknowledged is ever lost."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from store.errors import ConfigProblem, Unavailable, UnknownName
from store.principal import LOCAL_OWNER
from warehouse import extensions
from warehouse.engines.duckdb import DuckDBEngine
from warehouse.guard import RawSql, authorize
from warehouse.lake import Lake
from warehouse.model.schema import SemanticModel, Table
from warehouse.publishing import KEPT_COPIES, KEPT_SECONDS
from warehouse.snapshot import Snapshot


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake.create(tmp_path / "it's a lake")


def _ask(engine: DuckDBEngine, snapshot: Snapshot, sql: str) -> list[dict[str, object]]:
    model = SemanticModel(model="m", tables={name: Table(source=name) for name in snapshot.tables})
    rows: list[dict[str, object]] = engine.run(
        authorize(RawSql(sql), LOCAL_OWNER, model=model, snapshot=snapshot)
    ).table.to_pylist()
    return rows


def test_a_new_lake_is_empty_published_and_in_wal_mode(lake: Lake) -> None:
    assert lake.current().tables == {}
    connection = sqlite3.connect(lake.catalog)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
    assert Lake.create(lake.folder).current() == lake.current()


def test_opening_what_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no data yet"):
        Lake.open(tmp_path / "nowhere")


def test_publish_names_tables_columns_and_files(lake: Lake) -> None:
    with lake.writer() as connection:
        connection.execute('CREATE TABLE orders AS SELECT range AS id, \'x\' AS "odd ""name" FROM range(10)')
        connection.execute("INSERT INTO orders VALUES (10, 'y')")
        connection.execute("DELETE FROM orders WHERE id = 3")
        connection.execute("CREATE VIEW seen AS SELECT 1 AS a")
        connection.execute("CREATE SCHEMA other")
        connection.execute("CREATE TABLE other.secret AS SELECT 1 AS a")
    assert lake.current().tables == {}
    snapshot = lake.publish()
    assert snapshot.tables == {"orders": ("id", 'odd "name')}
    assert len(snapshot.files["orders"]) == 3
    assert all(Path(path).is_file() for path in snapshot.files["orders"])
    assert lake.current() == snapshot == Lake.open(lake.folder).current()
    assert lake.publish() is lake.current()


def test_small_tables_are_files_too(lake: Lake) -> None:
    with lake.writer() as connection:
        connection.execute("CREATE TABLE one AS SELECT 1 AS a")
    assert len(lake.publish().files["one"]) == 1


def test_a_second_writer_is_told_to_wait(lake: Lake) -> None:
    with lake.writer(), pytest.raises(Unavailable) as caught, Lake.open(lake.folder).writer(wait=0.05):
        pass
    assert caught.value.code == "lake_busy"
    with lake.writer(wait=0.05) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_an_error_rolls_an_open_transaction_back(lake: Lake) -> None:
    with pytest.raises(ZeroDivisionError), lake.writer() as connection:
        connection.execute("BEGIN")
        connection.execute("CREATE TABLE half AS SELECT 1 AS a")
        raise ZeroDivisionError
    assert lake.publish().tables == {}


def test_readers_of_an_old_state_keep_it_while_new_ones_appear(lake: Lake) -> None:
    with lake.writer() as connection:
        connection.execute("CREATE TABLE n AS SELECT 1 AS a")
    first = lake.publish()
    engine = DuckDBEngine(workers=2)
    try:
        assert _ask(engine, first, "SELECT sum(a) AS s FROM n") == [{"s": 1}]
        with lake.writer() as connection:
            connection.execute("INSERT INTO n VALUES (10)")
        second = lake.publish()
        assert _ask(engine, second, "SELECT sum(a) AS s FROM n") == [{"s": 11}]
        assert _ask(engine, first, "SELECT sum(a) + 0 AS s FROM n") == [{"s": 1}]
    finally:
        engine.close()


def test_publishing_while_reading_and_writing(lake: Lake) -> None:
    """Each committed batch adds ten rows, so every consistent state holds a multiple of ten."""
    with lake.writer() as connection:
        connection.execute("CREATE TABLE events AS SELECT range AS i FROM range(10)")
    lake.publish()
    stop, sums, errors = threading.Event(), [], []
    engine = DuckDBEngine(workers=1)

    def read() -> None:
        while not stop.is_set():
            try:
                sums.append(_ask(engine, lake.current(), "SELECT count(i) AS n, max(i) AS top FROM events")[0])
            except Exception as error:  # noqa: BLE001 - whatever the reader meets must fail the test
                errors.append(error)

    def publish() -> None:
        while not stop.is_set():
            lake.publish()
            time.sleep(0.2)

    threads = [threading.Thread(target=read), threading.Thread(target=publish)]
    for thread in threads:
        thread.start()
    with lake.writer() as connection:
        for start in range(10, 40_010, 10):
            connection.execute(f"INSERT INTO events SELECT range FROM range({start}, {start + 10})")
            if errors or (start >= 400 and len({row["n"] for row in sums}) >= 3):
                break
    stop.set()
    for thread in threads:
        thread.join()
    engine.close()
    assert errors == []
    assert len({row["n"] for row in sums}) >= 3
    assert all(row["n"] % 10 == 0 and row["top"] == row["n"] - 1 for row in sums)
    assert lake.publish().tables == {"events": ("i",)}


def test_old_copies_are_swept(lake: Lake) -> None:
    for number in range(KEPT_COPIES + 2):
        with lake.writer() as connection:
            connection.execute(f"CREATE TABLE t{number} AS SELECT 1 AS a")
        lake.publish()
    copies = list(lake.published.glob("catalog-*.duckdb"))
    assert len(copies) > KEPT_COPIES, "one that was read just now may still be opened"
    for copy in copies:
        os.utime(copy, (0, copy.stat().st_mtime - KEPT_SECONDS - 1))
    with lake.writer() as connection:
        connection.execute("CREATE TABLE last AS SELECT 1 AS a")
    lake.publish()
    copies = list(lake.published.glob("catalog-*.duckdb"))
    assert len(copies) == KEPT_COPIES
    assert lake.current().catalog in copies
    assert not list(lake.published.glob("copying-*"))


def test_a_lake_may_be_moved(lake: Lake, tmp_path: Path) -> None:
    with lake.writer() as connection:
        connection.execute("CREATE TABLE n AS SELECT 7 AS a")
    lake.publish()
    moved = Lake.open(lake.folder.rename(tmp_path / "elsewhere"))
    engine = DuckDBEngine(workers=1)
    try:
        assert _ask(engine, moved.current(), "SELECT a FROM n") == [{"a": 7}]
        with moved.writer() as connection:
            connection.execute("INSERT INTO n VALUES (8)")
        assert _ask(engine, moved.publish(), "SELECT sum(a) AS s FROM n") == [{"s": 15}]
    finally:
        engine.close()


_STREAM = """
import sys
from pathlib import Path
from warehouse.lake import Lake
with Lake.open(Path(sys.argv[1])).writer() as connection:
    for n in range(int(sys.argv[2]), 10**9):
        connection.execute(f"INSERT INTO log SELECT {n} AS batch, range AS row FROM range(100)")
        print(n, flush=True)
"""


def test_kill_9_of_a_writer_loses_no_acknowledged_batch(lake: Lake) -> None:
    with lake.writer() as connection:
        connection.execute("CREATE TABLE log (batch BIGINT, row BIGINT)")
    acknowledged = -1
    for round_ in range(4):
        writer = subprocess.Popen(
            [sys.executable, "-c", _STREAM, str(lake.folder), str(acknowledged + 1000)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(3 + round_)]
        os.kill(writer.pid, signal.SIGKILL)
        lines += writer.stdout.readlines()
        writer.wait()
        writer.stdout.close()
        acknowledged = int([line for line in lines if line.endswith("\n")][-1])
        with lake.writer() as connection:
            rows = connection.execute("SELECT batch, count(*) FROM log GROUP BY batch").fetchall()
        assert {count for _, count in rows} == {100}
        assert acknowledged in {batch for batch, _ in rows}
    assert lake.publish().tables == {"log": ("batch", "row")}


def test_extensions_come_from_their_wheels() -> None:
    assert [(found.name, found.source) for found in extensions.report()] == [
        ("ducklake", "wheel"),
        ("sqlite_scanner", "wheel"),
    ]


def test_a_missing_extension_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with pytest.raises(ConfigProblem, match="pip install duckdb-extension-no-such-thing"):
        extensions.locate("no_such_thing")


def test_catalogs_are_copied_outside_this_process(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's SQLite beside DuckDB's in one process would cut the shared memory of an open catalog (a bus error)."""
    with lake.writer() as connection:
        connection.execute("CREATE TABLE events AS SELECT 1 AS i")
        opened: list[str] = []
        real = sqlite3.connect
        monkeypatch.setattr(sqlite3, "connect", lambda path, **kw: opened.append(str(path)) or real(path, **kw))
        lake.publish()
    assert not any(path.endswith("catalog.sqlite") for path in opened)


@pytest.mark.parametrize("damage", [b"", b"\xff\x00\xfe", b"[1]", b"{}", b'{"version": 1}'])
def test_a_damaged_manifest_is_told_and_the_next_load_repairs_it(lake: Lake, damage: bytes) -> None:
    with lake.writer() as connection:
        connection.execute("CREATE TABLE sales AS SELECT range AS id FROM range(5)")
    lake.publish()
    manifest = lake.published / "current.json"
    manifest.write_bytes(damage)
    with pytest.raises(Unavailable, match="cannot be read"):
        lake.current()
    lake.publish()
    engine = DuckDBEngine()
    try:
        assert _ask(engine, lake.current(), "SELECT count(id) AS n FROM sales") == [{"n": 5}]
    finally:
        engine.close()


def test_a_published_copy_that_is_gone_is_made_again(lake: Lake) -> None:
    lake.current().catalog.unlink()
    lake.publish()
    assert lake.current().catalog.exists()
