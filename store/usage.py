"""Who uses what: requests by day, person and route, written down now and then, and questions read from the runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, func, select

from store import dialects
from store.models import RunRow, UsageRow

_ROW = UsageRow.__table__.c


@dataclass
class Counted:
    """Requests of one person to one route on one day."""

    requests: int = 0
    errors: int = 0
    ms: int = 0


def add(connection: Connection, counted: Mapping[tuple[str, str, str], Counted]) -> None:
    """Add counts by (day, person, route)."""
    for (day, person, route), one in sorted(counted.items()):
        statement = dialects.insert_into(connection, UsageRow).values(
            day=day, person=person[:128], route=route[:160], requests=one.requests, errors=one.errors, ms=one.ms
        )
        more = {
            "requests": _ROW.requests + one.requests, "errors": _ROW.errors + one.errors, "ms": _ROW.ms + one.ms,
        }  # fmt: skip
        connection.execute(
            statement.on_conflict_do_update(index_elements=[_ROW.day, _ROW.person, _ROW.route], set_=more)
        )


def requests(connection: Connection, since: str, person: str | None = None) -> list[dict[str, Any]]:
    """Requests by day, person and route from day `since` on, of one person or of all."""
    query = select(UsageRow.__table__).where(_ROW.day >= since).order_by(_ROW.day, _ROW.person, _ROW.route)
    if person is not None:
        query = query.where(_ROW.person == person)
    return [dict(row) for row in connection.execute(query).mappings()]


def questions(
    connection: Connection, since: datetime, workspaces: Iterable[str] | None, person: str | None = None
) -> list[dict[str, Any]]:
    """Questions by day, workspace and person: how many, how many were answered, and how many people gave up on."""
    day = func.date(RunRow.created_at)
    done, failed = (func.sum(case((RunRow.status == s, 1), else_=0)) for s in ("done", "failed"))
    query = (
        select(
            day.label("day"), RunRow.workspace, RunRow.owner.label("person"), func.count().label("asked"),
            done.label("done"), failed.label("failed"),
        )
        .where(RunRow.created_at >= since)
        .group_by(day, RunRow.workspace, RunRow.owner)
        .order_by(day, RunRow.workspace, RunRow.owner)
    )  # fmt: skip
    if workspaces is not None:
        query = query.where(RunRow.workspace.in_(list(workspaces)))
    if person is not None:
        query = query.where(RunRow.owner == person)
    return [{**row, "day": str(row["day"])} for row in connection.execute(query).mappings()]
