"""People, memberships, sessions, keys, tickets and the audit log."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
TABLES = ("audit", "tries", "tickets", "api_keys", "sessions", "members", "users")


def _moment(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _user() -> sa.Column[Any]:
    return sa.Column("user_id", sa.String(64), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "users",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("email", sa.String(254), unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("totp", sa.Text),
        sa.Column("totp_pending", sa.Text),
        sa.Column("totp_last", sa.Integer, nullable=False),
        sa.Column("recovery", sa.JSON, nullable=False),
        sa.Column("attributes", sa.JSON, nullable=False),
        sa.Column("groups", sa.JSON, nullable=False),
        sa.Column("sso", sa.String(512), unique=True),
        _moment("created_at"),
        _moment("seen_at", optional=True),
        _moment("disabled_at", optional=True),
    )
    op.create_table(
        "members",
        sa.Column("user_id", sa.String(64), sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("workspace", sa.String(63), primary_key=True),
        sa.Column("origin", sa.String(8), primary_key=True),
        sa.Column("role", sa.String(12), nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("previous", sa.String(64)),
        _user(),
        sa.Column("method", sa.String(12), nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.Column("view_as", sa.String(64)),
        _moment("created_at"),
        _moment("seen_at"),
        _moment("rotated_at"),
        _moment("expires_at"),
    )
    op.create_index("sessions_of_user", "sessions", ["user_id"])
    op.create_index("sessions_before", "sessions", ["previous"])
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(63), nullable=False),
        _user(),
        sa.Column("workspace", sa.String(63)),
        sa.Column("scopes", sa.JSON),
        sa.Column("created_by", sa.String(64), nullable=False),
        _moment("created_at"),
        _moment("expires_at", optional=True),
        _moment("used_at", optional=True),
        _moment("revoked_at", optional=True),
    )
    op.create_index("api_keys_of_user", "api_keys", ["user_id"])
    _tickets_and_tries()
    _audit()


def _tickets_and_tries() -> None:
    op.create_table(
        "tickets",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", optional=True),
    )
    op.create_index("tickets_by_kind", "tickets", ["kind", "expires_at"])
    op.create_table(
        "tries",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("failed", sa.Integer, nullable=False),
        _moment("until", optional=True),
        _moment("last_at"),
    )


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=False),
        _moment("at"),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("workspace", sa.String(63)),
        sa.Column("target", sa.String(200), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    for column in ("actor", "action", "workspace"):
        op.create_index(f"audit_by_{column}", "audit", [column])


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_table(table)
