"""Values as people, queries and policies write them, turned into the type of the column they meet."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from warehouse.model.schema import ValueType
from warehouse.query import Scalar, writable

_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0")


def coerced(value: Scalar, kind: ValueType) -> Scalar:
    """The value as one of the kind. Raises `ValueError` or `InvalidOperation` for a misfit."""
    if kind in ("integer", "decimal", "float"):
        return _number(value)
    if kind == "boolean":
        return _boolean(value)
    if kind in ("date", "datetime"):
        return _date(value)
    return str(value)


def _number(value: Scalar) -> Scalar:
    if isinstance(value, date):
        raise ValueError(value)
    number = value if isinstance(value, (int, Decimal)) else Decimal(value.strip())
    if isinstance(number, Decimal):
        writable(number)
    return int(number) if number == int(number) else number


def _boolean(value: Scalar) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text not in (*_TRUE, *_FALSE):
        raise ValueError(value)
    return text in _TRUE


def _date(value: Scalar) -> date:
    if isinstance(value, date):
        return value
    text = str(value).strip()
    if len(text) == 10:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text)
