"""The real assistant, engine and loader behind the door: upload a file, ask it, follow up, query without words."""

from __future__ import annotations

import asyncio
import json

import httpx

from agent import claims
from agent.answer import Answer
from api.app import create_app

ROWS = "\n".join(
    f"{n},2026-{1 + n % 6:02}-{1 + n % 27:02},{10 + n % 90}.50,{['North', 'South', 'East'][n % 3]}" for n in range(300)
)


async def test_upload_ask_patch_query(tmp_path):
    app = create_app(home=tmp_path)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost", timeout=60) as client,
    ):
        assert (await client.post("/v1/workspaces", json={"name": "shop", "label": "The shop"})).status_code == 201
        empty = await client.post("/v1/ask", json={"question": "total amount"})
        assert empty.status_code in (404, 422) and empty.json()["error"]["hint"]
        files = [("files", ("orders.csv", f"order_id,order_date,amount,region\n{ROWS}\n".encode()))]
        job = (await client.post("/v1/uploads?workspace=shop", files=files)).json()["job_id"]
        while (state := (await client.get(f"/v1/jobs/{job}")).json())["state"] in ("queued", "running"):
            await asyncio.sleep(0.05)
        assert [(t["name"], t["rows"]) for t in state["result"]["tables"]] == [("orders", 300)], state
        card = (await client.get("/v1/workspaces")).json()["items"][0]
        assert (card["label"], card["rows"], card["default"]) == ("The shop", 300, True)
        model = (await client.get("/v1/model")).json()
        assert model["data_from"] == "2026-01-01" and "amount" in model["profile"]["tables"]["orders"]["columns"]

        answer = Answer.model_validate(
            (await client.post("/v1/ask", json={"question": "total amount by region"})).json()
        )
        assert answer.status == "answered" and not claims.problems(answer)
        body = {
            "threadId": answer.thread_id,
            "runId": "r2",
            "messages": [{"id": "m", "role": "user", "content": "only North"}],
        }
        stream = (await client.post("/v1/chat", json=body)).text
        last = json.loads([line for line in stream.splitlines() if line.startswith("data: ")][-1][6:])
        assert last["type"] == "RUN_FINISHED"
        turns = (await client.get(f"/v1/threads/{answer.thread_id}")).json()["turns"]
        assert [t["status"] for t in turns] == ["done", "done"]

        query = {"metrics": [{"metric": "orders"}], "dimensions": [{"field": "orders.region"}]}
        named = next(iter(model["model"]["metrics"]), None) or next(
            iter(model["model"]["tables"]["orders"]["measures"])
        )
        query["metrics"][0]["metric"] = named
        figures = (await client.post("/v1/metrics/query", json={"query": query})).json()
        assert len(figures["result"]["rows"]) == 3 and "SELECT" in figures["sql"], figures
        wrong = {"query": {**query, "metrics": [{"metric": "unheard_of"}]}}
        refused = await client.post("/v1/metrics/query", json=wrong)
        assert 400 <= refused.status_code < 500 and "error" in refused.json()
        assert (await client.get("/readyz")).status_code == 200
        assert 'plainsay_runs_total{status="done"} 2.0' in (await client.get("/metrics")).text
        assert (await client.delete("/v1/workspaces/shop")).status_code == 204
        assert (await client.get("/v1/workspaces")).json() == {"items": []}
        assert (await client.get(f"/v1/threads/{answer.thread_id}")).status_code == 404
