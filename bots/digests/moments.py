"""When a digest is due by the clock on its reader's wall: the same hour through summer time, month ends and outages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from store.errors import ConfigProblem

Cadence = Literal["daily", "workdays", "weekly", "monthly", "quarterly", "matters"]
Grain = Literal["day", "week", "month", "quarter"]
GRAINS: dict[Cadence, Grain] = {
    "daily": "day", "workdays": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "matters": "day"
}  # fmt: skip
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_LONGEST_DAYS = 92
"""From the first day of a quarter to that of the next one."""
_MOST_OFF = 14
"""Days by which holidays may put a message off."""
_QUARTER_MONTHS = (1, 4, 7, 10)
_SATURDAY = 6


def _known_clock(value: str) -> str:
    if not _TIME_OF_DAY.fullmatch(value):
        raise ValueError("write the time of day as 08:00")
    return value


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("there is no such time zone; write one like Europe/Berlin") from error
    return name


@cache
def _holidays(place: str) -> dict[date, str]:
    """The public holidays of a country, or of a part of it (`DE-BY`), by date. Raises `ValueError` for none known."""
    from tools.happenings import holiday_calendar

    try:
        return holiday_calendar(place)
    except ConfigProblem as error:
        raise ValueError("no holidays are known there; write a country as DE, or a part of it as DE-BY") from error


def _known_holidays(place: str) -> str:
    named = place.strip().upper()
    _holidays(named)
    return named


ClockTime = Annotated[str, AfterValidator(_known_clock)]
"""A time of day as 08:00."""
ZoneName = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
"""The name of a time zone that is known, as Europe/Berlin."""
HolidayPlace = Annotated[str, Field(max_length=12), AfterValidator(_known_holidays)]
"""A country, or a part of it, whose public holidays are kept: DE, US, DE-BY."""


class Timing(BaseModel):
    """How often, and at what time of day in which zone.

    `weekday` (1 Monday to 7) is for weekly ones, `monthday` for monthly ones and for the first month of quarterly ones:
    a day that a month lacks is its last. On a public holiday of the place `holidays` nothing comes: daily ones leave
    the day out, others come on the next day that is none.
    `matters` looks every day and speaks only when something is worth it. `wait_minutes` is how long the data may keep
    a digest waiting.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cadence: Cadence = "weekly"
    at: ClockTime = "08:00"
    zone: ZoneName = "UTC"
    weekday: int = Field(1, ge=1, le=7)
    monthday: int = Field(1, ge=1, le=31)
    holidays: HolidayPlace | None = None
    wait_minutes: int = Field(180, ge=0, le=1440)

    @property
    def grain(self) -> Grain:
        """The period that a message is about: the last complete day, week, month or quarter."""
        return GRAINS[self.cadence]

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    def following(self, after: datetime) -> datetime:
        """The first moment (UTC) after another.

        A time of day that a change of clocks skips comes as much later; one that it repeats counts the first time.
        """
        for day in self._days(after.astimezone(self._zone).date() - timedelta(days=1)):
            moment = self.moment(day)
            if moment > after:
                return moment
        raise AssertionError("days never end")

    def latest(self, now: datetime, since: datetime) -> datetime:
        """The last moment up to `now`, `since` being one: after an outage only the newest is caught up with."""
        found = since
        back = timedelta(days=_LONGEST_DAYS + _MOST_OFF)
        for day in self._days(max(since, now - back).astimezone(self._zone).date()):
            moment = self.moment(day)
            if moment > now:
                return found
            found = max(found, moment)
        raise AssertionError("days never end")

    def moment(self, day: date) -> datetime:
        """When a digest is due on a day, in UTC."""
        hour, minute = self.at.split(":")
        return datetime.combine(day, time(int(hour), int(minute)), self._zone).astimezone(UTC)

    def wall(self, moment: datetime) -> datetime:
        """What the reader's clock says then, without a zone."""
        return moment.astimezone(self._zone).replace(tzinfo=None)

    def period(self, moment: datetime) -> str:
        """The name of the period that a moment stands for: one message each, whatever clocks do."""
        day = self.wall(moment).date()
        day = self._stands_for(day) or day
        if self.cadence == "weekly":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
        if self.cadence == "quarterly":
            return f"{day.year}-Q{(day.month + 2) // 3}"
        return day.isoformat()[:7] if self.cadence == "monthly" else day.isoformat()

    def days(self, first: date, last: date) -> Iterator[date]:
        """The days on which a digest is due, both ends included."""
        for day in self._days(first):
            if day > last:
                return
            yield day

    def _days(self, first: date) -> Iterator[date]:
        day = first
        while True:
            if self._stands_for(day) is not None:
                yield day
            day += timedelta(days=1)

    def _stands_for(self, day: date) -> date | None:
        """The planned day whose message comes on `day`: itself, or one that fell on the holidays right before it."""
        if self._is_off(day):
            return None
        for back in range(_MOST_OFF):
            planned = day - timedelta(days=back)
            if back and (self.grain == "day" or not self._is_off(planned)):
                return None
            if self._is_planned(planned):
                return planned
        return None

    def _is_off(self, day: date) -> bool:
        return self.holidays is not None and day in _holidays(self.holidays)

    def _is_planned(self, day: date) -> bool:
        if self.cadence == "weekly":
            return day.isoweekday() == self.weekday
        if self.cadence == "quarterly" and day.month not in _QUARTER_MONTHS:
            return False
        if self.cadence in ("monthly", "quarterly"):
            last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            return day.day == min(self.monthday, last.day)
        return self.cadence != "workdays" or day.isoweekday() < _SATURDAY
