"""The time grammar: each spelling means exactly these days, seen from Wednesday 15 January 2025."""

from __future__ import annotations

from datetime import date

import pytest

from agent.builtin.dates import Today
from agent.builtin.text import fold, tokenize
from agent.builtin.times import time_at

TODAY = Today(date(2025, 1, 15))

WINDOWS = """
today | 2025-01-15 | 2025-01-16
yesterday | 2025-01-14 | 2025-01-15
the day before yesterday | 2025-01-13 | 2025-01-14
this week | 2025-01-13 | 2025-01-20
the current week | 2025-01-13 | 2025-01-20
this month | 2025-01-01 | 2025-02-01
this month so far | 2025-01-01 | 2025-02-01
so far this month | 2025-01-01 | 2025-02-01
this quarter | 2025-01-01 | 2025-04-01
this year | 2025-01-01 | 2026-01-01
year to date | 2025-01-01 | 2025-01-16
YTD | 2025-01-01 | 2025-01-16
MTD | 2025-01-01 | 2025-01-16
qtd | 2025-01-01 | 2025-01-16
last week | 2025-01-06 | 2025-01-13
previous week | 2025-01-06 | 2025-01-13
the previous ISO week | 2025-01-06 | 2025-01-13
in the whole of the previous calendar week | 2025-01-06 | 2025-01-13
last month | 2024-12-01 | 2025-01-01
in the last month | 2024-12-01 | 2025-01-01
during the previous month | 2024-12-01 | 2025-01-01
last quarter | 2024-10-01 | 2025-01-01
last year | 2024-01-01 | 2025-01-01
last week (exclusive of the current week) | 2025-01-06 | 2025-01-13
past month | 2024-12-15 | 2025-01-16
past month, inclusive of 1 month ago | 2024-12-15 | 2025-01-16
the past week | 2025-01-08 | 2025-01-16
last 7 days | 2025-01-08 | 2025-01-16
in the past 7 days | 2025-01-08 | 2025-01-16
past 7 days, inclusive of today | 2025-01-09 | 2025-01-16
past 7 days inclusive of today's date | 2025-01-09 | 2025-01-16
in the past 30 days, inclusive of 30 days ago | 2024-12-16 | 2025-01-16
last 3 months | 2024-10-15 | 2025-01-16
the past three months | 2024-10-15 | 2025-01-16
past 3 months, inclusive of today's date | 2024-10-15 | 2025-01-16
last 6 months excluding the current month | 2024-07-01 | 2025-01-01
in the last 6 months not including the current month | 2024-07-01 | 2025-01-01
last 3 months including the current month | 2024-11-01 | 2025-02-01
last 8 weeks (excluding the current week) | 2024-11-18 | 2025-01-13
last 8 calendar weeks | 2024-11-18 | 2025-01-13
in each of the last 8 weeks | 2024-11-18 | 2025-01-13
last 2 full quarters | 2024-07-01 | 2025-01-01
last 12 complete months | 2024-01-01 | 2025-01-01
past 2 years | 2023-01-15 | 2025-01-16
past couple of weeks | 2025-01-01 | 2025-01-16
3 days ago | 2025-01-12 | 2025-01-13
a month ago | 2024-12-01 | 2025-01-01
two years ago | 2023-01-01 | 2024-01-01
in 2023 | 2023-01-01 | 2024-01-01
2023 | 2023-01-01 | 2024-01-01
for the year 2023 | 2023-01-01 | 2024-01-01
Q1 2023 | 2023-01-01 | 2023-04-01
2023 Q4 | 2023-10-01 | 2024-01-01
in the 1st quarter of 2023 | 2023-01-01 | 2023-04-01
the second quarter of 2023 | 2023-04-01 | 2023-07-01
first quarter 2024 | 2024-01-01 | 2024-04-01
Q3 | 2024-07-01 | 2024-10-01
Q1 | 2025-01-01 | 2025-04-01
Q2 of last year | 2024-04-01 | 2024-07-01
first half of 2024 | 2024-01-01 | 2024-07-01
H2 2024 | 2024-07-01 | 2025-01-01
March 2023 | 2023-03-01 | 2023-04-01
in march of 2023 | 2023-03-01 | 2023-04-01
Mar 2023 | 2023-03-01 | 2023-04-01
2023-03 | 2023-03-01 | 2023-04-01
in May | 2024-05-01 | 2024-06-01
January | 2025-01-01 | 2025-02-01
in december last year | 2024-12-01 | 2025-01-01
on 2023-04-01 | 2023-04-01 | 2023-04-02
on April 1, 2023 | 2023-04-01 | 2023-04-02
on April 1st 2023 | 2023-04-01 | 2023-04-02
on 1 April 2023 | 2023-04-01 | 2023-04-02
on the 1st of April 2023 | 2023-04-01 | 2023-04-02
on 25/12/2023 | 2023-12-25 | 2023-12-26
on 12/25/2023 | 2023-12-25 | 2023-12-26
on 2023/12/25 | 2023-12-25 | 2023-12-26
on December 24 | 2024-12-24 | 2024-12-25
week 12 of 2024 | 2024-03-18 | 2024-03-25
ISO week 1 of 2025 | 2024-12-30 | 2025-01-06
between Jan 1, 2023 and Mar 31, 2023 | 2023-01-01 | 2023-04-01
between 2022 and 2023 (both inclusive) | 2022-01-01 | 2024-01-01
between 2023-01-01 and 2023-03-31 (inclusive of start and end dates) | 2023-01-01 | 2023-04-01
from April 1 2023 to April 4 2023 | 2023-04-01 | 2023-04-05
from March to May 2023 | 2023-03-01 | 2023-06-01
from January through March 2024 | 2024-01-01 | 2024-04-01
Q1 2023 to Q3 2023 | 2023-01-01 | 2023-10-01
since 2023 | 2023-01-01 | -
since March | 2024-03-01 | -
since last month | 2024-12-01 | -
on or after Apr 1, 2023 | 2023-04-01 | -
after 2023 | 2024-01-01 | -
after March 5, 2023 | 2023-03-06 | -
before 2020 | - | 2020-01-01
prior to April 2023 | - | 2023-04-01
until March 2023 | - | 2023-04-01
up to 2023-05-05 | - | 2023-05-06
on or before 2023-05-05 | - | 2023-05-06
from 2023 onwards | 2023-01-01 | -
"""
CASES = [tuple(part.strip() for part in line.split("|")) for line in WINDOWS.strip().splitlines()]


@pytest.mark.parametrize(("text", "start", "end"), CASES, ids=[c[0] for c in CASES])
def test_window(text: str, start: str, end: str) -> None:
    tokens = tokenize(fold(text))
    hit = time_at(tokens, 0, TODAY)
    assert hit is not None and hit.period is not None
    assert hit.tokens == len(tokens), "every word of the expression is part of it"
    assert (str(hit.period.start or "-"), str(hit.period.end or "-")) == (start, end)


@pytest.mark.parametrize(
    "text",
    ["by channel", "may we", "second thoughts", "the 5 best", "on 04/05/2023", "2023-02-30", "30 orders", "q5 2023"],
)
def test_what_is_no_time_is_left_alone(text: str) -> None:
    assert time_at(tokenize(fold(text)), 0, TODAY) is None


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("on weekends", ("weekend", True)), ("on weekdays", ("weekend", False)), ("on mondays", ("weekday", 1)),
        ("made on sundays", ("weekday", 7)),
    ],
)  # fmt: skip
def test_repeating_parts(text: str, part: tuple[str, object]) -> None:
    hit = time_at(tokenize(fold(text)), 0, TODAY)
    assert hit is not None and hit.part == part


def test_the_week_may_start_on_sunday() -> None:
    hit = time_at(tokenize("last week"), 0, Today(date(2025, 1, 15), week_start=6))
    assert hit is not None and hit.period is not None
    assert (hit.period.start, hit.period.end) == (date(2025, 1, 5), date(2025, 1, 12))


@pytest.mark.parametrize("month", [1, 2, 3, 12])
def test_a_bare_month_is_the_latest_that_has_begun(month: int) -> None:
    name = date(2000, month, 1).strftime("%B")
    hit = time_at(tokenize(f"in {name}"), 0, TODAY)
    assert hit is not None and hit.period is not None and hit.period.start is not None
    assert hit.period.start <= TODAY.day
    assert hit.said is not None and hit.said.assumed_year
