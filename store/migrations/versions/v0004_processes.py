"""Several processes on one state: who holds a run or a job, leases, schedules, and what is still to be delivered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the holder of runs and jobs, and the four tables."""
    op.add_column("runs", sa.Column("holder", sa.String(64)))
    op.add_column("runs", sa.Column("stop_asked", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("jobs", sa.Column("holder", sa.String(64)))
    op.add_column("jobs", sa.Column("progress", sa.JSON))
    op.create_table(
        "processes",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("lock", sa.BigInteger, nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(160), primary_key=True),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
    )
    op.create_table(
        "schedules",
        sa.Column("name", sa.String(160), primary_key=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("fired_at", MOMENT),
    )
    _create_outbox()


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("workspace", sa.String(63)),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("holder", sa.String(64)),
        sa.Column("until", MOMENT),
        sa.Column("note", sa.Text),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.UniqueConstraint("kind", "key", name="outbox_once"),
    )
    op.create_index("outbox_due", "outbox", ["state", "due_at"])


def downgrade() -> None:
    """Drop them."""
    for table in ("outbox", "schedules", "leases", "processes"):
        op.drop_table(table)
    op.drop_column("jobs", "progress")
    op.drop_column("jobs", "holder")
    op.drop_column("runs", "stop_asked")
    op.drop_column("runs", "holder")
