"""Comparisons by date, weekday and offset, days of 23 and 25 hours, other zones and calendars."""

from __future__ import annotations

import datetime as dt

import pytest

from store.errors import InvalidRequest, UnknownName


def orders(shop, days):
    """One order a day given, with its amount."""
    shop.run("DELETE FROM orders")
    for number, (day, amount) in enumerate(days.items()):
        shop.run(f"INSERT INTO orders VALUES ({number}, 1, TIMESTAMP '{day} 12:00', 'completed', 'web', {amount})")


def prior(shop, grain, **compare):
    rows = shop.ask(metrics=["revenue"], time={"grain": grain}, compare={"show": ["prev"], **compare})
    return {r[0].isoformat()[5:]: r[2] for r in rows}


def test_7_the_same_weekday_is_364_days_back(shop):
    orders(shop, {"2025-12-01": 30, "2024-12-01": 10, "2024-12-02": 20})
    shop.data["calendar"] = {"data_from": "2024-01-01", "data_through": "2025-12-31"}
    day = {"start": "2025-12-01", "end": "2025-12-02"}
    rows = shop.ask(metrics=["revenue"], time=day, compare={"to": "same_weekday_last_year"})
    assert rows == [(30, 20, 10, 0.5)]
    rows = shop.ask(metrics=["revenue"], time={**day, "grain": "day"}, compare={"to": "same_weekday_last_year"})
    assert rows[0][1:3] == (30, 20)


@pytest.fixture
def spiky(shop):
    days = {"01-28": 1, "01-29": 2, "01-30": 4, "01-31": 8, "02-28": 16, "03-28": 32, "03-29": 64, "03-31": 128}
    orders(shop, {f"2025-{day}": amount for day, amount in days.items()})
    shop.data["calendar"] = {"data_from": "2025-01-01", "data_through": "2025-03-31"}
    return shop


def test_a3_a_day_is_compared_with_its_own_date(spiky):
    found = prior(spiky, "day", to="offset", n=1, unit="month")
    assert (found["02-28"], found["03-28"], found["03-29"], found["03-31"]) == (1, 16, None, None)
    compiled = spiky.compile(
        metrics=["revenue"], time={"grain": "day"}, compare={"to": "offset", "n": 1, "unit": "month"}
    )
    assert {n.code: n.details for n in compiled.notes}["unmatched_days"] == {"days": 3}


def test_a3_a_missing_day_may_be_the_last_of_its_month(spiky):
    found = prior(spiky, "day", to="offset", n=1, unit="month", missing_day="clamp")
    assert (found["02-28"], found["03-29"], found["03-31"]) == (1, 16, 16)


def test_a3_by_month(spiky):
    assert prior(spiky, "month", to="offset", n=1, unit="month") == {"01-01": None, "02-01": 15, "03-01": 16}
    assert prior(spiky, "month", to="offset", n=2, unit="month")["03-01"] == 15


@pytest.mark.parametrize(("n", "unit", "expected"), [(1, "day", 64), (2, "day", 32), (1, "quarter", None)])
def test_any_offset(spiky, n, unit, expected):
    compare = {"to": "offset", "n": n, "unit": unit, "show": ["prev"]}
    day = {"start": "2025-03-30", "end": "2025-03-31"}
    assert spiky.ask(metrics=["revenue"], time=day, compare=compare)[0][1] == expected


def test_a_leap_day_belongs_to_no_28th(shop):
    orders(shop, {"2024-02-28": 1, "2024-02-29": 2, "2025-02-28": 4})
    shop.data["calendar"] = {"data_from": "2024-01-01", "data_through": "2025-03-31"}
    window = {"start": "2025-02-28", "end": "2025-03-01", "grain": "day"}
    rows = shop.ask(metrics=["revenue"], time=window, compare={"to": "same_date_last_year", "show": ["prev"]})
    assert rows == [(dt.date(2025, 2, 28), 4, 1)]


def test_a20_the_same_weekday_of_a_leap_day(shop):
    orders(shop, {"2024-02-29": 5, "2023-03-02": 3})
    shop.data["calendar"] = {"data_from": "2023-01-01", "data_through": "2024-12-31"}
    leap = {"start": "2024-02-29", "end": "2024-03-01"}
    rows = shop.ask(metrics=["revenue"], time=leap, compare={"to": "same_weekday_last_year", "show": ["prev"]})
    assert rows == [(5, 3)]


@pytest.fixture
def hourly(shop):
    shop.data["calendar"] = {
        "timezone": "America/New_York", "data_from": "2025-01-01", "data_through": "2025-12-31",
    }  # fmt: skip
    shop.run("DELETE FROM events")
    shop.run(
        "INSERT INTO events SELECT i, 1, 'S', 'view', TIMESTAMP '2025-01-01' + i * INTERVAL 1 HOUR "
        "FROM range(8760) t(i)"
    )
    return shop


def test_a10_spring_has_a_day_of_23_hours(hourly):
    day = {"start": "2025-03-09", "end": "2025-03-10", "grain": "hour"}
    rows = hourly.ask(metrics=["events"], time=day)
    assert len(rows) == 23
    assert all(r[-1] == 1 for r in rows)
    assert dt.datetime(2025, 3, 9, 2) not in [r[0] for r in rows]


def test_a10_autumn_has_one_o_clock_twice(hourly):
    compiled = hourly.compile(metrics=["events"], time={"start": "2025-11-02", "end": "2025-11-03", "grain": "hour"})
    rows = hourly.rows(compiled)
    assert [c.name for c in compiled.columns] == ["hour", "utc_offset", "events"]
    assert len(rows) == 25
    assert [r for r in rows if r[0] == dt.datetime(2025, 11, 2, 1)] == [
        (dt.datetime(2025, 11, 2, 1), -300, 1), (dt.datetime(2025, 11, 2, 1), -240, 1),
    ]  # fmt: skip


def test_a10_hours_without_data_are_there_too(hourly):
    hourly.run("DELETE FROM events WHERE event_at >= '2025-11-02' AND event_at < '2025-11-04' AND event_id % 2 = 0")
    day = {"start": "2025-11-02", "end": "2025-11-03", "grain": "hour"}
    rows = hourly.ask(metrics=["events"], time=day)
    assert (len(rows), sum(r[-1] for r in rows)) == (25, 12)


def test_hours_of_a_plain_day_have_one_key(hourly):
    day = {"start": "2025-06-02", "end": "2025-06-03", "grain": "hour"}
    assert [c.name for c in hourly.compile(metrics=["events"], time=day).columns] == ["hour", "events"]


def test_a_wall_clock_that_goes_back_is_told(hourly):
    hourly.data["tables"]["events"]["time"]["columns"]["event_at"]["stored_tz"] = "America/New_York"
    codes = [
        n.code for n in hourly.compile(metrics=["events"], time={"start": "2025-11-01", "end": "2025-12-01"}).notes
    ]
    assert "dst_day" in codes
    codes = [
        n.code for n in hourly.compile(metrics=["events"], time={"start": "2025-06-01", "end": "2025-07-01"}).notes
    ]
    assert "dst_day" not in codes


@pytest.mark.parametrize(
    ("zone", "day", "bounds"),
    [
        ("Africa/Cairo", "2025-04-25", ("2025-04-24 22:00:00", "2025-04-25 21:00:00")),
        ("America/Havana", "2025-11-02", ("2025-11-02 04:00:00", "2025-11-03 05:00:00")),
    ],
)
def test_a11_filter_and_bucket_count_alike(hourly, zone, day, bounds):
    hourly.data["calendar"]["timezone"] = zone
    following = (dt.date.fromisoformat(day) + dt.timedelta(days=1)).isoformat()
    compiled = hourly.compile(metrics=["events"], time={"start": day, "end": following})
    assert all(bound in compiled.sql for bound in bounds)
    total = hourly.rows(compiled)
    by_day = hourly.ask(metrics=["events"], time={"start": day, "end": following, "grain": "day"})
    assert [(r[1],) for r in by_day] == total
    whole = dict(hourly.ask(metrics=["events"], time={"grain": "day"}))
    assert whole[dt.date.fromisoformat(day)] == total[0][0]


def test_a_question_may_go_by_another_clock(shop):
    assert [r[1] for r in shop.ask(metrics=["orders"], time={"grain": "month"})] == [2, 2, 0, 1]
    eastern = {"grain": "month", "timezone": "America/New_York"}
    assert [r[1] for r in shop.ask(metrics=["orders"], time=eastern)] == [3, 1, 0, 1]
    with pytest.raises(InvalidRequest) as error:
        shop.compile(metrics=["orders"], time={"grain": "month", "timezone": "Mars/Olympus"})
    assert error.value.code == "no_such_zone"


def test_a_question_may_go_by_another_calendar(shop):
    shop.data["calendar"] |= {"fiscal_start_month": 2, "week_start": "sunday"}
    assert [r[1] for r in shop.ask(metrics=["revenue"], time={"grain": "quarter", "calendar": "fiscal"})] == [180, 75]
    civil = {"grain": "quarter", "calendar": "civil"}
    assert [r[1] for r in shop.ask(metrics=["revenue"], time=civil)] == [250, 5]
    iso = {"grain": "week", "calendar": "iso", "start": "2025-01-05", "end": "2025-01-07", "fill": False}
    assert shop.ask(metrics=["revenue"], time=iso) == [(dt.date(2024, 12, 30), 120)]
    with pytest.raises(UnknownName):
        shop.compile(metrics=["revenue"], time={"grain": "year", "calendar": "mayan"})


def test_a12_as_of_the_end_of_march_all_of_february_counts(shop):
    shop.data["calendar"] = {"data_from": "2025-01-01", "data_through": "2025-03-30"}
    shop.as_of = dt.datetime(2025, 3, 31, 9)
    compiled = shop.compile(metrics=["revenue"], time={"to_date": "month"}, compare={"to": "previous_period"})
    (note,) = compiled.notes
    assert note.details == {"days": 31, "covered": 30, "prior_days": 28}
