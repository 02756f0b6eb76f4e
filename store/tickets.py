"""What opens one door once: invitations, links to a new password, sign-ons under way; each is kept as a hash."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from store import secrets_kept
from store.errors import PlainsayError, UnknownName
from store.models import utc_now
from store.people_tables import TicketRow

Kind = Literal["invitation", "password", "sign_on", "slack"]
LIFE: dict[Kind, timedelta] = {
    "invitation": timedelta(days=7),
    "password": timedelta(hours=24),
    "sign_on": timedelta(minutes=10),
    "slack": timedelta(minutes=15),
}


class SpentTicket(PlainsayError, LookupError):
    """The link was used, taken back, or is too old; which of them is nobody's business."""

    http_status, exit_code, default_code = 410, 4, "spent_ticket"


def issue(connection: Connection, kind: Kind, body: dict[str, Any], by: str) -> tuple[str, str]:
    """A new ticket: (its id, its text, which is kept nowhere)."""
    text, made, now = secrets_kept.new(), f"t-{uuid.uuid4().hex[:16]}", utc_now()
    connection.execute(
        insert(TicketRow).values(
            id=made, digest=secrets_kept.digest(text), kind=kind, body=body, created_by=by, created_at=now,
            expires_at=now + LIFE[kind],
        )
    )  # fmt: skip
    return made, text


def look(connection: Connection, kind: Kind, text: str) -> RowMapping:
    """An open ticket by its text. Raises `SpentTicket`."""
    query = select(TicketRow.__table__).where(TicketRow.digest == secrets_kept.digest(text), TicketRow.kind == kind)
    row = connection.execute(query).mappings().first()
    if row is None or row["used_at"] is not None or row["expires_at"] < utc_now():
        raise SpentTicket("This link no longer works.", hint="Ask whoever sent it for a new one.")
    return row


def spend(connection: Connection, kind: Kind, text: str) -> RowMapping:
    """Use a ticket up; of two who try at once only one succeeds. Raises `SpentTicket`."""
    row = look(connection, kind, text)
    query = update(TicketRow).where(TicketRow.id == row["id"], TicketRow.used_at.is_(None)).values(used_at=utc_now())
    if connection.execute(query).rowcount != 1:
        raise SpentTicket("This link no longer works.", hint="Ask whoever sent it for a new one.")
    return row


def open_ones(connection: Connection, kind: Kind) -> list[RowMapping]:
    """Tickets that can still be used, newest first."""
    query = select(TicketRow.__table__).where(
        TicketRow.kind == kind, TicketRow.used_at.is_(None), TicketRow.expires_at > utc_now()
    )
    return list(connection.execute(query.order_by(TicketRow.created_at.desc(), TicketRow.id)).mappings())


def get(connection: Connection, kind: Kind, ticket_id: str) -> RowMapping:
    """An open ticket by its id. Raises `UnknownName`."""
    found = next((row for row in open_ones(connection, kind) if row["id"] == ticket_id), None)
    if found is None:
        raise UnknownName("There is no such invitation.", code="unknown_invitation")
    return found


def take_back(connection: Connection, ticket_id: str) -> None:
    """End a ticket before it is used."""
    connection.execute(delete(TicketRow).where(TicketRow.id == ticket_id))


def take_back_of(connection: Connection, kind: Kind, field: str, value: str) -> None:
    """End the open tickets whose body has a value, such as all invitations of an address."""
    for row in open_ones(connection, kind):
        if row["body"].get(field) == value:
            take_back(connection, row["id"])


def sweep(connection: Connection, now: datetime) -> int:
    """Forget tickets some weeks after their time; how many."""
    return connection.execute(delete(TicketRow).where(TicketRow.expires_at < now - timedelta(days=30))).rowcount
