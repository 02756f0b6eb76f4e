"""What the values of a source must look like: a broken promise is loud and keeps the row, it never empties a figure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from ingestion.connectors.places import every
from ingestion.connectors.spans import moment_of

_MOST = Decimal(10) ** 13
_NAMES = {
    "decimal": "a number", "integer": "a whole number", "moment": "a time", "boolean": "true or false",
    "text": "text", "present": "given", "date": "a date",
}  # fmt: skip


@dataclass(frozen=True)
class Contract:
    """Types by place. An absent value and null keep every promise but `present`."""

    types: Mapping[str, str]

    def broken_by(self, row: Mapping[str, Any]) -> str | None:
        """Why the row cannot be used, in words; None when it can."""
        for place, kind in self.types.items():
            values = every(row, place)
            if kind == "present":
                if not values:
                    return f"“{place}” is missing."
                continue
            for value in values:
                if value is not None and not fits(value, kind):
                    return f"“{place}” is {str(value)[:60]!r}, which is not {_NAMES.get(kind, 'a number')}."
        return None


def fits(value: Any, kind: str) -> bool:
    """Whether a JSON value can be read as `kind` without losing anything."""
    if kind in ("moment", "date"):
        return moment_of(value) is not None
    if kind == "boolean":
        return isinstance(value, bool) or str(value).lower() in ("true", "false", "0", "1", "t", "f")
    if kind == "text":
        return True
    return _is_number(value, whole=kind == "integer")


def _is_number(value: Any, *, whole: bool) -> bool:
    if isinstance(value, bool | dict | list):
        return False
    if isinstance(value, int):
        return abs(value) < _MOST
    if value == "":
        return True
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    return number.is_finite() and abs(number) < _MOST and (not whole or number == number.to_integral_value())
