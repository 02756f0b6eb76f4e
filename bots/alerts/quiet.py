"""When somebody does not want to be disturbed: what is not critical waits until the morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from bots.digests.moments import ClockTime, ZoneName
from store.alerts import BUDGET


class Quiet(BaseModel):
    """Hours of rest by the clock on one's wall; they may reach over midnight. `weekends` rest altogether."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: ClockTime = "20:00"
    end: ClockTime = "07:00"
    zone: ZoneName = "UTC"
    weekends: bool = False

    def over_at(self, moment: datetime) -> datetime:
        """The first moment at or after another (UTC) that is not within the hours of rest."""
        zone, found = ZoneInfo(self.zone), moment
        for _ in range(12):
            wall = found.astimezone(zone)
            clock = f"{wall:%H:%M}"
            weekend = self.weekends and wall.weekday() > 4
            if not weekend and not self._rests(clock):
                return found
            hour, minute = map(int, ("00:00" if weekend else self.end).split(":"))
            ahead = wall.replace(hour=hour, minute=minute, second=0, microsecond=0)
            if weekend or ahead <= wall:
                ahead = (wall + timedelta(days=1)).replace(hour=hour, minute=minute, second=0, microsecond=0)
            found = ahead.astimezone(moment.tzinfo)
        return found

    def _rests(self, clock: str) -> bool:
        if self.start <= self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


class Wishes(BaseModel):
    """How somebody wants to be told: alert messages in seven days that go further than the inbox, and hours of rest.

    What is critical goes out all the same: it neither waits for the morning nor for the budget.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    budget: int = Field(BUDGET, ge=0, le=200)
    quiet: Quiet | None = None
