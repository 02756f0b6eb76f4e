"""Digests and alerts whose process dies at each of their steps: none is missing, none comes twice."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bots.alerts import run as alerting
from bots.alerts.desk import Found, after
from bots.alerts.reading import Looked, Reading
from bots.alerts.rule import Looks, Telling
from bots.digests.desk import Made
from bots.digests.gather import Finding, Gathered
from bots.digests.memory import Told
from bots.digests.message import Message
from bots.digests.moments import Timing
from bots.digests.recipe import Recipe
from bots.digests.run import EMAIL, Runner, fire
from evals.result import Figure
from store import alerts, digests, outbox
from store.database import Database
from store.delivery import Courier, Handler
from store.models import utc_now
from store.principal import LOCAL_OWNER, Principal

STEPS = ("fire", "work", "settle", "hand_over", "sending", "sent")
_DROP = Reading("", True, "2026-11-19", "warning", 0.3, "Revenue was low.", question="Why?")
_FOUND = Finding("abc", "moved", "bad", "down", 0.6, 0.2, "Revenue down", "Revenue fell.", "Why?")


class Killed(BaseException):
    """A process that ends in mid-step."""


@dataclass
class Desk:
    """Finds the same every time; dies when it is told to."""

    die: bool = False

    async def found(self, watched: Any, person: Any, moment: Any, known: Any) -> Found:
        self._maybe()
        looked = Looked(((_DROP,),), label="Revenue")
        now, events = after(looked, known, watched.telling, moment)
        return Found(looked, now, tuple(events))

    async def made(self, wanted: Any, person: Any, moment: Any, told: Any) -> Made:
        self._maybe()
        message = Message("Revenue fell.", "yesterday", False, False, (_FOUND,))
        return Made(message, Gathered("yesterday", (_FOUND,)), {"abc": Told(moment.date(), "down", 0.2)})

    def _maybe(self) -> None:
        if self.die:
            raise Killed


@dataclass
class _Count:
    """Over all kills: messages that never came, and mails beyond the first."""

    missing: int = 0
    doubled: int = 0
    unknown: int = 0
    killed: int = 0
    told: list[str] = field(default_factory=list)


async def kills(times: int) -> list[Figure]:
    """Kill digests and alerts `times` times at each step, on a state in a file."""
    counted = _Count()
    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as fresh:
        Database.open(Path(fresh)).close()
        for kind in ("digest", "alert"):
            for step in STEPS:
                for _ in range(times):
                    await _once(kind, step, counted, Path(fresh))
    return [
        Figure(f"messages missing after {counted.killed} kills at {len(STEPS)} steps", counted.missing, "messages", 0),
        Figure("mails sent twice", counted.doubled, "mails", 0),
        Figure("mails left as unknown, killed in mid-send", counted.unknown, "mails"),
    ]


async def person(user_id: str) -> Principal | None:
    """Whoever is asked for is there."""
    return LOCAL_OWNER


async def _once(kind: str, step: str, counted: _Count, fresh: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="plainsay-evals-") as folder:
        shutil.copytree(fresh, folder, dirs_exist_ok=True)
        database = Database.open(Path(folder))
        sent: list[str] = []
        try:
            await _watch(database, kind)
            await _killed(database, kind, step, sent)
            await database.write(
                lambda c: c.exec_driver_sql("UPDATE outbox SET until = '2000-01-01' WHERE state = 'sending'")
            )
            await database.write(lambda c: _fire(kind)(c, utc_now()))
            await _drain(Courier(database, "b", (_runner(database, kind, Desk()), mail(sent))))
            messages = await database.read(
                lambda c: alerts.told(c, "local") if kind == "alert" else digests.inbox(c, "local")
            )
            states = [r["state"] for r in await database.read(lambda c: outbox.listed(c, EMAIL))]
        finally:
            database.close()
    counted.killed += 1
    counted.missing += len(messages) != 1 or not (sent or "unknown" in states)
    counted.doubled += max(0, len(sent) - 1) + max(0, len(messages) - 1)
    counted.unknown += states.count("unknown")


async def _killed(database: Database, kind: str, step: str, sent: list[str]) -> None:
    """Run until the step, then end as a killed process does: in mid-transaction, or with a claim in hand."""
    if step == "fire":
        with suppress(Killed):
            await database.write(lambda c: (_fire(kind)(c, utc_now()), _die()))
        return
    await database.write(lambda c: _fire(kind)(c, utc_now()))
    if step in ("work", "settle", "hand_over"):
        (parcel,) = await database.write(lambda c: outbox.claim(c, [kind], "dead"))
        put = outbox.put
        try:
            if step == "hand_over":
                outbox.put = _die
            handler = _runner(_Cut(database) if step == "settle" else database, kind, Desk(step == "work"))
            await handler.work(parcel)
        except Killed:
            return
        finally:
            outbox.put = put
        raise AssertionError(f"{kind} was not killed at {step}")
    await _drain(Courier(database, "dead", (_runner(database, kind, Desk()),)))
    (parcel,) = await database.write(lambda c: outbox.claim(c, [EMAIL], "dead"))
    if step == "sent":
        await mail(sent).work(parcel)


class _Cut:
    """A state whose next transaction does everything and is then cut off."""

    def __init__(self, database: Database) -> None:
        self.read = database.read
        self._database = database

    async def write(self, work: Callable[[Any], Any]) -> Any:
        return await self._database.write(lambda c: (work(c), _die()))


def _die(*_: Any, **__: Any) -> Any:
    raise Killed


def _fire(kind: str) -> Callable[[Any, Any], Any]:
    return alerting.fire if kind == "alert" else fire


def _runner(database: Any, kind: str, desk: Any) -> Handler:
    if kind == "alert":
        return alerting.Runner(database, desk, person).handler()
    return Runner(database, desk, person).handler()


def mail(sent: list[str]) -> Handler:
    """A mail server that writes down which messages it took."""

    async def work(parcel: outbox.Claimed) -> str:
        sent.append(parcel.payload["message_id"])
        return "ok"

    return Handler(EMAIL, work)


async def _drain(courier: Courier) -> None:
    while await courier.look():
        pass


async def _watch(database: Database, kind: str) -> None:
    due = utc_now() - timedelta(minutes=1)
    if kind == "digest":
        values: dict[str, Any] = {
            "name": "Morning", "recipe": Recipe().model_dump(mode="json"), "webhook_id": None, "next_at": due,
            "timing": Timing(cadence="daily").model_dump(mode="json"), "channels": ["inbox", "email"],
        }  # fmt: skip
        await database.write(lambda c: digests.create(c, "local", "shop", values))
        return
    rule = {"kind": "threshold", "metric": "revenue", "direction": "below", "level": 10}
    values = {
        "name": "Low", "rule": rule, "looks": Looks().model_dump(mode="json"), "escalation": None, "next_at": due,
        "telling": Telling().model_dump(mode="json"), "target": {"channels": ["inbox", "email"]},
    }  # fmt: skip
    await database.write(lambda c: alerts.create(c, "local", "shop", values))
