"""What changed in a workspace, without being asked for it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from api import accounts, briefings, house, turns

router = APIRouter(prefix="/v1")


@router.get("/workspaces/{name}/insights")
async def show_insights(
    request: Request,
    name: str,
    limit: Annotated[int, Query(ge=1, le=5)] = 3,
    grain: Literal["day", "week", "month", "quarter"] | None = None,
    as_of: Annotated[str | None, Query(max_length=40)] = None,
) -> dict[str, Any]:
    """The weightiest findings of a workspace, each with a headline, a sentence, its claims and a next question."""
    home = house.of(request)
    moment = turns.parse_as_of(as_of) or datetime.now()
    chosen, person = await asyncio.to_thread(accounts.entered, home.shelf, name)
    found = await briefings.briefing(home, chosen, person, moment, grain)
    return found | {"items": found["items"][:limit]}
