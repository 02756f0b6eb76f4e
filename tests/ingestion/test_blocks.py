"""Tables below one another are told apart, remarks below a table are no rows, and one table stays one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ingestion.blocks import blocks
from ingestion.pipeline import ingest
from warehouse.workspace import named

STAFF = [["Employee", "Dept", "Salary"], ["Ada", "IT", "90"], ["Bo", "Ops", "50"], ["Cy", "IT", "70"]]
PLANS = [["Project", "Budget", ""], ["P1", "900", ""], ["P2", "400", ""]]
EMPTY = ["", "", ""]


def titles(*rows: list[str]) -> list[tuple[str | None, int]]:
    return [(block.title, len(block.rows)) for block in blocks(rows)]


def test_parts_with_names_of_their_own_are_tables_and_a_line_above_one_is_its_title():
    assert titles(*STAFF, EMPTY, EMPTY, *PLANS) == [(None, 4), (None, 3)]
    assert titles(["Staff", "", ""], EMPTY, *STAFF, EMPTY, ["Plans", "", ""], EMPTY, *PLANS) == [
        ("Staff", 4), ("Plans", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        [*STAFF, EMPTY, ["Dee", "IT", "60"], ["Eve", "Ops", "40"]],  # groups of one table
        [*STAFF, EMPTY, ["Total", "", "210"]],
        [*STAFF, EMPTY, *STAFF],  # pages under the same names
        [["Staff of 2025", "", ""], EMPTY, *STAFF, EMPTY, ["* with bonus", "", ""]],
        [*STAFF, EMPTY, ["Name", "Town", "Note"], ["Ada", "Rome", "new"], ["Bo", "Bonn", "old"]],  # text alone
        [EMPTY],
    ],
)
def test_what_is_not_sure_to_be_two_tables_is_one(rows: list[list[str]]):
    found = blocks(rows)
    assert len(found) == 1 and found[0].rows == rows


def workbook(path: Path, rows: list[list[Any]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def stored(tmp_path: Path, file: Path) -> dict[str, int]:
    return {t.name: t.rows for t in ingest(named("w", tmp_path), [file]).tables}


def test_a_sheet_with_two_tables_is_loaded_as_two(tmp_path: Path):
    staff = [["Employee", "Dept", "Salary"], *([f"E{n}", "IT", 10 * n] for n in range(9))]
    plans = [["Project", "Budget"], *([f"P{n}", 100 * n] for n in range(4))]
    file = workbook(tmp_path / "both.xlsx", [*staff, [], [], *plans])
    assert sorted(stored(tmp_path, file).values()) == [4, 9]


@pytest.mark.parametrize(
    ("tail", "rows"),
    [
        ("\nSumme;210;;\n* ohne Gewähr\n", 3),
        ("\n* unaudited;;;\n", 3),
        ("\nSource: the registry;;;\n", 3),
        ("Dee;;;\n", 4),  # right below the rows: a shop of which nothing is known
    ],
)
def test_remarks_below_a_table_are_no_rows(tmp_path: Path, tail: str, rows: int):
    file = tmp_path / "shops.csv"
    file.write_text(f"Shop;Sales;Open;Share\nAda;90;yes;40\nBo;50;no;30\nCy;70;yes;30\n{tail}", encoding="utf-8")
    assert list(stored(tmp_path, file).values()) == [rows]
