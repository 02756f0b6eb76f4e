"""People, what they may enter, how they come in, and what was done, as tables; no secret is kept in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from store.models import Base, Moment, utc_now

_AUDIT_NUMBER = BigInteger().with_variant(Integer, "sqlite")


class UserRow(Base):
    """A person or a service account; `attributes` maps names to lists of values that row policies read."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    password: Mapped[str | None] = mapped_column(Text)
    totp: Mapped[str | None] = mapped_column(Text)
    totp_pending: Mapped[str | None] = mapped_column(Text)
    totp_last: Mapped[int] = mapped_column(Integer, default=0)
    recovery: Mapped[list[str]] = mapped_column(JSON, default=list)
    attributes: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)
    groups: Mapped[list[str]] = mapped_column(JSON, default=list)
    sso: Mapped[str | None] = mapped_column(String(512), unique=True)
    created_at: Mapped[datetime] = mapped_column(Moment, default=utc_now)
    seen_at: Mapped[datetime | None] = mapped_column(Moment)
    disabled_at: Mapped[datetime | None] = mapped_column(Moment)


class MemberRow(Base):
    """The role of a person in a workspace (`*`: in all of them); `origin` says who keeps it: a person or sign-on."""

    __tablename__ = "members"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    workspace: Mapped[str] = mapped_column(String(63), primary_key=True)
    origin: Mapped[str] = mapped_column(String(8), primary_key=True, default="direct")
    role: Mapped[str] = mapped_column(String(12))


class SessionRow(Base):
    """A signed-in browser by the hash of its cookie; `previous` is the hash before the last rotation."""

    __tablename__ = "sessions"
    __table_args__ = (Index("sessions_of_user", "user_id"), Index("sessions_before", "previous"))

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    previous: Mapped[str | None] = mapped_column(String(64))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    method: Mapped[str] = mapped_column(String(12))
    agent: Mapped[str] = mapped_column(String(200))
    view_as: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    rotated_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)


class KeyRow(Base):
    """An API key by the hash of its text; it has at most its holder's rights, and only those of `scopes`."""

    __tablename__ = "api_keys"
    __table_args__ = (Index("api_keys_of_user", "user_id"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(63))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    workspace: Mapped[str | None] = mapped_column(String(63))
    scopes: Mapped[list[str] | None] = mapped_column(JSON)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)


class TicketRow(Base):
    """Something that opens one door once: an invitation, a new password, a sign-on that is under way."""

    __tablename__ = "tickets"
    __table_args__ = (Index("tickets_by_kind", "kind", "expires_at"),)

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_by: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    used_at: Mapped[datetime | None] = mapped_column(Moment)


class TryRow(Base):
    """How often signing in failed for a hashed name or address, and until when it waits."""

    __tablename__ = "tries"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    failed: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime | None] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment)


class AuditRow(Base):
    """One thing that somebody did; `hash` covers it and the entry before, so that no change stays unseen."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("audit_by_actor", "actor"),
        Index("audit_by_action", "action"),
        Index("audit_by_workspace", "workspace"),
    )

    seq: Mapped[int] = mapped_column(_AUDIT_NUMBER, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(128))
    actor_name: Mapped[str] = mapped_column(String(200))
    action: Mapped[str] = mapped_column(String(40))
    workspace: Mapped[str | None] = mapped_column(String(63))
    target: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
