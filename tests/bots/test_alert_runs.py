"""An alert is told once for each trouble: whatever is killed, however many schedulers look, whatever the budget."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bots.alerts import run
from bots.alerts.desk import Found, Watched, after
from bots.alerts.judge import Standing
from bots.alerts.reading import Looked, Reading
from bots.alerts.rule import Looks, Telling
from bots.digests.run import EMAIL
from store import alerts, outbox
from store.alert_tables import AlertMessageRow, IncidentRow
from store.database import Database
from store.delivery import Courier, Handler
from store.models import OutboxRow, utc_now
from store.principal import LOCAL_OWNER, Principal

DROP = Reading(
    "", True, "2026-11-19", "warning", 0.3, "Revenue was $4, below your limit of $10.", silence="It is quiet",
    over="Revenue is back above $10.", question="Why did revenue change?",
)  # fmt: skip
RULE = {"kind": "threshold", "metric": "revenue", "direction": "below", "level": 10}


class Killed(BaseException):
    """A process that ends in mid-step."""


class FakeDesk:
    """Finds what it is given, and says why."""

    def __init__(self, *readings: Reading) -> None:
        self.readings = readings or (DROP,)

    async def found(self, watched: Watched, person: Any, moment: datetime, known: Mapping[str, Standing]) -> Found:
        looked = Looked((self.readings,), shown="Revenue: $4", label="Revenue")
        now, events = after(looked, known, watched.telling, moment)
        told = tuple(replace(e, reading=replace(e.reading, why="South: -$3.")) for e in events)
        return Found(looked, now, told)


async def person(user_id: str) -> Principal | None:
    return LOCAL_OWNER if user_id == "local" else None


@pytest.fixture
async def database(state_url: str) -> AsyncIterator[Database]:
    opened = Database.open(url=state_url)
    yield opened
    opened.close()


async def watch(database: Database, due: datetime | None = None, owner: str = "local", **more: Any) -> str:
    values = {
        "name": "Low revenue", "rule": RULE, "looks": Looks().model_dump(mode="json"),
        "telling": Telling().model_dump(mode="json"),
        "target": {"channels": ["inbox", "email"]}, "escalation": None,
        "next_at": due or utc_now() - timedelta(minutes=1), **more,
    }  # fmt: skip
    return await database.write(lambda c: alerts.create(c, owner, "shop", values))


def mailed(sent: list[str]) -> Handler:
    async def work(parcel: outbox.Claimed) -> str:
        sent.append(parcel.payload["message_id"])
        return "ok"

    return Handler(EMAIL, work)


def runner(database: Database, *readings: Reading) -> run.Runner:
    return run.Runner(database, FakeDesk(*readings), person)  # type: ignore[arg-type]


async def drain(courier: Courier) -> None:
    while await courier.look():
        pass


async def looks(database: Database, *readings: Reading, at: datetime | None = None) -> list[str]:
    """Have every alert of the local owner looked at once; the mails that went out."""
    moment = at or utc_now()
    ids = [row["id"] for row in await database.read(lambda c: alerts.listed(c, "local"))]
    await database.write(lambda c: run.put(c, "local", "shop", moment, ids, f"t-{moment.isoformat()}"))
    sent: list[str] = []
    await drain(Courier(database, "a", (runner(database, *readings).handler(), mailed(sent))))
    return sent


async def told(database: Database) -> list[Any]:
    return await database.read(lambda c: alerts.told(c, "local"))


async def test_one_trouble_is_told_once_again_when_worse_and_when_it_is_over(database: Database) -> None:
    await watch(database)
    days = [f"2026-11-{d}" for d in (19, 20, 21, 22)]
    now = utc_now()
    seen = []
    for n, reading in enumerate(
        (DROP, replace(DROP, day=days[1]), replace(DROP, day=days[2], severity="critical"),
         replace(DROP, day=days[3], holds=False))
    ):  # fmt: skip
        seen.append(len(await looks(database, reading, at=now + timedelta(days=n))))
    assert seen == [1, 0, 1, 1]
    heads = [row["headline"] for row in reversed(await told(database))]
    assert heads == [DROP.text, f"Worse now: {DROP.text}", f"Over: {DROP.over}"]
    (case,) = await database.read(lambda c: alerts.incidents(c, owner="local"))
    assert (case["state"], case["since"], case["last"], case["severity"]) == ("resolved", days[0], days[3], "critical")
    item = (await told(database))[-1]["body"]["items"][0]
    assert (item["why"], item["silence"], item["question"]) == ("South: -$3.", "It is quiet", DROP.question)


async def test_what_comes_back_soon_is_not_news_and_later_it_is(database: Database) -> None:
    await watch(database)
    now = utc_now()
    days = ("2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-11-09")
    holds = (True, False, True, False, True)
    counts = [
        len(await looks(database, replace(DROP, day=d, holds=h), at=now + timedelta(hours=n)))
        for n, (d, h) in enumerate(zip(days, holds, strict=True))
    ]
    assert counts == [1, 1, 0, 0, 1]  # nobody is told of an end whose beginning nobody was told of
    assert len(await database.read(lambda c: alerts.incidents(c, owner="local"))) == 2


async def test_alerts_of_one_moment_are_one_message(database: Database) -> None:
    for _ in range(3):
        await watch(database)
    south = replace(DROP, member="South", size=0.1)
    assert len(await looks(database, DROP, south)) == 1
    (message,) = await told(database)
    assert message["headline"] == f"3 alerts: {DROP.text} The same for South."
    assert len(message["body"]["items"]) == 3 and len(message["alerts"]) == 3


async def test_two_schedulers_at_once_fire_each_moment_once(state_url: str) -> None:
    first, second = Database.open(url=state_url), Database.open(url=state_url)
    try:
        for number in range(12):
            await watch(first, owner="local" if number % 2 else "eve")
        counts = await asyncio.gather(
            *(db.write(lambda c: run.fire(c, utc_now())) for _ in range(4) for db in (first, second))
        )
        assert sum(counts) == 12
        sent: list[str] = []
        couriers = [
            Courier(db, name, (runner(db).handler(), mailed(sent))) for db, name in ((first, "a"), (second, "b"))
        ]
        for _ in range(6):
            await asyncio.gather(*(courier.look() for courier in couriers))
        assert len(sent) == len(set(sent)) >= 1
        items = [i for row in await told(first) for i in row["body"]["items"]]
        assert len(items) == len({i["alert_id"] for i in items}) == 6
    finally:
        first.close()
        second.close()


@pytest.mark.parametrize("step", ("fire", "found", "settle", "sent"))
async def test_a_kill_at_any_step_loses_nothing_and_doubles_nothing(
    database: Database, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await watch(database)
    sent: list[str] = []
    await killed_at(database, step, sent, monkeypatch)
    await database.write(lambda c: c.exec_driver_sql("UPDATE outbox SET until = '2000-01-01' WHERE state = 'sending'"))
    await database.write(lambda c: run.fire(c, utc_now()))
    await drain(Courier(database, "b", (runner(database).handler(), mailed(sent))))
    for table in (AlertMessageRow, IncidentRow):
        assert await database.read(lambda c, t=table: c.execute(select(func.count()).select_from(t)).scalar_one()) == 1  # type: ignore[misc]
    states = dict(await database.read(lambda c: list(c.execute(select(OutboxRow.kind, OutboxRow.state)))))
    assert states[run.KIND] == "sent"
    assert (len(sent), states[EMAIL]) == ((1, "unknown") if step == "sent" else (1, "sent"))


async def killed_at(database: Database, step: str, sent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Run until the step, then end as a killed process does: in mid-transaction, or with a claim in hand."""

    def die(*_: Any, **__: Any) -> Any:
        raise Killed

    with monkeypatch.context() as patch:
        if step == "fire":
            patch.setattr(outbox, "put", die)
            with pytest.raises(Killed):
                await database.write(lambda c: run.fire(c, utc_now()))
            return
        await database.write(lambda c: run.fire(c, utc_now()))
        one = runner(database)
        if step == "sent":
            await drain(Courier(database, "dead", (one.handler(),)))
            (parcel,) = await database.write(lambda c: outbox.claim(c, [EMAIL], "dead"))
            await mailed(sent).work(parcel)  # it left the house, and nobody could write that down
            return
        patch.setattr(*((one._desk, "found", die) if step == "found" else (run, "hand_over", die)))
        (parcel,) = await database.write(lambda c: outbox.claim(c, [run.KIND], "dead"))
        with pytest.raises(Killed):
            await one.work(parcel)


async def test_the_budget_keeps_the_rest_in_the_inbox_and_says_so_but_critical_ones_go_out(database: Database) -> None:
    await watch(database)
    await database.write(lambda c: alerts.wish(c, "local", {"budget": 1, "quiet": None}))
    now = utc_now()
    sent = [await looks(database, replace(DROP, member=m), at=now + timedelta(minutes=k)) for k, m in enumerate("abc")]
    assert [len(s) for s in sent] == [1, 0, 0]
    worst = replace(DROP, member="d", severity="critical")
    assert len(await looks(database, worst, at=now + timedelta(minutes=9))) == 1
    rows = await told(database)
    assert sorted(row["state"] for row in rows) == ["kept", "kept", "sent", "sent"]
    assert (
        "2 more messages this week stayed in the inbox."
        in next(r for r in rows if r["body"]["severity"] == "critical")["body"]["note"]
    )


async def test_who_does_not_answer_is_told_elsewhere_once(database: Database) -> None:
    escalation = {"channels": ["inbox", "email"], "after_minutes": 30, "least": "warning"}
    await watch(database, escalation=escalation)
    now = utc_now()
    await looks(database, DROP, at=now)
    assert await database.write(lambda c: run.escalate(c, now + timedelta(minutes=29))) == 0
    counts = [await database.write(lambda c: run.escalate(c, now + timedelta(minutes=31))) for _ in range(2)]
    assert counts == [1, 0]
    assert (await told(database))[0]["headline"].startswith("Nobody has answered yet.")
    await looks(database, replace(DROP, member="South"), at=now + timedelta(minutes=1))
    case = next(c for c in await database.read(lambda c: alerts.incidents(c, owner="local")) if c["member"] == "South")
    await database.write(lambda c: alerts.mark_incident(c, case["id"], {"state": "acknowledged", "escalate_at": None}))
    assert await database.write(lambda c: run.escalate(c, now + timedelta(days=1))) == 0


async def test_a_snooze_keeps_quiet_and_then_says_that_it_lasts(database: Database) -> None:
    alert = await watch(database)
    now = utc_now()
    await looks(database, DROP, at=now)
    (case,) = await database.read(lambda c: alerts.incidents(c, owner="local"))
    until = now + timedelta(days=2)
    await database.write(lambda c: alerts.mark_incident(c, case["id"], {"snoozed_until": until}))
    critical = replace(DROP, day="2026-11-20", severity="critical")
    assert await looks(database, critical, at=now + timedelta(days=1)) == []
    assert len(await looks(database, replace(DROP, day="2026-11-22"), at=now + timedelta(days=3))) == 1
    assert (await told(database))[0]["headline"].startswith("Still so:")
    await database.write(lambda c: alerts.change(c, alert, {"snoozed_until": now + timedelta(days=9)}))
    assert await database.write(lambda c: run.fire(c, utc_now())) == 0
    assert await database.read(lambda c: outbox.listed(c, run.KIND, "local/shop/20")) == []


async def test_new_data_is_looked_at_once_and_the_first_sight_is_no_news(database: Database) -> None:
    await watch(database, due=utc_now() + timedelta(days=1))
    await watch(database, due=utc_now() + timedelta(days=1), on_data=False)
    counts = [
        await database.write(lambda c, s=s: run.new_data(c, {"shop": s}, utc_now()))  # type: ignore[misc]
        for s in ("s1", "s1", "s2", "s2", "s3")
    ]
    assert counts == [0, 0, 1, 0, 1]


async def test_nothing_is_told_to_who_left(database: Database) -> None:
    await watch(database, owner="somebody")
    await database.write(lambda c: run.fire(c, utc_now()))
    sent: list[str] = []
    await drain(Courier(database, "a", (runner(database).handler(), mailed(sent))))
    (row,) = await database.read(lambda c: outbox.listed(c, run.KIND))
    assert sent == [] and row["state"] == "dead"


@pytest.mark.parametrize(("night", "due"), [("21:30", "07:00"), ("03:00", "07:00"), ("12:00", "12:00")])
def test_quiet_hours_reach_over_midnight_and_follow_the_clock(night: str, due: str) -> None:
    from zoneinfo import ZoneInfo

    from bots.alerts.quiet import Quiet

    zone = ZoneInfo("Europe/Berlin")
    at = datetime.fromisoformat(f"2026-10-24T{night}").replace(tzinfo=zone)
    over = Quiet(zone="Europe/Berlin").over_at(at.astimezone(ZoneInfo("UTC"))).astimezone(zone)
    assert f"{over:%H:%M}" == due
    rest = Quiet(zone="Europe/Berlin", weekends=True).over_at(at.astimezone(ZoneInfo("UTC"))).astimezone(zone)
    assert f"{rest:%a %H:%M}" == "Mon 07:00"
