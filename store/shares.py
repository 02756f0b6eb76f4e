"""Links to conversations and readers' verdicts in the state database: plain functions of a connection."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.engine import RowMapping

from store.errors import UnknownName
from store.models import FeedbackRow, ShareRow, utc_now
from store.principal import Principal

MOST_LISTED = 200


def share(connection: Connection, thread_id: str, owner: Principal) -> str:
    """The link of a thread, made when there is none yet; nobody can guess it."""
    known = of_thread(connection, thread_id)
    if known is not None:
        return known
    made = secrets.token_urlsafe(18).replace("_", "x").replace("-", "y")
    connection.execute(
        insert(ShareRow).values(
            id=made, thread_id=thread_id, owner=owner.user_id, owner_name=owner.name, created_at=utc_now()
        )
    )
    return made


def of_thread(connection: Connection, thread_id: str) -> str | None:
    """The link of a thread, or None."""
    return connection.execute(select(ShareRow.id).where(ShareRow.thread_id == thread_id)).scalar()


def get(connection: Connection, share_id: str) -> RowMapping:
    """What a link leads to. Raises `UnknownName`, also once it was taken back."""
    found = connection.execute(select(ShareRow.__table__).where(ShareRow.id == share_id)).mappings().first()
    if found is None:
        raise UnknownName("This link leads nowhere.", code="unknown_share", hint="Ask who sent it for a new one.")
    return found


def unshare(connection: Connection, thread_id: str) -> None:
    """Take the link of a thread back."""
    connection.execute(delete(ShareRow).where(ShareRow.thread_id == thread_id))


def say(connection: Connection, run: RowMapping, person: Principal, said: dict[str, Any]) -> RowMapping:
    """Keep a verdict on an answer; a person's later verdict takes the place of an earlier one."""
    mine = (FeedbackRow.answer_id == run["answer_id"]) & (FeedbackRow.owner == person.user_id)
    connection.execute(delete(FeedbackRow).where(mine))
    made = f"f-{uuid.uuid4().hex[:12]}"
    connection.execute(
        insert(FeedbackRow).values(
            id=made, workspace=run["workspace"], run_id=run["id"], answer_id=run["answer_id"], owner=person.user_id,
            owner_name=person.name, question=run["question"], created_at=utc_now(),
            state="open" if said["verdict"] == "down" else "noted", **said,
        )
    )  # fmt: skip
    return _one(connection, made)


def take_back(connection: Connection, answer_id: str, person: Principal) -> None:
    """Forget a person's verdict on an answer."""
    mine = (FeedbackRow.answer_id == answer_id) & (FeedbackRow.owner == person.user_id)
    connection.execute(delete(FeedbackRow).where(mine))


def verdicts(connection: Connection, workspace: str, person: Principal, state: str | None = None) -> list[RowMapping]:
    """Verdicts in a workspace, newest first: all of them for who reviews, else a person's own."""
    query = select(FeedbackRow.__table__).where(FeedbackRow.workspace == workspace)
    if not person.may_edit_model:
        query = query.where(FeedbackRow.owner == person.user_id)
    if state is not None:
        query = query.where(FeedbackRow.state == state)
    return list(connection.execute(query.order_by(FeedbackRow.created_at.desc()).limit(MOST_LISTED)).mappings())


def verdict_on(connection: Connection, answer_ids: list[str], person: Principal) -> dict[str, str]:
    """A person's own verdicts by answer id."""
    mine = (FeedbackRow.answer_id.in_(answer_ids)) & (FeedbackRow.owner == person.user_id)
    rows = connection.execute(select(FeedbackRow.answer_id, FeedbackRow.verdict).where(mine))
    return {str(answer): str(verdict) for answer, verdict in rows}


def review(connection: Connection, feedback_id: str, state: str, person: Principal) -> RowMapping:
    """Mark a verdict as dealt with, or open again. Raises `UnknownName`, `QueryRefused`."""
    found = _one(connection, feedback_id)
    if person.role_in(found["workspace"]) is None:
        raise UnknownName("There is no such verdict.", code="unknown_feedback")
    person.within(found["workspace"]).require("model")
    values = {"state": state, "reviewed_by": person.user_id}
    connection.execute(update(FeedbackRow).where(FeedbackRow.id == feedback_id).values(**values))
    return _one(connection, feedback_id)


def _one(connection: Connection, feedback_id: str) -> RowMapping:
    found = connection.execute(select(FeedbackRow.__table__).where(FeedbackRow.id == feedback_id)).mappings().first()
    if found is None:
        raise UnknownName("There is no such verdict.", code="unknown_feedback")
    return found
