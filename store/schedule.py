"""Schedules that fire once for each moment, however many processes look at the clock.

What a schedule does happens in the transaction that moves its next moment on: both are there, or neither. So `fire`
is short and only writes state, such as rows of the outbox; the work itself is done by whoever claims those.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, delete, select, update

from store import dialects
from store.database import Database
from store.errors import PlainsayError
from store.models import ScheduleRow

log = structlog.get_logger("plainsay.schedule")

LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class Schedule:
    """`following` gives the next moment after another (aware, UTC); `fire` is called with the moment that was due.

    Moments that passed while nothing ran fire once, not once each.
    """

    name: str
    following: Callable[[datetime], datetime]
    fire: Callable[[Connection, datetime], None]


def every(seconds: float) -> Callable[[datetime], datetime]:
    """Moments at whole multiples of `seconds` since 1970, the same for every process."""

    def following(after: datetime) -> datetime:
        return datetime.fromtimestamp((after.timestamp() // seconds + 1) * seconds, UTC)

    return following


def fire_due(connection: Connection, schedule: Schedule, now: datetime | None = None) -> bool:
    """Fire `schedule` when its moment has come and nobody else does; whether it was fired.

    A schedule that is new here waits for its next moment. `now` is the shared clock's unless given.
    """
    moment = now or dialects.moment(connection)
    row = ScheduleRow.__table__.c
    due = connection.execute(select(row.due_at).where(row.name == schedule.name)).scalar()
    if due is None:
        dialects.add_new(connection, ScheduleRow, name=schedule.name, due_at=schedule.following(moment))
        return False
    if due > moment:
        return False
    moved = (
        update(ScheduleRow)
        .where(row.name == schedule.name, row.due_at == due)
        .values(due_at=schedule.following(moment), fired_at=moment)
    )
    if connection.execute(moved).rowcount != 1:
        return False
    schedule.fire(connection, due)
    return True


def forget(connection: Connection, name: str) -> None:
    """Forget when a schedule is due, because it is no more or its moments changed."""
    connection.execute(delete(ScheduleRow).where(ScheduleRow.name == name))


class Clock:
    """Looks at the schedules of a process every second; each process may run one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._schedules: dict[str, Schedule] = {}
        self._quiet_until: dict[str, datetime] = {}

    def add(self, schedule: Schedule) -> None:
        """Look after a schedule; one of the same name is replaced."""
        self._schedules[schedule.name] = schedule

    def remove(self, name: str) -> None:
        """Look after it no more."""
        self._schedules.pop(name, None)

    async def run_forever(self) -> None:
        """Fire what is due until cancelled; a schedule that fails is logged and tried again a minute later."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> int:
        """Fire what is due now; how many were fired."""
        return sum([await self._fire(schedule) for schedule in list(self._schedules.values())])

    async def _fire(self, schedule: Schedule) -> bool:
        now = datetime.now(UTC)
        if self._quiet_until.get(schedule.name, now) > now:
            return False
        try:
            return await self._database.write(lambda connection: fire_due(connection, schedule))
        except PlainsayError as error:
            self._quiet_until[schedule.name] = now + timedelta(seconds=5)
            log.warning("schedule_waits", schedule=schedule.name, code=error.code)
        except Exception:  # BLE001 - process edge: one broken schedule must not stop the others
            self._quiet_until[schedule.name] = now + timedelta(minutes=1)
            log.exception("schedule_failed", schedule=schedule.name)
        return False
