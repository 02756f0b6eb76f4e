"""Names of what repeats in the calendar: people read “Saturday”, and no 6."""

from __future__ import annotations

from typing import Any

from tools.evidence import ResultTable
from warehouse.query import DimRef

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
NAMES: dict[str, dict[Any, str]] = {
    "weekday": dict(enumerate(_DAYS, start=1)),
    "month_of_year": dict(enumerate(_MONTHS, start=1)),
    "quarter_of_year": {n: f"Q{n}" for n in range(1, 5)},
    "hour_of_day": {n: f"{n:02}:00" for n in range(24)},
    "weekend": {True: "Weekend", False: "Weekday"},
}
_LABELS = {
    "weekday": "Weekday", "month_of_year": "Month of year", "quarter_of_year": "Quarter of year",
    "hour_of_day": "Hour", "weekend": "Weekday or weekend",
}  # fmt: skip


def name_parts(table: ResultTable, dimensions: tuple[DimRef, ...]) -> None:
    """Write names into the cells of weekdays, months, quarters, hours and weekends; row keys stay as they are.

    `dimensions` are those of the query, in the order of the table's dimension columns.
    """
    columns = [i for i, c in enumerate(table.columns) if c.role == "dimension"]
    for at, dimension in zip(columns, dimensions, strict=False):
        names = NAMES.get(dimension.part or "")
        if names is None:
            continue
        for row in table.rows:
            row[at] = names.get(row[at], row[at])
        update = {"type": "text", "label": _LABELS[dimension.part or ""]}
        table.columns[at] = table.columns[at].model_copy(update=update)


def stored(dimension: DimRef, value: Any) -> Any:
    """The number behind a name that `name_parts` wrote; any other value as it is."""
    names = NAMES.get(dimension.part or "", {})
    return next((number for number, name in names.items() if name == value), value)
