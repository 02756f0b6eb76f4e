"""Which brains can answer here, and whether the language model that is set up works: for a switch and a test button."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, get_args
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from agent.turn import BrainChoice
from api import accounts, bodies
from api.errors import Conflict
from store import kept_settings, settings
from store.errors import ConfigProblem

router = APIRouter(prefix="/v1")
_CHECK_SECONDS = 8.0


class ModelSettings(BaseModel):
    """The language model: what is left out stays, an empty text or null takes a setting away, the key is only written.

    A new address wants its key again, so that a key is never sent to a server it was not given for.
    """

    model_config = ConfigDict(extra="forbid")

    model: str | None = Field(None, max_length=200)
    model_url: str | None = Field(None, max_length=500, pattern=r"^(https?://\S+)?$")
    model_key: str | None = Field(None, max_length=2_000)
    model_seconds: float | None = Field(None, gt=0, le=600)
    model_turn_tokens: int | None = Field(None, ge=0, le=10**9)
    model_user_tokens: int | None = Field(None, ge=0, le=10**12)
    model_workspace_tokens: int | None = Field(None, ge=0, le=10**12)


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


@router.get("/brain/settings")
async def show_model_settings() -> dict[str, Any]:
    """The settings of the language model, and where each comes from; of the key only whether there is one."""
    return await asyncio.to_thread(_settings)


@router.put("/brain/settings", openapi_extra=bodies.schema(ModelSettings))
async def change_model_settings(
    body: Annotated[ModelSettings, Depends(bodies.json_of(ModelSettings))],
) -> dict[str, Any]:
    """Change the language model for all who ask here from the next question on; the environment wins over it."""
    accounts.note("language model", changed=sorted(body.model_fields_set))

    def put() -> dict[str, Any]:
        given = {name: str(value or "").strip() for name, value in body.model_dump(exclude_unset=True).items()}
        _refuse_fixed(given)
        if "model_url" in given and given["model_url"] != settings.get("model_url"):
            given.setdefault("model_key", "")
        kept_settings.change(given, settings.home())
        return _settings()

    return await asyncio.to_thread(put)


def _refuse_fixed(given: dict[str, str]) -> None:
    """What the environment says is not changed here, nor is its key sent to another address. Raises `Conflict`."""
    fixed = [name for name in given if _fixed(name)]
    if _fixed("model_key") and "model_url" in given:
        fixed.append("model_key")
    if fixed:
        raise Conflict(
            f"The environment of the server sets {' and '.join(dict.fromkeys(fixed))}, which wins.",
            code="set_by_environment",
            hint="Change it where the server is started.",
        )


def _fixed(name: str) -> bool:
    return settings.in_environment(name) or (name == "model_key" and settings.in_environment("model_key_file"))


def _settings() -> dict[str, Any]:
    home = settings.home()
    items = []
    for name in kept_settings.CHANGEABLE:
        kept = kept_settings.is_kept(name, home)
        source = "environment" if _fixed(name) else "page" if kept else "default"
        value = None if name == "model_key" else settings.get(name)
        items.append({"name": name, "value": value, "from": source})
    return {"items": items}


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
