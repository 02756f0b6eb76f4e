"""A resource without a common table still becomes one: its declared columns, each with its type."""

from __future__ import annotations

import re

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

    columns = []
    for place, kind in resource.columns.items():
        value = f"nullif(json_extract_string(_row, {literal(json_path(place))}), '')"
        value = moment(manifest, value, None) if kind == "moment" else value
        columns.append(f"CAST({value} AS {_TYPES[kind]}) AS {quoted(name_of(place))}")
    return f"SELECT {', '.join(columns)} FROM {raw}"


def name_of(place: str) -> str:
    """The column's name: the place with underscores."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", place).lower()).strip("_")
