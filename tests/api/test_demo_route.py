"""A demo made from the page: queued as a job, made once, and never of an industry that has none."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from ingestion.demo.report import DemoReport
from tools import demos


@pytest.fixture
def made(monkeypatch):
    """Demos are made at once and hold nothing; the industries that were asked for."""
    asked = []

    def make(industry, workspace, progress, **_more):
        progress("Growing orders", 0.5)
        asked.append(industry)
        return DemoReport(workspace.name, {"orders": 3}, date(2026, 1, 1), 0.0)

    monkeypatch.setattr(demos, "make", make)
    monkeypatch.setattr(demos, "is_ready", lambda industry, _workspace: industry in asked)
    return asked


async def test_a_demo_is_made_by_a_job_and_only_once(open_door, made):
    async with open_door() as door:
        first = await door.client.post("/v1/workspaces/demo", json={"industry": "restaurant"})
        assert first.status_code == 202
        job = {}
        for _ in range(500):
            job = (await door.client.get(f"/v1/jobs/{first.json()['job_id']}")).json()
            if job["state"] in ("done", "failed"):
                break
            await asyncio.sleep(0.01)
        assert (job["state"], [t["rows"] for t in job["result"]["tables"]]) == ("done", [3])
        listed = (await door.client.get("/v1/jobs?workspace=demo-restaurant")).json()["items"]
        assert [one["kind"] for one in listed] == ["demo"]
        again = await door.client.post("/v1/workspaces/demo", json={"industry": "restaurant"})
        assert again.json() == {"workspace": "demo-restaurant", "job_id": None}
        refused = await door.client.post("/v1/workspaces/demo", json={"industry": "nothing we have"})
        assert refused.status_code == 422
    assert made == ["restaurant"]
