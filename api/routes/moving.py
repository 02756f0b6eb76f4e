"""Workspaces as files, and as patterns for others: export, import, copy."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from api import accounts, bodies, house, moving, spool
from store import jobs as job_table
from store import settings
from store.errors import InvalidRequest

router = APIRouter(prefix="/v1/workspaces")
Name = Annotated[str, Field(max_length=63)]


class Copy(BaseModel):
    """The workspace to make from another one, and what people call it; without `data` its tables are empty."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    label: str | None = Field(None, max_length=200)
    data: bool = Field(True, description="false makes a template: model, policies and empty tables, no row")


@router.get("/{name}/export")
async def export_workspace(
    request: Request, name: str, data: Annotated[bool, Query(description="false leaves out all rows")] = True
) -> Response:
    """All tables and the model of a workspace as one file; conversations and people stay here."""
    home = house.of(request)
    await asyncio.to_thread(accounts.entered, home.shelf, name)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=home.home, prefix=".export-"))
    clean = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    try:
        await asyncio.to_thread(partial(moving.packed, home.home, name, folder / "workspace.zip", data=data))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        folder / "workspace.zip", media_type="application/zip", filename=f"{name}.zip", background=clean
    )


@router.post("/import", status_code=201)
async def import_workspace(request: Request, name: Annotated[str, Query(max_length=63)]) -> dict[str, Any]:
    """Make a workspace from an exported file (multipart field `files`)."""
    home, by = house.of(request), accounts.current().user_id
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=home.home, prefix=".import-"))
    try:
        files = await spool.receive(request, folder, settings.get("upload_bytes"))
        if len(files) != 1:
            raise InvalidRequest("One exported file is wanted.", code="one_file")
        tables = await asyncio.to_thread(moving.filled, home.home, name, folder / files[0], by)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    accounts.note(name, workspace=name, tables=len(tables))
    return {"name": name, "tables": tables}


@router.post("/{name}/copy", status_code=201, openapi_extra=bodies.schema(Copy))
async def copy_workspace(
    request: Request, name: str, body: Annotated[Copy, Depends(bodies.json_of(Copy))]
) -> dict[str, Any]:
    """Make another workspace with the same data, model and policies; members and conversations are not copied."""
    home, by = house.of(request), accounts.current().user_id
    await asyncio.to_thread(accounts.entered, home.shelf, name)
    tables = await asyncio.to_thread(partial(moving.copied, home.home, name, body.name, by, data=body.data))
    label = body.label
    if label:
        await home.database.write(lambda c: job_table.set_label(c, body.name, label))
    accounts.note(body.name, workspace=body.name, source=name)
    return {"name": body.name, "tables": tables}
