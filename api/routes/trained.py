"""What was learned from the data: which skill, on which snapshot, with which error, and training it again."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request

from api import accounts, house
from api.jobs import TRAIN
from store.errors import QueryRefused
from tools import trained

if TYPE_CHECKING:
    from tools.registry import ToolContext

router = APIRouter(prefix="/v1")
Name = Annotated[str | None, Query(max_length=63)]


def _context(home: Any, workspace: str | None, engine: Any) -> ToolContext:
    from tools.registry import ToolContext

    name, principal = accounts.entered(home.shelf, workspace)
    view = home.shelf.views.get(name)
    return ToolContext(
        workspace=view.workspace, principal=principal, model=view.model, profile=view.profile, engine=engine,
        snapshot=view.snapshot, as_of=datetime.now(),
    )  # fmt: skip


@router.get("/trained")
async def list_trained(request: Request, workspace: Name = None, check: bool = False) -> dict[str, Any]:
    """What was trained on which snapshot with which error, last first; `check` looks for drift on newer data."""
    home = house.of(request)
    engine = await home.engine()

    def read() -> list[dict[str, Any]]:
        context = _context(home, workspace, engine)
        if trained.sees_a_part(context):
            return []
        if check:
            trained.overdue(context)
        return [m.model_dump(mode="json") for m in trained.Register(context.workspace.root).all()]

    return {"items": await asyncio.to_thread(read)}


@router.post("/trained/{model_id}/retrain", status_code=202)
async def retrain(request: Request, model_id: str, workspace: Name = None) -> dict[str, Any]:
    """Train again on the newest data, as a job: `job_id` says how far it is."""
    home = house.of(request)
    engine = await home.engine()
    context = await asyncio.to_thread(_context, home, workspace, engine)
    if trained.sees_a_part(context):
        raise QueryRefused("You may see a part of the rows only, so you cannot train for all.", code="train_role")
    model = await asyncio.to_thread(trained.Register(context.workspace.root).get, model_id)
    job_id = home.jobs.new_id()
    await home.jobs.queue(context.workspace, job_id, [f"{TRAIN}{model_id}"], context.principal)
    return model.model_dump(mode="json") | {"state": "training", "job_id": job_id}
