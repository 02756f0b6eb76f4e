"""Conversations shown to others by a link: the words of who asked, the figures that the reader may see."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from sqlalchemy.engine import RowMapping
from starlette.responses import Response

from api import accounts, house, turns
from api.house import House
from api.routes.threads import own_thread
from store import runs as run_table
from store import shares as table
from store.errors import PlainsayError, UnknownName
from store.principal import Principal

if TYPE_CHECKING:
    from agent.answer import Answer

router = APIRouter(prefix="/v1")
_MOST_TURNS = 40


@router.get("/threads/{thread_id}/share")
async def show_share(request: Request, thread_id: str) -> dict[str, Any]:
    """The link of a conversation, or null."""
    home = house.of(request)
    await own_thread(home, thread_id)
    return {"id": await home.database.read(lambda c: table.of_thread(c, thread_id))}


@router.post("/threads/{thread_id}/share", status_code=201)
async def share_thread(request: Request, thread_id: str) -> dict[str, Any]:
    """Make a link under which others of this house may read a conversation."""
    home, person = house.of(request), accounts.current()
    await own_thread(home, thread_id)
    return {"id": await home.database.write(lambda c: table.share(c, thread_id, person))}


@router.delete("/threads/{thread_id}/share", status_code=204)
async def unshare_thread(request: Request, thread_id: str) -> Response:
    """Take the link back; who has it can no longer read."""
    home = house.of(request)
    await own_thread(home, thread_id)
    await home.database.write(lambda c: table.unshare(c, thread_id))
    return Response(status_code=204)


@router.get("/shared/{share_id}")
async def read_share(request: Request, share_id: str) -> dict[str, Any]:
    """A shared conversation. Who has other rights than its owner gets each answer worked out with their own."""
    home, person = house.of(request), accounts.current()
    share = await home.database.read(lambda c: table.get(c, share_id))
    thread = await home.database.read(lambda c: run_table.thread(c, share["thread_id"]))
    if thread is None or person.role_in(thread["workspace"]) is None:
        raise UnknownName("This link leads nowhere.", code="unknown_share")
    person = person.within(thread["workspace"])
    person.require("ask")
    rows = await home.database.read(lambda c: run_table.turns(c, share["thread_id"]))
    told = [row for row in rows if row["answer"] and row["answer"]["status"] == "answered"][-_MOST_TURNS:]
    alike = await _sees_as_much(home, thread["workspace"], person, share["owner"])
    answers = [row["answer"] if alike else await _for_reader(home, person, rows, row) for row in told]
    items = [
        {"run_id": r["id"], "question": r["question"], "created_at": r["created_at"], "answer": a}
        for r, a in zip(told, answers, strict=True)
    ]
    return {
        "title": thread["title"], "workspace": thread["workspace"], "by": share["owner_name"],
        "mine": thread["owner"] == person.user_id, "recomputed": not alike, "thread_id": share["thread_id"],
        "turns": items,
    }  # fmt: skip


async def _sees_as_much(home: House, workspace: str, reader: Principal, owner: str) -> bool:
    """Whether what was shown to the owner may be shown to the reader as it is."""
    from warehouse.compiler.policies import Rights

    def check() -> bool:
        view = home.shelf.views.get(home.shelf.chosen(workspace, reader))
        return reader.user_id == owner or not Rights(view.model, reader).digest

    return await asyncio.to_thread(check)


async def _for_reader(home: House, person: Principal, rows: list[Any], row: RowMapping) -> dict[str, Any] | None:
    """The answer as the reader's own question at that time would be answered; None where it cannot be told."""
    from agent.recipe import of_runs
    from agent.turn import Turn

    before = [dict(r) for r in rows if r["created_at"] <= row["created_at"]]
    asked: datetime = row["created_at"].astimezone().replace(tzinfo=None)
    moment = turns.parse_as_of(row["turn"].get("as_of")) or asked
    run_id = f"r-{uuid.uuid4().hex}"
    turn = Turn(
        row["workspace"],
        thread_id=row["thread_id"],
        run_id=run_id,
        text=row["question"],
        principal=person,
        as_of=moment,
    )
    try:
        recipe = of_runs(before, row["answer_id"])
        answer: Answer = await (await home.assistant()).replay(recipe, turn, {})
    except PlainsayError:
        return None
    return answer.model_dump(mode="json")
