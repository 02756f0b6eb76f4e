"""The conversation as a stream: AG-UI in, AG-UI events out; a run goes on when its reader leaves."""

from __future__ import annotations

from typing import Annotated, Any

from ag_ui.core import ResumeEntry, RunAgentInput
from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sse_starlette import EventSourceResponse

from agent.turn import BrainChoice, Turn
from api import accounts, bodies, errors, house, questions, streams
from api.house import House
from api.questions import MOST_TEXT, IdText
from api.wires import agui
from store import runs as table
from store.errors import InvalidRequest, UnknownName
from store.principal import Principal

router = APIRouter(prefix="/v1")

MOST_SEQ_DIGITS = 10


class Forwarded(BaseModel):
    """What our page sends along with a question."""

    model_config = ConfigDict(extra="ignore")

    workspace: str | None = None
    brain: BrainChoice = "auto"
    as_of: str | None = None
    locale: str = Field("en-US", max_length=35)
    timezone: str | None = None
    answer_id: IdText | None = None
    patch: dict[str, Any] | None = None
    deep: bool = False


class _Ids(BaseModel):
    thread: IdText
    run: IdText


@router.post("/chat", openapi_extra=bodies.schema(RunAgentInput))
async def chat(
    request: Request,
    body: Annotated[RunAgentInput, Depends(bodies.json_of(RunAgentInput))],
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """Start a run and follow it; the same run id again only follows, from after Last-Event-ID."""
    home, principal = house.of(request), accounts.current()
    try:
        _Ids(thread=body.thread_id, run=body.run_id)
        props = body.forwarded_props if isinstance(body.forwarded_props, dict) else {}
        forwarded = Forwarded.model_validate(props.get("plainsay") or {})
    except ValidationError as error:
        raise errors.of_validation(error) from error
    turn, resumes = await _turn(home, principal, body, forwarded)
    await home.runs.start(turn, resumes)
    return streams.response(home, streams.native(home, body.run_id, _seq(last_event_id)))


@router.get("/runs/{run_id}/events")
async def run_events(
    request: Request,
    run_id: str,
    after: Annotated[int | None, Query(ge=0, le=2**31)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """The events of a run after a number: what is stored, then what comes."""
    home = house.of(request)
    row = await home.runs.check(run_id, accounts.current())
    start = after if after is not None else _seq(last_event_id)
    if row["status"] != "running" and not await home.runlog.holds(run_id):
        raise errors.Gone("The events of this run were removed.", hint="Its answer is still in the thread.")
    return streams.response(home, streams.native(home, run_id, start))


@router.post("/runs/{run_id}/cancel")
async def cancel_run(request: Request, run_id: str) -> dict[str, Any]:
    """Stop a run; its stream then ends with `cancelled`."""
    home = house.of(request)
    await home.runs.check(run_id, accounts.current())
    await home.runs.cancel(run_id)
    row = await home.runs.check(run_id, accounts.current())
    return {"run_id": run_id, "status": row["status"]}


async def _turn(
    home: House, principal: Principal, body: RunAgentInput, forwarded: Forwarded
) -> tuple[Turn, str | None]:
    reply, resumes = None, None
    if body.resume:
        resumes, reply = await _reply(home, principal, body.thread_id, body.resume[0])
    text = questions.last_user_text(body)
    if not text.strip() and reply is None and forwarded.patch is None:
        raise InvalidRequest("There is no question.", code="no_question", hint="Write what you want to know.")
    turn = await questions.turn(
        home,
        principal,
        questions.Asked(
            text=text, workspace=forwarded.workspace, thread_id=body.thread_id, run_id=body.run_id,
            brain=forwarded.brain, as_of=forwarded.as_of, locale=forwarded.locale, answer_id=forwarded.answer_id,
            patch=forwarded.patch, resume=reply, deep=forwarded.deep,
        ),
    )  # fmt: skip
    return turn, resumes


async def _reply(
    home: House, principal: Principal, thread_id: str, entry: ResumeEntry
) -> tuple[str, dict[str, str] | None]:
    """The run that asked, and the reply when there is one. Raises `UnknownName`, `InvalidRequest`, `Conflict`."""
    suffix = agui.interrupt_id("")
    run_id = entry.interrupt_id.removesuffix(suffix)
    row = await home.database.read(lambda connection: table.run(connection, run_id))
    answer = row["answer"] if row is not None else None
    asked = answer["clarification"] if answer else None
    if row is None or asked is None or not principal.owns(row) or row["thread_id"] != thread_id:
        raise UnknownName("There is no such open question.", code="unknown_interrupt")
    if entry.status == "cancelled":
        return run_id, None
    return run_id, _validated(asked, entry.payload)


def _validated(asked: dict[str, Any], payload: Any) -> dict[str, str]:
    given = payload if isinstance(payload, dict) else {}
    choice, other = given.get("choice"), given.get("other")
    if isinstance(choice, str) and choice in {option["value"] for option in asked["options"]}:
        return {"choice": choice}
    if asked["allow_other"] and isinstance(other, str) and other.strip() and len(other) <= MOST_TEXT:
        return {"other": other}
    raise InvalidRequest(
        "The reply is none of the choices.", code="invalid_reply", details={"field": "resume.0.payload"}
    )


def _seq(last_event_id: str | None) -> int:
    """The number in Last-Event-ID; anything else, also a number no run can reach, means from the beginning."""
    text = last_event_id or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < MOST_SEQ_DIGITS else 0
