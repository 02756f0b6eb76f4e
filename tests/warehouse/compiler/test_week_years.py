"""Retail and ISO years of whole weeks, against published calendars and against a day-by-day count."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError
from sqlglot import exp

from store.errors import InvalidRequest
from warehouse.compiler import window
from warehouse.compiler.period_labels import bucket_label
from warehouse.compiler.periods import prior_window, resolve_window
from warehouse.compiler.time_sql import bucket, part
from warehouse.compiler.week_years import starts, weeks_in
from warehouse.model.schema import ISO_YEAR, Calendar, TimeColumn, WeekYear
from warehouse.query import Compare, TimeWindow

NRF = WeekYear(periods="4-5-4")  # the calendar of the US National Retail Federation
APPLE = WeekYear(start_month=10, year_starts="last", year_label="end_year", periods="5-4-4")
RULES = {
    "nrf": NRF,
    "apple": APPLE,
    "iso": ISO_YEAR,
    "4-4-5 from saturday": WeekYear(start_month=1, week_start="saturday", year_starts="first"),
}
DAY = dt.timedelta(days=1)


def day(text):
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("rules", "year", "first", "weeks"),
    [
        (NRF, 2012, "2012-01-29", 53),
        (NRF, 2017, "2017-01-29", 53),
        (NRF, 2022, "2022-01-30", 52),
        (NRF, 2023, "2023-01-29", 53),
        (NRF, 2024, "2024-02-04", 52),
        (NRF, 2025, "2025-02-02", 52),
        (APPLE, 2016, "2016-09-25", 53),  # fiscal 2017 had 53 weeks and began on 25 September 2016
        (APPLE, 2022, "2022-09-25", 53),
        (APPLE, 2023, "2023-10-01", 52),
        (ISO_YEAR, 2015, "2014-12-29", 53),
        (ISO_YEAR, 2020, "2019-12-30", 53),
        (ISO_YEAR, 2021, "2021-01-04", 52),
        (ISO_YEAR, 2026, "2025-12-29", 53),
    ],
)
def test_years_start_and_end_as_published(rules, year, first, weeks):
    assert starts(year, "year", rules) == [day(first)]
    assert weeks_in(year, rules) == weeks


def test_the_months_of_the_retail_federation():
    published = ["2024-02-04", "2024-03-03", "2024-04-07", "2024-05-05", "2024-06-02", "2024-07-07"]
    published += ["2024-08-04", "2024-09-01", "2024-10-06", "2024-11-03", "2024-12-01", "2025-01-05"]
    assert starts(2024, "month", NRF) == [day(d) for d in published]
    assert starts(2024, "quarter", NRF) == [day(published[n]) for n in (0, 3, 6, 9)]


def test_iso_weeks_are_pythons():
    at = day("2014-06-01")
    while at < day("2027-06-01"):
        year, week, _ = at.isocalendar()
        moment = dt.datetime(at.year, at.month, at.day)
        assert bucket_label(moment, "week", Calendar(default="iso")) == f"week {week} of {year}"
        at += DAY


def test_iso_months_have_their_thursdays():
    first_four = ["2025-12-29", "2026-02-02", "2026-03-02", "2026-03-30"]
    assert starts(2026, "month", ISO_YEAR)[:4] == [day(d) for d in first_four]


@pytest.mark.parametrize("name", RULES)
def test_the_engine_cuts_periods_where_python_does(shop, name):
    """Every day of twenty years, each grain and part, in one statement."""
    rules = Calendar(default="retail", retail=RULES[name]) if name != "iso" else Calendar(default="iso")
    kind, year = TimeColumn(kind="date"), RULES[name]
    d = exp.column("d", quoted=True)
    made = [bucket(d, g, kind, rules) for g in ("week", "month", "quarter", "year")]
    made += [part(d, p, kind, rules) for p in ("month_of_year", "quarter_of_year", "year")]
    listed = ", ".join(m.sql(dialect="duckdb") for m in made)
    days = "SELECT CAST(unnest(generate_series(DATE '2012-01-01', DATE '2031-12-31', INTERVAL 1 DAY)) AS DATE) AS d"
    rows = shop.connection.execute(f"SELECT d, {listed} FROM ({days})").fetchall()
    for at, week, month, quarter, whole, m, q, y in rows:
        known = [starts(n, g, year) for g in ("year", "quarter", "month") for n in range(at.year - 1, at.year + 2)]
        assert whole == max(s for found in known[:3] for s in found if s <= at)
        assert quarter == max(s for found in known[3:6] for s in found if s <= at)
        assert month == max(s for found in known[6:] for s in found if s <= at)
        assert week == at - (at.weekday() - year.first_weekday) % 7 * DAY
        number = next(n for n in range(at.year - 1, at.year + 2) if starts(n, "year", year)[0] == whole)
        assert q == starts(number, "quarter", year).index(quarter) + 1
        assert m == (starts(number, "month", year).index(month) + year.start_month - 1) % 12 + 1
        assert y == number + (year.year_label == "end_year")


RETAIL = {"retail": {"periods": "4-5-4"}, "data_from": "2025-01-01", "data_through": "2025-05-03"}


@pytest.fixture
def store(shop):
    """The mini shop with the federation's calendar; its orders are of 5 and 20 Jan, 1 and 10 Feb, 30 Apr 2025."""
    shop.data["calendar"] = dict(RETAIL)
    shop.as_of = dt.datetime(2025, 5, 4, 9)
    return shop


def test_figures_by_retail_period(store):
    by_month = {"grain": "month", "calendar": "retail"}
    compiled = store.compile(metrics=["revenue"], time=by_month)
    rows = [(r[0].isoformat(), r[1]) for r in store.rows(compiled)]
    assert rows == [("2024-12-01", 0), ("2025-01-05", 210), ("2025-02-02", 40), ("2025-03-02", 0), ("2025-04-06", 5)]
    retail = store.model.calendar.model_copy(update={"default": "retail"})
    labels = [bucket_label(dt.datetime.fromisoformat(r[0]), "month", retail) for r in rows]
    assert labels == ["P11 FY2024", "P12 FY2024", "P1 FY2025", "P2 FY2025", "P3 FY2025"]
    assert [r[1] for r in store.ask(metrics=["revenue"], time={"grain": "quarter", "calendar": "retail"})] == [210, 45]
    assert [r[1] for r in store.ask(metrics=["revenue"], time={"grain": "year", "calendar": "retail"})] == [210, 45]


def test_figures_by_iso_month(store):
    rows = store.ask(metrics=["revenue"], time={"grain": "month", "calendar": "iso"})
    assert [(r[0].isoformat(), r[1]) for r in rows] == [
        ("2024-12-30", 210), ("2025-02-03", 40), ("2025-03-03", 0), ("2025-03-31", 0), ("2025-04-28", 5),
    ]  # fmt: skip


def test_the_model_may_make_it_the_calendar_of_every_question(store):
    store.data["calendar"]["default"] = "retail"
    assert [r[1] for r in store.ask(metrics=["revenue"], time={"grain": "quarter"})] == [210, 45]
    assert [r[1] for r in store.ask(metrics=["revenue"], time={"grain": "quarter", "calendar": "civil"})] == [250, 5]
    by_field = store.ask(metrics=["revenue"], dimensions=[{"field": "orders.ordered_at", "grain": "quarter"}])
    assert sorted(by_field) == [(day("2024-11-03"), 210), (day("2025-02-02"), 45)]
    assert store.ask(metrics=["revenue"], time={"last": {"n": 1, "unit": "month"}}) == [(5,)]
    parts = store.ask(metrics=["revenue"], dimensions=[{"field": "orders.ordered_at", "part": "quarter_of_year"}])
    assert sorted(parts) == [(1, 45), (4, 210)]


def test_running_figures_begin_with_the_retail_year(store):
    store.data["metrics"]["ytd"] = {"kind": "cumulative", "metric": "revenue", "reset": "year"}
    rows = store.ask(metrics=["ytd"], time={"grain": "month", "calendar": "retail"})
    assert [r[1] for r in rows] == [0, 210, 40, 40, 45]


def test_fiscal_quarters_and_years_that_repeat_are_the_models(shop):
    shop.data["calendar"]["fiscal_start_month"] = 2
    quarters = shop.ask(metrics=["revenue"], dimensions=[{"field": "orders.ordered_at", "part": "quarter_of_year"}])
    assert sorted(quarters) == [(1, 75), (4, 180)]
    years = shop.ask(metrics=["revenue"], dimensions=[{"field": "orders.ordered_at", "part": "year"}])
    assert sorted(years) == [(2025, 180), (2026, 75)]


@pytest.fixture
def weekly(shop):
    """One order a day of one dollar through four retail years, one of which has 53 weeks."""
    shop.run("DELETE FROM orders")
    shop.run(
        "INSERT INTO orders SELECT row_number() OVER (), 1, d, 'completed', 'web', 1 FROM (SELECT unnest("
        "generate_series(TIMESTAMP '2022-01-30 12:00', TIMESTAMP '2025-02-01 12:00', INTERVAL 1 DAY)) AS d)"
    )
    shop.data["calendar"] = {**RETAIL, "default": "retail", "data_from": "2022-01-30", "data_through": "2025-02-01"}
    shop.as_of = dt.datetime(2025, 2, 2, 9)
    return shop


def prior_of(shop, time, to="same_date_last_year"):
    rules = shop.model.calendar
    now = resolve_window(TimeWindow.model_validate(time), shop.as_of, rules)
    found = prior_window(now, Compare(to=to), rules, None)
    return found.label, found.start and found.start.date().isoformat(), found.end and found.end.date().isoformat()


def test_a_week_is_compared_with_the_same_week_of_the_year_before(weekly):
    week_1 = {"start": "2024-02-04", "end": "2024-02-11"}
    assert prior_of(weekly, week_1) == ("week 1 of FY2023", "2023-01-29", "2023-02-05")
    assert prior_of(weekly, week_1, "same_weekday_last_year")[1] == "2023-02-05"  # 52 weeks before, week 2
    assert prior_of(weekly, week_1, "previous_period") == ("week 53 of FY2023", "2024-01-28", "2024-02-04")
    week_53 = {"start": "2024-01-28", "end": "2024-02-04"}
    assert prior_of(weekly, week_53) == ("no such period", None, None)
    p12 = {"start": "2023-12-31", "end": "2024-02-04"}
    assert prior_of(weekly, p12) == ("P12 FY2022", "2023-01-01", "2023-01-29")
    assert prior_of(weekly, {"start": "2024-01-21", "end": "2024-02-04"})[1:] == ("2023-01-22", "2023-01-29")
    assert prior_of(weekly, {"start": "2024-02-06", "end": "2024-02-07"})[1] == "2023-01-31"  # both a Tuesday
    assert prior_of(weekly, {"start": "2024-05-05", "end": "2024-08-04"}, "previous_period")[0] == "Q1 FY2024"


def test_weeks_that_have_no_counterpart_say_so(weekly):
    time = {"grain": "week", "start": "2024-01-14", "end": "2024-02-11"}
    compiled = weekly.compile(metrics=["orders"], time=time, compare={"to": "same_date_last_year"})
    assert [r[:3] for r in weekly.rows(compiled)] == [
        (day("2024-01-14"), 7, 7), (day("2024-01-21"), 7, 7), (day("2024-01-28"), 7, None), (day("2024-02-04"), 7, 7),
    ]  # fmt: skip
    notes = {n.code: n.text for n in compiled.notes}
    assert notes == {"no_counterpart": "Week 53 of FY2023 has no counterpart to be compared with."}


def test_years_of_unlike_length_are_told(weekly):
    last = {"last": {"n": 1, "unit": "year"}}
    compiled = weekly.compile(metrics=["orders"], time=last, compare={"to": "previous_period"})
    assert weekly.rows(compiled)[0][:2] == (364, 371)
    assert [n.text for n in compiled.notes] == ["FY2024 has 52 weeks and is compared with 53."]
    by_month = weekly.compile(
        metrics=["orders"], time={"grain": "month", **last}, compare={"to": "same_date_last_year"}
    )
    assert [r[1:3] for r in weekly.rows(by_month)][-2:] == [(35, 35), (28, 35)]
    assert [n.text for n in by_month.notes] == ["Periods of unlike length are compared, such as 4 weeks with 5."]


@pytest.mark.parametrize(
    ("time", "label", "start", "end"),
    [
        ({"last": {"n": 1, "unit": "month"}}, "P3 FY2025", "2025-04-06", "2025-05-04"),
        ({"last": {"n": 1, "unit": "quarter"}}, "Q1 FY2025", "2025-02-02", "2025-05-04"),
        ({"last": {"n": 1, "unit": "week"}}, "week 13 of FY2025", "2025-04-27", "2025-05-04"),
        ({"last": {"n": 2, "unit": "month"}}, "last 2 retail months (Mar 2 – May 3, 2025)", "2025-03-02", "2025-05-04"),
        ({"to_date": "year"}, "FY2025 to date", "2025-02-02", "2026-02-01"),
        ({"start": "2025-02-02", "end": "2026-02-01"}, "FY2025", "2025-02-02", "2026-02-01"),
    ],
)
def test_retail_periods_have_names(store, time, label, start, end):
    rules = store.model.calendar.model_copy(update={"default": "retail"})
    period = window(TimeWindow.model_validate(time), store.as_of, rules)
    assert (period.label, period.start, period.end) == (label, start, end)


def test_iso_periods_have_names(store):
    rules = Calendar(default="iso")
    units = ("week", "month", "quarter", "year")
    windows = [TimeWindow.model_validate({"last": {"n": 1, "unit": unit}}) for unit in units]
    names = [window(time, store.as_of, rules).label for time in windows]
    assert names == ["week 17 of 2025", "April 2025 (ISO weeks)", "Q1 2025 (ISO weeks)", "2024 (ISO weeks)"]


def test_a_window_goes_by_the_calendar_it_names(store):
    last = TimeWindow.model_validate({"last": {"n": 1, "unit": "month"}, "calendar": "retail"})
    assert window(last, store.as_of, store.model.calendar).label == "P3 FY2025"


def test_a_model_without_a_retail_calendar_says_so(shop):
    with pytest.raises(InvalidRequest) as error:
        shop.compile(metrics=["revenue"], time={"grain": "month", "calendar": "retail"})
    assert error.value.code == "no_retail_calendar"
    with pytest.raises(ValidationError):
        Calendar(default="retail")
