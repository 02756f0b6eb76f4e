"""What a person corrects after files were read: what a column is, and tables that are none."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api import accounts, bodies, house
from store.errors import QueryRefused
from warehouse import workspace as workspaces
from warehouse.workspace import Workspace

router = APIRouter(prefix="/v1/tables")
WorkspaceName = Annotated[str | None, Query(max_length=63)]


class ColumnCorrection(BaseModel):
    """What a column is, how its values are written, and the unit they carry; without `apply` it is only tried."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["text", "whole", "number", "date", "datetime", "yesno"]
    how: Literal["point", "comma", "ymd", "dmy", "mdy", "swap", "excel", "unix", ""] = ""
    unit: str | None = Field(None, max_length=12, description="a currency code or %; empty takes it away")
    apply: bool = False


@router.post("/{table}/columns/{column}", openapi_extra=bodies.schema(ColumnCorrection))
async def correct_column(
    request: Request, table: str, column: str,
    body: Annotated[ColumnCorrection, Depends(bodies.json_of(ColumnCorrection))], workspace: WorkspaceName = None,
) -> dict[str, Any]:  # fmt: skip
    """What a column would be, with the values that would be lost; with `apply` it is so from now on, and after each
    load of the same file."""
    from ingestion import correcting

    place = await _entered(request, workspace)
    wanted = correcting.Correction(body.kind, body.how, body.unit)
    found = await asyncio.to_thread(correcting.correct, place, table, column, wanted, apply=body.apply)
    if body.apply:
        accounts.note(f"{table}.{column}", workspace=place.name, kind=body.kind)
    return found.to_dict()


@router.delete("/{table}", status_code=204)
async def remove_table(request: Request, table: str, workspace: WorkspaceName = None) -> Response:
    """Take a table that came from a file out of the workspace, a sheet that is no data for instance."""
    from ingestion import correcting

    place = await _entered(request, workspace)
    await asyncio.to_thread(correcting.remove, place, table)
    accounts.note(table, workspace=place.name)
    return Response(status_code=204)


async def _entered(request: Request, workspace: str | None) -> Workspace:
    """The workspace, for who may see all of its rows: what is lost is shown. Raises `QueryRefused`."""
    from warehouse.compiler.policies import Rights
    from warehouse.model import store

    home = house.of(request)
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    place = workspaces.existing(name, home.home)

    def bound() -> bool:
        return place.model_file.is_file() and bool(Rights(store.load(place.model_file), person).digest)

    if await asyncio.to_thread(bound):
        raise QueryRefused("Columns are corrected by people who may see all rows.", code="rows_limited")
    return place
