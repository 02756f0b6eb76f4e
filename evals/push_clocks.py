"""Digests and alerts whose clocks change, jump and are looked at by two schedulers: each moment counts once."""

from __future__ import annotations

import asyncio
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bots.alerts import run as alerting
from bots.alerts.rule import Looks, Telling
from bots.digests import run
from bots.digests.moments import Cadence, Timing
from bots.digests.recipe import Recipe
from evals.result import Figure
from store import alerts, digests, outbox
from store.database import Database
from store.delivery import Courier
from store.models import OutboxRow, utc_now

CHANGES = (date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4), date(2026, 10, 25),
           date(2026, 11, 1))  # fmt: skip
"""Days on which clocks change in America, Europe and on Lord Howe (by half an hour)."""
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
CLOCKS = ("00:00", "01:45", "02:15", "02:30", "03:00", "08:00", "23:59")
CADENCES: tuple[Cadence, ...] = ("daily", "workdays", "weekly")
TICK, _MINUTE = timedelta(minutes=15), timedelta(minutes=1)
BACK, AHEAD = timedelta(days=2), timedelta(days=2)
BOTH = 200


async def clocks() -> list[Figure]:
    """Days of changing clocks looked at by two schedulers, once steadily and once with a clock that jumps."""
    missing, doubled, due = 0, 0, 0
    for jumps in (False, True):
        for number, day in enumerate(CHANGES):
            one = await _days(day, random.Random(number) if jumps else None)
            missing, doubled, due = missing + one[0], doubled + one[1], due + one[2]
    lost, twice = await _two()
    return [
        Figure("moments on days of changing clocks and with jumping clocks", due, "moments", 2_000, "more"),
        Figure("of them missing", missing, "moments", 0),
        Figure("of them doubled", doubled, "moments", 0),
        Figure(f"messages missing, two schedulers and couriers, {BOTH} digests and alerts", lost, "messages", 0),
        Figure("messages doubled by them", twice, "messages", 0),
    ]


async def _days(day: date, jumps: random.Random | None) -> tuple[int, int, int]:
    """Look every quarter of an hour, with two schedulers; messages missing, doubled, and due."""
    first = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - BACK
    last = first + BACK + AHEAD
    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as folder:
        databases = [Database.open(Path(folder)), Database.open(Path(folder))]
        try:
            wanted = await databases[0].write(lambda c: _subscribed(c, first, last))
            for at in _ticks(first, last, jumps):
                await asyncio.gather(*(db.write(_firing(run.fire, at)) for db in databases))
            kept = select(OutboxRow.key).where(OutboxRow.kind == run.KIND)
            keys = await databases[0].read(lambda c: list(c.execute(kept).scalars()))
        finally:
            for database in databases:
                database.close()
    told = Counter(keys)
    missing = len(wanted - told.keys())
    return missing, len(told.keys() - wanted) + sum(n - 1 for n in told.values()), len(wanted)


def _firing(fire: Callable[[Any, datetime], int], at: datetime) -> Callable[[Any], int]:
    return lambda connection: fire(connection, at)


def _ticks(first: datetime, last: datetime, jumps: random.Random | None) -> list[datetime]:
    """The times that a clock shows; one that jumps goes back by hours and stands still, and then is right again."""
    found, at = [], first
    while at <= last:
        found.append(at)
        if jumps is not None and jumps.random() < 0.08:
            found.append(at - timedelta(minutes=jumps.randint(5, 300)))
        at += TICK * (jumps.choice((1, 1, 1, 4)) if jumps is not None else 1)
    return [*found, last]


def _subscribed(connection: Any, first: datetime, last: datetime) -> set[str]:
    """A digest for every zone, time and cadence; the keys of the messages that are due, worked out by wall clock."""
    wanted: set[str] = set()
    for zone in ZONES:
        for at in CLOCKS:
            for cadence in CADENCES:
                timing = Timing(cadence=cadence, at=at, zone=zone, weekday=7)
                values = {"name": f"{zone} {at}", "recipe": Recipe().model_dump(mode="json"), "webhook_id": None,
                          "timing": timing.model_dump(mode="json"), "channels": ["inbox"],
                          "next_at": timing.following(first - timedelta(seconds=1))}  # fmt: skip
                made = digests.create(connection, f"{zone} {at} {cadence}", "shop", values)
                wanted |= {f"{made}/{_name(day, cadence)}" for day in _due(timing, first, last)}
    return wanted


def _due(timing: Timing, first: datetime, last: datetime) -> list[date]:
    """Days on whose wall clock the time of the digest lies within a span: told from the days, not from its moments."""
    days = [(first + timedelta(days=k)).date() for k in range(-2, (last - first).days + 3)]
    right = {"daily": range(7), "workdays": range(5), "weekly": (6,)}[timing.cadence]
    return [d for d in days if d.weekday() in right and first <= _moment(timing, d) <= last]


def _moment(timing: Timing, day: date) -> datetime:
    """The first minute of a day, told minute by minute in UTC, at which the wall shows the time or later."""
    zone = ZoneInfo(timing.zone)
    wanted = day.isoformat(), timing.at
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=16)
    while True:
        if _wall(at, zone) >= wanted:
            break
        at += TICK
    while _wall(at - _MINUTE, zone) >= wanted:
        at -= _MINUTE
    if _wall(at, zone) == wanted:
        return at
    before = _wall(at - _MINUTE, zone)[1]  # the time was skipped: it comes as much later as it lies inside the gap
    return at + _MINUTE * (_minutes(timing.at) - _minutes(before) - 1)


def _wall(at: datetime, zone: ZoneInfo) -> tuple[str, str]:
    wall = at.astimezone(zone)
    return wall.date().isoformat(), f"{wall:%H:%M}"


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _name(day: date, cadence: str) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}" if cadence == "weekly" else day.isoformat()


async def _two() -> tuple[int, int]:
    """Two schedulers and two couriers on one state, all at once."""
    from evals.push_kills import Desk, mail, person

    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as folder:
        databases = [Database.open(Path(folder)), Database.open(Path(folder))]
        sent: list[str] = []
        try:
            await databases[0].write(_many)
            couriers = []
            for name, db in zip("ab", databases, strict=True):
                desk: Any = Desk()
                handlers = (run.Runner(db, desk, person).handler(), mail(sent),
                            alerting.Runner(db, desk, person).handler())  # fmt: skip
                couriers.append(Courier(db, name, handlers))
            now = utc_now()
            looks = (_firing(fire, now) for _ in range(3) for fire in (run.fire, alerting.fire))
            await asyncio.gather(*(db.write(look) for look in looks for db in databases))
            while any(await asyncio.gather(*(courier.look() for courier in couriers))):
                pass
            rows = await databases[0].read(lambda c: outbox.listed(c, run.EMAIL, limit=2 * BOTH))
        finally:
            for database in databases:
                database.close()
    return BOTH - len(set(sent)), len(sent) - len(set(sent)) + max(0, len(rows) - BOTH)


def _many(connection: Any) -> None:
    due = utc_now() - timedelta(minutes=1)
    for number in range(BOTH // 2):
        values: dict[str, Any] = {
            "name": "Morning", "recipe": Recipe().model_dump(mode="json"), "webhook_id": None, "next_at": due,
            "timing": Timing(cadence="daily").model_dump(mode="json"), "channels": ["inbox", "email"],
        }  # fmt: skip
        digests.create(connection, f"d{number}", "shop", values)
        rule = {"kind": "threshold", "metric": "revenue", "direction": "below", "level": 10}
        values = {
            "name": "Low", "rule": rule, "looks": Looks().model_dump(mode="json"), "escalation": None, "next_at": due,
            "telling": Telling().model_dump(mode="json"), "target": {"channels": ["inbox", "email"]},
        }  # fmt: skip
        alerts.create(connection, f"a{number}", "shop", values)
