"""One question, one JSON answer; the run is stored like any other."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from agent.turn import BrainChoice
from api import accounts, bodies, errors, house, questions
from api.questions import IdText
from store import runs as table
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


@router.post("/ask", openapi_extra=bodies.schema(Question))
async def ask(request: Request, body: Annotated[Question, Depends(bodies.json_of(Question))]) -> dict[str, Any]:
    """The whole answer of a question or of a changed assumption."""
    if not body.question.strip() and body.patch is None:
        raise InvalidRequest("There is no question.", code="no_question", details={"field": "question"})
    home, principal = house.of(request), accounts.current()
    asked = questions.Asked(
        text=body.question, workspace=body.workspace, thread_id=body.thread_id, brain=body.brain, as_of=body.as_of,
        locale=body.locale, answer_id=body.answer_id, patch=body.patch,
        glossary=tuple(questions.clean(g) for g in body.glossary),
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
    row = await house.of(request).database.read(lambda connection: table.by_answer(connection, answer_id))
    if row is None or row["owner"] != accounts.current().user_id:
        raise UnknownName("There is no such answer.", code="unknown_answer")
    return dict(row["answer"])
