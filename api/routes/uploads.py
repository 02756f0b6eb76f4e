"""Files from the page into a workspace: acknowledged when they are on disk, loaded by a job."""

from __future__ import annotations

import asyncio
import shutil
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from api import accounts, house, spool
from store import settings
from warehouse import workspace as workspaces

router = APIRouter(prefix="/v1")


@router.post("/uploads", status_code=202)
async def upload(request: Request, workspace: Annotated[str | None, Query(max_length=63)] = None) -> dict[str, Any]:
    """Take files (multipart field `files`) and queue their loading. Returns {"job_id"}."""
    home = house.of(request)
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    place = workspaces.existing(name, home.home)
    job_id = home.jobs.new_id()
    folder = home.jobs.folder(place, job_id)
    await asyncio.to_thread(folder.mkdir, parents=True)
    try:
        names = await spool.receive(request, folder, settings.get("upload_bytes"))
        await home.jobs.queue(place, job_id, names, person)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        raise
    return {"job_id": job_id}


@router.get("/jobs")
async def list_jobs(request: Request, workspace: Annotated[str | None, Query(max_length=63)] = None) -> dict[str, Any]:
    """Your last jobs in a workspace, the newest first: loads, refreshes, trainings, with state and result."""
    home = house.of(request)
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    return {"items": await home.jobs.of_workspace(name, person)}


@router.get("/jobs/{job_id}")
async def show_job(request: Request, job_id: str) -> dict[str, Any]:
    """How far a job is, and what came of it."""
    return await house.of(request).jobs.describe(job_id, accounts.current())


@router.post("/jobs/{job_id}/cancel")
async def cancel_job(request: Request, job_id: str) -> dict[str, Any]:
    """Stop a job that waits or runs; what it has not stored yet is not stored. One that is over stays as it is."""
    return await house.of(request).jobs.cancel(job_id, accounts.current())
