"""Is it alive, can it answer, and how is it doing."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy import text
from starlette.responses import JSONResponse, Response

from api import house
from store.errors import PlainsayError

router = APIRouter()


@router.get("/healthz")
async def alive() -> dict[str, str]:
    """The process serves requests."""
    return {"status": "ok"}


@router.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """State can be read, workspaces can be listed, the assistant and its engine are up; 503 with what is not."""
    found = await checks(house.of(request))
    good = all(found.values())
    return JSONResponse({"status": "ok" if good else "starting", "checks": found}, status_code=200 if good else 503)


async def checks(home: house.House) -> dict[str, Any]:
    """Whether each part of the house answers, by its name."""
    return {
        "state": await _state_answers(home),
        "workspaces": await asyncio.to_thread(home.shelf.readable),
        "assistant": home.warm(),
    }


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus text."""
    return Response(house.of(request).meters.text(), media_type=CONTENT_TYPE_LATEST)


async def _state_answers(home: house.House) -> bool:
    try:
        await home.database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())
    except PlainsayError:
        return False
    return True
