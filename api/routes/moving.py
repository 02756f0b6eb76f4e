"""Workspaces as files, and as patterns for others: export, import, copy."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from api import accounts, bodies, house, spool
from api.errors import Conflict
from api.house import House
from store import jobs as job_table
from store import settings
from store.errors import InvalidRequest, PlainsayError
from warehouse import workspace as workspaces

router = APIRouter(prefix="/v1/workspaces")
Name = Annotated[str, Field(max_length=63)]


class Copy(BaseModel):
    """The workspace to make from another one, and what people call it."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    label: str | None = Field(None, max_length=200)


@router.get("/{name}/export")
async def export_workspace(request: Request, name: str) -> Response:
    """All tables and the model of a workspace as one file; conversations and people stay here."""
    home = house.of(request)
    await asyncio.to_thread(accounts.entered, home.shelf, name)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=home.home, prefix=".export-"))
    clean = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    try:
        await asyncio.to_thread(_packed, home, name, folder / "workspace.zip")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return FileResponse(
        folder / "workspace.zip", media_type="application/zip", filename=f"{name}.zip", background=clean
    )


@router.post("/import", status_code=201)
async def import_workspace(request: Request, name: Annotated[str, Query(max_length=63)]) -> dict[str, Any]:
    """Make a workspace from an exported file (multipart field `files`)."""
    home = house.of(request)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=home.home, prefix=".import-"))
    try:
        files = await spool.receive(request, folder, settings.get("upload_bytes"))
        if len(files) != 1:
            raise InvalidRequest("One exported file is wanted.", code="one_file")
        tables = await asyncio.to_thread(_filled, home, name, folder / files[0])
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    accounts.note(name, workspace=name, tables=len(tables))
    return {"name": name, "tables": tables}


@router.post("/{name}/copy", status_code=201, openapi_extra=bodies.schema(Copy))
async def copy_workspace(
    request: Request, name: str, body: Annotated[Copy, Depends(bodies.json_of(Copy))]
) -> dict[str, Any]:
    """Make another workspace with the same data, model and policies; members and conversations are not copied."""
    home = house.of(request)
    await asyncio.to_thread(accounts.entered, home.shelf, name)
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, dir=home.home, prefix=".copy-"))
    try:
        await asyncio.to_thread(_packed, home, name, folder / "workspace.zip")
        tables = await asyncio.to_thread(_filled, home, body.name, folder / "workspace.zip")
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    label = body.label
    if label:
        await home.database.write(lambda c: job_table.set_label(c, body.name, label))
    accounts.note(body.name, workspace=body.name, source=name)
    return {"name": body.name, "tables": tables}


def _packed(home: House, name: str, target: Path) -> None:
    from ingestion.portable import pack

    pack(workspaces.existing(name, home.home), target)


def _filled(home: House, name: str, file: Path) -> list[str]:
    from ingestion.portable import unpack

    place = workspaces.named(name, home.home)
    if place.root.exists():
        raise Conflict(f"There is a workspace called “{name}” already.", code="workspace_exists")
    try:
        return unpack(file, place, by=accounts.current().user_id)
    except PlainsayError:
        shutil.rmtree(place.root, ignore_errors=True)
        raise
