"""By which dimensions a change is searched: what a person would split the figure by, near ones first, none twice."""

from __future__ import annotations

import re

from warehouse.model.adhoc import humanize
from warehouse.model.schema import Dimension, SemanticModel, Table
from warehouse.profile import DataProfile
from warehouse.query import DimRef

MOST_FIELDS = 16
MOST_MEMBERS = 1000
_FEW_CODES = 40
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_QUOTED = re.compile(r"'[^']*'")


def candidates(model: SemanticModel, profile: DataProfile, table: str) -> list[DimRef]:
    """Dimensions of `table` and of what it joins to, at most `MOST_FIELDS`; no personal data, no free text."""
    found: dict[str, DimRef] = {}
    for name in _near(model, table):
        spec = model.tables[name]
        pointing = _pointing(model, spec)
        for field, dimension in spec.dimensions.items():
            label = label_of(field, dimension).casefold()
            if label not in found and field not in pointing and _splits(spec, field, dimension, profile):
                found[label] = DimRef(field=f"{name}.{field}")
    return list(found.values())[:MOST_FIELDS]


def conditions_of(model: SemanticModel, table: str, name: str) -> frozenset[str]:
    """The fields that the conditions of a measure, or of a metric made of it, speak of."""
    metric = model.metrics.get(name)
    inner = metric.measure or name if metric else name
    measure = model.tables[table].measures.get(inner)
    said = f"{measure.where or '' if measure else ''} {metric.where or '' if metric else ''}"
    words = {w.rsplit(".", 1)[-1] for w in _WORD.findall(_QUOTED.sub(" ", said))}
    return frozenset(f"{table}.{n}" for n in model.tables[table].dimensions if n in words)


def described(model: SemanticModel, ref: DimRef) -> tuple[str, Dimension | None]:
    """The label of a dimension and its description, when the model has one by that name."""
    table, _, name = ref.field.rpartition(".")
    homes = [table] if table else [t for t, spec in model.tables.items() if name in spec.dimensions]
    dimension = model.tables[homes[0]].dimensions.get(name) if homes and homes[0] in model.tables else None
    return (label_of(name, dimension) if dimension else humanize(name)), dimension


def label_of(name: str, dimension: Dimension) -> str:
    """What people call a dimension."""
    return dimension.label or humanize(name)


def _near(model: SemanticModel, table: str) -> list[str]:
    """Tables that a row of `table` belongs to, nearest first; roles are left out, for their names say nothing alone."""
    order = [table]
    for name in order:
        for join in model.tables[name].joins:
            if join.to in model.tables and join.to not in order and (join.role is None or join.default):
                order.append(join.to)
    return order


def _pointing(model: SemanticModel, table: Table) -> set[str]:
    """Columns that point at a record with words of its own: people split by these and not by its number."""
    joins = (j for j in table.joins if len(j.on) == 1 and j.to in model.tables and (j.role is None or j.default))
    return {column for j in joins if _is_named(model.tables[j.to]) for column in j.on}


def _is_named(table: Table) -> bool:
    return any(d.type == "text" and d.groupable and n not in table.key for n, d in table.dimensions.items())


def _splits(table: Table, name: str, dimension: Dimension, profile: DataProfile) -> bool:
    if not dimension.groupable or dimension.pii or table.key == (name,):
        return False
    distinct = _distinct(table, name, dimension, profile)
    if dimension.type in ("text", "boolean"):
        return distinct is None or 2 <= distinct <= MOST_MEMBERS
    return dimension.type == "integer" and distinct is not None and 2 <= distinct <= _FEW_CODES


def _distinct(table: Table, name: str, dimension: Dimension, profile: DataProfile) -> int | None:
    stored = profile.tables.get(table.source)
    column = stored.columns.get((dimension.expr or name).strip('"')) if stored else None
    return column.distinct if column else None
