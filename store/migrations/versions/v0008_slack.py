"""Slack: events taken once, people linked, conversations and posts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
TABLES = ("slack_posts", "slack_threads", "slack_links", "slack_events")


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "slack_events",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("stage", sa.JSON, nullable=False),
        sa.Column("holder", sa.String(64)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
    )
    op.create_index("slack_events_by_state", "slack_events", ["state", "due_at"])
    op.create_table(
        "slack_links",
        sa.Column("team", sa.String(32), primary_key=True),
        sa.Column("slack_user", sa.String(32), primary_key=True),
        sa.Column("user_id", sa.String(128), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_slack_links_user_id", "slack_links", ["user_id"])
    op.create_table(
        "slack_threads",
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("thread_id", sa.String(128), nullable=False),
    )
    op.create_table(
        "slack_posts",
        sa.Column("channel", sa.String(32), primary_key=True),
        sa.Column("ts", sa.String(32), primary_key=True),
        sa.Column("run_id", sa.String(128), nullable=False),
        sa.Column("user_id", sa.String(128), nullable=False),
        sa.Column("private", sa.Boolean, nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_slack_posts_run_id", "slack_posts", ["run_id"])


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_table(table)
