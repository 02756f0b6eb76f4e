"""SQL text from a tree, in the one form that people read and the gate authorises."""

from __future__ import annotations

from sqlglot import exp


def render(statement: exp.Query, dialect: str) -> str:
    """The statement as text, indented, every name quoted."""
    return statement.sql(dialect=dialect, pretty=True, identify=True)
