"""What people taught, to review and take back, and completions while a person types."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import Response

from api import accounts, bodies, house
from api.questions import IdText
from store import runs as run_table
from store.errors import InvalidRequest, UnknownName
from store.principal import Principal

if TYPE_CHECKING:
    from agent.memory import Learned
    from warehouse.model.schema import SemanticModel

router = APIRouter(prefix="/v1")
Name = Annotated[str | None, Query(max_length=63)]


class Lesson(BaseModel):
    """A word and its meaning, or the answer (by id) whose question should always be answered so.

    `question` names another question that the answer is right for, such as one that was answered wrongly before.
    """

    model_config = ConfigDict(extra="forbid")

    workspace: str | None = None
    said: str = Field("", max_length=400)
    means: str = Field("", max_length=400)
    answer_id: IdText | None = None
    question: str = Field("", max_length=400)

    @model_validator(mode="after")
    def _one_lesson(self) -> Lesson:
        if (self.answer_id is None) == (not self.said and not self.means):
            raise ValueError("give `said` and `means`, or `answer_id`")
        return self


class Approval(BaseModel):
    """For whom it is approved: its own person, or everyone in the workspace."""

    model_config = ConfigDict(extra="forbid")

    everyone: bool = False


@router.get("/learned")
async def list_learned(request: Request, workspace: Name = None) -> dict[str, Any]:
    """Words and answers that were taught, newest first; waiting ones change nothing yet."""
    from agent import memory

    shelf = house.of(request).shelf

    def read() -> dict[str, Any]:
        place, person = _place(shelf, workspace)
        return {"items": [_shown(x, person) for x in memory.listed(place, person)]}

    return await asyncio.to_thread(read)


@router.post("/learned", status_code=201, openapi_extra=bodies.schema(Lesson))
async def teach(request: Request, body: Annotated[Lesson, Depends(bodies.json_of(Lesson))]) -> dict[str, Any]:
    """Keep a word or an answer aside until someone approves it."""
    from agent import memory

    home, asker = house.of(request), accounts.current()
    if body.answer_id is None:
        place, person = await asyncio.to_thread(_place, home.shelf, body.workspace)
        return _shown(await asyncio.to_thread(memory.propose_word, place, person, body.said, body.means), person)
    answer_id = body.answer_id
    run = await home.database.read(lambda c: run_table.by_answer(c, answer_id))
    if run is None or not asker.owns(run):
        raise UnknownName("There is no such answer.", code="unknown_answer")
    return await asyncio.to_thread(_answer_taught, home.shelf, dict(run), body.question)


@router.post("/learned/{learned_id}/approve", openapi_extra=bodies.schema(Approval))
async def approve(
    request: Request,
    learned_id: IdText,
    body: Annotated[Approval, Depends(bodies.json_of(Approval))],
    workspace: Name = None,
) -> dict[str, Any]:
    """Put it in force, for its person or for everyone."""
    from agent import memory

    shelf = house.of(request).shelf

    def run() -> dict[str, Any]:
        place, person = _place(shelf, workspace)
        return _shown(memory.approve(place, person, learned_id, everyone=body.everyone), person)

    return await asyncio.to_thread(run)


@router.delete("/learned/{learned_id}", status_code=204)
async def unlearn(request: Request, learned_id: IdText, workspace: Name = None) -> Response:
    """Take it out of force; it can be approved again."""
    from agent import memory

    shelf = house.of(request).shelf
    await asyncio.to_thread(lambda: memory.remove(*_place(shelf, workspace), learned_id))
    return Response(status_code=204)


@router.get("/suggest")
async def suggest(
    request: Request,
    q: Annotated[str, Query(max_length=200)] = "",
    workspace: Name = None,
    limit: Annotated[int, Query(ge=1, le=20)] = 8,
) -> dict[str, Any]:
    """Completions of what was typed: questions, figures, fields and values; the opening questions for nothing typed."""
    home = house.of(request)
    engine = await home.engine()

    def found() -> list[dict[str, Any]]:
        from agent import memory, personal, typeahead

        name, person = accounts.entered(home.shelf, workspace)
        view = home.shelf.views.seen_by(name, person, engine)
        learned = [x for x in memory.in_force(view.workspace, person) if x.kind == "word" or _runs(view.model, x)]
        items = typeahead.complete(q, view.model, view.values, learned, limit if q.strip() else 100)
        if not q.strip():
            items = personal.ordered(items, [i.text for i in items], view.model, personal.of(view.workspace, person))
            items = items[:limit]
        return [item.model_dump() for item in items]

    return {"items": await asyncio.to_thread(found)}


def _place(shelf: Any, workspace: str | None) -> tuple[Any, Principal]:
    name, person = accounts.entered(shelf, workspace)
    return shelf.views.get(name).workspace, person


def _answer_taught(shelf: Any, run: dict[str, Any], question: str) -> dict[str, Any]:
    from agent import memory
    from warehouse.model.verified import meaning
    from warehouse.query import MetricQuery

    place, person = _place(shelf, run["workspace"])
    items = (run["answer"] or {}).get("evidence") or []
    queries = [item["args"]["query"] for item in items if item["tool"] == "query_metrics" and "query" in item["args"]]
    if len(queries) != 1 or len(items) != 1:
        raise InvalidRequest("Only an answer of one query can be approved.", code="nothing_to_learn")
    view = shelf.views.get(run["workspace"])
    mark = meaning(MetricQuery.model_validate(queries[0]), view.model)
    said = question.strip() or run["question"]
    return _shown(memory.propose_answer(place, person, said, queries[0], mark), person)


def _runs(model: SemanticModel, one: Learned) -> bool:
    """Whether all that an answer speaks of may be seen by whom `model` was made for."""
    from store.errors import PlainsayError
    from warehouse.model.verified import meaning
    from warehouse.query import MetricQuery

    try:
        return meaning(MetricQuery.model_validate(one.query), model) == one.meaning
    except (PlainsayError, ValueError, LookupError):
        return False


def _shown(one: Learned, person: Principal) -> dict[str, Any]:
    """What was taught; the query behind an answer is for who taught it and for editors of the model."""
    hidden = set() if person.may_edit_model or one.owner == person.user_id else {"query"}
    return one.model_dump(mode="json", exclude={"meaning", *hidden})
