"""Training again is a job that can be watched, and a load that a model no longer fits begins one by itself."""

from __future__ import annotations

import asyncio
import csv
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from api.app import create_app
from ingestion.pipeline import ingest
from warehouse.workspace import named

LAST = date.today() - timedelta(days=2)


def sales(folder: Path, days: int, level: float = 100.0) -> Path:
    """One sale a day around 100; with a level, the last twenty days are around that."""
    rng, path = random.Random(1), folder / "sales.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["sale_id", "sale_date", "amount"])
        for n in range(days):
            day, usual = LAST - timedelta(days=140 - n), level if n >= 120 else 100.0
            out.writerow([n + 1, day.isoformat(), round(usual * rng.gauss(1, 0.03), 2)])
    return path


async def ended(client: httpx.AsyncClient, job: str) -> dict[str, Any]:
    while (state := (await client.get(f"/v1/jobs/{job}")).json())["state"] in ("queued", "running"):
        await asyncio.sleep(0.05)
    return dict(state)


async def test_training_is_a_job_and_a_load_begins_one(tmp_path: Path) -> None:
    ingest(named("shop", tmp_path), [sales(tmp_path, 120)])
    app = create_app(home=tmp_path)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=60) as client,
    ):
        asked = await client.post("/v1/ask", json={"question": "forecast amount for the next 30 days"})
        assert asked.json()["status"] == "answered", asked.text
        (model,) = (await client.get("/v1/trained?workspace=shop")).json()["items"]

        begun = (await client.post(f"/v1/trained/{model['id']}/retrain?workspace=shop")).json()
        done = await ended(client, begun["job_id"])
        assert (done["state"], done["result"]["trained"]["id"]) == ("done", model["id"])
        listed = (await client.get("/v1/jobs?workspace=shop")).json()["items"]
        assert [(j["id"], j["kind"], j["state"]) for j in listed] == [(begun["job_id"], "train", "done")]
        assert (await client.post("/v1/trained/m-none/retrain?workspace=shop")).status_code == 404

        files = [("files", ("sales.csv", sales(tmp_path, 140, 190.0).read_bytes()))]
        load = (await client.post("/v1/uploads?workspace=shop", files=files)).json()["job_id"]
        assert (await ended(client, load))["state"] == "done"
        for _ in range(600):
            jobs = (await client.get("/v1/jobs?workspace=shop")).json()["items"]
            mine = [j for j in jobs if j["kind"] == "train" and j["id"] != begun["job_id"]]
            if mine and mine[0]["state"] in ("done", "failed"):
                break
            await asyncio.sleep(0.05)
        assert [j["state"] for j in mine] == ["done"], jobs
        (again,) = (await client.get("/v1/trained?workspace=shop")).json()["items"]
        assert again["now"]["snapshot"] != model["now"]["snapshot"]
        assert again["state"] == "live"
