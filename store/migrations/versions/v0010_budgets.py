"""Budgets of questions a day, and what of them is spent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "budgets",
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("of", sa.String(128), primary_key=True),
        sa.Column("questions", sa.Integer, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "budget_days",
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("kind", sa.String(12), primary_key=True),
        sa.Column("of", sa.String(128), primary_key=True),
        sa.Column("asked", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("budget_days")
    op.drop_table("budgets")
