"""Digests, what they said, and which findings they told of already."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def _moment(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _digest(*, key: bool = False) -> sa.Column[Any]:
    return sa.Column(
        "digest_id", sa.String(64), sa.ForeignKey("digests.id", ondelete="CASCADE"), primary_key=key, nullable=False
    )


def _owned() -> tuple[sa.Column[Any], ...]:
    return sa.Column("workspace", sa.String(63), nullable=False), sa.Column("owner", sa.String(128), nullable=False)


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "digests",
        sa.Column("id", sa.String(64), primary_key=True),
        *_owned(),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("recipe", sa.JSON, nullable=False),
        sa.Column("timing", sa.JSON, nullable=False),
        sa.Column("channels", sa.JSON, nullable=False),
        sa.Column("webhook_id", sa.String(64)),
        sa.Column("active", sa.Boolean, nullable=False),
        _moment("muted_until", optional=True),
        _moment("next_at", optional=True),
        sa.Column("version", sa.Integer, nullable=False),
        _moment("created_at"),
    )
    op.create_index("digests_due", "digests", ["next_at"])
    op.create_index("digests_of_owner", "digests", ["owner", "workspace"])
    op.create_table(
        "digest_messages",
        sa.Column("id", sa.String(64), primary_key=True),
        _digest(),
        *_owned(),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("headline", sa.Text, nullable=False),
        sa.Column("body", sa.JSON, nullable=False),
        _moment("created_at"),
        _moment("read_at", optional=True),
        sa.UniqueConstraint("digest_id", "period", name="digest_messages_once"),
    )
    op.create_index("digest_messages_of_owner", "digest_messages", ["owner", "created_at"])
    op.create_table(
        "digest_told",
        _digest(key=True),
        sa.Column("identity", sa.String(40), primary_key=True),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("size", sa.Float, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    for table in ("digest_told", "digest_messages", "digests"):
        op.drop_table(table)
