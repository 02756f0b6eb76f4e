"""Periods of company years: what each spelling means under a July, a February and a retail calendar, by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from agent.brain import PlanContext
from agent.builtin.brain import BuiltinBrain
from agent.builtin.dates import Today
from agent.builtin.text import fold, tokenize
from agent.builtin.times import TimeHit, time_at
from store.principal import LOCAL_OWNER
from warehouse.model.schema import Calendar, WeekYear

DAY = date(2026, 11, 21)  # a Saturday
JULY = Calendar(fiscal_start_month=7)
NRF = WeekYear(periods="4-5-4")
SHOPS = Calendar(fiscal_start_month=2, retail=NRF)
RETAIL = Calendar(retail=NRF, default="retail")


def read(text: str, rules: Calendar) -> TimeHit | None:
    today = Today(DAY, rules.first_weekday, rules.fiscal_start_month, False, rules)
    return time_at(tokenize(fold(text)), 0, today)


FISCAL = """
last fiscal quarter | 2026-07-01 | 2026-10-01
this fiscal year | 2026-07-01 | 2027-07-01
last fiscal year | 2025-07-01 | 2026-07-01
the last 3 fiscal quarters | 2026-01-01 | 2026-10-01
FY2025 | 2024-07-01 | 2025-07-01
in FY25 | 2024-07-01 | 2025-07-01
fiscal year 2025 | 2024-07-01 | 2025-07-01
in fiscal 2025 | 2024-07-01 | 2025-07-01
Q3 FY2026 | 2026-01-01 | 2026-04-01
fiscal Q3 | 2026-01-01 | 2026-04-01
fiscal Q2 2026 | 2025-10-01 | 2026-01-01
the third fiscal quarter of 2025 | 2025-01-01 | 2025-04-01
last quarter | 2026-07-01 | 2026-10-01
last calendar year | 2025-01-01 | 2026-01-01
last year | 2025-07-01 | 2026-07-01
Q1 2026 | 2026-01-01 | 2026-04-01
"""
WEEKLY = """
retail week 12 | 2026-04-19 | 2026-04-26
retail week 12 of 2025 | 2025-04-20 | 2025-04-27
week 53 of FY2023 | 2024-01-28 | 2024-02-04
last retail week | 2026-11-08 | 2026-11-15
the last 4 retail weeks | 2026-10-18 | 2026-11-15
last retail month | 2026-10-04 | 2026-11-01
P3 FY2026 | 2026-04-05 | 2026-05-03
period 3 of fiscal year 2026 | 2026-04-05 | 2026-05-03
this retail quarter | 2026-11-01 | 2027-01-31
retail year 2025 | 2025-02-02 | 2026-02-01
fiscal year 2025 | 2024-02-01 | 2025-02-01
ISO week 5 | 2026-01-26 | 2026-02-02
ISO week 53 of 2026 | 2026-12-28 | 2027-01-04
week 5 of 2025 | 2025-01-27 | 2025-02-03
last ISO month | 2026-09-28 | 2026-11-02
last month | 2026-10-01 | 2026-11-01
"""
DEFAULT = """
last month | 2026-10-04 | 2026-11-01
last quarter | 2026-08-02 | 2026-11-01
this year | 2026-02-01 | 2027-01-31
2 quarters ago | 2026-05-03 | 2026-08-02
week 12 | 2026-04-19 | 2026-04-26
fiscal year 2025 | 2025-02-02 | 2026-02-01
last calendar month | 2026-10-01 | 2026-11-01
the last 3 full months | 2026-08-02 | 2026-11-01
"""


def rows(text: str) -> list[list[str]]:
    return [[part.strip() for part in line.split("|")] for line in text.strip().splitlines()]


@pytest.mark.parametrize(("said", "start", "end"), rows(FISCAL))
def test_years_that_start_in_july(said: str, start: str, end: str) -> None:
    _is(read(said, JULY), said, start, end)


@pytest.mark.parametrize(("said", "start", "end"), rows(WEEKLY))
def test_a_model_that_knows_retail_weeks_too(said: str, start: str, end: str) -> None:
    _is(read(said, SHOPS), said, start, end)


@pytest.mark.parametrize(("said", "start", "end"), rows(DEFAULT))
def test_a_model_that_counts_by_retail_weeks(said: str, start: str, end: str) -> None:
    _is(read(said, RETAIL), said, start, end)


def _is(hit: TimeHit | None, said: str, start: str, end: str) -> None:
    assert hit is not None and hit.period is not None
    assert (str(hit.period.start), str(hit.period.end)) == (start, end)
    assert hit.tokens == len(tokenize(fold(said)))


MISSING = ["retail week 12", "fiscal week 3", "retail month 2 of 2025", "ISO week 53 of 2025", "week 12"]


@pytest.mark.parametrize("said", [*MISSING, "P13 FY2025", "week 0 of FY2025"])
def test_no_such_period_is_no_period(said: str) -> None:
    assert read(said, JULY) is None


@pytest.mark.parametrize(
    ("question", "time"),
    [
        ("revenue last fiscal quarter", {"calendar": "fiscal", "last": {"n": 1, "unit": "quarter"}}),
        ("revenue in retail week 12 of 2023", {"calendar": "retail", "start": "2023-04-16", "end": "2023-04-23"}),
        ("revenue in ISO week 5 of 2024", {"calendar": "iso", "start": "2024-01-29", "end": "2024-02-05"}),
        ("revenue by retail month since 2023", {"calendar": "retail", "grain": "month", "start": "2023-01-01"}),
        ("revenue by retail period", {"calendar": "retail", "grain": "month"}),
        ("revenue by fiscal quarter", {"calendar": "fiscal", "grain": "quarter"}),
        ("revenue by ISO week", {"calendar": "iso", "grain": "week"}),
        ("revenue by calendar quarter", {"calendar": "civil", "grain": "quarter"}),
    ],
)  # fmt: skip
def test_the_query_goes_by_the_calendar_that_was_named(shop_context: Any, question: str, time: dict[str, Any]) -> None:
    context: PlanContext = shop_context(question)
    rules = context.model.calendar.model_copy(update={"retail": NRF, "fiscal_start_month": 2})
    named = PlanContext(
        question, context.model.model_copy(update={"calendar": rules}), context.profile, context.values, LOCAL_OWNER,
        datetime(2025, 1, 15, 9), True, (),
    )  # fmt: skip
    decision = BuiltinBrain().plan(named)
    assert decision.kind == "plan", decision
    asked = decision.steps["s1"].args["query"]["time"]
    assert {k: v for k, v in asked.items() if k != "fill"} == time


@pytest.mark.parametrize(
    ("question", "to"),
    [
        ("revenue last month compared with last year", "same_date_last_year"),
        ("revenue by quarter compared with last year", "same_date_last_year"),
        ("revenue in Q2 2024 against last year", "same_date_last_year"),
        ("revenue this year vs last year", "previous_period"),
        ("revenue in June 2024 compared with 2023", "window"),
    ],
)
def test_last_year_beside_a_shorter_period_is_the_same_time_of_it(query: Any, question: str, to: str) -> None:
    assert query(question)["compare"]["to"] == to
