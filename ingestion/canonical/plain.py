"""A resource without a common table still becomes one: its declared columns, each with its type."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ingestion.canonical.currencies import factor
from ingestion.connectors.manifest import Manifest, Resource, currency_of
from ingestion.connectors.places import json_path
from warehouse.literals import literal, quoted

_TYPES = {
    "text": "VARCHAR", "decimal": "DECIMAL(18,4)", "integer": "BIGINT", "boolean": "BOOLEAN", "moment": "TIMESTAMPTZ",
    "present": "VARCHAR", "date": "DATE",
}  # fmt: skip


_BARE = frozenset(("name", "id", "value", "code", "label", "key", "type", "title"))
_WRAPPERS = frozenset(
    ("attributes", "properties", "data", "fields", "node", "item", "object", "record", "metrics", "dimensions")
)


def select(manifest: Manifest, resource: Resource, raw: str) -> str:
    """SQL of the table: one row per raw row, columns named after their place."""
    names = names_of(list(resource.columns))
    columns = [
        f"CAST({_value(manifest, place, kind)} AS {_TYPES.get(kind, 'DECIMAL(18,4)')}) AS {quoted(names[place])}"
        for place, kind in resource.columns.items()
    ]
    return f"SELECT {', '.join(columns)} FROM {raw}"


def _value(manifest: Manifest, place: str, kind: str) -> str:
    """SQL of one value: a moment in its zone, a day as it is written, an amount in major units."""
    from ingestion.canonical.compiling import moment

    value = _text(place)
    if kind == "moment":
        return moment(manifest, value, None)
    if kind == "date":
        digits = f"regexp_matches({value}, '^[0-9]{{8}}$') THEN CAST(strptime({value}, '%Y%m%d') AS DATE)"
        return f"CASE WHEN {digits} ELSE CAST(left({value}, 10) AS DATE) END"
    if currency := currency_of(kind):
        return _amount(manifest, value, f"upper({_text(currency)})")
    return value


def _amount(manifest: Manifest, value: str, currency: str) -> str:
    unit, number = manifest.money.unit, f"CAST({value} AS DECIMAL(24,6))"
    if unit == "minor":
        return f"{number} * {factor(currency, manifest.money.exponents)}"
    return f"{number} * CAST('0.000001' AS DECIMAL(7,6))" if unit == "micro" else number


def _text(place: str) -> str:
    return f"nullif(json_extract_string(_row, {literal(json_path(place))}), '')"


def names_of(places: Sequence[str]) -> dict[str, str]:
    """Column names: the last part of a place (`status` of `attributes.status`), all of it where two end alike.

    A part that says nothing by itself takes the one before it: `carrier_name` of `carrier.name`.
    """
    last = {place: _name(_telling(place)) for place in places}
    often = Counter(last.values())
    return {place: short if often[short] == 1 else _name(place) for place, short in last.items()}


def _telling(place: str) -> str:
    *above, last = place.split(".")
    bare = bool(above) and last.casefold() in _BARE and above[-1].casefold() not in _WRAPPERS
    return f"{above[-1]}_{last}" if bare else last


def _name(place: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", place).lower()).strip("_")
