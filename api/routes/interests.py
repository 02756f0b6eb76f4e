"""What a reader cares for in a workspace: to see, to change and to delete, by that reader alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api import accounts, bodies, house
from store.errors import unknown

if TYPE_CHECKING:
    from agent.personal import Interests
    from agent.view import WorkspaceView

router = APIRouter(prefix="/v1/me")
Name = Annotated[str | None, Query(max_length=63)]
Names = Annotated[list[Annotated[str, Field(max_length=200)]], Field(max_length=40)]


class Wanted(BaseModel):
    """What changes; what is left out stays. `forget` takes names out of what was learned, for good."""

    model_config = ConfigDict(extra="forbid")

    favourites: Names | None = None
    forget: Names = Field(default_factory=list)
    detail: Literal["short", "full"] | None = None
    learning: bool | None = None


@router.get("/interests")
async def show_interests(request: Request, workspace: Name = None) -> dict[str, Any]:
    """One's own interests here: favourites, what was learned from questions, and the detail one prefers."""
    from agent import personal

    view = await _view(request, workspace)
    person = accounts.entered(house.of(request).shelf, workspace)[1]
    return _shown(await asyncio.to_thread(personal.of, view.workspace, person), view)


@router.patch("/interests", openapi_extra=bodies.schema(Wanted))
async def change_interests(
    request: Request, body: Annotated[Wanted, Depends(bodies.json_of(Wanted))], workspace: Name = None
) -> dict[str, Any]:
    """Change one's own interests here."""
    from agent import personal

    view = await _view(request, workspace)
    person = accounts.entered(house.of(request).shelf, workspace)[1]
    known = personal.labels(view.model)
    for name in body.favourites or ():
        if name not in known:
            raise unknown("figure or field", name, list(known))
    told = body.model_dump(exclude_none=True)
    changed = await asyncio.to_thread(personal.change, view.workspace, person, **told)
    return _shown(changed, view)


@router.delete("/interests", status_code=204)
async def forget_interests(request: Request, workspace: Name = None) -> Response:
    """Delete all that is known of one's own interests here."""
    from agent import personal

    view = await _view(request, workspace)
    person = accounts.entered(house.of(request).shelf, workspace)[1]
    await asyncio.to_thread(personal.forget, view.workspace, person)
    return Response(status_code=204)


async def _view(request: Request, workspace: str | None) -> WorkspaceView:
    home = house.of(request)
    engine = await home.engine()

    def seen() -> WorkspaceView:
        name, person = accounts.entered(home.shelf, workspace)
        view: WorkspaceView = home.shelf.views.seen_by(name, person, engine)
        return view

    return await asyncio.to_thread(seen)


def _shown(interests: Interests, view: WorkspaceView) -> dict[str, Any]:
    """With the names that people know; what the reader may not see any more is left out."""
    from agent import personal

    known = personal.labels(view.model)

    def named(names: Any) -> list[dict[str, str]]:
        return [{"name": n, "label": known[n]} for n in names if n in known]

    learned = sorted(interests.learned.keys() - set(interests.favourites), key=lambda n: -interests.learned[n])
    return {
        "favourites": named(interests.favourites), "learned": named(learned), "detail": interests.detail,
        "learning": interests.learning,
    }  # fmt: skip
