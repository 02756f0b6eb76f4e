"""What changed in a workspace, without being asked for it."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from api import accounts, briefings, goals, house, turns
from store.principal import Principal

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
    items = await asyncio.to_thread(_for_reader, home, chosen, person, found["items"])
    return found | {"items": items[:limit]}


@router.get("/workspaces/{name}/goals")
async def show_goals(
    request: Request, name: str, as_of: Annotated[str | None, Query(max_length=40)] = None
) -> dict[str, Any]:
    """How far along the asker's goals are, those of their digests and alerts, each with its pace and a question."""
    home = house.of(request)
    moment = turns.parse_as_of(as_of) or datetime.now()
    chosen, person = await asyncio.to_thread(accounts.entered, home.shelf, name)
    return await goals.paces(home, chosen, person, moment)


def _for_reader(home: house.House, name: str, person: Principal, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The findings with what the reader cares for first."""
    from agent import personal

    view = home.shelf.views.get(name)
    said = [" ".join(str(item.get(k) or "") for k in ("headline", "text")) for item in items]
    return personal.ordered(items, said, view.model, personal.of(view.workspace, person))
