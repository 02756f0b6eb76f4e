"""Links to conversations, dashboards for everybody, and what readers think of answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add both tables and the mark of a shared dashboard."""
    op.add_column("dashboards", sa.Column("shared", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "shares",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("thread_id", sa.String(128), sa.ForeignKey("threads.id", ondelete="CASCADE"), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("owner_name", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("shares_of_thread", "shares", ["thread_id"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("workspace", sa.String(63), nullable=False),
        sa.Column("run_id", sa.String(128), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("answer_id", sa.String(160), nullable=False),
        sa.Column("owner", sa.String(128), nullable=False),
        sa.Column("owner_name", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("verdict", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(24), nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reviewed_by", sa.String(128)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("feedback_open", "feedback", ["workspace", "state"])
    op.create_index("feedback_of_answer", "feedback", ["answer_id"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("feedback")
    op.drop_table("shares")
    op.drop_column("dashboards", "shared")
