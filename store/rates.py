"""How much somebody may do in a minute, counted by all processes together without asking the database each time.

A process takes a twentieth of a limit from the shared window at once and spends it by itself, so the limit holds for
all of them together and one request in twenty costs a write. With state in a file there is one process and no write.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, delete

from store import dialects
from store.database import Database
from store.errors import LimitReached
from store.models import RateRow

SECONDS = 60
SHARES = 20
MOST_KEPT = 20_000
_ROW = RateRow.__table__.c


class TooFast(LimitReached):
    """More was asked in this minute than is allowed; `retry_after` is when the next one begins."""

    http_status, default_code = 429, "too_many_requests"


@dataclass(frozen=True)
class Left:
    """What is left of `most` until `reset` seconds from now; `left` may be a little less than the truth."""

    most: int
    left: int
    reset: int


@dataclass
class _Window:
    number: int
    held: int = 0
    used: int = 0


class Rates:
    """Counts for one process, together with the others that share the state."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    async def spend(self, subject: str, most: int, what: str = "requests") -> Left:
        """Count one for `subject`. Raises `TooFast` when `most` of this minute are used."""
        now = self._clock()
        window = self._window(subject, int(now // SECONDS))
        reset = int(SECONDS - now % SECONDS) + 1
        if window.held == 0:
            await self._take(subject, window, most)
        if window.held == 0:
            raise TooFast(
                f"That are too many {what} in one minute; {most:,} are allowed.",
                hint=f"Try again in {reset} seconds.",
                retry="as_is",
                retry_after=float(reset),
                details={"limit": most},
            )
        window.held -= 1
        return Left(most, max(0, most - window.used) + window.held, reset)

    def _window(self, subject: str, number: int) -> _Window:
        window = self._windows.get(subject)
        if window is None or window.number != number:
            window = self._windows[subject] = _Window(number)
        self._windows.move_to_end(subject)
        while len(self._windows) > MOST_KEPT:
            self._windows.popitem(last=False)
        return window

    async def _take(self, subject: str, window: _Window, most: int) -> None:
        """Take a share of what is left of this minute."""
        share = max(1, most // SHARES)
        if self._database.shared:
            used = await self._database.write(lambda c: _counted(c, subject[:200], window.number, share))
        else:
            used = window.used + share
        window.used = min(used, most)
        window.held += max(0, share - max(0, used - most))


def _counted(connection: Connection, subject: str, window: int, share: int) -> int:
    statement = dialects.insert_into(connection, RateRow).values(subject=subject, window=window, used=share)
    counted = statement.on_conflict_do_update(
        index_elements=[_ROW.subject, _ROW.window], set_={"used": _ROW.used + share}
    )
    used: int = connection.execute(counted.returning(_ROW.used)).scalar_one()
    return used


def prune(connection: Connection, now: float) -> int:
    """Drop windows that are over."""
    return connection.execute(delete(RateRow).where(_ROW.window < int(now // SECONDS) - 1)).rowcount
