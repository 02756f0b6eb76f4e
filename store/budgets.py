"""How many questions a person or a workspace may ask in a day: set by who runs the house, counted with each question.

Days are UTC. Counting happens in the transaction that writes a question down, so it holds for all processes together,
and a conversation that is deleted gives nothing back.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.engine import RowMapping

from store import dialects
from store.errors import InvalidRequest, LimitReached
from store.models import BudgetRow, RunRow, SpentRow, utc_now

Kind = Literal["person", "workspace"]
ANY = "*"
"""Stands for each person, or each workspace, that has no budget of its own."""
MOST = 1_000_000
KEEP_DAYS = 62
_SPENT = SpentRow.__table__.c
_WHOSE = {"person": "you may ask", "workspace": "may be asked in this workspace"}


class BudgetSpent(LimitReached):
    """The questions of a day are used up; `retry_after` is when the next day begins."""

    http_status, default_code = 429, "budget_spent"


def put(connection: Connection, kind: Kind, of: str, questions: int | None) -> None:
    """Set how many questions a day, 0 for none at all; None takes the budget away. Raises `InvalidRequest`."""
    if questions is not None and not 0 <= questions <= MOST:
        raise InvalidRequest(
            f"A budget lies between 0 and {MOST:,} questions a day.", details={"field": "questions", "value": questions}
        )
    connection.execute(delete(BudgetRow).where(BudgetRow.kind == kind, BudgetRow.of == of))
    if questions is not None:
        dialects.add_new(connection, BudgetRow, kind=kind, of=of, questions=questions, changed_at=utc_now())


def of_one(connection: Connection, kind: Kind, of: str) -> int | None:
    """The budget that holds for a person or a workspace: its own, else that of each; None when there is no limit."""
    query = select(BudgetRow.of, BudgetRow.questions).where(BudgetRow.kind == kind, BudgetRow.of.in_((of, ANY)))
    found = {row.of: int(row.questions) for row in connection.execute(query)}
    return found.get(of, found.get(ANY))


def listed(connection: Connection) -> list[RowMapping]:
    """All budgets: kind, of, questions."""
    query = select(BudgetRow.kind, BudgetRow.of, BudgetRow.questions).order_by(BudgetRow.kind, BudgetRow.of)
    return list(connection.execute(query).mappings())


def asked_today(connection: Connection, kind: Kind, of: str) -> int:
    """How many questions of today count for a person or a workspace."""
    now = dialects.moment(connection).astimezone(UTC)
    query = select(_SPENT.asked).where(_SPENT.day == now.date().isoformat(), _SPENT.kind == kind, _SPENT.of == of)
    known = connection.execute(query).scalar()
    return int(known) if known is not None else _from_runs(connection, kind, of, now)


def spend(connection: Connection, person: str, workspace: str) -> None:
    """Count a question that was just written down. Raises `BudgetSpent` when it is one too many."""
    if connection.execute(select(BudgetRow.kind).limit(1)).first() is None:
        return
    now = dialects.moment(connection).astimezone(UTC)
    for kind, of in (("workspace", workspace), ("person", person)):  # one order, so that two processes never embrace
        _count(connection, kind, of, now)  # type: ignore[arg-type]


def prune(connection: Connection, now: datetime) -> None:
    """Drop the counts of days long past."""
    connection.execute(delete(SpentRow).where(_SPENT.day < (now - timedelta(days=KEEP_DAYS)).date().isoformat()))


def forget(connection: Connection, kind: Kind, of: str) -> None:
    """Drop the budget and the counts of a person or a workspace that is gone."""
    connection.execute(delete(BudgetRow).where(BudgetRow.kind == kind, BudgetRow.of == of))
    connection.execute(delete(SpentRow).where(_SPENT.kind == kind, _SPENT.of == of))


def next_day(now: datetime) -> datetime:
    """When budgets begin anew."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _count(connection: Connection, kind: Kind, of: str, now: datetime) -> None:
    most = of_one(connection, kind, of)
    if most is None:
        return
    day = now.date().isoformat()
    first = dialects.insert_into(connection, SpentRow).values(
        day=day, kind=kind, of=of, asked=_from_runs(connection, kind, of, now)
    )
    counted = first.on_conflict_do_update(
        index_elements=[_SPENT.day, _SPENT.kind, _SPENT.of], set_={"asked": _SPENT.asked + 1}
    )
    asked = connection.execute(counted.returning(_SPENT.asked)).scalar_one()
    if asked > most:
        wait = (next_day(now) - now).total_seconds()
        raise BudgetSpent(
            _said(kind, most),
            hint=f"It begins anew at midnight UTC, in {_spoken(wait)}. Who runs Plainsay here can raise the budget.",
            retry="as_is",
            retry_after=wait,
            details={"of": kind, "limit": most},
        )


def _said(kind: Kind, most: int) -> str:
    if not most:
        return "No questions are allowed here."
    if most == 1:
        return f"The one question that {_WHOSE[kind]} today is asked."
    return f"All {most:,} questions that {_WHOSE[kind]} today are asked."


def _from_runs(connection: Connection, kind: Kind, of: str, now: datetime) -> int:
    """What was asked today before anybody counted, the question that is just written down included."""
    column = RunRow.owner if kind == "person" else RunRow.workspace
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    query = select(func.count()).select_from(RunRow).where(column == of, RunRow.created_at >= since)
    return int(connection.execute(query).scalar_one())


def _spoken(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def told(connection: Connection, person: str) -> dict[str, Any]:
    """One's own budget: questions a day or None, asked today, when it begins anew."""
    now = dialects.moment(connection)
    return {
        "questions": of_one(connection, "person", person),
        "asked": asked_today(connection, "person", person),
        "begins_anew": next_day(now).isoformat(),
    }
