"""Rows keep their names: same row, same key, whatever the sort, page or run."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from tools.derive import Derived
from tools.evidence import CellRef, Column, json_value, row_key, row_keys
from warehouse.model.schema import Unit


def test_row_key_is_stable_and_link_safe() -> None:
    assert row_key(["Web", date(2026, 9, 1)]) == row_key(["Web", "2026-09-01"])
    assert row_key(["a b)", None]).isalnum()
    assert len(row_key(["x"])) == 13


def test_repeated_rows_get_numbers() -> None:
    keys = row_keys([["a"], ["a"], ["b"]], [0])
    assert keys[1] == f"{keys[0]}-2"
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("9007199254740993.01"), "9007199254740993.01"),
        (2**60, str(2**60)),
        (7, 7),
        (True, True),
        (float("nan"), None),
        (datetime(2025, 1, 15), "2025-01-15 00:00:00"),
        (date(2025, 1, 15), "2025-01-15"),
        (None, None),
    ],
)
def test_json_value_loses_nothing(value: object, shown: object) -> None:
    assert json_value(value) == shown


def cell(value: object, row: str) -> tuple[CellRef, object]:
    return CellRef(table="t1", row=row, column="revenue"), value


def test_derived_figures_carry_formula_and_inputs() -> None:
    measure = Column(name="revenue", label="Revenue", type="decimal", role="measure", unit=Unit(currency="USD"))
    derived = Derived("d1", measure)
    change = derived.change("change", cell("90.00", "b"), cell("100.00", "a"))
    total = derived.total("total", [cell("0.10", "a"), cell("0.20", "b"), cell(None, "c")])
    assert change is not None and total is not None
    ratios, amounts = derived.tables()
    assert ratios.value(change.row, "value") == pytest.approx(-0.1)
    assert amounts.value(total.row, "value") == "0.30"
    assert amounts.columns[1].unit == Unit(currency="USD")
    assert ratios.lineage[0].formula == "(b - a) / |a|"
    assert ratios.lineage[0].inputs["a"].row == "a"


def test_no_change_from_nothing() -> None:
    measure = Column(name="revenue", label="Revenue", type="decimal", role="measure")
    assert Derived("d1", measure).change("x", cell("5", "b"), cell("0", "a")) is None
    assert Derived("d1", measure).share("x", cell("5", "b"), cell("-1", "a")) is None
