"""Total rows are left out and told; a row that only sounds like one stays."""

from __future__ import annotations

import random
import time
from datetime import date

import pytest
from openpyxl import Workbook

from ingestion.total_labels import is_generic, rest_of

GROUPED = [
    "Region,Product,Amount",
    "North,A,5",
    "North,B,6",
    "North total,,11",
    "South,A,7",
    "South total,,7",
    "Grand Total,,18",
]


def sheet(*lines: str) -> str:
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "label",
    ["Total", "TOTAL:", "Grand total", "Sum", "Summe", "Gesamtsumme", "Total général", "Totale", "Suma", "Totaal",
     "Razem", "Summa", "Итого", "Toplam", "合計", "总计", "Total 2024", "Total Sales", "Sum of Sales"],
)  # fmt: skip
def test_a_total_at_the_end_is_left_out_and_told(bench, rows_of, types_of, label):
    table = bench.table(
        sheet("Month,Sales", "2024-01-01,10.50", "2024-02-01,20.50", "2024-03-01,1.25", f"{label},32.25")
    )
    assert types_of(table) == {"month": "DATE", "sales": "DECIMAL(18,2)"}
    assert [row[0] for row in rows_of(table)] == [date(2024, month, 1) for month in (1, 2, 3)]
    assert table.warnings == [f"1 total row was left out: row 5 (“{label}”)."]


def test_subtotals_and_the_grand_total(bench, rows_of):
    table = bench.table(sheet(*GROUPED))
    assert rows_of(table) == [("North", "A", 5), ("North", "B", 6), ("South", "A", 7)]
    assert table.warnings == ["3 total rows were left out: rows 4, 6, 7."]


@pytest.mark.parametrize(
    "lines",
    [
        ("Region,Item,Qty", "N,a,1", "N,b,2", "N,Total,3", "S,a,5", "S,b,6", "S,Total,11", "All,Total,14"),
        ("Item,Qty,Price", "a,1,9.99", "b,2,5.00", "c,7,8.00", "Total,10,7.50"),
        ("Item,Qty", "a,1", "b,2", "Subtotal,3", "c,5", "Subtotal,5", "Total,8"),
        ("Item;Betrag", "a;1.000,50", "b;2.000,25", "c;0,25", "Summe;3.001,00"),
        ("Item,Share", "a,33.33", "b,33.33", "c,33.33", "Total,100.00"),
        ("Region,Item,Qty", "N,a,1", "S,b,2", "N,c,4", "Total N,,5", "Total S,,2", "Total,,7"),
        ("Item,Qty", "Total,10", "a,3", "b,7"),
        ("Item,Owner,Qty", "a,Ann,1", "b,Bob,2", "c,Cid,4", "Total,,99"),
        ("Item,Qty", "a,1", "b,2", "c,4", "Total,"),
        ("Item,Qty", "a,1", "b,2", "c,4", "Total,7", "Source: the ERP,"),
    ],
)
def test_shapes_of_totals(bench, rows_of, lines):
    table = bench.table(sheet(*lines))
    assert "left out: row" in " ".join(table.warnings)
    assert not any("otal" in str(cell) or cell == "Summe" for row in rows_of(table) for cell in row)


@pytest.mark.parametrize(
    "lines",
    [
        ("Customer,Sales", "Ann,1", "Total Wine,3", "Bob,2", "Totals Ltd,6", "Sum 41,12"),
        ("Customer,Sales", "Ann,1", "Bob,2", "Total Wine,3"),
        ("Customer,Sales", "Ann,1", "Bob,2", "Sum 41,3"),
        ("Company,Sales", "Shell,1", "BP,2", "Total,3", "Exxon,4"),
        ("Company,Sales", "Shell,5", "Total,5", "Exxon,4"),
        ("Claim,Loss,Paid", "1,Partial,10", "2,Total,90", "3,Partial,20", "4,Total,80"),
        ("Drink,Customer,Qty", "Wine,Ann,4", "Beer,Bob,5", "Wine,Total Wine,8"),
        ("Title,Stars", "Total Recall,4", "Sum of All Fears,3", "The Total Package,7"),
        ("Word", "sum", "other", "total"),
    ],
)
def test_data_that_only_sounds_like_a_total_stays(bench, rows_of, lines):
    table = bench.table(sheet(*lines))
    assert table.rows == len(lines) - 1
    assert not any("left out" in warning for warning in table.warnings)
    assert [[str(cell) for cell in row] for row in rows_of(table)] == [line.split(",") for line in lines[1:]]


def test_a_last_row_called_total_that_is_no_sum_is_kept_and_told(bench):
    table = bench.table(sheet("Region,Sales", "North,5", "South,6", "East,6", "Total,99"))
    assert table.rows == 4
    assert table.warnings[0].startswith("Row 5 is labelled “Total”, but its numbers are not the sums")


def test_a_workbook_with_a_title_and_formulas_without_values(bench, types_of):
    book = Workbook()
    for row in [["Sales 2024"], [], ["Month", "Units"], ["2024-01-01", 3], ["2024-02-01", 4], ["Total", "=SUM(B4:B5)"]]:
        book.active.append(row)
    path = bench.folder / "sales.xlsx"
    book.save(path)
    table = bench.read(path).tables[0]
    assert (table.rows, types_of(table)) == (2, {"month": "DATE", "units": "BIGINT"})
    assert "1 total row was left out: row 6 (“Total”)." in table.warnings


@pytest.mark.parametrize("seed", range(12))
def test_any_data_without_total_rows_loads_unchanged(bench, rows_of, seed):
    """Random figures under names full of the very words; the sums of a few small numbers coincide all the time."""
    chance = random.Random(seed)
    names = ["Total Wine", "Totals Ltd", "Sum 41", "North", "Subtotal Records", "Summe & Co", "Wine", "Grand Hotel"]
    rows = [(chance.choice(names), chance.choice(names[3:]), chance.randint(1, 4)) for _ in range(40)]
    rows.append(("Zoe", "North", 1))
    rows = [row for row in rows if row[0] != f"Total {row[1]}"]
    table = bench.table(sheet("customer,place,qty", *(",".join(map(str, row)) for row in rows)))
    assert rows_of(table) == rows


@pytest.mark.parametrize("seed", range(6))
def test_any_grouped_report_gives_back_its_data(bench, rows_of, seed):
    chance = random.Random(seed)
    lines, expected, whole = ["place,item,qty,amount"], [], [0, 0.0]
    for place in ("North", "South", "East")[: chance.randint(1, 3)]:
        group = [(place, f"i{n}", chance.randint(1, 9), chance.randint(100, 99_999) / 100) for n in range(4)]
        expected += group
        lines += [f"{p},{i},{q},{a:.2f}" for p, i, q, a in group]
        quantity, amount = sum(g[2] for g in group), sum(g[3] for g in group)
        lines.append(f"{place},Subtotal,{quantity},{amount:.2f}")
        whole = [whole[0] + quantity, whole[1] + amount]
    lines.append(f"Grand total,,{whole[0]},{whole[1]:.2f}")
    table = bench.table(sheet(*lines))
    assert [(p, i, q, float(a)) for p, i, q, a in rows_of(table)] == expected


def test_many_rows_under_such_names_stay_and_load_fast(bench):
    lines = [f"{n},{'Total' if n % 3 else 'Total Wine'},{n % 7}" for n in range(150_000)]
    started = time.process_time()
    assert bench.table(sheet("id,name,qty", *lines)).rows == 150_000
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("text", "rest"),
    [("Grand total:", ""), ("NORTH TOTAL", "north"), ("Sub-total", ""), ("I alt", ""),
     ("Summe der Region Süd", "region süd"), ("Totally", None), ("Summer", None), ("North", None), ("合計", "")],
)  # fmt: skip
def test_labels(text, rest):
    assert rest_of(text) == rest


def test_what_a_label_may_say_beside_total():
    assert is_generic("sales 2024", []) and is_generic("order value", ["Order ID"])
    assert not is_generic("wine", ["Drink"]) and not is_generic("41", [])
