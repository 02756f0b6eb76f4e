"""Blanks around values go, and spellings that differ only by case are named."""

from __future__ import annotations

import duckdb
import pytest
from openpyxl import Workbook

PADDED = 'id,region,note\n1, North ,a b\n2,"\tNorth\n",\n3,\u00a0North\u200b,\n4,North,\n'


def test_blanks_around_text_are_gone(bench, rows_of):
    table = bench.table(PADDED)
    assert rows_of(table) == [(1, "North", "a b"), (2, "North", None), (3, "North", None), (4, "North", None)]
    assert table.warnings == []


def test_in_workbooks_json_and_databases_too(bench, rows_of):
    book = Workbook()
    for row in [["id", "region"], [1, " North "], [2, "North\t"]]:
        book.active.append(row)
    sheet, parquet, database = (bench.folder / name for name in ("a.xlsx", "a.parquet", "a.duckdb"))
    book.save(sheet)
    made = "SELECT * FROM (VALUES (1, ' North '), (2, 'North' || chr(9))) v(id, region)"
    duckdb.execute(f"COPY ({made}) TO '{parquet}' (FORMAT parquet)")
    with duckdb.connect(str(database)) as connection:
        connection.execute(f"CREATE TABLE a AS {made}")
    tables = [bench.read(path).tables[0] for path in (sheet, parquet, database)]
    tables.append(bench.table('[{"id": 1, "region": " North "}, {"id": 2, "region": "North\\t"}]', "a.json"))
    for table in tables:
        assert rows_of(table) == [(1, "North"), (2, "North")]


def test_values_that_differ_only_by_case_are_named(bench, rows_of):
    table = bench.table("id,Sales Region,city\n1,North,Rome\n2,north,Rome\n3,North,Bonn\n4,South,Bonn\n")
    assert [row[1] for row in rows_of(table)] == ["North", "north", "North", "South"]
    assert table.warnings == [
        "“Sales Region” has values that differ only in upper and lower case, so they count as different: "
        "“North” (2) / “north” (1)."
    ]


def test_only_the_first_of_many_are_shown(bench):
    table = bench.table("id,v\n" + "".join(f"{n},v{n % 5}\n{n},V{n % 5}\n" for n in range(10)))
    assert table.warnings[0].endswith("“V0” (2) / “v0” (2); “V1” (2) / “v1” (2); “V2” (2) / “v2” (2) and 2 more.")


def test_parquet_is_looked_at_too(bench):
    path = bench.folder / "a.parquet"
    duckdb.execute(f"COPY (SELECT unnest(['North', 'north']) AS region) TO '{path}' (FORMAT parquet)")
    assert "“North” (1) / “north” (1)" in bench.read(path).tables[0].warnings[0]


@pytest.mark.parametrize("value", ["k{n}{letter}", "{letter} is one of many long remarks " + "x" * 60])
def test_codes_and_free_text_are_left_alone(bench, value):
    lines = "".join(f"{n},{value.format(n=n, letter=letter)}\n" for n in range(60) for letter in "aA")
    assert bench.table("id,code\n" + lines).warnings == []
