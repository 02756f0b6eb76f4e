"""Goals over HTTP: those of one's digests and alerts with their pace, none that somebody else set."""

from __future__ import annotations

import asyncio
import csv
import random
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import create_app
from ingestion.pipeline import ingest
from warehouse.workspace import named

LAST = date(2026, 11, 15)
PATH = "/v1/workspaces/shop/goals?as_of=2026-11-16"


def sales(folder: Path) -> Path:
    """Ten months of sales of about a hundred a day, until the middle of November."""
    rng, path = random.Random(4), folder / "sales.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["sale_id", "sale_date", "amount"])
        for number in range(300):
            out.writerow([number, (LAST - timedelta(days=299 - number)).isoformat(), round(rng.gauss(100, 5), 2)])
    return path


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    ingest(named("shop", tmp_path), [sales(tmp_path)])
    app = create_app(home=tmp_path)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=60) as client,
    ):
        yield client


def digest(*goals: dict[str, Any]) -> dict[str, Any]:
    return {"workspace": "shop", "name": "Monday", "recipe": {"goals": list(goals)}}


async def test_goals_come_with_their_pace_and_a_question(client: httpx.AsyncClient) -> None:
    assert (await client.get(PATH)).json() == {"workspace": "shop", "items": []}
    near = {"metric": "sum:sales.amount", "goal": 2500.0, "period": "month"}
    made = await client.post("/v1/digests", json=digest(near, {**near, "goal": 9000.0}, {**near, "metric": "gone"}))
    assert made.status_code in (200, 201), made.text
    first, second = await asyncio.gather(client.get(PATH), client.get(PATH))
    assert first.json() == second.json()
    likely, far, gone = first.json()["items"]
    assert (likely["label"], likely["span"], likely["goal"], likely["origin"]) == (
        "Total amount", "November 2026", "2,500.00", "digest",
    )  # fmt: skip
    assert likely["share"] == pytest.approx(0.6, abs=0.03) and likely["usual"] == pytest.approx(0.5, abs=0.03)
    assert likely["chance"] > 0.2 > far["chance"]
    assert far["state"] == "behind" and "The chance of reaching" in far["text"]
    assert gone["reason"] and "share" not in gone
    answer = (await client.post("/v1/ask", json={"question": far["question"], "as_of": "2026-11-16"})).json()
    assert answer["status"] == "answered" and "9,000" in answer["text"]


async def test_what_sleeps_is_left_out_and_each_goal_is_shown_once(client: httpx.AsyncClient) -> None:
    goal = {"metric": "sum:sales.amount", "goal": 2500.0, "period": "month"}
    made = (await client.post("/v1/digests", json=digest(goal))).json()
    await client.post("/v1/digests", json=digest(goal))
    rule = {"workspace": "shop", "rule": {"kind": "goal", "metric": "sum:sales.amount", "goal": 5000}}
    assert (await client.post("/v1/alerts", json=rule)).status_code in (200, 201)
    found = (await client.get(PATH)).json()["items"]
    assert [item["origin"] for item in found] == ["digest", "alert"]
    assert found[1]["goal"] == "5,000.00" and found[1]["chance"] < 0.2
    await client.patch(f"/v1/digests/{made['id']}", json={"active": False})
    assert len((await client.get(PATH)).json()["items"]) == 2


async def test_wrong_requests(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/workspaces/nowhere/goals")).status_code == 404
    assert (await client.get("/v1/workspaces/shop/goals?as_of=soon")).status_code == 422
