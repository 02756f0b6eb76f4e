"""Industry packs over HTTP: which there are, how one is bound here, and putting it in, right and out again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api import accounts, bodies, house

if TYPE_CHECKING:
    from tools.binding.shelf import Installed
    from warehouse.workspace import Workspace

router = APIRouter(prefix="/v1/packs")
Name = Annotated[str | None, Query(max_length=63)]
PackName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class Choices(BaseModel):
    """Which table or column is meant: `entity` -> table, `entity.column` -> stored column, null for none of them."""

    model_config = ConfigDict(extra="forbid")

    choices: dict[str, Annotated[str, Field(max_length=300)] | None] = Field(max_length=200)


class Overrides(BaseModel):
    """What this workspace does otherwise than the pack, as YAML."""

    model_config = ConfigDict(extra="forbid")

    yaml: str = Field(max_length=500_000)


@router.get("")
async def list_packs(request: Request, workspace: Name = None) -> dict[str, Any]:
    """The packs that can be installed and those that are, with what they hold."""

    def read(here: Workspace, _by: str) -> dict[str, Any]:
        from knowledge.packs import load
        from knowledge.packs.summary import summary
        from tools.binding import shelf

        there = {name: shelf.record(here, name).version for name in shelf.names(here)}
        found = {p.name: summary(p) for p in load.sound()}
        found |= {name: summary(shelf.pack(here, name)) for name in there if name not in found}
        return {"items": [{**told, "installed": there.get(name)} for name, told in sorted(found.items())]}

    return await _here(request, workspace, read)


@router.get("/schema")
async def pack_schema() -> dict[str, Any]:
    """The JSON Schema of pack files."""

    def read() -> dict[str, Any]:
        from knowledge.packs.schema import json_schema

        return json_schema()

    return await asyncio.to_thread(read)


@router.get("/quality")
async def pack_quality(request: Request, workspace: Name = None) -> dict[str, Any]:
    """The rules of the installed packs held against the data the asker may see, broken ones first.

    Each with how many of its table's records break it; null stands for a few, too few to be counted out of people.
    """
    home = house.of(request)
    engine = await home.engine()

    def run() -> dict[str, Any]:
        from tools.binding import uses
        from tools.registry import ToolContext

        name, person = accounts.entered(home.shelf, workspace)
        view = home.shelf.views.seen_by(name, person, engine)
        context = ToolContext(
            workspace=view.workspace, principal=person, model=view.model, profile=view.profile, engine=engine,
            snapshot=view.snapshot, as_of=datetime.now(),
        )  # fmt: skip
        return {"items": [asdict(breach) for breach in uses.quality(context)]}

    return await asyncio.to_thread(run)


@router.get("/news")
async def pack_news(request: Request, workspace: Name = None) -> dict[str, Any]:
    """For each pack bound before the data last changed: which figures binding it again would add and take away."""

    def read(here: Workspace, _by: str) -> dict[str, Any]:
        from tools.binding import uses

        return {"items": [asdict(one) for one in uses.news(here)]}

    return await _here(request, workspace, read)


@router.get("/{pack}")
async def show_pack(request: Request, pack: PackName, workspace: Name = None) -> dict[str, Any]:
    """How an installed pack is bound: what can be asked, what waits for review, what is missing, own changes."""

    def read(here: Workspace, _by: str) -> dict[str, Any]:
        from tools.binding import shelf

        return _shown(here, shelf.record(here, pack))

    return await _here(request, workspace, read)


@router.get("/{pack}/preview")
async def preview_pack(request: Request, pack: PackName, workspace: Name = None) -> dict[str, Any]:
    """How a pack would be bound; changes nothing."""

    def read(here: Workspace, _by: str) -> dict[str, Any]:
        from tools.binding import install

        return {"binding": install.preview(here, install.newest(pack)).model_dump(mode="json")}

    return await _here(request, workspace, read)


@router.post("/{pack}", status_code=201)
async def install_pack(request: Request, pack: PackName, workspace: Name = None) -> dict[str, Any]:
    """Match a pack to the workspace's tables and put its metrics, words and driver trees to use."""

    def put(here: Workspace, by: str) -> dict[str, Any]:
        from tools.binding import install

        return _shown(here, install.install(here, install.newest(pack), by=by))

    return await _here(request, workspace, put)


@router.post("/{pack}/upgrade")
async def upgrade_pack(request: Request, pack: PackName, workspace: Name = None) -> dict[str, Any]:
    """Bring an installed pack to the newest version at hand and bind it again."""

    def put(here: Workspace, by: str) -> dict[str, Any]:
        from knowledge.packs import load
        from tools.binding import install

        return _shown(here, install.upgrade(here, pack, source=load.available().get(pack), by=by))

    return await _here(request, workspace, put)


@router.post("/{pack}/bind", openapi_extra=bodies.schema(Choices))
async def bind_pack(
    request: Request, pack: PackName, body: Annotated[Choices, Depends(bodies.json_of(Choices))], workspace: Name = None
) -> dict[str, Any]:
    """Say which table or column is meant where the pack was not sure, or wrong; kept through upgrades."""

    def put(here: Workspace, by: str) -> dict[str, Any]:
        from tools.binding import install

        return _shown(here, install.upgrade(here, pack, decided=body.choices, by=by))

    return await _here(request, workspace, put)


@router.put("/{pack}/overrides", openapi_extra=bodies.schema(Overrides))
async def override_pack(
    request: Request,
    pack: PackName,
    body: Annotated[Overrides, Depends(bodies.json_of(Overrides))],
    workspace: Name = None,
) -> dict[str, Any]:
    """Change any part of an installed pack for this workspace."""

    def put(here: Workspace, by: str) -> dict[str, Any]:
        from tools.binding import install

        return _shown(here, install.change(here, pack, body.yaml, by=by))

    return await _here(request, workspace, put)


@router.delete("/{pack}", status_code=204)
async def remove_pack(request: Request, pack: PackName, workspace: Name = None) -> Response:
    """Take a pack out; what people changed in the model since stays."""

    def take(here: Workspace, by: str) -> dict[str, Any]:
        from tools.binding import install

        install.remove(here, pack, by=by)
        return {}

    await _here(request, workspace, take)
    return Response(status_code=204)


async def _here(
    request: Request, workspace: str | None, work: Callable[[Workspace, str], dict[str, Any]]
) -> dict[str, Any]:
    """Work on the workspace meant, by the asker, in a thread."""
    shelf = house.of(request).shelf

    def run() -> dict[str, Any]:
        name, person = accounts.entered(shelf, workspace)
        return work(shelf.views.get(name).workspace, person.user_id)

    return await asyncio.to_thread(run)


def _shown(here: Workspace, installed: Installed) -> dict[str, Any]:
    from knowledge.packs.summary import summary
    from tools.binding import shelf

    pack = shelf.pack(here, installed.pack)
    return {
        **summary(pack),
        "installed": installed.version, "at": installed.at.isoformat(), "by": installed.by,
        "binding": installed.binding.model_dump(mode="json"),
        "overrides": shelf.own_changes(here, installed.pack),
        "questions": {role: [q.ask for q in asked] for role, asked in pack.questions.items()},
    }  # fmt: skip
