"""A digest is told once for each period: whatever is killed, however many schedulers look, whatever clocks do."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bots.digests import run
from bots.digests.desk import Made
from bots.digests.gather import Finding, Gathered
from bots.digests.memory import Told
from bots.digests.message import Message
from bots.digests.moments import Timing
from bots.digests.recipe import Recipe
from store import digests, outbox
from store.database import Database
from store.delivery import Courier, Handler
from store.models import OutboxRow, utc_now
from store.principal import LOCAL_OWNER, Principal
from store.push_tables import DigestMessageRow
from store.schedule import fire_due

FOUND = Finding("abc", "moved", "bad", "down", 0.6, 0.2, "Revenue down 20%", "Revenue fell by 20%.", "Why?")


class Killed(BaseException):
    """A process that ends in mid-step."""


class FakeDesk:
    """Says the same every time; counts how often it was asked."""

    def __init__(self, missing: date | None = None, held: bool = False) -> None:
        self.missing, self.held, self.asked = missing, held, 0

    async def made(self, wanted: Any, person: Any, moment: datetime, told: Any, *, note: str = "") -> Made:
        self.asked += 1
        day = moment.date()
        message = Message(FOUND.text, "yesterday", self.held, self.held, (FOUND,), note=note, through=day.isoformat())
        through = day - timedelta(days=2 if self.missing else 1)
        gathered = Gathered("yesterday", (FOUND,), through=through, missing=self.missing)
        return Made(message, gathered, {"abc": Told(day, "down", 0.2)})


async def person(user_id: str) -> Principal | None:
    return LOCAL_OWNER if user_id == "local" else None


@pytest.fixture
async def database(state_url: str) -> AsyncIterator[Database]:
    opened = Database.open(url=state_url)
    yield opened
    opened.close()


async def subscribe(database: Database, *, timing: Timing | None = None, due: datetime, owner: str = "local") -> str:
    timing = timing or Timing(cadence="daily")
    values = {
        "name": "Morning", "recipe": Recipe().model_dump(mode="json"), "timing": timing.model_dump(mode="json"),
        "channels": ["inbox", "email"], "webhook_id": None, "next_at": due,
    }  # fmt: skip
    return await database.write(lambda c: digests.create(c, owner, "shop", values))


def mailed(sent: list[str]) -> Handler:
    async def work(parcel: outbox.Claimed) -> str:
        sent.append(parcel.payload["message_id"])
        return "ok"

    return Handler(run.EMAIL, work)


async def drain(courier: Courier) -> None:
    while await courier.look():
        pass


async def test_due_once_worked_out_once_sent_once(database: Database) -> None:
    digest = await subscribe(database, due=utc_now() - timedelta(minutes=1))
    fired = [await database.write(lambda c: run.fire(c, utc_now())) for _ in range(3)]
    assert fired == [1, 0, 0]
    sent: list[str] = []
    desk = FakeDesk()
    courier = Courier(database, "a", (run.Runner(database, desk, person).handler(), mailed(sent)))  # type: ignore[arg-type]
    await drain(courier)
    assert len(sent) == 1 and desk.asked == 1
    (message,) = await database.read(lambda c: digests.inbox(c, "local"))
    assert (message["id"], message["digest_id"], message["headline"]) == (sent[0], digest, FOUND.text)
    assert set(await database.read(lambda c: run.known(c, digest))) == {"abc"}
    row = await database.read(lambda c: digests.get(c, "local", digest))
    assert row["next_at"] > utc_now()


async def test_two_schedulers_at_once_fire_each_moment_once(state_url: str) -> None:
    first, second = Database.open(url=state_url), Database.open(url=state_url)
    try:
        for _ in range(20):
            await subscribe(first, due=utc_now() - timedelta(minutes=1))
        counts = await asyncio.gather(
            *(db.write(lambda c: run.fire(c, utc_now())) for _ in range(5) for db in (first, second))
        )
        assert sum(counts) == 20
        sent: list[str] = []
        couriers = [
            Courier(db, name, (run.Runner(db, FakeDesk(), person).handler(), mailed(sent)))  # type: ignore[arg-type]
            for db, name in ((first, "a"), (second, "b"))
        ]
        for _ in range(8):
            await asyncio.gather(*(courier.look() for courier in couriers))
        assert len(sent) == len(set(sent)) == 20
    finally:
        first.close()
        second.close()


STEPS = ("fire", "made", "settle", "sent")


@pytest.mark.parametrize("step", STEPS)
async def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(
    database: Database, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribe(database, due=utc_now() - timedelta(minutes=1))
    sent: list[str] = []
    await killed_at(database, step, sent, monkeypatch)
    await recover(database, sent)
    messages = await database.read(lambda c: c.execute(select(func.count()).select_from(DigestMessageRow)).scalar_one())
    assert messages == 1
    states = dict(await database.read(lambda c: list(c.execute(select(OutboxRow.kind, OutboxRow.state)))))
    assert states[run.KIND] == "sent"
    assert (len(sent), states[run.EMAIL]) == ((1, "unknown") if step == "sent" else (1, "sent"))


async def killed_at(database: Database, step: str, sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run until the step, then end as a killed process does: in mid-transaction, or with a claim in hand."""
    with monkeypatch.context() as patch:
        if step == "fire":
            patch.setattr(outbox, "put", _die)
            with pytest.raises(Killed):
                await database.write(lambda c: run.fire(c, utc_now()))
            return
        await database.write(lambda c: run.fire(c, utc_now()))
        desk = FakeDesk()
        if step == "made":
            patch.setattr(desk, "made", _die)
        if step == "settle":
            patch.setattr(run, "hand_over", _die)
        runner = run.Runner(database, desk, person)  # type: ignore[arg-type]
        if step != "sent":
            (parcel,) = await database.write(lambda c: outbox.claim(c, [run.KIND], "dead"))
            with pytest.raises(Killed):
                await runner.work(parcel)
            return
        await drain(Courier(database, "dead", (runner.handler(),)))
        (parcel,) = await database.write(lambda c: outbox.claim(c, [run.EMAIL], "dead"))
        await mailed(sent).work(parcel)  # it left the house, and nobody could write that down


def _die(*_: Any, **__: Any) -> Any:
    raise Killed


async def recover(database: Database, sent: list[str]) -> None:
    """Another process, after the claims of the dead one ran out."""
    await database.write(lambda c: c.exec_driver_sql("UPDATE outbox SET until = '2000-01-01' WHERE state = 'sending'"))
    await database.write(lambda c: run.fire(c, utc_now()))
    await drain(Courier(database, "b", (run.Runner(database, FakeDesk(), person).handler(), mailed(sent))))  # type: ignore[arg-type]


async def test_data_that_is_late_is_waited_for_and_then_said(database: Database) -> None:
    now = utc_now()
    digest = await subscribe(database, due=now - timedelta(minutes=1))
    await database.write(lambda c: run.fire(c, now))
    runner = run.Runner(database, FakeDesk(missing=date(2026, 1, 1)), person)  # type: ignore[arg-type]
    (parcel,) = await database.write(lambda c: outbox.claim(c, [run.KIND], "a"))
    assert await runner.work(parcel) == "waiting for yesterday's data"
    assert await runner.work(parcel) == "waiting for yesterday's data"
    waiting = await database.read(lambda c: outbox.listed(c, run.KIND, f"{digest}/"))
    assert len(waiting) == 2 and waiting[0]["due_at"] > now
    late = {**parcel.payload, "moment": (now - timedelta(hours=5)).isoformat()}
    assert await runner.work(outbox.Claimed("o", run.KIND, "k", late, "shop", 1, "a")) == "told"


async def test_nothing_is_sent_for_who_left_or_switched_off(database: Database) -> None:
    due = utc_now() - timedelta(minutes=1)
    gone = await subscribe(database, due=due, owner="somebody")
    muted = await subscribe(database, due=due)
    off = await subscribe(database, due=due)
    later = utc_now() + timedelta(days=1)
    await database.write(lambda c: digests.change(c, muted, {"muted_until": later}))
    await database.write(lambda c: run.fire(c, utc_now()))
    await database.write(lambda c: digests.change(c, off, {"active": False}))
    sent: list[str] = []
    await drain(Courier(database, "a", (run.Runner(database, FakeDesk(), person).handler(), mailed(sent))))  # type: ignore[arg-type]
    assert sent == []
    rows = {r["key"].partition("/")[0]: r for r in await database.read(lambda c: outbox.listed(c, run.KIND))}
    assert set(rows) == {gone, off} and rows[gone]["state"] == "dead" and rows[off]["note"] == "switched off"


async def test_a_clock_that_jumps_back_sends_nothing_twice(database: Database) -> None:
    day = datetime(2026, 11, 20, 8, tzinfo=UTC)
    await subscribe(database, due=day)
    counts = [
        await database.write(lambda c, at=at: run.fire(c, at))  # type: ignore[misc]
        for at in (day, day - timedelta(days=3), day + timedelta(days=1), day, day + timedelta(days=9))
    ]
    assert counts == [1, 0, 1, 0, 1]


async def test_the_schedule_waits_for_its_first_moment_and_then_looks(database: Database) -> None:
    await subscribe(database, due=utc_now() - timedelta(minutes=1))
    assert not await database.write(lambda c: fire_due(c, run.schedule()))
    later = utc_now() + timedelta(minutes=1)
    assert await database.write(lambda c: fire_due(c, run.schedule(), later))
    assert len(await database.read(lambda c: outbox.listed(c, run.KIND))) == 1
