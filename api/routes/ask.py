"""One question, one JSON answer; the run is stored like any other."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.engine import RowMapping

from agent.turn import BrainChoice
from api import accounts, bodies, errors, house, questions, turns
from api.house import House
from api.questions import IdText
from store import runs as table_of_runs
from store.errors import InvalidRequest, UnknownName

router = APIRouter(prefix="/v1")


class Question(BaseModel):
    """Either a question, or a changed assumption of an answer (`answer_id` and `patch`)."""

    model_config = ConfigDict(extra="forbid")

    question: str = ""
    workspace: str | None = None
    thread_id: IdText | None = None
    as_of: str | None = None
    brain: BrainChoice = "auto"
    glossary: list[str] = Field(default_factory=list, max_length=200)
    locale: str = Field("en-US", max_length=35)
    answer_id: IdText | None = None
    patch: dict[str, Any] | None = None
    deep: bool = Field(False, description="a short report with several findings around the answer")


@router.post("/ask", openapi_extra=bodies.schema(Question))
async def ask(request: Request, body: Annotated[Question, Depends(bodies.json_of(Question))]) -> dict[str, Any]:
    """The whole answer of a question or of a changed assumption."""
    if not body.question.strip() and body.patch is None:
        raise InvalidRequest("There is no question.", code="no_question", details={"field": "question"})
    home, principal = house.of(request), accounts.current()
    asked = questions.Asked(
        text=body.question, workspace=body.workspace, thread_id=body.thread_id, brain=body.brain, as_of=body.as_of,
        locale=body.locale, answer_id=body.answer_id, patch=body.patch,
        glossary=tuple(questions.clean(g) for g in body.glossary), deep=body.deep,
    )  # fmt: skip
    turn = await questions.turn(home, principal, asked)
    await home.runs.start(turn)
    await home.runs.wait(turn.run_id)
    row = await home.runs.check(turn.run_id, principal)
    if row["answer"] is None:
        error = row["error"] or {"code": "cancelled", "message": "The question was stopped.", "hint": None}
        raise errors.by_code(error["code"], error["message"], error["hint"], error.get("retry", "never"))
    return dict(row["answer"])


@router.get("/answers/{answer_id}")
async def show_answer(request: Request, answer_id: str) -> dict[str, Any]:
    """An answer given before."""
    return dict((await _own_run(house.of(request), answer_id))["answer"])


@router.get("/answers/{answer_id}/ways")
async def show_ways(
    request: Request,
    answer_id: str,
    table: Annotated[str, Query(max_length=40)],
    row: Annotated[str, Query(max_length=40)],
) -> dict[str, Any]:
    """Questions that go on from one row of an answer: why it changed, its parts, its course, it alone."""
    home = house.of(request)
    run = await _own_run(home, answer_id)
    person = accounts.current().within(run["workspace"])
    engine = await home.engine()
    asked: datetime = run["created_at"].astimezone().replace(tzinfo=None)

    def found() -> list[dict[str, Any]]:
        from agent import drill
        from agent.answer import Answer
        from agent.brain import PlanContext

        answer = Answer.model_validate(run["answer"])
        shown = next((t for t in answer.all_tables() if t.id == table and t.kind == "main"), None)
        source = next((e for e in answer.evidence if shown is not None and e.id == shown.evidence), None)
        if shown is None or source is None or source.tool != "query_metrics" or "query" not in source.args:
            return []
        view = home.shelf.views.seen_by(run["workspace"], person, engine)
        moment = turns.parse_as_of(run["turn"].get("as_of")) or asked
        context = PlanContext(
            question="", model=view.model, profile=view.profile, values=view.values, principal=person, as_of=moment
        )
        return [way.model_dump() for way in drill.ways(source.args["query"], shown, row, context)]

    return {"items": await asyncio.to_thread(found)}


async def _own_run(home: House, answer_id: str) -> RowMapping:
    row = await home.database.read(lambda connection: table_of_runs.by_answer(connection, answer_id))
    if row is None or not accounts.current().owns(row):
        raise UnknownName("There is no such answer.", code="unknown_answer")
    return row
