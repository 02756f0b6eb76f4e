"""What text becomes numbers, dates and truth values, and what must stay text."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest


@pytest.mark.parametrize(
    ("values", "kind", "first"),
    [
        (["1", "22", "-3"], "BIGINT", 1),
        (["1.50", "22.25", "-3"], "DECIMAL(18,2)", Decimal("1.50")),
        (["0.12345678", "2.5", "3"], "DOUBLE", 0.12345678),
        (["1e3", "2.5e-1", "3"], "DOUBLE", 1000.0),
        (["$1,234.50", "$2.00", "($3.25)"], "DECIMAL(18,2)", Decimal("1234.50")),
        (["1.234,50 €", "2,00 €", "-3,25 €"], "DECIMAL(18,2)", Decimal("1234.50")),
        (["1,234", "12,345", "999"], "BIGINT", 1234),
        (["12.5%", "3%", "100%"], "DECIMAL(18,1)", Decimal("12.5")),
        (["yes", "no", "Yes"], "BOOLEAN", True),
        (["Y", "N", "Y"], "BOOLEAN", True),
        (["TRUE", "false", "true"], "BOOLEAN", True),
        (["2024-01-31", "2024-02-29", "2023-12-01"], "DATE", date(2024, 1, 31)),
        (["2024-01-31 10:00:00", "2024-02-29 11:30:00", "2023-12-01"], "TIMESTAMP", datetime(2024, 1, 31, 10)),
        (["2024-01-31 00:00:00", "2024-02-29 00:00:00", ""], "DATE", date(2024, 1, 31)),
        (["31/01/2024", "01/02/2024", "05/06/2024"], "DATE", date(2024, 1, 31)),
        (["01/31/2024", "02/01/2024", "05/06/2024"], "DATE", date(2024, 1, 31)),
        (["31.01.2024", "01.02.2024", "05.06.2024"], "DATE", date(2024, 1, 31)),
        (["01-31-90", "02-01-02", "05-06-24"], "DATE", date(1990, 1, 31)),
        (["2024.01.31", "2024.02.01", "2024.03.01"], "DATE", date(2024, 1, 31)),
        (["31 Jan 2024", "1 Feb 2024", "5 Jun 2024"], "DATE", date(2024, 1, 31)),
        (["January 31, 2024", "February 1, 2024", "June 5, 2024"], "DATE", date(2024, 1, 31)),
        (["12345678901234567890", "2", "3"], "DECIMAL(38,0)", Decimal("12345678901234567890")),
    ],
)  # fmt: skip
def test_converted(bench, values, kind, first):
    found, loaded, _ = bench.column(values)
    assert (found, loaded[0]) == (kind, first)
    assert sum(v is not None for v in loaded) == sum(bool(v) for v in values)


@pytest.mark.parametrize(
    "values",
    [
        ["007", "012", "100"],
        ["1" * 40, "2", "3"],
        ["F", "F", "F"],
        ["1.2.3", "1.2.4", "2.0.0"],
        ["note 12", "note 13", "note 14"],
        ["$5", "€5", "$6"],
        ["2024-13-45", "2024-99-01", "2024-00-00"],
        ["abc", "12", "x"],
    ],
)
def test_stays_text(bench, values):
    kind, loaded, _ = bench.column(values)
    assert kind == "VARCHAR"
    assert loaded == values


def test_one_code_with_a_leading_zero_makes_the_column_text(bench):
    kind, loaded, _ = bench.column([str(i) for i in range(1000, 3000)] + ["0500"])
    assert kind == "VARCHAR"
    assert loaded[-1] == "0500"


def test_null_words_are_empty_in_typed_columns_and_kept_in_text(bench):
    kind, loaded, table = bench.column(["1", "NA", "N/A", "-", "null", "2"])
    assert (kind, loaded) == ("BIGINT", [1, None, None, None, None, 2])
    assert not table.warnings
    assert bench.column(["DE", "NA", "FR"])[1] == ["DE", "NA", "FR"]


def test_few_misfits_are_emptied_and_reported_with_their_row(bench):
    values = [str(i) for i in range(1, 1000)] + ["oops"]
    kind, loaded, table = bench.column(values, "Amount")
    assert (kind, loaded[-1]) == ("BIGINT", None)
    assert table.warnings == [
        "1 of 1,000 values in “Amount” are not numbers and were left empty (first: “oops” in row 1001)."
    ]


def test_many_misfits_keep_the_column_text_and_say_so(bench):
    kind, _, table = bench.column([str(i) for i in range(90)] + ["x"] * 10)
    assert kind == "VARCHAR"
    assert "stays text: 10 of 100 values are not numbers" in table.warnings[0]


def test_separators_that_come_late_are_still_read(bench):
    kind, loaded, _ = bench.column([str(i) for i in range(2, 5000)] + ["1,234,567"] * 3)
    assert (kind, loaded[-1]) == ("BIGINT", 1234567)


def test_day_and_month_are_settled_by_the_whole_column(bench):
    kind, loaded, table = bench.column(["01/02/2024"] * 3000 + ["13/02/2024"] * 2)
    assert (kind, loaded[0], loaded[-1]) == ("DATE", date(2024, 2, 1), date(2024, 2, 13))
    assert not table.warnings


def test_dates_that_fit_both_ways_are_reported(bench):
    _, loaded, table = bench.column(["01/02/2024", "03/04/2024"], "Shipped")
    assert loaded[0] == date(2024, 1, 2)
    assert "“Shipped” could be read as day/month or month/day" in table.warnings[0]


def test_units_found_in_values_are_remembered(bench):
    assert bench.column(["$1.00", "$2.50"])[2].columns[1].unit == "USD"
    assert bench.column(["10%", "25%"])[2].columns[1].unit == "%"
    assert bench.column(["1.50", "2.50"])[2].columns[1].unit is None


def test_phone_numbers_are_no_amounts(bench):
    kind, loaded, _ = bench.column(["555 123 456", "555 999 111"], "phone")
    assert (kind, loaded[0]) == ("VARCHAR", "555 123 456")
