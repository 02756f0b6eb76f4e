"""Workspaces, their semantic model, the tools, and metric queries without any language."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api import accounts, bodies, forgetting, house, turns
from api.jobs import DEMO
from store import jobs as job_table
from warehouse import workspace as workspaces
from warehouse.query import MetricQuery

router = APIRouter(prefix="/v1")
Name = Annotated[str | None, Query(max_length=63)]


class NewWorkspace(BaseModel):
    """A name (a slug) and what people call it."""

    model_config = ConfigDict(extra="forbid")

    name: str
    label: str | None = Field(None, max_length=200)


class WantedDemo(BaseModel):
    """The industry whose demo is wanted."""

    model_config = ConfigDict(extra="forbid")

    industry: Literal["retail", "restaurant", "automotive", "healthcare", "financial"] = "retail"


class MetricRequest(BaseModel):
    """A metric query over a workspace; `as_of` is what today means."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    query: MetricQuery
    as_of: str | None = None


@router.get("/workspaces")
async def list_workspaces(request: Request) -> dict[str, Any]:
    """All workspaces with their size and opening questions."""
    home = house.of(request)
    labels = await home.database.read(job_table.labels)
    return {"items": await asyncio.to_thread(home.shelf.items, labels, accounts.current())}


@router.post("/workspaces", status_code=201, openapi_extra=bodies.schema(NewWorkspace))
async def create_workspace(
    request: Request, body: Annotated[NewWorkspace, Depends(bodies.json_of(NewWorkspace))]
) -> dict[str, Any]:
    """Make an empty workspace; making it again changes its label at most."""
    home = house.of(request)
    await asyncio.to_thread(home.shelf.create, body.name)
    if body.label:
        label = body.label
        await home.database.write(lambda c: job_table.set_label(c, body.name, label))
    labels = await home.database.read(job_table.labels)
    items = await asyncio.to_thread(home.shelf.items, labels, accounts.current())
    return next(item for item in items if item["name"] == body.name)


@router.post("/workspaces/demo", status_code=202, openapi_extra=bodies.schema(WantedDemo))
async def make_demo(
    request: Request, body: Annotated[WantedDemo, Depends(bodies.json_of(WantedDemo))]
) -> dict[str, str | None]:
    """Queue the making of a workspace with realistic data. Returns its name and the job; no job where it is there."""
    home = house.of(request)
    name = f"demo-{body.industry}"
    await asyncio.to_thread(home.shelf.create, name)
    place = workspaces.existing(name, home.home)
    if await asyncio.to_thread(_made, body.industry, place):
        return {"workspace": name, "job_id": None}
    job_id = home.jobs.new_id()
    await home.jobs.queue(place, job_id, [f"{DEMO}{body.industry}"], accounts.current())
    return {"workspace": name, "job_id": job_id}


def _made(industry: str, place: workspaces.Workspace) -> bool:
    from tools import demos

    return demos.is_ready(industry, place)


@router.delete("/workspaces/{name}", status_code=204)
async def delete_workspace(request: Request, name: str) -> Response:
    """Remove a workspace with its data and its conversations."""
    home = house.of(request)
    await asyncio.to_thread(accounts.entered, home.shelf, name)
    grave = await asyncio.to_thread(home.shelf.remove, name)
    await home.database.write(lambda connection: forgetting.forget(connection, name))
    await asyncio.to_thread(home.shelf.clear, grave)
    return Response(status_code=204)


@router.get("/model")
async def show_model(request: Request, workspace: Name = None) -> dict[str, Any]:
    """The semantic model with the shape of the data behind it."""
    shelf = house.of(request).shelf
    return await asyncio.to_thread(lambda: shelf.model(*accounts.entered(shelf, workspace)))


@router.get("/tools")
async def list_tools() -> dict[str, Any]:
    """The analytic skills: an example question, what data each needs, the JSON Schema of its arguments."""

    return {"items": await asyncio.to_thread(_tools)}


@router.post("/metrics/query", openapi_extra=bodies.schema(MetricRequest))
async def query_metrics(
    request: Request, body: Annotated[MetricRequest, Depends(bodies.json_of(MetricRequest))]
) -> dict[str, Any]:
    """The figures of a metric query: table, SQL, notes, checks."""
    home = house.of(request)
    engine = await home.engine()
    as_of = turns.parse_as_of(body.as_of) or datetime.now()

    def run() -> dict[str, Any]:
        from tools import registry

        name, principal = accounts.entered(home.shelf, body.workspace)
        view = home.shelf.views.get(name)
        context = registry.ToolContext(
            workspace=view.workspace, principal=principal, model=view.model, profile=view.profile, engine=engine,
            snapshot=view.snapshot, as_of=as_of,
        )  # fmt: skip
        found = registry.get("query_metrics").run(context, {"query": body.query.model_dump(mode="json")})
        main = found.main()
        return {
            "workspace": view.workspace.name,
            "result": main.model_dump(mode="json") if main else None,
            "sql": found.sql,
            "notes": [w.model_dump(mode="json") for w in found.warnings],
            "checks": [c.model_dump(mode="json") for c in found.checks],
            "snapshot": found.snapshot,
            "ms": found.ms,
        }

    answer = await asyncio.to_thread(run)
    home.meters.query_seconds.observe(answer["ms"] / 1000)
    return answer


@lru_cache(maxsize=1)
def _tools() -> list[dict[str, Any]]:
    """Worked out once: the schemas of all arguments take a tenth of a second, and they never change."""
    from tools import registry

    return [
        {
            "name": t.name,
            "summary": t.summary,
            "example": t.example,
            "needs": t.needs,
            "args": t.args.model_json_schema(),
        }
        for t in registry.all_tools()
    ]
