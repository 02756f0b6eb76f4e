"""Windows, their names and what they are compared with."""

import datetime as dt

import pytest

from warehouse.compiler import window
from warehouse.compiler.periods import buckets, prior_window, resolve_window, with_priors
from warehouse.model.schema import Calendar
from warehouse.query import Compare, TimeWindow

NOW = dt.datetime(2026, 11, 21, 11, 20)
PLAIN = Calendar()


@pytest.mark.parametrize(
    ("time", "start", "end", "label"),
    [
        ({"last": {"n": 1, "unit": "month"}}, "2026-10-01", "2026-11-01", "October 2026"),
        ({"last": {"n": 30, "unit": "day"}}, "2026-10-22", "2026-11-21", "last 30 days (Oct 22 – Nov 20, 2026)"),
        ({"last": {"n": 3, "unit": "month"}}, "2026-08-01", "2026-11-01", "last 3 months (August – October 2026)"),
        ({"last": {"n": 1, "unit": "quarter"}}, "2026-07-01", "2026-10-01", "Q3 2026"),
        ({"last": {"n": 1, "unit": "year"}}, "2025-01-01", "2026-01-01", "2025"),
        ({"last": {"n": 1, "unit": "week"}}, "2026-11-09", "2026-11-16", "week of Nov 9, 2026"),
        ({"to_date": "month"}, "2026-11-01", "2026-12-01", "November 2026 to date"),
        ({"to_date": "year"}, "2026-01-01", "2027-01-01", "2026 to date"),
        ({"start": "2026-01-01", "end": "2026-07-01"}, "2026-01-01", "2026-07-01", "Q1 2026 – Q2 2026"),
        ({"start": "2025-01-01", "end": "2026-01-01"}, "2025-01-01", "2026-01-01", "2025"),
        ({"start": "2026-03-05", "end": "2026-03-06"}, "2026-03-05", "2026-03-06", "Mar 5, 2026"),
        ({"start": "2025-12-30", "end": "2026-01-03"}, "2025-12-30", "2026-01-03", "Dec 30, 2025 – Jan 2, 2026"),
        ({"start": "2026-03-05"}, "2026-03-05", None, "since Mar 5, 2026"),
        ({"end": "2026-03-05"}, None, "2026-03-05", "up to Mar 4, 2026"),
        ({}, None, None, "all time"),
    ],
)
def test_windows_have_exact_bounds_and_a_name(time, start, end, label):
    period = window(TimeWindow.model_validate(time), NOW, PLAIN)
    assert (period.start, period.end, period.label) == (start, end, label)


def test_a_running_period_is_included_when_asked():
    period = window(TimeWindow.model_validate({"last": {"n": 2, "unit": "month", "complete": False}}), NOW, PLAIN)
    assert (period.start, period.end, period.partial) == ("2026-10-01", "2026-12-01", True)
    assert period.label == "last 2 months (October – November 2026, the running one included)"


def test_now_is_the_time_of_the_business():
    late = dt.datetime(2026, 11, 1, 3, tzinfo=dt.UTC)
    month = TimeWindow.model_validate({"last": {"n": 1, "unit": "month"}})
    assert window(month, late, Calendar(timezone="America/New_York")).label == "September 2026"


def test_fiscal_years_have_names_of_their_own():
    rules = Calendar(fiscal_start_month=4)
    assert window(TimeWindow(to_date="year"), NOW, rules).label == "FY2027 to date"
    assert window(TimeWindow.model_validate({"last": {"n": 1, "unit": "quarter"}}), NOW, rules).label == "Q2 FY2027"


@pytest.mark.parametrize(
    ("time", "to", "prior"),
    [
        ({"last": {"n": 1, "unit": "month"}}, "previous_period", "September 2026"),
        ({"start": "2026-02-01", "end": "2026-03-01"}, "previous_period", "January 2026"),
        ({"last": {"n": 3, "unit": "month"}}, "previous_period", "May – July 2026"),
        ({"last": {"n": 30, "unit": "day"}}, "previous_period", "Sep 22 – Oct 21, 2026"),
        ({"last": {"n": 1, "unit": "year"}}, "previous_period", "2024"),
        ({"last": {"n": 1, "unit": "month"}}, "same_date_last_year", "October 2025"),
        ({"start": "2024-02-01", "end": "2024-03-01"}, "same_date_last_year", "February 2023"),
        ({"start": "2024-01-29", "end": "2024-02-29"}, "same_date_last_year", "Jan 29 – Feb 28, 2023"),
        ({"to_date": "month"}, "previous_period", "Oct 1 – Oct 20, 2026"),
        ({"to_date": "year"}, "same_date_last_year", "Jan 1 – Nov 20, 2025"),
    ],
)
def test_what_a_window_is_compared_with(time, to, prior):
    found = prior_window(resolve_window(TimeWindow.model_validate(time), NOW, PLAIN), Compare(to=to), PLAIN, NOW)
    assert found.label == prior


def test_each_day_of_a_leap_february_has_its_own_counterpart():
    days = buckets(dt.datetime(2024, 2, 28), dt.datetime(2024, 3, 2), "day", PLAIN)
    found = with_priors(days, "day", Compare(to="same_date_last_year"), PLAIN, None)
    assert [b.prior_start and b.prior_start.day for b in found] == [28, None, 1]


def test_periods_of_a_window_pair_with_those_of_another():
    weeks = buckets(dt.datetime(2026, 11, 2), dt.datetime(2026, 11, 23), "week", PLAIN)
    other = Compare(to="window", start=dt.date(2025, 11, 3), end=dt.date(2025, 11, 17))
    found = with_priors(weeks, "week", other, PLAIN, None)
    assert [b.prior_start and b.prior_start.date() for b in found] == [
        dt.date(2025, 11, 3),
        dt.date(2025, 11, 10),
        None,
    ]
