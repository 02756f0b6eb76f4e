"""What the Slack door remembers: events it took, who is who, which conversation is which, what was posted where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.models import Base, Moment


class SlackEventRow(Base):
    """Something Slack said, by its own id, so that the same thing said again is answered once.

    `stage` is how far the reply is, so that another process can go on with it.
    """

    __tablename__ = "slack_events"
    __table_args__ = (Index("slack_events_by_state", "state", "due_at"),)

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(12))
    stage: Mapped[dict[str, Any]] = mapped_column(JSON)
    holder: Mapped[str | None] = mapped_column(String(64))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    note: Mapped[str | None] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(Moment)
    created_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class SlackLinkRow(Base):
    """Which person a Slack user is."""

    __tablename__ = "slack_links"

    team: Mapped[str] = mapped_column(String(32), primary_key=True)
    slack_user: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(128), index=True)
    linked_at: Mapped[datetime] = mapped_column(Moment)


class SlackThreadRow(Base):
    """Which Plainsay thread a person's part of a Slack conversation is."""

    __tablename__ = "slack_threads"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    thread_id: Mapped[str] = mapped_column(String(128))


class SlackPostRow(Base):
    """A message that shows an answer, and whose rights it was worked out with."""

    __tablename__ = "slack_posts"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    ts: Mapped[str] = mapped_column(String(32), primary_key=True)
    run_id: Mapped[str] = mapped_column(String(128), index=True)
    user_id: Mapped[str] = mapped_column(String(128))
    private: Mapped[bool]
    posted_at: Mapped[datetime] = mapped_column(Moment)
