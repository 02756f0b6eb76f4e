"""The common tables of connected sources: stated exchange rates, and where each table and column comes from."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api import accounts, bodies, common_tables, house
from warehouse import workspace as workspaces
from warehouse.workspace import Workspace

router = APIRouter(prefix="/v1")
WorkspaceName = Annotated[str | None, Query(max_length=63)]


class StatedRate(BaseModel):
    """What one unit of `base` was worth in `quote` on a day, as decimal text."""

    model_config = ConfigDict(extra="forbid")

    day: str = Field(max_length=10, description="as 2026-01-31")
    base: str = Field(max_length=3)
    quote: str = Field(max_length=3)
    rate: str = Field(max_length=40)


class StatedRates(BaseModel):
    """Exchange rates that somebody states, and the currency that amounts are shown in."""

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    currency: str | None = Field(None, max_length=3, description="the reporting currency; without it the one before")
    valid_days: int | None = Field(None, description="for how many days a rate counts after its own; 7 at first")
    named: str = Field("stated", max_length=60, description="who states them; kept beside the rates")
    rates: list[StatedRate] = Field(default_factory=list, max_length=20_000)


@router.get("/rates")
async def rates(request: Request, workspace: WorkspaceName = None) -> dict[str, Any]:
    """The reporting currency, the newest stated rates, and the amounts that have none."""
    place = await _entered(request, workspace)
    return await asyncio.to_thread(common_tables.rates_of, place)


@router.put("/rates", openapi_extra=bodies.schema(StatedRates))
async def state_rates(
    request: Request, body: Annotated[StatedRates, Depends(bodies.json_of(StatedRates))]
) -> dict[str, Any]:
    """State exchange rates and choose the reporting currency; answers use them at once."""
    place = await _entered(request, body.workspace)
    values = [r.model_dump() for r in body.rates]
    await asyncio.to_thread(
        lambda: common_tables.state_rates(
            place, values, named=body.named, currency=body.currency, valid_days=body.valid_days
        )
    )
    return await asyncio.to_thread(common_tables.rates_of, place)


@router.get("/lineage/{table}")
async def lineage(request: Request, table: str, workspace: WorkspaceName = None) -> dict[str, Any]:
    """Where a common table comes from: sources, lists and rows, and for each column the place it is read at."""
    place = await _entered(request, workspace)
    return await asyncio.to_thread(common_tables.lineage, place, table)


async def _entered(request: Request, workspace: str | None) -> Workspace:
    home = house.of(request)
    name, _ = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    return workspaces.existing(name, home.home)
