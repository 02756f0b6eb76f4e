"""Weekdays, months and hours are shown by name, and a name shown is found again."""

from __future__ import annotations

import pytest

from tools.calendar_names import name_parts, stored
from tools.evidence import Column, ResultTable
from warehouse.query import DimRef, Part


def table(value: object) -> ResultTable:
    columns = [
        Column(name="day_part", label="Day", type="integer", role="dimension"),
        Column(name="sold", label="Sold", type="integer", role="measure"),
    ]
    return ResultTable(id="t", title="", columns=columns, rows=[[value, 6]], row_keys=["k"], total_rows=1)


@pytest.mark.parametrize(
    ("part", "value", "name"),
    [
        ("weekday", 6, "Saturday"),
        ("month_of_year", 2, "February"),
        ("quarter_of_year", 3, "Q3"),
        ("hour_of_day", 8, "08:00"),
        ("weekend", True, "Weekend"),
    ],
)
def test_a_part_is_named_and_found_again(part: Part, value: object, name: str) -> None:
    shown, dimension = table(value), DimRef(field="sales.day", part=part)
    name_parts(shown, (dimension,))
    assert shown.rows == [[name, 6]]
    assert shown.columns[0].type == "text"
    assert shown.row_keys == ["k"]
    assert stored(dimension, name) == value


def test_other_groups_and_empty_cells_stay() -> None:
    shown = table(6)
    name_parts(shown, (DimRef(field="sales.size"),))
    assert shown.rows == [[6, 6]]
    empty = table(None)
    name_parts(empty, (DimRef(field="sales.day", part="weekday"),))
    assert empty.rows == [[None, 6]]
