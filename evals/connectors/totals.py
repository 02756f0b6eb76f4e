"""What a load must come to, worked out from the served rows by other arithmetic than the engine's SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ingestion.connectors.manifest import Manifest, Resource
from ingestion.connectors.manifest import Mapping as Mapped

_MONEY = re.compile(r"(?P<place>[\w.]+) \| money(?:\((?P<unit>\w+)\))?")
_NAME = re.compile(r"(?P<place>[\w.]+) \| upper")
_NONE_BEHIND = {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"}
_THREE_BEHIND = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
_PENNY = Decimal("0.0001")
Row = Mapping[str, Any]


def wanted(manifest: Manifest, served: Mapping[str, Sequence[Row]]) -> dict[str, Decimal | int]:
    """Rows by common table and sums by `table.column`, of tables that one whole list fills with plain amounts."""
    found: dict[str, Decimal | int] = {}
    for mapping in manifest.canonical:
        alone = sum(m.table == mapping.table for m in manifest.canonical) == 1
        if not alone or mapping.where or mapping.each or mapping.resource not in served:
            continue
        rows = _latest(manifest.resource(mapping.resource), served[mapping.resource])
        found[mapping.table] = len(rows)
        found |= {f"{mapping.table}.{c}": s for c, s in _sums(manifest, mapping, rows).items()}
    return found


def _latest(resource: Resource, rows: Sequence[Row]) -> list[Row]:
    """One row of each key, the last."""
    if not resource.key:
        return list({json.dumps(row, sort_keys=True): row for row in rows}.values())
    return list({json.dumps([_at(row, k) for k in resource.key]): row for row in rows}.values())


def _sums(manifest: Manifest, mapping: Mapped, rows: Sequence[Row]) -> dict[str, Decimal]:
    named = _NAME.fullmatch(mapping.columns.get("currency", ""))
    if named is None:
        return {}
    found = {}
    for column, text in mapping.columns.items():
        amount = _MONEY.fullmatch(text)
        if amount is None:
            continue
        unit = amount["unit"] or manifest.money.unit
        values = [(_at(row, amount["place"]), str(_at(row, named["place"]) or "")) for row in rows]
        found[column] = sum((_major(v, unit, c.upper(), manifest) for v, c in values if v is not None), Decimal(0))
    return found


def _major(value: Any, unit: str, currency: str, manifest: Manifest) -> Decimal:
    amount = Decimal(str(value))
    if unit == "micro":
        amount /= 1_000_000
    elif unit == "minor":
        behind = 0 if currency in _NONE_BEHIND else 3 if currency in _THREE_BEHIND else 2
        amount /= 10 ** manifest.money.exponents.get(currency, behind)
    return amount.quantize(_PENNY, ROUND_HALF_UP)


def _at(row: Any, place: str) -> Any:
    for name in place.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row
