"""What the page may tell about the installation: its version, who answers, how the parts are doing."""

from __future__ import annotations

import asyncio
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter, Request

from api import house
from api.routes.health import checks
from store import settings
from store.errors import ConfigProblem

router = APIRouter(prefix="/v1")


@router.get("/system")
async def show_system(request: Request) -> dict[str, Any]:
    """Version, health, the model that can answer beside the built-in brain (null when none is set up), and where
    messages can go: channels that are not set up are not offered."""
    home = house.of(request)
    found = await checks(home)
    mail = bool(settings.get("smtp_url") and settings.get("mail_from"))
    ways = ["inbox", *(["email"] if mail else []), *(["slack"] if home.slack is not None else [])]
    return {"version": _version(), "checks": found, "model": await asyncio.to_thread(_model), "channels": ways}


def _version() -> str:
    try:
        return version("plainsay")
    except PackageNotFoundError:
        return "source"


def _model() -> str | None:
    from agent.llm.endpoint import configured

    try:
        endpoint = configured()
    except ConfigProblem:
        return None
    return endpoint.model if endpoint is not None else None
