"""Digests over HTTP on real rows: preview, rehearsal, what the live scheduler sends, inbox, and whose they are."""

from __future__ import annotations

import asyncio
import csv
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api import accounts
from api.app import create_app
from api.house import House
from bots.digests import channels, run
from ingestion.pipeline import ingest
from store import digests, outbox
from store.principal import Principal
from warehouse.workspace import named

LAST = date(2026, 11, 1)
WEEKLY = {"cadence": "weekly", "at": "08:00", "zone": "Europe/Berlin", "weekday": 1}


def sales(folder: Path, until: date = LAST, days: int = 160) -> Path:
    """Sales of three shops; in the last week but one the South sells a third of what it did."""
    rng, path = random.Random(4), folder / "sales.csv"
    first = LAST - timedelta(days=days - 1)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["sale_id", "sale_date", "shop", "amount"])
        for number in range(days * 18):
            day = first + timedelta(days=number // 18)
            shop, base = (("North", 60), ("South", 50), ("West", 40))[number % 3]
            weak = shop == "South" and 7 <= (LAST - day).days < 14
            amount = round(base * (0.3 if weak else 1) * rng.gauss(1, 0.1), 2)
            if day <= until:
                out.writerow([number, day.isoformat(), shop, amount])
    return path


@asynccontextmanager
async def opened(folder: Path, until: date = LAST) -> AsyncIterator[tuple[httpx.AsyncClient, House]]:
    folder.mkdir(exist_ok=True)
    ingest(named("shop", folder), [sales(folder, until)])
    app = create_app(home=folder)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=90) as client,
    ):
        yield client, app.state.house


def told(body: dict[str, Any]) -> dict[str, Any]:
    return {k: body[k] for k in ("headline", "items", "questions", "ahead", "figures", "period", "quiet", "chart")}


async def test_rehearsal_is_what_the_live_scheduler_sends(tmp_path: Path) -> None:
    async with opened(tmp_path / "a") as (client, house):
        house.clock.remove("digests")  # the test looks at the clock itself, weeks ago
        made = await client.post("/v1/digests", json={"workspace": "shop", "name": "Monday", "timing": WEEKLY})
        assert made.status_code == 201, made.text
        digest = made.json()["id"]
        assert made.json()["next_at"] > datetime.now(UTC).isoformat()
        moments = [datetime(2026, 10, 26, 7, tzinfo=UTC), datetime(2026, 11, 2, 7, tzinfo=UTC)]
        rehearsed = []
        wanted = run.Wanted.of(await house.database.read(lambda c: dict(digests.get(c, "local", digest))))
        person = await house.person("local")
        assert person is not None
        async for step in house.desk.rehearsal(wanted, person, 10, moments[-1]):
            rehearsed.append((step.period, told(step.message.to_dict())))
        for moment in moments:
            await live(house, digest, moment)
        sent = (await client.get(f"/v1/digests/{digest}/history")).json()["items"]
        bodies = [(await client.get(f"/v1/inbox/{one['id']}")).json() for one in reversed(sent)]
        assert [(b["period"], told(b["body"])) for b in bodies] == rehearsed
        assert [p for p, _ in rehearsed] == ["2026-W44", "2026-W45"]
        assert "South" in rehearsed[0][1]["headline"]
        assert all("South" not in i["text"] or "rose" in i["text"] for i in rehearsed[1][1]["items"])
        await reads(client, rehearsed[0][1], sent)
        await others_see_nothing(client, digest, sent[0]["id"])


async def live(house: House, digest: str, moment: datetime) -> None:
    """The scheduler's look at that moment, then everything that waits is delivered."""
    await house.database.write(lambda c: digests.change(c, digest, {"next_at": moment}))
    assert await house.database.write(lambda c: run.fire(c, moment)) == 1
    for _ in range(300):
        states = [r["state"] for r in await house.database.read(lambda c: outbox.listed(c, run.KIND, digest))]
        if all(state == "sent" for state in states):
            return
        await asyncio.sleep(0.2)
    raise AssertionError(states)


async def reads(client: httpx.AsyncClient, body: dict[str, Any], sent: list[dict[str, Any]]) -> None:
    """The inbox counts what is unread, and every question of a message is one that this house answers."""
    inbox = (await client.get("/v1/inbox")).json()
    assert inbox["unread"] == 2 and {m["id"] for m in inbox["items"]} == {m["id"] for m in sent}
    await client.post(f"/v1/inbox/{sent[0]['id']}/read")
    assert (await client.get("/v1/inbox")).json()["unread"] == 1
    assert body["questions"][0].startswith("Why did")
    assert any(item["why"] for item in body["items"])
    for question in body["questions"][:2]:
        answer = await client.post("/v1/ask", json={"question": question, "as_of": "2026-10-26"})
        assert answer.json()["status"] == "answered", question


async def others_see_nothing(client: httpx.AsyncClient, digest: str, message: str) -> None:
    """Another person finds neither the digest nor what it said."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "current", lambda: Principal("eve", "Eve", "admin"))
        for path in (f"/v1/digests/{digest}", f"/v1/digests/{digest}/history", f"/v1/inbox/{message}"):
            assert (await client.get(path)).status_code == 404
        assert (await client.get("/v1/inbox")).json()["items"] == []
        assert (await client.get("/v1/digests")).json()["items"] == []


async def test_a_look_back_sees_no_row_of_its_own_day_or_later(tmp_path: Path) -> None:
    body = {"workspace": "shop", "timing": WEEKLY, "at": "2026-10-26T07:00:00Z"}
    async with opened(tmp_path / "whole") as (client, _):
        whole = (await client.post("/v1/digests/preview", json=body)).json()
    async with opened(tmp_path / "then", until=date(2026, 10, 25)) as (client, _):
        then = (await client.post("/v1/digests/preview", json=body)).json()
    assert "South" in whole["headline"]
    assert told(whole) == told(then)


@pytest.mark.parametrize(
    ("body", "status"),
    [({"timing": {"zone": "Mars"}}, 422), ({"timing": {"at": "8"}}, 422), ({"channels": ["fax"]}, 422),
     ({"workspace": "nowhere"}, 404), ({"channels": ["webhook"]}, 422), ({"name": " "}, 422)],
)  # fmt: skip
async def test_wrong_requests(tmp_path: Path, body: dict[str, Any], status: int) -> None:
    (tmp_path / "workspaces" / "shop" / "lake").mkdir(parents=True)
    app = create_app(home=tmp_path)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client,
    ):
        answer = await client.post("/v1/digests", json={"workspace": "shop"} | body)
        assert answer.status_code == status, answer.text
        made = (await client.post("/v1/digests", json={"workspace": "shop"})).json()
        changed = await client.patch(f"/v1/digests/{made['id']}", json={"active": False})
        assert changed.json()["next_at"] is None
        assert (await client.post(f"/v1/digests/stop?digest={made['id']}&mark=no")).status_code == 404
        await client.patch(f"/v1/digests/{made['id']}", json={"active": True})
        right = channels.mark(made["id"], tmp_path)
        assert (await client.post(f"/v1/digests/stop?digest={made['id']}&mark={right}")).json() == {"stopped": True}
        assert (await client.get(f"/v1/digests/{made['id']}")).json()["active"] is False
        assert (await client.delete(f"/v1/digests/{made['id']}")).status_code == 204
