"""What people want to hear of when it happens, what is happening, and what they were told of it, as tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.models import Base, Moment, utc_now


class AlertRow(Base):
    """A rule that one person watches; `next_at` is when it is looked at next (UTC), None while it is off.

    `snapshot` names the data that it last saw, for those that are looked at when new data came.
    """

    __tablename__ = "alerts"
    __table_args__ = (Index("alerts_due", "next_at"), Index("alerts_of_owner", "owner", "workspace"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    workspace: Mapped[str] = mapped_column(String(63))
    owner: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(120))
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    looks: Mapped[dict[str, Any]] = mapped_column(JSON)
    target: Mapped[dict[str, Any]] = mapped_column(JSON)
    telling: Mapped[dict[str, Any]] = mapped_column(JSON)
    escalation: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    on_data: Mapped[bool] = mapped_column(Boolean, default=True)
    snoozed_until: Mapped[datetime | None] = mapped_column(Moment)
    next_at: Mapped[datetime | None] = mapped_column(Moment)
    snapshot: Mapped[str | None] = mapped_column(String(80))
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)


class AlertLookRow(Base):
    """One look of an alert and what came of it: its effects are written with it, once. `wall` is the reader's clock."""

    __tablename__ = "alert_looks"
    __table_args__ = (UniqueConstraint("alert_id", "mark", name="alert_looks_once"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    mark: Mapped[str] = mapped_column(String(120))
    outcome: Mapped[str] = mapped_column(String(12))
    note: Mapped[str] = mapped_column(Text)
    wall: Mapped[str] = mapped_column(String(32))
    looked_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)


class IncidentRow(Base):
    """Something that an alert found and that lasts until it is resolved; `member` is its segment, empty for the whole.

    States: `open`, `acknowledged` (somebody knows), `resolved`. `since` is the first day it was seen (ISO date).
    """

    __tablename__ = "alert_incidents"
    __table_args__ = (
        UniqueConstraint("alert_id", "member", "since", name="alert_incidents_once"),
        Index("alert_incidents_escalating", "escalate_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    alert_id: Mapped[str] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    workspace: Mapped[str] = mapped_column(String(63))
    owner: Mapped[str] = mapped_column(String(128))
    member: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))
    severity: Mapped[str] = mapped_column(String(8))
    size: Mapped[float] = mapped_column(Float)
    since: Mapped[str] = mapped_column(String(10))
    last: Mapped[str] = mapped_column(String(10))
    told: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Moment)
    snoozed_until: Mapped[datetime | None] = mapped_column(Moment)
    escalate_at: Mapped[datetime | None] = mapped_column(Moment)
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)


class AlertMessageRow(Base):
    """What one person was told at one time, of one or several alerts; `mark` makes it one.

    States: `sent`, or `kept` when the budget was used up: then it waits in the inbox and goes nowhere else.
    """

    __tablename__ = "alert_messages"
    __table_args__ = (
        UniqueConstraint("owner", "mark", name="alert_messages_once"),
        Index("alert_messages_of_owner", "owner", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    workspace: Mapped[str] = mapped_column(String(63))
    owner: Mapped[str] = mapped_column(String(128))
    mark: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8))
    headline: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    target: Mapped[dict[str, Any]] = mapped_column(JSON)
    alerts: Mapped[list[str]] = mapped_column(JSON)
    moment: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    read_at: Mapped[datetime | None] = mapped_column(Moment)


class PushWishRow(Base):
    """How one person wants to be told unasked: how many alert messages in seven days, and when not."""

    __tablename__ = "push_wishes"

    owner: Mapped[str] = mapped_column(String(128), primary_key=True)
    budget: Mapped[int] = mapped_column(Integer)
    quiet: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
