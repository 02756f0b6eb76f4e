"""Leases: what one process at a time may do, on SQLite and Postgres alike, with a token that grows at each change."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, case, delete, select

from store import dialects
from store.models import LeaseRow


def take(connection: Connection, name: str, holder: str, seconds: float) -> int | None:
    """Take or renew the lease `name` for `seconds`; its token, or None while somebody else holds it.

    The token stays while a holder renews in time and grows whenever the lease changes hands or had run out, so that
    work under an old token can be told from work under the new one.
    """
    now = dialects.moment(connection)
    row, until = LeaseRow.__table__.c, now + timedelta(seconds=seconds)
    kept = (row.holder == holder) & (row.until >= now)
    statement = (
        dialects.insert_into(connection, LeaseRow)
        .values(name=name, holder=holder, token=1, until=until)
        .on_conflict_do_update(
            index_elements=[row.name],
            set_={"holder": holder, "until": until, "token": case((kept, row.token), else_=row.token + 1)},
            where=(row.holder == holder) | (row.until < now),
        )
        .returning(row.token)
    )
    token: int | None = connection.execute(statement).scalar()
    return token


def give_back(connection: Connection, name: str, holder: str) -> None:
    """Let others take the lease at once; nothing happens when `holder` does not hold it."""
    connection.execute(delete(LeaseRow).where(LeaseRow.name == name, LeaseRow.holder == holder))


def holder_of(connection: Connection, name: str) -> str | None:
    """Who holds the lease now."""
    query = select(LeaseRow.holder).where(LeaseRow.name == name, LeaseRow.until >= dialects.moment(connection))
    return connection.execute(query).scalar()
