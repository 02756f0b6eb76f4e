"""Names of what repeats in the calendar and of steps of numbers: people read “Saturday” and “30–39”, no 6 and no 30."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from tools.evidence import ResultTable
from warehouse.compiler.calendars import on_the_clock
from warehouse.compiler.period_labels import bucket_label
from warehouse.model.schema import SemanticModel
from warehouse.query import DimRef, Grain, TimeWindow

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
_TO = "–"
_NAMED: tuple[Grain, ...] = ("week", "month", "quarter", "year")
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
        if dimension.band is not None:
            _name_bands(table, at, dimension.band)
            continue
        names = NAMES.get(dimension.part or "")
        if names is None:
            continue
        for row in table.rows:
            row[at] = names.get(row[at], row[at])
        update = {"type": "text", "label": _LABELS[dimension.part or ""]}
        table.columns[at] = table.columns[at].model_copy(update=update)


def _name_bands(table: ResultTable, at: int, width: Decimal) -> None:
    """Write “30–39” for the ages from 30, and “50–100” for amounts from 50 to less than 100."""
    column = table.columns[at]
    last = 1 if column.type == "integer" else 0
    for row in table.rows:
        if row[at] is not None:
            low = Decimal(str(row[at])).normalize()
            row[at] = f"{low:,f}{_TO}{low + width - last:,f}"
    table.columns[at] = column.model_copy(update={"type": "text", "unit": None})


def name_periods(table: ResultTable, model: SemanticModel, time: TimeWindow | None) -> None:
    """Write the names of fiscal, retail and ISO periods into their cells: their first day names another period.

    “Aug 30, 2026” is the first day of P8 FY2026, and February the first month of a fiscal Q1. Row keys stay dates.
    """
    rules = on_the_clock(model, time).calendar
    for at, column in enumerate(table.columns):
        grain = next((g for g in _NAMED if g == column.grain), None)
        if grain is None or not (rules.weekly or (rules.first_month > 1 and grain in ("quarter", "year"))):
            continue
        for row in table.rows:
            if row[at] is not None:
                row[at] = bucket_label(datetime.fromisoformat(str(row[at])), grain, rules)
        table.columns[at] = column.model_copy(update={"type": "text", "grain": None})


def stored(dimension: DimRef, value: Any) -> Any:
    """The number behind a name that `name_parts` wrote; any other value as it is."""
    if dimension.band is not None and isinstance(value, str):
        return Decimal(value.split(_TO)[0].replace(",", ""))
    names = NAMES.get(dimension.part or "", {})
    return next((number for number, name in names.items() if name == value), value)
