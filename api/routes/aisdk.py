"""The routes that the AI SDK's `useChat` calls: a chat is a thread, and whoever comes back gets the running answer."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api import accounts, bodies, house, questions, streams
from api.conversations import Message, dialogue
from api.house import House
from api.questions import Extras, IdText
from api.wires.aisdk import HEADERS, AiSdkWire
from store import runs as table

router = APIRouter(prefix="/v1/aisdk")


class AiSdkBody(BaseModel):
    """What `DefaultChatTransport` sends; `workspace` and `plainsay` come from its `body` option."""

    model_config = ConfigDict(extra="ignore")

    id: IdText | None = None
    messages: list[Message] = Field(min_length=1)
    workspace: str | None = None
    plainsay: Extras = Field(default_factory=Extras)


@router.post("", openapi_extra=bodies.schema(AiSdkBody))
async def ui_chat(request: Request, body: Annotated[AiSdkBody, Depends(bodies.json_of(AiSdkBody))]) -> Response:
    """Answer the last question of a chat as a UI message stream; the run goes on when its reader leaves."""
    home, person = house.of(request), accounts.current()
    said = dialogue(body.messages)
    run_id = f"ui-{uuid.uuid4().hex}"
    asked = body.plainsay.asked(said.question, body.workspace, body.plainsay.thread_id or body.id, run_id)
    turn = await questions.turn(home, person, asked)
    await home.runs.start(turn)
    return streams.response(home, _chunks(home, run_id, AiSdkWire(run_id)), HEADERS)


@router.get("/{chat_id}/stream")
async def resume_ui_chat(request: Request, chat_id: str, ended: bool = False) -> Response:
    """The answer that is being given in a chat, from its beginning; 204 when there is none.

    `ended` gives the last answer also when it is complete, for a client that lost its end.
    """
    home = house.of(request)
    thread = await home.database.read(lambda connection: table.thread(connection, chat_id))
    if thread is None or not accounts.current().owns(thread):
        return Response(status_code=204)
    run = (await home.database.read(lambda connection: table.turns(connection, chat_id)))[-1]
    if run["status"] != "running" and not (ended and await home.runlog.holds(run["id"])):
        return Response(status_code=204)
    taken_back = await _taken_back(home, run["id"])
    return streams.response(home, _chunks(home, run["id"], AiSdkWire(run["id"], taken_back)), HEADERS)


async def _taken_back(home: House, run_id: str) -> set[str]:
    """The text messages that a restart made void."""
    found: list[dict[str, Any]] = [
        orjson.loads(e.body) for e in await home.runlog.entries(run_id) if e.type == "CUSTOM"
    ]
    return {e["value"]["messageId"] for e in found if e["name"] == "analytics.superseded"}


async def _chunks(home: House, run_id: str, wire: AiSdkWire) -> AsyncIterator[bytes]:
    async for event in streams.events(home, run_id):
        for chunk in wire.feed(event):
            yield streams.line(chunk)
    if not wire.reading.over:
        yield streams.line({"type": "error", "errorText": "The server is restarting; the answer goes on."})
    yield b"data: [DONE]\n\n"
