"""The routes that OpenAI's clients call: a workspace is a model, a question is a completion or a response."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from api import accounts, bodies, errors, house, questions, streams
from api.conversations import Dialogue, Message, dialogue
from api.house import House
from api.questions import Extras, IdText
from api.wires.openai_chat import ChatWire
from api.wires.openai_responses import ResponsesWire
from api.wires.reading import Detail
from store import runs as table
from store.errors import InvalidRequest, PlainsayError, Unavailable, UnknownName
from store.principal import Principal

router = APIRouter(prefix="/v1")

ANY = "plainsay"
"""The model that means the default workspace."""
LOOK_SECONDS = 0.5


class _Body(BaseModel):
    """What both wires take; everything else that clients send, such as a temperature, means nothing here."""

    model_config = ConfigDict(extra="ignore")

    model: str = Field(ANY, max_length=120)
    stream: bool | None = False
    tool_choice: Any = None
    user: str | None = None
    safety_identifier: str | None = None
    plainsay: Extras = Field(default_factory=Extras)

    @property
    def person(self) -> str | None:
        """Whom the app behind the key asks for."""
        return self.safety_identifier or self.user


class ChatBody(_Body):
    """A chat.completions request."""

    messages: list[Message] = Field(min_length=1)
    stream_options: dict[str, Any] | None = None
    n: int | None = 1
    response_format: dict[str, Any] | None = None


class ResponseBody(_Body):
    """A Responses request."""

    input: str | list[Message]
    previous_response_id: IdText | None = None
    conversation: IdText | dict[str, Any] | None = None
    background: bool | None = False
    text: dict[str, Any] | None = None


@router.get("/models")
async def list_models(request: Request) -> dict[str, Any]:
    """The workspaces as models; `plainsay` is the default one."""
    home = house.of(request)
    names = await asyncio.to_thread(home.shelf.names, accounts.current())
    return {"object": "list", "data": [_model(name) for name in ([ANY, *names] if names else [])]}


@router.get("/models/{model}")
async def show_model_card(request: Request, model: str) -> dict[str, Any]:
    """One workspace as a model."""
    await _workspace(house.of(request), model)
    return _model(model)


@router.post("/chat/completions", openapi_extra=bodies.schema(ChatBody))
async def complete(request: Request, body: Annotated[ChatBody, Depends(bodies.json_of(ChatBody))]) -> Response:
    """Answer the last question of a chat; the run stops when its client leaves, since nobody could come back for it."""
    home, person = house.of(request), accounts.current()
    _supported(body, body.response_format, "response_format")
    if body.n not in (None, 1):
        raise InvalidRequest("There is one answer to a question.", details={"field": "n"})
    run_id = f"chatcmpl-{uuid.uuid4().hex}"
    row = await _start(home, person, body, dialogue(body.messages), run_id)
    wire = ChatWire(
        run_id, row["workspace"], _created(row), usage=bool((body.stream_options or {}).get("include_usage")),
        detail=body.plainsay.detail,
    )  # fmt: skip
    if body.stream:
        return streams.response(home, _chunks(home, run_id, wire))
    await _followed(request, home, run_id, wire)
    return JSONResponse(wire.whole())


@router.post("/responses", openapi_extra=bodies.schema(ResponseBody))
async def respond(request: Request, body: Annotated[ResponseBody, Depends(bodies.json_of(ResponseBody))]) -> Response:
    """Answer a question; streamed or in the background, the run goes on without its client and may be read again."""
    home, person = house.of(request), accounts.current()
    _supported(body, (body.text or {}).get("format"), "text.format")
    messages = [Message(role="user", content=body.input)] if isinstance(body.input, str) else body.input
    run_id = f"resp_{body.plainsay.detail[0]}{uuid.uuid4().hex}"
    thread_id = await _thread(home, person, body)
    row = await _start(home, person, body, dialogue(messages, "input"), run_id, thread_id)
    wire = _responses_wire(row)
    if body.stream:
        return streams.response(home, _response_lines(home, run_id, wire, -1))
    if body.background:
        return JSONResponse(wire.response())
    await _followed(request, home, run_id, wire)
    return JSONResponse(wire.response())


@router.get("/responses/{response_id}")
async def show_response(
    request: Request,
    response_id: str,
    stream: bool = False,
    starting_after: Annotated[int, Query(ge=-1, le=2**31)] = -1,
) -> Response:
    """A response as it is now, or its events after a number: those that are stored, then those to come."""
    home = house.of(request)
    row = await _own(home, response_id)
    wire = _responses_wire(row)
    if row["status"] != "running" and not await home.runlog.holds(response_id):
        raise errors.Gone("The events of this response were removed.", hint="Its answer is still in the thread.")
    if stream:
        return streams.response(home, _response_lines(home, response_id, wire, starting_after))
    for entry in await home.runlog.entries(response_id):
        wire.feed(bodies.parse(entry.body.encode()))
    return JSONResponse(wire.response())


@router.post("/responses/{response_id}/cancel")
async def cancel_response(request: Request, response_id: str) -> Response:
    """Stop a response; one that is over stays as it is."""
    home = house.of(request)
    await _own(home, response_id)
    await home.runs.cancel(response_id)
    return await show_response(request, response_id)


async def _start(
    home: House, person: Principal, body: _Body, said: Dialogue, run_id: str, thread_id: str | None = None
) -> Any:
    """Start the run; gives its row. Clients that name no thread get the one that their history tells of."""
    workspace = await _workspace(home, body.model)
    if thread_id is None:
        thread_id = body.plainsay.thread_id or await home.conversations.thread(person, workspace, said, body.person)
    turn = await questions.turn(home, person, body.plainsay.asked(said.question, workspace, thread_id, run_id))
    if turn.workspace != workspace:
        raise InvalidRequest(
            f"This conversation belongs to the model “{turn.workspace}”.", code="wrong_model",
            hint="Name that model, or begin a new conversation.", details={"field": "model"},
        )  # fmt: skip
    await home.runs.start(turn)
    return await home.runs.check(run_id, person)


async def _thread(home: House, person: Principal, body: ResponseBody) -> str | None:
    """The thread that a Responses request names. Raises `InvalidRequest` when it would not go on from its end."""
    given = body.conversation
    if given is not None:
        named = given if isinstance(given, str) else str(given.get("id") or "")
        return Extras.model_validate({"thread_id": named}).thread_id
    if body.previous_response_id is None:
        return None
    row = await _own(home, body.previous_response_id)
    turns = await home.database.read(lambda connection: table.turns(connection, row["thread_id"]))
    if turns[-1]["id"] != row["id"]:
        raise InvalidRequest(
            "Another question was asked after that response.", code="not_the_last",
            hint=f"Go on from {turns[-1]['id']}, or begin a new conversation.",
            details={"field": "previous_response_id"},
        )  # fmt: skip
    return str(row["thread_id"])


async def _own(home: House, run_id: str) -> Any:
    try:
        return await home.runs.check(run_id, accounts.current())
    except UnknownName as error:
        raise UnknownName("There is no such response.", code="unknown_response") from error


async def _workspace(home: House, model: str) -> str:
    """The workspace that a model's name means. Raises `UnknownName`."""
    if model == ANY:
        return await asyncio.to_thread(home.shelf.default, accounts.current())
    try:
        return await asyncio.to_thread(home.shelf.chosen, model, accounts.current())
    except PlainsayError as error:
        raise UnknownName(
            f"There is no model “{model}”.", code="model_not_found", details={"field": "model"},
            hint="A model is a workspace; GET /v1/models names them.",
        ) from error  # fmt: skip


def _supported(body: _Body, shape: dict[str, Any] | None, field: str) -> None:
    """Refuse what would be promised and not kept."""
    if shape is not None and shape.get("type", "text") != "text":
        raise InvalidRequest(
            "Answers are text with receipts beside it, not JSON of a given shape.", code="unsupported_format",
            hint="Leave the format away and read the tables in the field `plainsay`.", details={"field": field},
        )  # fmt: skip
    if body.tool_choice not in (None, "auto", "none"):
        raise InvalidRequest(
            "Tools of the client are never called here.", code="unsupported_tool_choice",
            hint="Leave tool_choice away, or set it to auto.", details={"field": "tool_choice"},
        )  # fmt: skip


def _responses_wire(row: Any) -> ResponsesWire:
    named: tuple[Detail, ...] = get_args(Detail)
    detail = next((d for d in named if row["id"].startswith(f"resp_{d[0]}")), named[0])
    return ResponsesWire(row["id"], row["workspace"], _created(row), detail=detail)


async def _chunks(home: House, run_id: str, wire: ChatWire) -> AsyncIterator[bytes]:
    try:
        async for event in streams.events(home, run_id):
            for chunk in wire.feed(event):
                yield streams.line(chunk)
        if not wire.reading.over:
            yield streams.line({"error": errors.openai(_stopping())})
        elif not wire.reading.error:
            yield b"data: [DONE]\n\n"
    finally:
        if not wire.reading.over:
            home.runs.abandon(run_id)


async def _response_lines(home: House, run_id: str, wire: ResponsesWire, after: int) -> AsyncIterator[bytes]:
    async for event in streams.events(home, run_id):
        for sent in wire.feed(event):
            if sent["sequence_number"] > after:
                yield streams.line(sent, sent["type"])


async def _followed(request: Request, home: House, run_id: str, wire: ChatWire | ResponsesWire) -> None:
    """Read a run to its end; it is stopped when the client leaves. Raises what the run ended with."""

    async def read() -> None:
        async for event in streams.events(home, run_id):
            wire.feed(event)

    reading = asyncio.create_task(read())
    try:
        while not reading.done():
            await asyncio.wait({reading}, timeout=LOOK_SECONDS)
            if not reading.done() and await request.is_disconnected():
                raise ClientDisconnect
    finally:
        reading.cancel()
        if not wire.reading.over:
            home.runs.abandon(run_id)
    failed = wire.reading.error
    if not wire.reading.over:
        raise _stopping()
    if failed.get("code") == "cancelled":
        raise errors.Gone(failed["message"], code="cancelled")
    if failed:
        raise errors.by_code(failed["code"], failed["message"], None)


def _stopping() -> Unavailable:
    return Unavailable("The server is restarting.", hint="Ask again in a moment.", retry_after=2.0)


def _created(row: Any) -> int:
    return int(row["created_at"].timestamp())


def _model(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": 0, "owned_by": "plainsay"}
