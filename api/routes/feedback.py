"""What readers think of answers, for those who mend the model, and the questions whose answers were approved."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api import accounts, bodies, house
from api.questions import IdText
from store import runs as run_table
from store import shares as table
from store.errors import UnknownName

router = APIRouter(prefix="/v1")
Name = Annotated[str | None, Query(max_length=63)]
Reason = Literal["", "wrong_figure", "wrong_period", "misread", "unclear", "other"]
_SHOWN = ("id", "answer_id", "question", "verdict", "reason", "comment", "state", "owner_name", "created_at")


class Verdict(BaseModel):
    """Whether an answer was right; for a wrong one, what was wrong with it."""

    model_config = ConfigDict(extra="forbid")

    answer_id: IdText
    verdict: Literal["up", "down"]
    reason: Reason = ""
    comment: str = Field("", max_length=2_000)


class Reviewed(BaseModel):
    """Whether a verdict has been dealt with."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["open", "done"]


@router.post("/feedback", status_code=201, openapi_extra=bodies.schema(Verdict))
async def say(request: Request, body: Annotated[Verdict, Depends(bodies.json_of(Verdict))]) -> dict[str, Any]:
    """Say what an answer was worth; saying it again changes it."""
    home, person = house.of(request), accounts.current()
    run = await home.database.read(lambda c: run_table.by_answer(c, body.answer_id))
    if run is None or not person.owns(run):
        raise UnknownName("There is no such answer.", code="unknown_answer")
    said = body.model_dump(exclude={"answer_id"})
    row = await home.database.write(lambda c: table.say(c, run, person, said))
    return {key: row[key] for key in _SHOWN}


@router.delete("/feedback/{answer_id}", status_code=204)
async def take_back(request: Request, answer_id: IdText) -> Response:
    """Take one's own verdict on an answer back."""
    person = accounts.current()
    await house.of(request).database.write(lambda c: table.take_back(c, answer_id, person))
    return Response(status_code=204)


@router.get("/feedback")
async def list_feedback(
    request: Request,
    workspace: Name = None,
    state: Literal["open", "done", "noted"] | None = None,
) -> dict[str, Any]:
    """Verdicts in a workspace, newest first: everybody's for editors of the model, else one's own."""
    home = house.of(request)
    name, person = await asyncio.to_thread(accounts.entered, home.shelf, workspace)
    rows = await home.database.read(lambda c: table.verdicts(c, name, person, state))
    return {"items": [{key: row[key] for key in _SHOWN} for row in rows]}


@router.post("/feedback/{feedback_id}/review", openapi_extra=bodies.schema(Reviewed))
async def review(
    request: Request, feedback_id: IdText, body: Annotated[Reviewed, Depends(bodies.json_of(Reviewed))]
) -> dict[str, Any]:
    """Mark a verdict as dealt with, or open it again."""
    person = accounts.current()
    row = await house.of(request).database.write(lambda c: table.review(c, feedback_id, body.state, person))
    return {key: row[key] for key in _SHOWN}


@router.get("/verified")
async def list_verified(request: Request, workspace: Name = None) -> dict[str, Any]:
    """Questions whose answers a person approved, those of the model first."""
    home = house.of(request)
    engine = await home.engine()

    def read() -> list[dict[str, Any]]:
        from agent import memory

        name, person = accounts.entered(home.shelf, workspace)
        view = home.shelf.views.seen_by(name, person, engine)
        learned = [x for x in memory.in_force(view.workspace, person) if x.kind == "answer"]
        given = [{"question": v.question, "source": "model", "id": None, "at": None} for v in view.model.verified]
        return [*given, *({"question": x.said, "source": x.scope, "id": x.id, "at": x.at.isoformat()} for x in learned)]

    return {"items": await asyncio.to_thread(read)}
