"""Who uses what: requests and questions by day, one's own, or everybody's for who runs the server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from api import accounts, house
from store import budgets, settings, usage

router = APIRouter(prefix="/v1")


@router.get("/usage")
async def show_usage(request: Request, days: Annotated[int, Query(ge=1, le=366)] = 30) -> dict[str, Any]:
    """Requests by day, person and route, questions and a model's tokens by day, workspace and person; days are UTC."""
    home, person = house.of(request), accounts.current()
    everybody = person.may("operate")
    who = None if everybody else person.user_id
    since = datetime.now(UTC) - timedelta(days=days - 1)
    first = since.replace(hour=0, minute=0, second=0, microsecond=0)
    await home.write_usage()
    requests = await home.database.read(lambda c: usage.requests(c, first.date().isoformat(), who))
    asked = await home.database.read(lambda c: usage.questions(c, first, None, who))
    spent = await asyncio.to_thread(_spent, home.home, first.date().isoformat(), who)
    return {
        "since": first.date().isoformat(),
        "everybody": everybody,
        "requests": requests,
        "tokens": [row for row in spent if person.role_in(row["workspace"]) is not None],
        "currency": settings.get("model_currency"),
        "budget": await home.database.read(lambda c: budgets.told(c, person.user_id)),
        "questions": [row for row in asked if person.role_in(row["workspace"]) is not None],
    }


def _spent(home: Path, since: str, person: str | None) -> list[dict[str, Any]]:
    from agent.llm.spend import FILE, Ledger

    return Ledger(home / FILE).days(since, person)
