"""Which brains can answer here, and whether the language model that is set up works: for a switch and a test button."""

from __future__ import annotations

import asyncio
from typing import Any, get_args
from urllib.parse import urlsplit

from fastapi import APIRouter

from agent.turn import BrainChoice
from store.errors import ConfigProblem

router = APIRouter(prefix="/v1")
_CHECK_SECONDS = 8.0


@router.get("/brain")
async def show_brain() -> dict[str, Any]:
    """The brains a question may name, and the model that is set up (its name alone), if any."""
    return await asyncio.to_thread(_set_up)


@router.post("/brain/check")
async def check_brain() -> dict[str, Any]:
    """Try the model server: reachable, streaming, token counts, tools, JSON. Costs a few small requests."""
    from agent.llm import probe

    found = await asyncio.to_thread(lambda: list(probe.findings(_CHECK_SECONDS)))
    items = [{"name": name, "ok": ok, "detail": detail} for name, ok, detail in found]
    return {**await asyncio.to_thread(_set_up), "ok": all(i["ok"] for i in items), "items": items}


def _set_up() -> dict[str, Any]:
    from agent.llm.endpoint import configured

    every = list(get_args(BrainChoice))
    try:
        endpoint = configured()
    except ConfigProblem as problem:
        return {"choices": every[:2], "model": None, "host": None, "problem": problem.message}
    if endpoint is None:
        return {"choices": every[:2], "model": None, "host": None, "problem": None}
    host = urlsplit(endpoint.url).hostname
    return {"choices": every, "model": endpoint.model, "host": host, "problem": None}
