"""A scripted stand-in for the server, so that slow, broken and cut-off runs can be shown on demand in browser tests.

Run as `python tests/browser/fake_server.py PORT`. The words in a question choose the script: "month" a trend,
"region" bars, "sales" a question back, "weather" a decline, "slow" a run that waits to be stopped, "cut" a stream
that drops, "fail" an error, "evil" a hostile chart.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import scripted_runs

from warehouse.model.schema import SemanticModel

STATIC = Path(__file__).resolve().parents[2] / "api" / "static"
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'sha256-nzTgYzXYDNe6BAHiiI7NNlfK8n/auuOAhh2t92YvuXo='; "
    "img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types plainsay"
)
runs: dict[str, list[dict[str, Any]]] = {}
cancelled: set[str] = set()
threads: dict[str, dict[str, Any]] = {}
jobs: dict[str, int] = {}
extra_workspaces: list[dict[str, Any]] = []


async def play(run_id: str, after: int, delay: float, stop_after: int | None) -> AsyncIterator[str]:
    for seq, event in enumerate(runs[run_id], 1):
        if seq <= after:
            continue
        if run_id in cancelled:
            event = {"type": "RUN_FINISHED", "outcome": {"type": "cancelled"}}
        yield f"id: {seq}\r\ndata: {json.dumps(event)}\r\n\r\n"
        if run_id in cancelled or (stop_after and seq >= stop_after):
            return
        await asyncio.sleep(delay)


async def chat(request: Request) -> Response:
    body = await request.json()
    question = body["messages"][-1]["content"]
    run_id, thread_id = body["runId"], body["threadId"]
    runs[run_id] = [{"type": "RUN_STARTED", "threadId": thread_id, "runId": run_id}, *scripted_runs.script(body)]
    turn = {
        "id": thread_id,
        "title": question,
        "workspace": "demo-retail",
        "created_at": "2026-11-21T09:00:00Z",
        "updated_at": "2026-11-21T09:14:00Z",
        "turns": 1,
    }
    threads.setdefault(thread_id, turn)
    delay = 0.7 if "slow" in question else 0.02
    return StreamingResponse(play(run_id, 0, delay, 7 if "cut" in question else None), media_type="text/event-stream")


async def resume(request: Request) -> Response:
    after = int(request.headers.get("last-event-id", "0"))
    return StreamingResponse(play(request.path_params["run"], after, 0.02, None), media_type="text/event-stream")


async def cancel(request: Request) -> Response:
    cancelled.add(request.path_params["run"])
    return JSONResponse({})


async def workspaces(request: Request) -> Response:
    if request.method == "POST":
        extra_workspaces.append(
            {
                **(await request.json()),
                "tables": 1,
                "rows": 3,
                "updated_at": None,
                "starters": ["How many orders are there?"],
                "default": False,
            }
        )
        return JSONResponse({}, 201)
    starters = [
        "Net revenue by month this year",
        "Top 10 products by revenue",
        "Which region grew fastest last quarter?",
        "How many returns were there last week?",
    ]
    demo = {
        "name": "demo-retail",
        "label": "Demo: retail",
        "tables": 6,
        "rows": 1_203_344,
        "updated_at": "2026-11-21T08:00:00Z",
        "starters": starters,
        "default": True,
    }
    return JSONResponse({"items": [demo, *extra_workspaces]})


async def list_threads(request: Request) -> Response:
    needle = request.query_params.get("q", "").lower()
    return JSONResponse({"items": [t for t in threads.values() if needle in t["title"].lower()][::-1]})


async def one_thread(request: Request) -> Response:
    if request.method == "DELETE":
        threads.pop(request.path_params["thread"], None)
        return Response(status_code=204)
    if request.path_params["thread"] == "long":
        return JSONResponse(scripted_runs.long_thread(200))
    if request.path_params["thread"] == "hostile":
        return JSONResponse(scripted_runs.hostile_thread())
    error = {
        "code": "unknown_name",
        "message": "There is no such conversation.",
        "hint": "It may have been deleted.",
        "retry": "never",
    }
    return JSONResponse({"error": error}, 404)


async def model(_request: Request) -> Response:
    orders = {
        "label": "Orders",
        "description": "One row per order.",
        "record": "order",
        "records": "orders",
        "source": "orders",
        "key": ["order_id"],
        "joins": [],
        "time": {
            "default": "ordered_at",
            "columns": {"ordered_at": {"label": "Order date", "description": None, "kind": "timestamp"}},
        },
        "dimensions": {
            "status": {"label": "Status", "description": None, "type": "text"},
            "region": {"label": "Region", "description": "Where it was shipped to", "type": "text"},
        },
        "measures": {
            "net_revenue": {"label": "Net revenue", "description": "After returns", "agg": "sum"},
            "orders": {"label": "Orders", "description": None, "agg": "count"},
        },
    }
    return JSONResponse(
        {
            "model": SemanticModel.model_validate({"model": "demo", "tables": {"orders": orders}}).model_dump(
                mode="json"
            ),
            "profile": {
                "tables": {
                    "orders": {
                        "rows": 401_223,
                        "columns": {"order_id": {}, "ordered_at": {}, "status": {}, "region": {}},
                    }
                }
            },
            "data_from": "2024-01-01",
            "data_through": "2026-11-21",
        }
    )


async def upload(request: Request) -> Response:
    form = await request.form()
    names = [f.filename for f in form.getlist("files")]
    jobs[",".join(names)] = 0
    return JSONResponse({"job_id": ",".join(names)}, 202)


async def job(request: Request) -> Response:
    name = request.path_params["job"]
    jobs[name] += 1
    if jobs[name] < 3:
        return JSONResponse(
            {
                "id": name,
                "state": "running",
                "progress": {"text": "Reading the columns", "share": jobs[name] / 3},
                "result": None,
                "error": None,
            }
        )
    tables = [
        {"name": "orders", "rows": 3, "columns": 2, "origin": name, "warnings": ["2 empty columns were left out."]}
    ]
    problems = [
        {
            "file": "broken.xlsx",
            "reason": "The file is not a workbook.",
            "hint": "Save it again as .xlsx.",
            "line": None,
        }
    ]
    return JSONResponse(
        {
            "id": name,
            "state": "done",
            "progress": None,
            "result": {"tables": tables, "problems": problems},
            "error": None,
        }
    )


async def system(_request: Request) -> Response:
    return JSONResponse({"version": "0.0.0", "checks": {"state": True, "assistant": False}, "model": "gpt-test"})


async def brain(request: Request) -> Response:
    found = {"choices": ["auto", "builtin", "llm"], "model": "gpt-test", "host": "models.test", "problem": None}
    if request.method == "POST":
        items = [{"name": "reachable", "ok": True, "detail": "It answered."}]
        return JSONResponse({**found, "ok": True, "items": items})
    return JSONResponse(found)


async def static(request: Request) -> Response:
    path = STATIC / request.path_params.get("path", "")
    found = path if path.is_file() else STATIC / "index.html"
    return FileResponse(found, headers={"Content-Security-Policy": CSP})


app = Starlette(
    routes=[
        Route("/v1/chat", chat, methods=["POST"]),
        Route("/v1/runs/{run}/events", resume),
        Route("/v1/runs/{run}/cancel", cancel, methods=["POST"]),
        Route("/v1/workspaces", workspaces, methods=["GET", "POST"]),
        Route("/v1/threads", list_threads),
        Route("/v1/threads/{thread}", one_thread, methods=["GET", "DELETE"]),
        Route("/v1/model", model),
        Route("/v1/system", system),
        Route("/v1/brain", brain),
        Route("/v1/brain/check", brain, methods=["POST"]),
        Route("/v1/uploads", upload, methods=["POST"]),
        Route("/v1/jobs/{job:path}", job),
        Route("/{path:path}", static),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
