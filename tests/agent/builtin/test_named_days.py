"""Days by name and the way people type at work: held against the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from agent.builtin import shorthand
from agent.builtin.dates import Today
from agent.builtin.named_days import easter
from agent.builtin.text import fold, tokenize
from agent.builtin.times import time_at

_TODAY = Today(date(2026, 2, 15))


def day(text: str) -> date | None:
    hit = time_at(tokenize(fold(text)), 0, _TODAY)
    return hit.period.start if hit is not None and hit.period is not None else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("black friday 2025", date(2025, 11, 28)),
        ("on Black Friday 2024", date(2024, 11, 29)),
        ("cyber monday 2025", date(2025, 12, 1)),
        ("on valentine's day", date(2026, 2, 14)),
        ("new year's eve 2024", date(2024, 12, 31)),
        ("boxing day last year", date(2025, 12, 26)),
        ("black friday", date(2025, 11, 28)),
        ("easter monday 2025", date(2025, 4, 21)),
        ("good friday 2024", date(2024, 3, 29)),
        ("last saturday", date(2026, 2, 14)),
        ("last sunday", date(2026, 2, 8)),
        ("on last monday", date(2026, 2, 9)),
    ],
)
def test_a_day_by_name(text: str, expected: date) -> None:
    assert day(text) == expected


def test_easter_falls_on_the_sundays_of_the_church_calendar() -> None:
    known = {2000: (4, 23), 2008: (3, 23), 2011: (4, 24), 2019: (4, 21), 2024: (3, 31), 2025: (4, 20), 2038: (4, 25)}
    assert all(easter(year) == date(year, *rest) for year, rest in known.items())


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("revenue by region lst month pls", "revenue by region last month please"),
        ("orders last wk, thanks", "orders last week"),
        ("sales this qtr vs last qtr?", "sales this quarter vs last quarter?"),
        ("compare black friday 2025 with 2024", "compare black friday 2025 with black friday 2024"),
        ("revenue in march 2025 vs 2024", "revenue in march 2025 vs march 2024"),
        ("revenue from march 2024 to 2025", "revenue from march 2024 to 2025"),
        ("rows by wk", "rows by week"),
    ],
)
def test_what_is_typed_in_a_hurry_is_written_out(typed: str, plain: str) -> None:
    assert shorthand.written_out(typed) == plain
