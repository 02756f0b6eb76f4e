"""Files of every kind, good and hostile: what loads, what is refused, and that a sentence says why."""

from __future__ import annotations

import gzip
import json
import sqlite3
import struct
import time
import zipfile
import zlib
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from openpyxl import Workbook

from ingestion.extract import MAX_COLUMNS
from ingestion.names import table_name

GOOD = "id,name\n1,Ann\n2,Bob\n"


def reason(reading):
    assert not reading.tables
    assert reading.log is None
    return reading.faults[0].reason


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_separators(bench, rows_of, delimiter):
    table = bench.table(GOOD.replace(",", delimiter))
    assert rows_of(table) == [(1, "Ann"), (2, "Bob")]


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", False), ("utf-8-sig", False), ("utf-16", False), ("utf-16-le", False), ("cp1252", True)],
)
def test_encodings(bench, rows_of, encoding, told):
    table = bench.table("id,name\n1,José Müller\n2,Zoë Ørsted\n".encode(encoding))
    assert rows_of(table) == [(1, "José Müller"), (2, "Zoë Ørsted")]
    assert bool(table.warnings) is told


def test_title_and_blank_rows_above_the_header(bench, rows_of):
    table = bench.table("Sales report,,\n,,\nid,name,amount\n1,Ann,5\n2,Bob,6\n")
    assert [c.name for c in table.columns] == ["id", "name", "amount"]
    assert rows_of(table) == [(1, "Ann", 5), (2, "Bob", 6)]
    assert "header in row 3" in table.warnings[0]


def test_no_header(bench, rows_of):
    table = bench.table("1,Ann,2024-01-01\n2,Bob,2024-01-02\n")
    assert [c.name for c in table.columns] == ["column_1", "column_2", "column_3"]
    assert len(rows_of(table)) == 2


def test_years_are_headers(bench):
    table = bench.table("Country,2019,2020,2021\nFrance,1.5,2.5,3.5\nSpain,2.5,3.5,4.5\n")
    assert [c.name for c in table.columns] == ["country", "c_2019", "c_2020", "c_2021"]


def test_rows_that_do_not_fit_are_named(bench, rows_of):
    table = bench.table("id,name\n1,Ann\n2,Bob,extra\n3\n4,Dan\n")
    assert rows_of(table) == [(1, "Ann"), (3, None), (4, "Dan")]
    assert "line 3: 3 values where 2 are expected" in table.warnings[0]
    assert "line 4" in table.warnings[1]


def test_an_open_quote_costs_its_own_line_only(bench, rows_of):
    table = bench.table('id,name\n1,Ann\n2,"Bob\n3,Cid\n4,Dan\n')
    assert [row[0] for row in rows_of(table)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        ("", "a.csv", "The file is empty."),
        ("id,name\n", "a.csv", "The file has column names but no rows."),
        ("\n\n\n", "a.csv", "The file has no rows."),
        (bytes(range(256)) * 50, "a.csv", "The content is not text."),
        ("%PDF-1.7 text", "a.pdf", "This kind of file cannot be read."),
        ("not a workbook", "a.xlsx", "the content is something else"),
        ("PAR1 garbage", "a.parquet", "The Parquet file is damaged"),
        ("SQLite format 3\x00garbage", "a.db", "The SQLite file is damaged"),
        ("{broken", "a.json", "The file is not valid JSON."),
        ("[]", "a.json", "The file holds no records."),
        ("nonsense\nmore", "a.ndjson", "No line holds a JSON object."),
        ('{"a": [{"x": 1}], "b": [{"y": 1}]}', "a.json", "several lists"),
        ("[" * 100_000, "a.json", "The file is not valid JSON."),
        (gzip.compress(GOOD.encode(), mtime=0)[:-12], "a.csv.gz", "The packed file is damaged"),
        (b"PK\x03\x04cut off", "a.xlsx", "The archive is damaged"),
    ],
)
def test_refused_with_a_sentence(bench, content, name, told):
    reading = bench.text(content, name)
    assert told in reason(reading)
    assert reading.faults[0].hint


def test_json_shapes(bench, rows_of, types_of):
    records = [{"id": 1, "who": {"name": "Ann", "tags": [1, 2]}}, {"id": 2, "extra": 1.5}]
    nested = bench.table(json.dumps({"meta": {}, "items": records}), "a.json")
    assert types_of(nested) == {
        "id": "BIGINT", "who_name": "VARCHAR", "who_tags": "VARCHAR", "extra": "DECIMAL(18,1)"
    }  # fmt: skip
    assert rows_of(nested)[0][:3] == (1, "Ann", "1, 2")
    assert rows_of(bench.table('[["a","b"],[1,2],[3,4]]', "a.json")) == [(1, 2), (3, 4)]
    assert rows_of(bench.table('{"a": [1,2], "b": ["x","y"]}', "a.json")) == [(1, "x"), (2, "y")]


def test_bad_ndjson_lines_are_named(bench, rows_of):
    table = bench.table('{"a": 1}\n{oops\n{"a": 2}\n7\n', "a.ndjson")
    assert rows_of(table) == [(1,), (2,)]
    assert table.warnings == ["2 lines left out (line 2: not valid JSON; line 4: not a JSON object)."]


def test_workbook(bench, rows_of, types_of):
    book = Workbook()
    first = book.active
    first.title = "Q1 Sales"
    for row in [["Report"], [], ["Order ID", "Amount", "When"], [1, 2.5, "2024-01-31"], [2, 3.25, "2024-02-01"]]:
        first.append(row)
    book.create_sheet("Empty")
    book.create_sheet("Codes").append(["zip"])
    book["Codes"].append(["01234"])
    path = bench.folder / "book.xlsx"
    book.save(path)
    reading = bench.read(path)
    assert [(t.name, t.part, t.rows) for t in reading.tables] == [("q1_sales", "Q1 Sales", 2), ("codes", "Codes", 1)]
    assert types_of(reading.tables[0]) == {"order_id": "BIGINT", "amount": "DECIMAL(18,2)", "when_": "DATE"}
    assert rows_of(reading.tables[1]) == [("01234",)]
    path.write_bytes(path.read_bytes()[:-400])
    assert "damaged" in reason(bench.read(path))


def test_duckdb_source_with_keys(bench, types_of):
    path = bench.folder / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE customer(custId INTEGER PRIMARY KEY, tags VARCHAR[], big HUGEINT, raw BLOB)")
        connection.execute(
            "CREATE TABLE sale(id INTEGER PRIMARY KEY, c INTEGER REFERENCES customer(custId), t TIMESTAMP_S)"
        )
        connection.execute("INSERT INTO customer VALUES (1, ['a'], 5, 'x')")
        connection.execute("CREATE VIEW v AS SELECT 1")
    reading = bench.read(path)
    customer, sale = reading.tables
    assert (customer.name, customer.primary_key, customer.rows) == ("customer", ["custId"], 1)
    assert types_of(customer) == {"custId": "INTEGER", "tags": "VARCHAR", "big": "DECIMAL(38,0)"}
    assert "binary data" in customer.warnings[0]
    assert sale.foreign_keys == [{"columns": ["c"], "to": "customer", "to_columns": ["custId"]}]
    assert types_of(sale)["t"] == "TIMESTAMP"


def test_sqlite_source_with_keys(bench, types_of, rows_of):
    path = bench.folder / "shop.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE customer(id INTEGER PRIMARY KEY, phone TEXT, born TEXT, score REAL)")
        connection.execute("CREATE TABLE sale(id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer)")
        connection.execute("INSERT INTO customer VALUES (1, '5551234', '2001-02-03', 1.5)")
        connection.execute("INSERT INTO sale VALUES (1, 1)")
    customer, sale = bench.read(path).tables
    assert types_of(customer) == {"id": "BIGINT", "phone": "VARCHAR", "born": "DATE", "score": "DOUBLE"}
    assert sale.foreign_keys == [{"columns": ["customer_id"], "to": "customer", "to_columns": []}]


def test_parquet_and_packed_text(bench, rows_of):
    path = bench.folder / "data.parquet"
    duckdb.execute(f"COPY (SELECT 1 AS \"Order ID\", 'x' AS b) TO '{path}' (FORMAT parquet)")
    assert [c.name for c in bench.read(path).tables[0].columns] == ["order_id", "b"]
    assert rows_of(bench.table(gzip.compress(GOOD.encode()), "sales.csv.gz")) == [(1, "Ann"), (2, "Bob")]


def test_zip_with_traversal_names_stays_inside(bench):
    path = bench.folder / "deep" / "all.zip"
    path.parent.mkdir()
    names = ["../../escape.csv", "/etc/absolute.csv", "..\\..\\win.csv", "ok/inner.csv", "__MACOSX/x.csv", "readme.md"]
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, GOOD)
    before = {p for p in bench.folder.rglob("*") if "out-" not in str(p)}
    reading = bench.read(path)
    assert sorted(t.part for t in reading.tables) == ["absolute.csv", "escape.csv", "inner.csv", "win.csv"]
    assert {p for p in bench.folder.rglob("*") if "out-" not in str(p)} == before
    assert not Path("/etc/absolute.csv").exists()


def test_bombs_are_refused_at_once(bench):
    zeros = b"0" * 40_000_000
    workbook, archive = bench.folder / "bomb.xlsx", bench.folder / "bomb.zip"
    for path, members in ((workbook, ("[Content_Types].xml", "xl/sheet.xml")), (archive, ("a.csv",))):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for member in members:
                target.writestr(member, zeros)
    packed = bench.folder / "bomb.csv.gz"
    packed.write_bytes(gzip.compress(zeros * 3))
    for path in (workbook, archive, packed):
        started = time.process_time()
        assert "out of proportion" in reason(bench.read(path))
        assert time.process_time() - started < 2


def test_an_archive_of_a_million_files_is_not_even_listed(bench):
    path = bench.folder / "many.zip"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 60 + b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 65535, 65535, 50, 10, 0))
    assert "more than 5,000 files" in reason(bench.read(path))


def test_nested_archives_are_not_opened(bench):
    inner = bench.folder / "inner.zip"
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", GOOD)
    outer = bench.folder / "outer.zip"
    with zipfile.ZipFile(outer, "w") as archive:
        archive.write(inner, "inner.zip")
        archive.writestr("good.csv", GOOD)
    reading = bench.read(outer)
    assert [t.part for t in reading.tables] == ["good.csv"]
    assert "archive inside an archive" in reading.faults[0].reason


def test_a_member_with_a_false_checksum_spoils_only_itself(bench):
    path = bench.folder / "half.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("bad.csv", GOOD)
        archive.writestr("good.csv", GOOD)
    content = path.read_bytes()
    path.write_bytes(
        content.replace(struct.pack("<L", zlib.crc32(GOOD.encode())), b"\0\0\0\0", 1).replace(b"Ann", b"Eve", 1)
    )
    reading = bench.read(path)
    assert [t.part for t in reading.tables] == ["good.csv"]
    assert "damaged" in reading.faults[0].reason


def test_too_many_columns(bench):
    wide = ",".join(f"c{i}" for i in range(MAX_COLUMNS + 1))
    assert "2,001 columns" in reason(bench.text(f"{wide}\n{wide}\n"))


def test_a_huge_cell_is_left_out_with_its_line(bench, rows_of):
    table = bench.table(f"id,name\n1,Ann\n2,{'x' * 2_500_000}\n3,Cid\n")
    assert [row[0] for row in rows_of(table)] == [1, 3]
    assert "line 3: a value is longer than 2 MB" in table.warnings[0]


@pytest.mark.parametrize(
    "name", ["Продажи за май.csv", "売上.csv", "[a].csv", "a#b?.csv", 'it\'s "q".csv', "x" * 251 + ".csv"]
)
def test_file_names(bench, name):
    path = bench.folder / name
    if len(name.encode()) <= 255:
        path.write_text(GOOD)
        table = bench.read(path).tables[0]
        assert (table.rows, table.name) == (2, table_name(path.stem))
