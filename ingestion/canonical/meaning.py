"""The semantic model of the common tables, so that questions across providers need no modelling by anybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from ingestion.canonical.tables import all_tables
from ingestion.profiling import SourceFacts
from warehouse.model.schema import SemanticModel
from warehouse.profile import DataProfile, TableProfile

ORIGIN = "Connected sources"
SURE = 0.99
"""Not 1, which marks what a person wrote: ours may change with a release and with the data."""


@dataclass(frozen=True)
class Worth:
    """The reporting currency, and which amounts lack a rate into it: table -> column -> currency -> rows."""

    currency: str | None = None
    gaps: Mapping[str, Mapping[str, Mapping[str, int]]] = field(default_factory=dict)


_NO_WORTH = Worth()
_FREE = ("text", "url", "answers", "properties", "payload", "title", "page_url", "referrer")
_COLUMN = re.compile(r"[a-z_]+")
_FILE = Path(__file__).with_name("meaning.yaml")


def given(
    profile: DataProfile, facts: Mapping[str, SourceFacts], uncovered: Mapping[str, str], worth: Worth = _NO_WORTH
) -> SemanticModel | None:
    """The meaning of the common tables that are there; None when there are none.

    `uncovered` says per metric which sources cannot give it; amounts are in the reporting currency of `worth` where
    every row of a known currency has a rate. Amounts of an unknown currency are part of no sum.
    """
    ours = {n for n, f in facts.items() if f.origin == f"{ORIGIN} › {n}"} & set(profile.tables)
    specs = _raw()["tables"]
    tables = {
        name: _table(name, specs.get(name) or _plain(name), profile, worth, ours)
        for name in sorted(ours)
        if name in specs or name in all_tables()
    }
    if not tables:
        return None
    measures = {n: m for t in tables.values() for n, m in t.get("measures", {}).items()}
    metrics = {
        name: _metric(spec, uncovered.get(name)) for name, spec in _raw()["metrics"].items()
        if _one_money(spec, measures)
    }  # fmt: skip
    return SemanticModel.model_validate({"model": "connected", "tables": tables, "metrics": metrics})


def _one_money(spec: Mapping[str, Any], measures: Mapping[str, Any]) -> bool:
    """Whether both sides of a ratio are there, and not one in the reporting currency and one in that of each row."""
    sides = [measures.get(spec["numerator"]), measures.get(spec["denominator"])]
    units = [set(side.get("unit", {})) & {"currency", "currency_column"} for side in sides if side is not None]
    return len(units) == 2 and not (units[0] and units[1] and units[0] != units[1])


@lru_cache(maxsize=1)
def _raw() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return raw


def _plain(name: str) -> dict[str, Any]:
    """What a common table means that has no words of its own: its rows can be counted and split."""
    table = all_tables()[name]
    texts = [c for c in table.columns.values() if c.sql == "VARCHAR" and not c.name.endswith(("_hash", "_json"))]
    moments = {c.name: c.sql for c in table.columns.values() if c.sql in ("TIMESTAMPTZ", "DATE")}
    spec: dict[str, Any] = {
        "key": ["connection_id", *table.key],
        "joins": [{"to": "connected_sources", "on": {"connection_id": "connection_id"}}],
        "dimensions": {
            c.name: {"groupable": False, "sample": 0} if c.name.endswith("_id") or c.name in _FREE else {}
            for c in texts
        },
        "measures": {f"number_of_{name}": {"label": f"Number of {name.replace('_', ' ')}", "agg": "count"}},
    }
    if moments:
        kinds = {n: {"kind": "date" if sql == "DATE" else "instant"} for n, sql in moments.items()}
        spec["time"] = {"default": next(iter(moments)), "columns": kinds}
    return spec


def _table(name: str, spec: Mapping[str, Any], profile: DataProfile, worth: Worth, there: set[str]) -> dict[str, Any]:
    stored = profile.tables[name]
    made: dict[str, Any] = {"source": name, "label": name.replace("_", " ").capitalize(), "confidence": SURE}
    made |= {k: v for k, v in spec.items() if k not in ("dimensions", "measures", "joins", "time")}
    made["joins"] = [{**j, "confidence": SURE} for j in spec.get("joins", ()) if j["to"] in there]
    made["dimensions"] = {
        n: _sure(d) for n, d in spec.get("dimensions", {}).items()
        if _filled(stored, d.get("expr", n)) and not (n == "connection" and _one_each(stored))
    }  # fmt: skip
    if made.get("name_column") not in made["dimensions"]:
        made.pop("name_column", None)
    made["measures"] = {
        n: _sure(m)
        for n, s in spec.get("measures", {}).items()
        if (m := _measure(s, stored, (worth.currency, worth.gaps.get(name, {})))) is not None
    }
    if "time" in spec:
        columns = {n: _sure(c) for n, c in spec["time"]["columns"].items() if _filled(stored, n)}
        if spec["time"]["default"] in columns:
            made["time"] = {"default": spec["time"]["default"], "columns": columns}
    return made


def _measure(
    spec: Mapping[str, Any], stored: TableProfile, worth: tuple[str | None, Mapping[str, Any]]
) -> dict[str, Any] | None:
    """A measure with its amount chosen; None when its column holds nothing.

    One amount without a rate keeps all amounts of the table as they are, or a ratio would divide euro by yen.
    """
    reporting, gaps = worth
    made = {k: v for k, v in spec.items() if k != "money"}
    column = spec.get("money") or spec.get("expr")
    if column is None:
        return made
    if not all(_filled(stored, name) for name in _COLUMN.findall(column)):
        return None
    if "money" not in spec:
        return made
    if reporting is not None and not gaps and _filled(stored, f"{column}_reporting"):
        return made | {"expr": f"{column}_reporting", "unit": {"currency": reporting}}
    if _some_unknown(stored):
        made["where"] = f"({spec['where']}) AND currency <> ''" if "where" in spec else "currency <> ''"
    return made | {"expr": column, "unit": {"currency_column": "currency"}}


def _one_each(stored: TableProfile) -> bool:
    """Whether connections go by the names of their providers, so that a name means one thing."""
    labels, providers = (stored.columns.get(c) for c in ("connection", "provider"))
    return labels is not None and providers is not None and sorted(labels.values) == sorted(providers.values)


def _some_unknown(stored: TableProfile) -> bool:
    """Whether rows name no currency, or may: a profile of many values keeps only some."""
    found = stored.columns.get("currency")
    return found is None or bool(found.nulls) or not found.values or "" in found.values


def _filled(stored: TableProfile, column: str) -> bool:
    found = stored.columns.get(column)
    return found is not None and found.nulls < found.rows


def _metric(spec: Mapping[str, Any], uncovered: str | None) -> dict[str, Any]:
    made = {**spec, "confidence": SURE}
    if uncovered:
        made["description"] = f"{spec.get('description', spec['label'] + '.')} Not covered: {uncovered}"
    return made


def _sure(spec: Mapping[str, Any]) -> dict[str, Any]:
    words = [{"text": w, "state": "generated", "weight": 1.0} for w in spec.get("synonyms", ())]
    return {**spec, "confidence": SURE, **({"synonyms": words} if words else {})}
