"""Alerts over HTTP on real rows: what a rule would have said is what it says, late data is no alarm, rights hold."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import accounts, pushing
from api.app import create_app
from api.house import House
from bots.alerts import run
from bots.digests import channels
from ingestion.pipeline import ingest
from store import alerts, outbox
from store.principal import Principal
from warehouse.workspace import named

LAST = date(2026, 11, 1)
DAYS = 60
LOW = LAST - timedelta(days=5)
"""Two days from then on the South sells a tenth."""
RULE: dict[str, Any] = {
    "kind": "threshold", "metric": "sum:sales.amount", "direction": "below", "level": 3000, "filters": [],
}  # fmt: skip


def sales(folder: Path, *, until: date = LAST, part: float = 1.0) -> Path:
    """Sales of two shops, 30 a day each, closed on Sundays; of the last day only a part came in."""
    path = folder / "sales.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["sale_id", "sale_date", "shop", "amount"])
        for number in range(DAYS * 60):
            day = LAST - timedelta(days=DAYS - 1 - number // 60)
            full = day < until or number % 60 < 60 * part
            if day > until or day.weekday() == 6 or not full:
                continue
            shop = "South" if number % 2 else "North"
            amount = 60 + number % 7
            low = shop == "South" and 0 <= (day - LOW).days < 2
            out.writerow([number, day.isoformat(), shop, amount * (0.1 if low else 1)])
    return path


@asynccontextmanager
async def opened(folder: Path, **more: Any) -> AsyncIterator[tuple[httpx.AsyncClient, House]]:
    folder.mkdir(exist_ok=True)
    ingest(named("shop", folder), [sales(folder, **more)])
    app = create_app(home=folder)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=90) as client,
    ):
        yield client, app.state.house


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 8, tzinfo=UTC)


async def done(house: House, kind: str = run.KIND) -> None:
    for _ in range(300):
        states = [r["state"] for r in await house.database.read(lambda c: outbox.listed(c, kind))]
        if all(state == "sent" for state in states):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(states)


async def finished(client: httpx.AsyncClient, body: dict[str, Any]) -> dict[str, Any]:
    for _ in range(60):
        found: dict[str, Any] = (await client.post("/v1/alerts/rehearsal", json=body)).json()
        if found["finished"]:
            assert found["error"] == ""
            return found
    raise AssertionError(found)


async def test_rehearsal_is_what_the_live_scheduler_sends(tmp_path: Path) -> None:
    async with opened(tmp_path) as (client, house):
        house.clock.remove("alerts")  # the test looks at the clock itself, weeks ago
        made = await client.post("/v1/alerts", json={"workspace": "shop", "rule": RULE})
        assert made.status_code == 201, made.text
        alert, name = made.json()["id"], made.json()["name"]
        assert "below its limit" in name
        days = [LAST - timedelta(days=k) for k in range(9, -1, -1)]
        body = {"workspace": "shop", "rule": RULE, "days": 9, "at": at(days[-1]).isoformat()}
        rehearsed = await finished(client, body)
        for day in days:
            await house.database.write(lambda c, d=day: alerts.change(c, alert, {"next_at": at(d)}))  # type: ignore[misc]
            assert await house.database.write(lambda c, d=day: run.fire(c, at(d))) == 1  # type: ignore[misc]
            await done(house)
        sent = (await client.get("/v1/inbox?kind=alert")).json()["items"]
        bodies = [(await client.get(f"/v1/inbox/{one['id']}")).json()["body"] for one in reversed(sent)]
        fields = ("deed", "text", "why", "silence", "severity", "since")
        live = [[{f: i[f] for f in fields} for i in b["items"]] for b in bodies]
        assert live == [[{f: i[f] for f in fields} for i in m["items"]] for m in rehearsed["messages"]]
        assert [i[0]["deed"] for i in live] == ["opened", "ended"]
        first = live[0][0]
        assert first["since"] == LOW.isoformat() and "yesterday, below your limit of 3,000" in first["text"]
        assert "South" in first["why"] and "would have been crossed once" in first["silence"]
        await talked_of(client, alert)


async def talked_of(client: httpx.AsyncClient, alert: str) -> None:
    """What was found can be read, acknowledged, and is nobody else's."""
    history = (await client.get(f"/v1/alerts/{alert}/history")).json()["items"]
    assert [look["outcome"] for look in reversed(history)].count("news") == 2
    assert "waiting" in {look["outcome"] for look in history}, "a Sunday has no rows, and that is no alarm"
    (case,) = (await client.get("/v1/incidents?state=resolved")).json()["items"]
    reply = await client.patch(f"/v1/incidents/{case['id']}", json={"state": "acknowledged"})
    assert reply.json()["state"] == "acknowledged" and reply.json()["acknowledged_at"]
    (card,) = (await client.get("/v1/alerts")).json()["items"]
    assert card["open"] == 1 and card["severity"] == "warning"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "current", lambda: Principal("eve", "Eve", "admin"))
        for path in (f"/v1/alerts/{alert}", f"/v1/alerts/{alert}/history", f"/v1/alerts/{alert}/rehearsal"):
            assert (await client.get(path)).status_code == 404
        assert (await client.get("/v1/incidents")).json()["items"] == []
        assert (await client.get("/v1/alerts")).json()["items"] == []


async def test_a_day_that_is_still_filling_is_no_alarm_and_is_judged_when_it_is_full(tmp_path: Path) -> None:
    friday = date(2026, 10, 30)
    body = {"workspace": "shop", "rule": RULE, "at": at(friday + timedelta(days=1)).isoformat()}
    async with opened(tmp_path / "part", until=friday, part=0.3) as (client, house):
        found = (await client.post("/v1/alerts/preview", json=body)).json()
        assert not found["holds"] and found["message"] is None and "not all in yet" in found["waiting"]
        quiet = {"kind": "freshness", "table": "sales"}
        later = {"workspace": "shop", "rule": quiet, "at": at(friday + timedelta(days=4)).isoformat()}
        stopped = (await client.post("/v1/alerts/preview", json=later)).json()
        assert stopped["holds"] and stopped["message"]["headline"].startswith("No new sales for 3 days")
        waits = (await client.post("/v1/alerts/preview", json=body | {"at": later["at"]})).json()
        assert waits["message"] is None, "one outage is one alert: figures wait for their data"
        made = await client.post("/v1/alerts", json={"workspace": "shop", "rule": RULE})
        assert made.status_code == 201
        assert await pushing.look_at_data(house, datetime.now(UTC)) == 0
        await asyncio.to_thread(ingest, named("shop", tmp_path / "part"), [sales(tmp_path / "part")])
        assert await pushing.look_at_data(house, datetime.now(UTC)) == 1
        await done(house)


KINDS: list[tuple[dict[str, Any], str]] = [
    ({"kind": "change", "metric": "sum:sales.amount", "share": 0.3, "by": "sales.shop"}, "of South fell by"),
    ({"kind": "change", "metric": "sum:sales.amount", "share": 0.3, "direction": "above"}, ""),
    ({"kind": "quality", "table": "sales", "check": "empty", "column": "shop", "share": 0.01}, ""),
    ({"kind": "quality", "table": "sales", "check": "few", "share": 0.5}, ""),
    ({"kind": "threshold", "metric": "sum:sales.amount", "direction": "below", "level": 3000, "periods": 2}, ""),
]


async def test_kinds_of_rules_and_requests_that_make_no_sense(tmp_path: Path) -> None:
    async with opened(tmp_path) as (client, _):
        for rule, told in KINDS:
            body = {"workspace": "shop", "rule": rule, "at": at(LOW + timedelta(days=1)).isoformat()}
            found = await client.post("/v1/alerts/preview", json=body)
            assert found.status_code == 200, found.text
            message = found.json()["message"]
            assert (told in message["headline"]) if told else message is None, (rule, found.json())
        wrong = [
            ({"kind": "threshold", "metric": "nothing", "direction": "below", "level": 1}, 404),
            ({"kind": "threshold", "metric": "sum:sales.amount", "direction": "either", "level": 1}, 422),
            ({"kind": "quality", "table": "sales", "check": "empty"}, 422),
            ({"kind": "quality", "table": "sales", "check": "empty", "column": "nothing"}, 404),
            ({"kind": "freshness", "table": "nothing"}, 404),
            ({"kind": "goal", "metric": "sum:sales.amount"}, 422),
            ({"kind": "fax"}, 422),
        ]  # fmt: skip
        for rule, status in wrong:
            answer = await client.post("/v1/alerts", json={"workspace": "shop", "rule": rule})
            assert answer.status_code == status, answer.text
        for more in (
            {"target": {"channels": ["webhook"]}},
            {"target": {"channels": ["slack"]}},
            {"looks": {"at": "8"}},
        ):
            answer = await client.post("/v1/alerts", json={"workspace": "shop", "rule": RULE} | more)
            assert answer.status_code == 422, answer.text
        made = (await client.post("/v1/alerts", json={"workspace": "shop", "rule": RULE})).json()
        right = channels.mark(made["id"], tmp_path)
        assert (await client.post(f"/v1/alerts/stop?alert={made['id']}&mark=no")).status_code == 404
        assert (await client.post(f"/v1/alerts/stop?alert={made['id']}&mark={right}")).json() == {"stopped": True}
        assert (await client.get(f"/v1/alerts/{made['id']}")).json()["active"] is False
        wishes = {"budget": 2, "quiet": {"start": "22:00", "end": "06:00", "zone": "Europe/Berlin", "weekends": True}}
        assert (await client.put("/v1/alerts/wishes", json=wishes)).json() == wishes
        assert (await client.get("/v1/alerts/wishes")).json() == wishes
        assert (await client.delete(f"/v1/alerts/{made['id']}")).status_code == 204
