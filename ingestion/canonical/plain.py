"""A resource without a common table still becomes one: its declared columns, each with its type."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from ingestion.connectors.manifest import Manifest, Resource
from ingestion.connectors.places import json_path
from warehouse.literals import literal, quoted

_TYPES = {
    "text": "VARCHAR", "decimal": "DECIMAL(18,4)", "integer": "BIGINT", "boolean": "BOOLEAN", "moment": "TIMESTAMPTZ",
    "present": "VARCHAR",
}  # fmt: skip


def select(manifest: Manifest, resource: Resource, raw: str) -> str:
    """SQL of the table: one row per raw row, columns named after their place."""
    from ingestion.canonical.compiling import moment

    columns, names = [], names_of(list(resource.columns))
    for place, kind in resource.columns.items():
        value = f"nullif(json_extract_string(_row, {literal(json_path(place))}), '')"
        value = moment(manifest, value, None) if kind == "moment" else value
        columns.append(f"CAST({value} AS {_TYPES[kind]}) AS {quoted(names[place])}")
    return f"SELECT {', '.join(columns)} FROM {raw}"


def names_of(places: Sequence[str]) -> dict[str, str]:
    """Column names: the last part of a place (`status` of `attributes.status`), all of it where two end alike."""
    last = {place: _name(place.rpartition(".")[2]) for place in places}
    often = Counter(last.values())
    return {place: short if often[short] == 1 else _name(place) for place, short in last.items()}


def _name(place: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", place).lower()).strip("_")
