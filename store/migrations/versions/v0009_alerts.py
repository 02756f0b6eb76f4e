"""Alerts, what they looked at, what lasts, what was told of it, and how people want to be told."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
TABLES = ("push_wishes", "alert_messages", "alert_incidents", "alert_looks", "alerts")


def _text(name: str, length: int | None = None) -> sa.Column[Any]:
    return sa.Column(name, sa.String(length) if length else sa.Text, nullable=False)


def _json(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON, nullable=optional)


def _moment(name: str, *, optional: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=optional)


def _id() -> sa.Column[Any]:
    return sa.Column("id", sa.String(64), primary_key=True)


def _alert() -> sa.Column[Any]:
    return sa.Column("alert_id", sa.String(64), sa.ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False)


def upgrade() -> None:
    """Create the five tables; digests learn to go to Slack channels and Teams."""
    op.add_column("digests", sa.Column("teams_id", sa.String(64)))
    op.add_column("digests", sa.Column("slack_channel", sa.String(32)))
    _alerts()
    op.create_table(
        "alert_looks",
        _id(), _alert(), _text("mark", 120), _text("outcome", 12), _text("note"), _text("wall", 32),
        _moment("looked_at"),
        sa.UniqueConstraint("alert_id", "mark", name="alert_looks_once"),
    )  # fmt: skip
    op.create_table(
        "alert_incidents",
        _id(), _alert(), _text("workspace", 63), _text("owner", 128), _text("member", 200), _text("state", 12),
        _text("severity", 8), sa.Column("size", sa.Float, nullable=False), _text("since", 10), _text("last", 10),
        _text("told", 10), _text("text"), _moment("opened_at"), _moment("acknowledged_at", optional=True),
        _moment("snoozed_until", optional=True), _moment("escalate_at", optional=True),
        _moment("resolved_at", optional=True),
        sa.UniqueConstraint("alert_id", "member", "since", name="alert_incidents_once"),
    )  # fmt: skip
    op.create_index("alert_incidents_escalating", "alert_incidents", ["escalate_at"])
    op.create_table(
        "alert_messages",
        _id(), _text("workspace", 63), _text("owner", 128), _text("mark", 200), _text("state", 8), _text("headline"),
        _json("body"), _json("target"), _json("alerts"), _moment("moment"), _moment("created_at"),
        _moment("read_at", optional=True),
        sa.UniqueConstraint("owner", "mark", name="alert_messages_once"),
    )  # fmt: skip
    op.create_index("alert_messages_of_owner", "alert_messages", ["owner", "created_at"])
    op.create_table(
        "push_wishes",
        sa.Column("owner", sa.String(128), primary_key=True),
        sa.Column("budget", sa.Integer, nullable=False),
        _json("quiet", optional=True),
    )


def _alerts() -> None:
    op.create_table(
        "alerts",
        _id(), _text("workspace", 63), _text("owner", 128), _text("name", 120), _json("rule"), _json("looks"),
        _json("target"), _json("telling"), _json("escalation", optional=True),
        sa.Column("active", sa.Boolean, nullable=False), sa.Column("on_data", sa.Boolean, nullable=False),
        _moment("snoozed_until", optional=True), _moment("next_at", optional=True),
        sa.Column("snapshot", sa.String(80)), sa.Column("version", sa.Integer, nullable=False), _moment("created_at"),
    )  # fmt: skip
    op.create_index("alerts_due", "alerts", ["next_at"])
    op.create_index("alerts_of_owner", "alerts", ["owner", "workspace"])


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_table(table)
    for column in ("teams_id", "slack_channel"):
        op.drop_column("digests", column)
