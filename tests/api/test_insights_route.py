"""What stands out over HTTP: findings with receipts and answerable questions; too little data is no error."""

from __future__ import annotations

import asyncio
import csv
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from ingestion.pipeline import ingest
from warehouse.workspace import named

LAST = date(2026, 11, 1)


def sales(folder: Path, days: int) -> Path:
    """Sales of three shops; in the last week the South sells a third of what it did."""
    rng, path = random.Random(4), folder / "sales.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["sale_id", "sale_date", "shop", "amount"])
        number = 0
        for back in range(days - 1, -1, -1):
            for shop, base in (("North", 60), ("South", 50), ("West", 40)):
                for _ in range(6):
                    number += 1
                    level = base * (0.3 if shop == "South" and back < 7 else 1)
                    out.writerow(
                        [number, (LAST - timedelta(days=back)).isoformat(), shop, round(level * rng.gauss(1, 0.1), 2)]
                    )
    return path


@asynccontextmanager
async def opened(folder: Path, days: int) -> AsyncIterator[httpx.AsyncClient]:
    ingest(named("shop", folder), [sales(folder, days)])
    app = create_app(home=folder)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=60) as client,
    ):
        yield client


async def test_findings_come_with_receipts_and_questions(tmp_path: Path) -> None:
    async with opened(tmp_path, 200) as client:
        path = "/v1/workspaces/shop/insights?as_of=2026-11-02&grain=week&limit=2"
        first, second = await asyncio.gather(client.get(path), client.get(path))
        assert first.status_code == 200
        assert first.json() == second.json()
        found = first.json()
        assert found["tested"] > 3
        top = found["items"][0]
        assert "South" in top["text"]
        assert top["tone"] in ("bad", "neutral")
        assert all(claim["text"] in top["text"] for claim in top["claims"])
        answer = await client.post("/v1/ask", json={"question": top["question"], "as_of": "2026-11-02"})
        assert answer.json()["status"] == "answered"


async def test_too_little_data_is_a_reason_and_no_error(tmp_path: Path) -> None:
    async with opened(tmp_path, 10) as client:
        found = (await client.get("/v1/workspaces/shop/insights?as_of=2026-11-02")).json()
        assert found["items"] == []
        assert "too few" in found["reason"]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/v1/workspaces/nowhere/insights", 404), ("/v1/workspaces/shop/insights?limit=9", 422),
     ("/v1/workspaces/shop/insights?as_of=soon", 422)],
)  # fmt: skip
async def test_wrong_requests(tmp_path: Path, path: str, status: int) -> None:
    async with opened(tmp_path, 10) as client:
        assert (await client.get(path)).status_code == status
