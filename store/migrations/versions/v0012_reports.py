"""Files that a digest brings along."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column."""
    op.add_column("digests", sa.Column("attach", sa.JSON))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("digests", "attach")
