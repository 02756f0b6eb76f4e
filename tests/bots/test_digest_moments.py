"""Digests are due at the same hour by the reader's clock: over changes of clocks, month ends, outages, clock jumps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from bots.digests.moments import Timing


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def walls(timing: Timing, start: str, count: int) -> list[str]:
    moment, found = at(start), []
    for _ in range(count):
        moment = timing.following(moment)
        found.append(timing.wall(moment).isoformat(timespec="minutes"))
    return found


def test_the_hour_on_the_wall_stays_when_clocks_change() -> None:
    timing = Timing(cadence="daily", at="08:00", zone="Europe/Berlin")
    assert timing.following(at("2026-03-28T00:00")) == at("2026-03-28T07:00")
    assert timing.following(at("2026-03-28T07:00")) == at("2026-03-29T06:00")
    assert timing.following(at("2026-10-24T06:00")) == at("2026-10-25T07:00")


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia"]
)
@pytest.mark.parametrize("clock", ["00:00", "01:30", "02:00", "02:30", "03:00", "23:59"])
def test_every_day_of_a_year_has_one_moment_even_in_skipped_and_repeated_hours(zone: str, clock: str) -> None:
    timing = Timing(cadence="daily", at=clock, zone=zone)
    moment, periods = at("2025-12-31T00:00"), []
    for _ in range(370):
        moment = timing.following(moment)
        periods.append(timing.period(moment))
    first = date.fromisoformat(periods[0])
    assert periods == [(first + timedelta(days=n)).isoformat() for n in range(370)]


def test_a_day_that_a_month_lacks_is_its_last() -> None:
    timing = Timing(cadence="monthly", monthday=31, at="09:00")
    assert walls(timing, "2026-01-31T09:00", 4) == [
        "2026-02-28T09:00", "2026-03-31T09:00", "2026-04-30T09:00", "2026-05-31T09:00",
    ]  # fmt: skip
    assert timing.period(at("2026-02-28T09:00")) == "2026-02"


def test_weeks_and_workdays() -> None:
    assert walls(Timing(cadence="weekly", weekday=5, at="07:15"), "2026-12-31T00:00", 2) == [
        "2027-01-01T07:15", "2027-01-08T07:15",
    ]  # fmt: skip
    assert Timing(cadence="weekly").period(at("2027-01-01T08:00")) == "2026-W53"
    assert walls(Timing(cadence="workdays"), "2026-11-20T12:00", 2) == ["2026-11-23T08:00", "2026-11-24T08:00"]


def test_quarters_come_in_their_first_month() -> None:
    timing = Timing(cadence="quarterly", monthday=2, at="07:00")
    assert walls(timing, "2026-11-20T00:00", 3) == ["2027-01-02T07:00", "2027-04-02T07:00", "2027-07-02T07:00"]
    assert timing.period(at("2027-01-02T07:00")) == "2027-Q1"
    assert timing.latest(at("2027-03-31T00:00"), at("2026-10-02T07:00")) == at("2027-01-02T07:00")


def test_nothing_comes_on_a_public_holiday() -> None:
    """Daily ones leave Christmas out; others come on the next day that is none, and count for the day they missed."""
    assert walls(Timing(cadence="workdays", holidays="de"), "2026-12-24T09:00", 1) == ["2026-12-28T08:00"]
    assert walls(Timing(cadence="daily", holidays="US"), "2026-12-24T09:00", 1) == ["2026-12-26T08:00"]
    weekly = Timing(cadence="weekly", weekday=5, holidays="DE")
    assert walls(weekly, "2026-12-20T00:00", 2) == ["2026-12-27T08:00", "2027-01-02T08:00"]
    assert [weekly.period(at(day)) for day in ("2026-12-27T08:00", "2027-01-02T08:00")] == ["2026-W52", "2026-W53"]
    monthly = Timing(cadence="monthly", monthday=31, holidays="DE")
    assert walls(monthly, "2027-10-01T00:00", 1) == ["2027-10-31T08:00"]  # a holiday in some parts only
    assert walls(Timing(cadence="monthly", monthday=1, holidays="DE-BY"), "2027-10-15T00:00", 1) == ["2027-11-02T08:00"]


@pytest.mark.parametrize("place", ["XX", "DE-ZZ", "not a place"])
def test_holidays_of_a_place_that_is_not_known_are_refused(place: str) -> None:
    with pytest.raises(ValidationError, match="write a country"):
        Timing(holidays=place)


def test_after_an_outage_the_newest_moment_counts() -> None:
    timing = Timing(cadence="daily")
    assert timing.latest(at("2026-11-20T09:00"), at("2026-11-01T08:00")) == at("2026-11-20T08:00")
    assert timing.latest(at("2026-11-20T08:00"), at("2026-11-20T08:00")) == at("2026-11-20T08:00")
    monthly = Timing(cadence="monthly", monthday=31)
    assert monthly.latest(at("2027-03-01T00:00"), at("2026-01-31T08:00")) == at("2027-02-28T08:00")


@pytest.mark.parametrize(
    "values", [{"zone": "Mars/Base"}, {"at": "25:00"}, {"at": "8:00"}, {"cadence": "hourly"}, {"zone": "../etc"}]
)
def test_what_is_no_time(values: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Timing.model_validate(values)
