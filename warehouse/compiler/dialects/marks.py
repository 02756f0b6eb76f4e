"""What the tree says beside DuckDB's SQL: hints that DuckDB does not need and other engines do."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from warehouse.model.schema import ValueType

_BYTES, _KIND = "byte_order", "value_type"


def in_byte_order(value: exp.Column, stored: str | None = None) -> exp.Column:
    """`value`, to be sorted by its bytes whatever the database's language; for text only.

    `stored` names the column behind an output name, which some engines do not know inside an expression.
    """
    value.meta[_BYTES] = stored or value.name
    return value


def typed_null(kind: ValueType | None) -> exp.Null:
    """NULL that is known to stand in a column of `kind`, for engines that take a bare NULL for text."""
    made = exp.Null()
    if kind is not None:
        made.meta[_KIND] = kind
    return made


def byte_ordered(value: exp.Expr) -> exp.Expr | None:
    """The column to sort by its bytes, when that was asked for."""
    name = value.meta.get(_BYTES)
    return exp.column(name, quoted=True) if isinstance(name, str) else None


def null_kind(value: exp.Null) -> ValueType | None:
    """The kind that `typed_null` was told."""
    found: Any = value.meta.get(_KIND)
    return found  # type: ignore[no-any-return]
