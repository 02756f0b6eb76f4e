"""Dashboards: answers that are kept on a page and worked out anew each time it is looked at."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping
from starlette.responses import Response

from api import accounts, boards, bodies, house, pages
from api.house import House
from api.questions import IdText
from store import dashboards as table
from store import runs as run_table
from store.errors import UnknownName

router = APIRouter(prefix="/v1/dashboards")
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
View = Literal["auto", "chart", "table", "figure"]


class NewDashboard(BaseModel):
    """A title and the workspace whose data it shows."""

    model_config = ConfigDict(extra="forbid")

    title: Title
    workspace: str | None = None


class PageChange(BaseModel):
    """Another title, or whether everybody who may ask the data may look at it."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    shared: bool | None = None


class NewCard(BaseModel):
    """The answer to keep; without a title it is called by its question."""

    model_config = ConfigDict(extra="forbid")

    answer_id: IdText
    title: Title | None = None


class CardChange(BaseModel):
    """What to change of a card; `position` moves it (from 0)."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    view: View | None = None
    wide: bool | None = None
    position: int | None = Field(None, ge=0, le=table.MOST_CARDS)


@router.get("")
async def list_dashboards(
    request: Request,
    workspace: Annotated[str | None, Query(max_length=63)] = None,
    limit: pages.Limit = pages.MOST,
    cursor: pages.Cursor = None,
) -> dict[str, Any]:
    """Dashboards of the asker and those shared with everybody, latest change first."""
    rows = await house.of(request).database.read(boards.listed(workspace))
    return pages.paged([{**boards.head(row), "cards": len(row["cards"])} for row in rows], limit, cursor)


@router.post("", status_code=201, openapi_extra=bodies.schema(NewDashboard))
async def create_dashboard(
    request: Request, body: Annotated[NewDashboard, Depends(bodies.json_of(NewDashboard))]
) -> dict[str, Any]:
    """Make an empty dashboard."""
    home = house.of(request)
    workspace, person = await asyncio.to_thread(accounts.entered, home.shelf, body.workspace)
    made = await home.database.write(lambda c: table.create(c, person.user_id, workspace, body.title))
    return await _shown(home, made)


@router.get("/{dashboard_id}")
async def show_dashboard(request: Request, dashboard_id: IdText) -> dict[str, Any]:
    """A dashboard with its cards in order; their figures are asked for card by card."""
    return await _shown(house.of(request), dashboard_id)


@router.patch("/{dashboard_id}", openapi_extra=bodies.schema(PageChange))
async def change_dashboard(
    request: Request, dashboard_id: IdText, body: Annotated[PageChange, Depends(bodies.json_of(PageChange))]
) -> dict[str, Any]:
    """Give a dashboard another title, share it, or keep it to oneself again."""
    home, mine, change = house.of(request), boards.mine(dashboard_id), body.model_dump(exclude_none=True)
    await home.database.write(lambda c: table.change(c, mine(c)["owner"], dashboard_id, change))
    return await _shown(home, dashboard_id)


@router.delete("/{dashboard_id}", status_code=204)
async def delete_dashboard(request: Request, dashboard_id: IdText) -> Response:
    """Delete a dashboard; the conversations its answers came from stay."""
    mine = boards.mine(dashboard_id)
    await house.of(request).database.write(lambda c: table.remove(c, mine(c)["owner"], dashboard_id))
    return Response(status_code=204)


@router.post("/{dashboard_id}/cards", status_code=201, openapi_extra=bodies.schema(NewCard))
async def add_card(
    request: Request, dashboard_id: IdText, body: Annotated[NewCard, Depends(bodies.json_of(NewCard))]
) -> dict[str, Any]:
    """Keep an answer on a dashboard of the same workspace."""
    home, mine = house.of(request), boards.mine(dashboard_id)
    await home.database.write(lambda c: _keep(c, mine(c), body))
    return await _shown(home, dashboard_id)


@router.patch("/{dashboard_id}/cards/{card_id}", openapi_extra=bodies.schema(CardChange))
async def change_card(
    request: Request,
    dashboard_id: IdText,
    card_id: IdText,
    body: Annotated[CardChange, Depends(bodies.json_of(CardChange))],
) -> dict[str, Any]:
    """Rename, move, widen a card, or show it another way."""
    home, mine = house.of(request), boards.mine(dashboard_id)
    change = body.model_dump(exclude={"position"}, exclude_none=True)
    await home.database.write(
        lambda c: table.change_card(c, mine(c)["owner"], dashboard_id, card_id, change, body.position)
    )
    return await _shown(home, dashboard_id)


@router.delete("/{dashboard_id}/cards/{card_id}", status_code=204)
async def remove_card(request: Request, dashboard_id: IdText, card_id: IdText) -> Response:
    """Take a card off a dashboard."""
    mine = boards.mine(dashboard_id)
    await house.of(request).database.write(lambda c: table.remove_card(c, mine(c)["owner"], dashboard_id, card_id))
    return Response(status_code=204)


@router.get("/{dashboard_id}/cards/{card_id}/answer")
async def answer_card(
    request: Request,
    dashboard_id: IdText,
    card_id: IdText,
    period: Annotated[str | None, Query(max_length=40)] = None,
    field: Annotated[str | None, Query(max_length=130)] = None,
    value: Annotated[str | None, Query(max_length=400)] = None,
) -> dict[str, Any]:
    """What the card's question answers now, for who asks.

    `period` is an option of its period assumption, such as `last_month`; `field` (`table.name`) and `value` narrow it.
    """
    home = house.of(request)
    row = await home.database.read(boards.seen(dashboard_id))
    answer = await boards.answered(home, row, card_id, boards.Narrowed(period, field, value))
    return answer.model_dump(mode="json")


async def _shown(home: House, dashboard_id: str) -> dict[str, Any]:
    row = await home.database.read(boards.seen(dashboard_id))
    return {**boards.head(row), "version": row["version"], "cards": boards.cards(row)}


def _keep(connection: Connection, page: RowMapping, body: NewCard) -> None:
    from agent.recipe import of_runs

    owner, dashboard_id = page["owner"], page["id"]
    run = run_table.by_answer(connection, body.answer_id)
    if run is None or run["owner"] != owner or run["workspace"] != page["workspace"]:
        raise UnknownName("There is no such answer in the data of this dashboard.", code="unknown_answer")
    recipe = of_runs([dict(row) for row in run_table.turns(connection, run["thread_id"])], body.answer_id)
    card = {
        "title": body.title or _title(run["question"], run["answer"]),
        "question": run["question"],
        "thread_id": run["thread_id"],
        "view": "figure" if _is_figure(run["answer"]) else "auto",
        "wide": False,
        "recipe": recipe.model_dump(mode="json"),
    }
    table.add_card(connection, owner, dashboard_id, card)


def _title(question: str, answer: dict[str, Any]) -> str:
    """What the figures are, without their period, which may change; with conditions only the question says it all."""
    queries = [item["args"].get("query") or {} for item in answer["evidence"]]
    result = answer["result"] or {}
    plain = len(queries) == 1 and queries[0] and not any(queries[0].get(k) for k in ("filters", "having", "where"))
    return str((plain and result.get("title")) or question)[: run_table.TITLE_LENGTH]


def _is_figure(answer: dict[str, Any]) -> bool:
    """Whether one row holds all there is to see."""
    result = answer["result"] or {}
    return len(result.get("rows") or []) == 1 and bool(answer["claims"]) and not answer["charts"]
