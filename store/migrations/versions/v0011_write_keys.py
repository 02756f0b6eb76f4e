"""Write keys: who may send events into which workspace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "write_keys",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False, unique=True),
        sa.Column("name", sa.String(63), nullable=False),
        sa.Column("workspace", sa.String(63), nullable=False),
        sa.Column("origins", sa.JSON),
        sa.Column("per_minute", sa.Integer),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
    )
    op.create_index("write_keys_of_workspace", "write_keys", ["workspace"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("write_keys")
