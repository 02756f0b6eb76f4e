"""Budgets: how many questions a day each person and each workspace may ask, and what is spent."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from api import accounts, bodies, house
from store import budgets, people
from store.errors import UnknownName, unknown

router = APIRouter(prefix="/v1/budgets")


class Budget(BaseModel):
    """Whose budget, and how many questions a day; null takes it away, `*` stands for each that has none of its own."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["person", "workspace"]
    of: str = Field(max_length=128, description="the id of a person, the name of a workspace, or *")
    questions: int | None = Field(description="questions a day (UTC); null for no limit")


@router.get("")
async def show_budgets(request: Request) -> dict[str, Any]:
    """One's own budget and what of it is spent today; all budgets for who runs the server."""
    home, person = house.of(request), accounts.current()

    def look(connection: Connection) -> dict[str, Any]:
        mine = budgets.told(connection, person.user_id)
        return {"mine": mine, "items": _items(connection) if person.may("operate") else []}

    return await home.database.read(look)


@router.put("", openapi_extra=bodies.schema(Budget))
async def set_budget(request: Request, body: Annotated[Budget, Depends(bodies.json_of(Budget))]) -> dict[str, Any]:
    """Set or take away the budget of a person, a workspace, or of each."""
    home = house.of(request)
    known = home.shelf.names()
    if body.kind == "workspace" and body.of not in (budgets.ANY, *known):
        raise unknown("workspace", body.of, known)

    def put(connection: Connection) -> list[dict[str, Any]]:
        if body.kind == "person" and body.of != budgets.ANY:
            _check_person(connection, body.of)
        budgets.put(connection, body.kind, body.of, body.questions)
        return _items(connection)

    items = await home.database.write(put)
    accounts.note(f"{body.kind} {body.of}", questions=body.questions)
    return {"items": items}


def _check_person(connection: Connection, user_id: str) -> None:
    if not user_id.startswith("key:") and user_id != "local":  # keys of the environment have no account
        people.get(connection, user_id)
    elif len(user_id) == len("key:"):
        raise UnknownName("There is no such person.", code="unknown_user")


def _items(connection: Connection) -> list[dict[str, Any]]:
    names = {row["id"]: row["name"] for row in people.listed(connection)}
    return [
        {
            **row, "name": names.get(row["of"], row["of"]),
            "asked": budgets.asked_today(connection, row["kind"], row["of"]) if row["of"] != budgets.ANY else None,
        }
        for row in map(dict, budgets.listed(connection))
    ]  # fmt: skip
