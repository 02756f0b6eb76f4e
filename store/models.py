"""Application state as tables: one definition that queries and migrations both read, for SQLite and Postgres alike."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def utc_now() -> datetime:
    """This moment, aware."""
    return datetime.now(UTC)


class Moment(TypeDecorator[datetime]):
    """An aware UTC time; SQLite keeps no zone and Postgres answers in its own, so UTC is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The value in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of application state."""


class WorkspaceRow(Base):
    """What people call a workspace; its data lives in its folder."""

    __tablename__ = "workspaces"

    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    label: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)


class ThreadRow(Base):
    """A conversation of one owner in one workspace."""

    __tablename__ = "threads"
    __table_args__ = (Index("threads_recent", "owner", "workspace", "updated_at"),)

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    workspace: Mapped[str] = mapped_column(String(63))
    owner: Mapped[str] = mapped_column(String(128))
    title: Mapped[str] = mapped_column(Text)
    pinned: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)


class RunRow(Base):
    """One execution of a turn; `turn` is the input, so that a run that a crash cut off can be continued.

    `holder` is the process that works on it; only the holder may write its events and its end.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index("runs_of_thread", "thread_id", "created_at"),
        Index("runs_by_answer", "answer_id"),
        Index("runs_by_status", "status"),
    )

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    thread_id: Mapped[str] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    workspace: Mapped[str] = mapped_column(String(63))
    owner: Mapped[str] = mapped_column(String(128))
    question: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(16))
    turn: Mapped[dict[str, Any]] = mapped_column(JSON)
    answer_id: Mapped[str | None] = mapped_column(String(160))
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    resumed_by: Mapped[str | None] = mapped_column(String(128))
    holder: Mapped[str | None] = mapped_column(String(64))
    stop_asked: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class EventRow(Base):
    """One event of a run exactly as it is sent: `seq` counts from 1, `body` is the JSON text."""

    __tablename__ = "run_events"

    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Moment, default=utc_now)


class DashboardRow(Base):
    """Kept answers of one owner on a page; `version` counts its changes, so that two windows do not undo each other."""

    __tablename__ = "dashboards"
    __table_args__ = (Index("dashboards_of_owner", "owner", "updated_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    workspace: Mapped[str] = mapped_column(String(63))
    owner: Mapped[str] = mapped_column(String(128))
    title: Mapped[str] = mapped_column(Text)
    cards: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer, default=1)
    shared: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)


class ShareRow(Base):
    """A link to a conversation that its owner gave out; whoever opens it sees it with rights of their own."""

    __tablename__ = "shares"
    __table_args__ = (Index("shares_of_thread", "thread_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    thread_id: Mapped[str] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    owner: Mapped[str] = mapped_column(String(128))
    owner_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)


class FeedbackRow(Base):
    """What a reader thought of an answer, until an editor of the model has dealt with it."""

    __tablename__ = "feedback"
    __table_args__ = (Index("feedback_open", "workspace", "state"), Index("feedback_of_answer", "answer_id"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    workspace: Mapped[str] = mapped_column(String(63))
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    answer_id: Mapped[str] = mapped_column(String(160))
    owner: Mapped[str] = mapped_column(String(128))
    owner_name: Mapped[str] = mapped_column(Text)
    question: Mapped[str] = mapped_column(Text)
    verdict: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(24), default="")
    comment: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(12), default="open")
    reviewed_by: Mapped[str | None] = mapped_column(String(128))
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)


class JobRow(Base):
    """Work that outlives its request, such as loading uploaded files."""

    __tablename__ = "jobs"
    __table_args__ = (Index("jobs_by_state", "state"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    workspace: Mapped[str] = mapped_column(String(63))
    owner: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(16))
    files: Mapped[list[str]] = mapped_column(JSON)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    holder: Mapped[str | None] = mapped_column(String(64))
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)


class ProcessRow(Base):
    """A server process that shares this state; it lives as long as its session holds the advisory lock `lock`."""

    __tablename__ = "processes"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    lock: Mapped[int] = mapped_column(BigInteger)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int] = mapped_column(Integer)
    started_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)


class LeaseRow(Base):
    """Something that one holder at a time may do; `token` grows with each change of hands."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(160), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    token: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime] = mapped_column(Moment)


class ScheduleRow(Base):
    """When a schedule is due next; whoever moves `due_at` on has fired it."""

    __tablename__ = "schedules"

    name: Mapped[str] = mapped_column(String(160), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Moment)
    fired_at: Mapped[datetime | None] = mapped_column(Moment)


class OutboxRow(Base):
    """Something that leaves the house once: `key` is unique within its kind, `state` says how far it is."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("kind", "key", name="outbox_once"),
        Index("outbox_due", "state", "due_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(255))
    workspace: Mapped[str | None] = mapped_column(String(63))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(Moment)
    holder: Mapped[str | None] = mapped_column(String(64))
    until: Mapped[datetime | None] = mapped_column(Moment)
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class RateRow(Base):
    """How much of a limit was used within one window of time, by all processes together."""

    __tablename__ = "rate_windows"

    subject: Mapped[str] = mapped_column(String(200), primary_key=True)
    window: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    used: Mapped[int] = mapped_column(Integer)


class AnsweredRow(Base):
    """A request with an Idempotency-Key and, once there is one, its answer; `until` ends the claim or the record."""

    __tablename__ = "answered_requests"
    __table_args__ = (Index("answered_requests_until", "until"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None] = mapped_column(Integer)
    headers: Mapped[dict[str, str] | None] = mapped_column(JSON)
    body: Mapped[str | None] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(Moment)


class UsageRow(Base):
    """What one person asked of one route on one day (UTC); `ms` is the time to the response heads, summed."""

    __tablename__ = "usage_days"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    person: Mapped[str] = mapped_column(String(128), primary_key=True)
    route: Mapped[str] = mapped_column(String(160), primary_key=True)
    requests: Mapped[int] = mapped_column(Integer)
    errors: Mapped[int] = mapped_column(Integer)
    ms: Mapped[int] = mapped_column(BigInteger)


class BudgetRow(Base):
    """How many questions a day a person or a workspace may ask; `of` is an id, a name, or `*` for each without one."""

    __tablename__ = "budgets"

    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    of: Mapped[str] = mapped_column(String(128), primary_key=True)
    questions: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)


class SpentRow(Base):
    """How many questions of one day (UTC) count for a person or a workspace that has a budget."""

    __tablename__ = "budget_days"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    of: Mapped[str] = mapped_column(String(128), primary_key=True)
    asked: Mapped[int] = mapped_column(Integer)


class WebhookRow(Base):
    """Where a workspace tells of its events; the secret is derived, so none is stored."""

    __tablename__ = "webhooks"
    __table_args__ = (Index("webhooks_of_workspace", "workspace"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    workspace: Mapped[str] = mapped_column(String(63))
    owner: Mapped[str] = mapped_column(String(128))
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    secret_version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
