"""When a digest is due by the clock on its reader's wall: the same hour through summer time, month ends and outages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Cadence = Literal["daily", "workdays", "weekly", "monthly", "matters"]
Grain = Literal["day", "week", "month"]
GRAINS: dict[Cadence, Grain] = {
    "daily": "day", "workdays": "day", "weekly": "week", "monthly": "month", "matters": "day"
}  # fmt: skip
_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_MONTH_DAYS = 31
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


ClockTime = Annotated[str, AfterValidator(_known_clock)]
"""A time of day as 08:00."""
ZoneName = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
"""The name of a time zone that is known, as Europe/Berlin."""


class Timing(BaseModel):
    """How often, and at what time of day in which zone.

    `weekday` (1 Monday to 7) is for weekly ones, `monthday` for monthly ones: a day that a month lacks is its last.
    `matters` looks every day and speaks only when something is worth it. `wait_minutes` is how long the data may keep
    a digest waiting.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    cadence: Cadence = "weekly"
    at: ClockTime = "08:00"
    zone: ZoneName = "UTC"
    weekday: int = Field(1, ge=1, le=7)
    monthday: int = Field(1, ge=1, le=31)
    wait_minutes: int = Field(180, ge=0, le=1440)

    @property
    def grain(self) -> Grain:
        """The period that a message is about: the last complete day, week or month."""
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
        for day in self._days(max(since, now - timedelta(days=_MONTH_DAYS + 2)).astimezone(self._zone).date()):
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
        if self.cadence == "weekly":
            year, week, _ = day.isocalendar()
            return f"{year}-W{week:02}"
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
            if self._is_due(day):
                yield day
            day += timedelta(days=1)

    def _is_due(self, day: date) -> bool:
        if self.cadence == "weekly":
            return day.isoweekday() == self.weekday
        if self.cadence == "monthly":
            last = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
            return day.day == min(self.monthday, last.day)
        return self.cadence != "workdays" or day.isoweekday() < _SATURDAY
