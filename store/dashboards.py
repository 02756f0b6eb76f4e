"""Dashboards in the state database: answers as recipes, never as figures, so that nothing stale is shown as new."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update
from sqlalchemy.engine import RowMapping

from store.errors import InvalidRequest, UnknownName
from store.models import DashboardRow, utc_now

MOST_CARDS = 40
Cards = list[dict[str, Any]]


def listed(connection: Connection, owner: str, workspace: str | None = None) -> list[RowMapping]:
    """Dashboards of an owner and those that others share, latest change first."""
    query = select(DashboardRow.__table__).where(or_(DashboardRow.owner == owner, DashboardRow.shared))
    if workspace is not None:
        query = query.where(DashboardRow.workspace == workspace)
    return list(connection.execute(query.order_by(DashboardRow.updated_at.desc(), DashboardRow.id)).mappings())


def create(connection: Connection, owner: str, workspace: str, title: str) -> str:
    """A new, empty dashboard; its id."""
    made, now = f"db-{uuid.uuid4().hex}", utc_now()
    connection.execute(
        insert(DashboardRow).values(
            id=made,
            workspace=workspace,
            owner=owner,
            title=title,
            cards=[],
            version=1,
            shared=False,
            created_at=now,
            updated_at=now,
        )
    )
    return made


def get(connection: Connection, owner: str, dashboard_id: str) -> RowMapping:
    """A dashboard of `owner`. Raises `UnknownName`, also for somebody else's."""
    query = select(DashboardRow.__table__).where(DashboardRow.id == dashboard_id, DashboardRow.owner == owner)
    found = connection.execute(query).mappings().first()
    if found is None:
        raise UnknownName("There is no such dashboard.", code="unknown_dashboard")
    return found


def seen(connection: Connection, reader: str, dashboard_id: str) -> RowMapping:
    """A dashboard that `reader` may look at: their own, or a shared one. Raises `UnknownName`."""
    mine = or_(DashboardRow.owner == reader, DashboardRow.shared)
    query = select(DashboardRow.__table__).where(DashboardRow.id == dashboard_id, mine)
    found = connection.execute(query).mappings().first()
    if found is None:
        raise UnknownName("There is no such dashboard.", code="unknown_dashboard")
    return found


def change(connection: Connection, owner: str, dashboard_id: str, changes: dict[str, Any]) -> None:
    """Give it another `title`, or share it (`shared`) with everybody who may ask its data. Raises `UnknownName`."""
    _write(connection, get(connection, owner, dashboard_id), **changes)


def remove(connection: Connection, owner: str, dashboard_id: str) -> None:
    """Delete it. Raises `UnknownName`."""
    get(connection, owner, dashboard_id)
    connection.execute(delete(DashboardRow).where(DashboardRow.id == dashboard_id))


def delete_dashboards_of(connection: Connection, workspace: str) -> None:
    """Remove all dashboards of a workspace."""
    connection.execute(delete(DashboardRow).where(DashboardRow.workspace == workspace))


def add_card(connection: Connection, owner: str, dashboard_id: str, card: dict[str, Any]) -> None:
    """Put a card at the end. Raises `UnknownName`, or `InvalidRequest` when the page is full."""
    found = get(connection, owner, dashboard_id)
    if len(found["cards"]) >= MOST_CARDS:
        raise InvalidRequest(
            f"A dashboard holds {MOST_CARDS} answers at most.",
            code="dashboard_full",
            hint="Remove one first, or start another dashboard.",
        )
    _write(connection, found, cards=[*found["cards"], {"id": f"c-{uuid.uuid4().hex[:12]}", **card}])


def change_card(
    connection: Connection, owner: str, dashboard_id: str, card_id: str, change: dict[str, Any], position: int | None
) -> None:
    """Change parts of a card, or move it to `position` (from 0). Raises `UnknownName`."""

    def changed(cards: Cards, at: int) -> Cards:
        card = {**cards.pop(at), **change}
        cards.insert(at if position is None else min(position, len(cards)), card)
        return cards

    _with_card(connection, owner, dashboard_id, card_id, changed)


def remove_card(connection: Connection, owner: str, dashboard_id: str, card_id: str) -> None:
    """Take a card off. Raises `UnknownName`."""
    _with_card(connection, owner, dashboard_id, card_id, lambda cards, at: cards[:at] + cards[at + 1 :])


def card_of(dashboard: RowMapping, card_id: str) -> dict[str, Any]:
    """A card by its id. Raises `UnknownName`."""
    found: dict[str, Any] = dashboard["cards"][_place(dashboard["cards"], card_id)]
    return found


def _with_card(
    connection: Connection, owner: str, dashboard_id: str, card_id: str, change: Callable[[Cards, int], Cards]
) -> None:
    found = get(connection, owner, dashboard_id)
    cards = list(found["cards"])
    _write(connection, found, cards=change(cards, _place(cards, card_id)))


def _place(cards: Cards, card_id: str) -> int:
    at = next((i for i, card in enumerate(cards) if card["id"] == card_id), None)
    if at is None:
        raise UnknownName("There is no such answer on this dashboard.", code="unknown_card")
    return at


def _write(connection: Connection, found: RowMapping, **values: Any) -> None:
    values |= {"version": found["version"] + 1, "updated_at": utc_now()}
    connection.execute(update(DashboardRow).where(DashboardRow.id == found["id"]).values(**values))
