"""Dashboards as their readers may see them, for every door that shows one: the page, programs, GraphQL."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection
from sqlalchemy.engine import RowMapping

from agent.turn import Turn
from api import accounts
from api.house import House
from store import dashboards as table
from store.errors import UnknownName

if TYPE_CHECKING:
    from agent.answer import Answer

_HEAD = ("id", "title", "workspace", "shared", "created_at", "updated_at")


@dataclass(frozen=True)
class Narrowed:
    """What a look at a card changes: `period` is an option of its period assumption, such as `last_month`.

    `field` (`table.name`) and `value` keep the rows of one value alone.
    """

    period: str | None = None
    field: str | None = None
    value: str | None = None


def listed(workspace: str | None) -> Callable[[Connection], list[RowMapping]]:
    """Reads the dashboards of the asker and those shared with everybody, latest change first."""
    person = accounts.current()  # now: the state is read in a thread that knows nobody

    def read(connection: Connection) -> list[RowMapping]:
        found = table.listed(connection, person.user_id, workspace)
        return [row for row in found if person.role_in(row["workspace"]) is not None]

    return read


def head(row: RowMapping) -> dict[str, Any]:
    """A dashboard without its cards."""
    return {**{key: row[key] for key in _HEAD}, "mine": row["owner"] == accounts.current().user_id}


def cards(row: RowMapping) -> list[dict[str, Any]]:
    """The cards in their order, without how they are worked out."""
    return [{key: value for key, value in card.items() if key != "recipe"} for card in row["cards"]]


def seen(dashboard_id: str) -> Callable[[Connection], RowMapping]:
    """Reads a dashboard that the asker may look at. Raises `UnknownName`, `QueryRefused`."""
    return _reading(dashboard_id, table.seen)


def mine(dashboard_id: str) -> Callable[[Connection], RowMapping]:
    """Reads a dashboard of the asker, to change it. Raises `UnknownName`, `QueryRefused`."""
    return _reading(dashboard_id, table.get)


def _reading(
    dashboard_id: str, get: Callable[[Connection, str, str], RowMapping]
) -> Callable[[Connection], RowMapping]:
    """Reads a dashboard by `get`, for who may enter its workspace and do there what the route is for."""
    person, asks = accounts.current(), accounts.asked_for("ask")

    def read(connection: Connection) -> RowMapping:
        row = get(connection, person.user_id, dashboard_id)
        if person.role_in(row["workspace"]) is None:
            raise UnknownName("There is no such dashboard.", code="unknown_dashboard")
        person.within(row["workspace"]).require(asks)
        return row

    return read


async def answered(home: House, row: RowMapping, card_id: str, narrowed: Narrowed) -> Answer:
    """What a card's question answers now, for who asks. Raises what a question raises."""
    from agent.narrowing import condition
    from agent.recipe import Recipe

    card = table.card_of(row, card_id)
    turn = Turn(
        row["workspace"], thread_id=row["id"], run_id=f"r-{uuid.uuid4().hex}", text=card["question"],
        principal=accounts.current(),
    )  # fmt: skip
    assistant = await home.assistant()
    changes = {"period": narrowed.period} if narrowed.period else {}
    only = [condition(narrowed.field, narrowed.value)] if narrowed.field and narrowed.value else []
    return await assistant.replay(Recipe.model_validate(card["recipe"]), turn, changes, only)
