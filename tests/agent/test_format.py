"""Numbers read the same everywhere, and never say more than the cell does."""

from __future__ import annotations

from typing import Any

import pytest

from agent.format import cell_text, period_label
from tools.evidence import Column
from warehouse.model.schema import Unit

USD, RATIO, PERCENT = Unit(currency="USD"), Unit(ratio=True), Unit(percent=True)


def column(kind: str, unit: Unit | None = None, **more: Any) -> Column:
    return Column(name="c", label="C", type=kind, role=more.pop("role", "measure"), unit=unit, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "unit", "style", "text"),
    [
        ("1234567.80", USD, "auto", "$1.23M"),
        ("1234567.80", USD, "full", "$1,234,567.80"),
        ("999999.99", USD, "auto", "$999,999.99"),
        ("-1500000000", USD, "auto", "-$1.50B"),
        ("-5.00", USD, "abs", "$5"),
        ("0.074", RATIO, "full", "7.4%"),
        ("-0.0741", RATIO, "percent_abs", "7.4%"),
        ("0.0741", RATIO, "percent_signed", "+7.4%"),
        ("0.0004", RATIO, "full", "0.04%"),
        ("12.5", PERCENT, "full", "12.50%"),
        ("120", USD, "signed", "+$120"),
        ("8", Unit(currency="CHF"), "full", "CHF 8"),
        (None, USD, "auto", "no value"),
        ("-0.001", Unit(currency="USD"), "full", "$0.00"),
    ],
)
def test_numbers(value: Any, unit: Unit, style: str, text: str) -> None:
    assert cell_text(value, column("decimal", unit), style)[0] == text


def test_integers_keep_every_digit_below_a_million() -> None:
    assert cell_text(123456, column("integer"), "auto")[0] == "123,456"


def test_codes_and_years_are_not_grouped() -> None:
    assert cell_text(2023, column("integer", role="dimension"), "full")[0] == "2023"


@pytest.mark.parametrize(
    ("iso", "grain", "text"),
    [
        ("2026-10-01", "month", "October 2026"),
        ("2026-10-01 00:00:00", "quarter", "Q4 2026"),
        ("2026-01-01", "year", "2026"),
        ("2026-10-19", "week", "the week of Oct 19, 2026"),
        ("2026-10-19", "day", "Oct 19, 2026"),
        ("2026-10-19 13:00:00", "hour", "Oct 19, 2026, 13:00"),
        ("not a date", "day", "not a date"),
    ],
)
def test_periods(iso: str, grain: str, text: str) -> None:
    assert period_label(iso, grain) == text
