"""What people want to be told unasked, what they were told, and what they were told of already, as tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.models import Base, Moment, utc_now


class DigestRow(Base):
    """A regular message that one person wants; `next_at` is the moment it is due (UTC), None while it is off."""

    __tablename__ = "digests"
    __table_args__ = (Index("digests_due", "next_at"), Index("digests_of_owner", "owner", "workspace"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    workspace: Mapped[str] = mapped_column(String(63))
    owner: Mapped[str] = mapped_column(String(128))
    name: Mapped[str] = mapped_column(String(120))
    recipe: Mapped[dict[str, Any]] = mapped_column(JSON)
    timing: Mapped[dict[str, Any]] = mapped_column(JSON)
    channels: Mapped[list[str]] = mapped_column(JSON)
    webhook_id: Mapped[str | None] = mapped_column(String(64))
    teams_id: Mapped[str | None] = mapped_column(String(64))
    slack_channel: Mapped[str | None] = mapped_column(String(32))
    attach: Mapped[list[str] | None] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    muted_until: Mapped[datetime | None] = mapped_column(Moment)
    next_at: Mapped[datetime | None] = mapped_column(Moment)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)


class DigestMessageRow(Base):
    """What one digest said for one period: written once, shown in the inbox; `state` is `sent` or `held`.

    `held` messages had nothing worth telling and went nowhere; they are kept so that the period is done with.
    """

    __tablename__ = "digest_messages"
    __table_args__ = (
        UniqueConstraint("digest_id", "period", name="digest_messages_once"),
        Index("digest_messages_of_owner", "owner", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest_id: Mapped[str] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"))
    workspace: Mapped[str] = mapped_column(String(63))
    owner: Mapped[str] = mapped_column(String(128))
    period: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(8))
    headline: Mapped[str] = mapped_column(Text)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    read_at: Mapped[datetime | None] = mapped_column(Moment)


class DigestToldRow(Base):
    """A finding that a digest told: when by the calendar of its reader (ISO date), and how large it was then."""

    __tablename__ = "digest_told"

    digest_id: Mapped[str] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), primary_key=True)
    identity: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[str] = mapped_column(String(10))
    direction: Mapped[str] = mapped_column(String(8))
    size: Mapped[float] = mapped_column(Float)
