"""Names for the time between two dates that no model wrote down, so that “how long from … to …” can be asked at all."""

from __future__ import annotations

import re
from typing import get_args

from warehouse.model.schema import Duration, DurationUnit, SemanticModel

_NAME = re.compile(rf"({'|'.join(get_args(DurationUnit))})s\(([^()]+) to ([^()]+)\)")


def span_name(start: str, end: str, unit: DurationUnit = "day") -> str:
    """The column name of the time between two fields (`table.column`): `days(sales.sold_on to sales.paid_on)`."""
    return f"{unit}s({start} to {end})"


def span_of(model: SemanticModel, name: str) -> Duration | None:
    """The duration that a column name speaks of; None for other names and where an end is no date of the model."""
    found = _NAME.fullmatch(name)
    if found is None or not all(_is_date(model, found[n]) for n in (2, 3)):
        return None
    unit: DurationUnit = found[1]  # type: ignore[assignment]  # the pattern lists the units
    return Duration(start=found[2], end=found[3], unit=unit)


def _is_date(model: SemanticModel, field: str) -> bool:
    table, _, column = field.partition(".")
    spec = model.tables.get(table)
    if spec is None:
        return False
    dimension = spec.dimensions.get(column)
    timed = spec.time is not None and column in spec.time.columns
    return timed or (dimension is not None and dimension.type in ("date", "datetime") and dimension.expr is None)
