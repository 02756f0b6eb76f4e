"""Conversations: the list, one with its turns, and forgetting one."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.responses import Response

from api import accounts, bodies, house, pages
from api.house import House
from api.questions import IdText
from store import branching, shares
from store import runs as table
from store.errors import UnknownName

router = APIRouter(prefix="/v1")
_LISTED = ("id", "title", "workspace", "pinned", "created_at", "updated_at")


class ThreadChange(BaseModel):
    """Another title, or whether the thread stays on top."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None = None
    pinned: bool | None = None


class Fork(BaseModel):
    """The run after whose answer another conversation begins."""

    model_config = ConfigDict(extra="forbid")

    run_id: IdText


@router.get("/threads")
async def list_threads(
    request: Request,
    workspace: Annotated[str | None, Query(max_length=63)] = None,
    q: Annotated[str | None, Query(max_length=500)] = None,
    limit: pages.Limit = pages.MOST,
    cursor: pages.Cursor = None,
) -> dict[str, Any]:
    """Threads of the asker, pinned ones first, then the latest; `q` searches titles, questions and answers."""
    owner, words = accounts.current().user_id, (q or "").replace("\x00", "").strip() or None
    begun = pages.start(cursor)
    rows = await house.of(request).database.read(lambda c: table.threads(c, owner, workspace, words, limit + 1, begun))
    found = pages.page(rows, begun, limit)
    mine = [row for row in found["items"] if accounts.current().owns(row)]
    return {**found, "items": [{key: row[key] for key in (*_LISTED, "turns")} for row in mine]}


@router.get("/threads/{thread_id}")
async def show_thread(request: Request, thread_id: str) -> dict[str, Any]:
    """A thread with its turns in order."""
    home = house.of(request)
    thread = await own_thread(home, thread_id)
    rows = await home.database.read(lambda connection: table.turns(connection, thread_id))
    ids, person = [row["answer_id"] for row in rows if row["answer_id"]], accounts.current()
    verdicts = await home.database.read(lambda connection: shares.verdict_on(connection, ids, person))
    turns = [
        {
            "run_id": row["id"], "question": row["question"], "status": row["status"],
            "created_at": row["created_at"], "answer": row["answer"], "error": row["error"],
            "verdict": verdicts.get(row["answer_id"] or ""),
        }
        for row in rows
    ]  # fmt: skip
    shown = {key: thread[key] for key in ("title", "workspace", "pinned")}
    return {"id": thread_id, **shown, "turns": turns}


@router.post("/threads/{thread_id}/branch", status_code=201, openapi_extra=bodies.schema(Fork))
async def branch_thread(
    request: Request, thread_id: str, body: Annotated[Fork, Depends(bodies.json_of(Fork))]
) -> dict[str, Any]:
    """Go on from an earlier answer in a conversation of its own; this one stays as it is."""
    home = house.of(request)
    await own_thread(home, thread_id)
    made, answers = await home.database.write(lambda c: branching.branch(c, thread_id, body.run_id))
    await (await home.assistant()).branch(thread_id, made, answers)
    row = await own_thread(home, made)
    return {key: row[key] for key in _LISTED}


@router.patch("/threads/{thread_id}", openapi_extra=bodies.schema(ThreadChange))
async def change_thread(
    request: Request, thread_id: str, body: Annotated[ThreadChange, Depends(bodies.json_of(ThreadChange))]
) -> dict[str, Any]:
    """Rename a thread, or keep it on top."""
    home = house.of(request)
    await own_thread(home, thread_id)
    change = body.model_dump(exclude_none=True)
    await home.database.write(lambda connection: table.change_thread(connection, thread_id, change))
    row = await own_thread(home, thread_id)
    return {key: row[key] for key in _LISTED}


@router.delete("/threads/{thread_id}", status_code=204)
async def delete_thread(request: Request, thread_id: str) -> Response:
    """Stop what runs in a thread and forget it."""
    home = house.of(request)
    await own_thread(home, thread_id)
    for row in await home.database.read(lambda connection: table.turns(connection, thread_id)):
        if row["status"] == "running":
            await home.runs.cancel(row["id"])
    await (await home.assistant()).forget(thread_id)
    await home.database.write(lambda connection: table.delete_thread(connection, thread_id))
    return Response(status_code=204)


async def own_thread(home: House, thread_id: str) -> dict[str, Any]:
    """A thread of the asker. Raises `UnknownName`, also for somebody else's."""
    row = await home.database.read(lambda connection: table.thread(connection, thread_id))
    if row is None or not accounts.current().owns(row):
        raise UnknownName("There is no such thread.", code="unknown_thread")
    return dict(row)
