"""The state of the Slack door: plain functions of a connection, so that what is acknowledged is on disk."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, or_, select, update
from sqlalchemy.engine import RowMapping

from store import dialects
from store.models import utc_now
from store.slack_tables import SlackEventRow, SlackLinkRow, SlackPostRow, SlackThreadRow

_EVENT = SlackEventRow.__table__
KEPT = timedelta(days=7)
"""Slack tells of an event again for some hours at most."""


def take(connection: Connection, event_id: str, body: dict[str, Any]) -> bool:
    """Write an event down; false when it is known already."""
    now = dialects.moment(connection)
    return dialects.add_new(
        connection, SlackEventRow, id=event_id, body=body, state="waiting", stage={}, attempts=0, due_at=now,
        created_at=now,
    )  # fmt: skip


def claim(connection: Connection, holder: str, living: Collection[str], most: int) -> list[RowMapping]:
    """Take events that are due, or whose process is gone, oldest first; nobody else gets these."""
    now = dialects.moment(connection)
    gone = or_(_EVENT.c.holder.is_(None), _EVENT.c.holder.not_in(living))
    due = or_((_EVENT.c.state == "waiting") & (_EVENT.c.due_at <= now), (_EVENT.c.state == "working") & gone)
    query = select(_EVENT.c.id).where(due).order_by(_EVENT.c.created_at, _EVENT.c.id).limit(most)
    if dialects.shared(connection):
        query = query.with_for_update(skip_locked=True)
    ids = list(connection.execute(query).scalars())
    if not ids:
        return []
    mine = update(SlackEventRow).where(_EVENT.c.id.in_(ids))
    connection.execute(mine.values(state="working", holder=holder, attempts=_EVENT.c.attempts + 1))
    rows = select(_EVENT).where(_EVENT.c.id.in_(ids)).order_by(_EVENT.c.created_at, _EVENT.c.id)
    return list(connection.execute(rows).mappings())


def note_stage(connection: Connection, event_id: str, stage: dict[str, Any]) -> None:
    """Remember how far the reply to an event is."""
    connection.execute(update(SlackEventRow).where(_EVENT.c.id == event_id).values(stage=stage))


def again(connection: Connection, event_id: str, seconds: float, note: str) -> None:
    """Try an event again later."""
    due = dialects.moment(connection) + timedelta(seconds=seconds)
    values: dict[str, Any] = {"state": "waiting", "holder": None, "due_at": due, "note": note}
    connection.execute(update(SlackEventRow).where(_EVENT.c.id == event_id).values(**values))


def let_go(connection: Connection, holder: str) -> None:
    """Leave what is unfinished to the next process."""
    mine = update(SlackEventRow).where(_EVENT.c.state == "working", _EVENT.c.holder == holder)
    connection.execute(mine.values(holder=None))


def end(connection: Connection, event_id: str, state: str, note: str | None = None) -> None:
    """An event is answered (`done`) or given up (`failed`); what was said in it is not kept."""
    values: dict[str, Any] = {
        "state": state,
        "holder": None,
        "note": note,
        "body": {},
        "ended_at": dialects.moment(connection),
    }
    connection.execute(update(SlackEventRow).where(_EVENT.c.id == event_id).values(**values))


def counts(connection: Connection) -> dict[str, int]:
    """How many events there are by state."""
    query = select(_EVENT.c.state, func.count()).group_by(_EVENT.c.state)
    return {str(row.state): int(row[1]) for row in connection.execute(query)}


def link(connection: Connection, team: str, slack_user: str, user_id: str) -> None:
    """Say which person a Slack user is; the last word counts."""
    unlink(connection, team, slack_user)
    dialects.add_new(connection, SlackLinkRow, team=team, slack_user=slack_user, user_id=user_id, linked_at=utc_now())


def unlink(connection: Connection, team: str, slack_user: str) -> bool:
    """Forget who a Slack user is; whether it was known."""
    mine = (SlackLinkRow.team == team, SlackLinkRow.slack_user == slack_user)
    return connection.execute(delete(SlackLinkRow).where(*mine)).rowcount > 0


def linked(connection: Connection, team: str, slack_user: str) -> str | None:
    """The id of the person that a Slack user is."""
    query = select(SlackLinkRow.user_id).where(SlackLinkRow.team == team, SlackLinkRow.slack_user == slack_user)
    return connection.execute(query).scalar()


def slack_users_of(connection: Connection, user_id: str) -> list[tuple[str, str]]:
    """(team, Slack user) of a person, for messages that are sent first."""
    query = select(SlackLinkRow.team, SlackLinkRow.slack_user).where(SlackLinkRow.user_id == user_id)
    return [(team, slack_user) for team, slack_user in connection.execute(query.order_by(SlackLinkRow.linked_at))]


def thread_of(connection: Connection, conversation: str) -> str | None:
    """The thread that a conversation is."""
    return connection.execute(select(SlackThreadRow.thread_id).where(SlackThreadRow.id == conversation)).scalar()


def keep_thread(connection: Connection, conversation: str, thread_id: str) -> None:
    """Say which thread a conversation goes on in; the last word counts."""
    connection.execute(delete(SlackThreadRow).where(SlackThreadRow.id == conversation))
    dialects.add_new(connection, SlackThreadRow, id=conversation, thread_id=thread_id)


def keep_post(connection: Connection, channel: str, ts: str, **values: Any) -> None:
    """Remember that a message shows the answer of a run: `run_id`, `user_id` (whose rights), `private`."""
    place = (SlackPostRow.channel == channel, SlackPostRow.ts == ts)
    connection.execute(delete(SlackPostRow).where(*place))
    dialects.add_new(connection, SlackPostRow, channel=channel, ts=ts, posted_at=utc_now(), **values)


def post(connection: Connection, channel: str, ts: str) -> RowMapping | None:
    """What a message shows, or None when it is none of our answers."""
    query = select(SlackPostRow.__table__).where(SlackPostRow.channel == channel, SlackPostRow.ts == ts)
    return connection.execute(query).mappings().first()


def prune(connection: Connection, now: datetime) -> None:
    """Forget events that ended some days ago."""
    connection.execute(delete(SlackEventRow).where(_EVENT.c.ended_at < now - KEPT))
