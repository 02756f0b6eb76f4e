"""What a person may know of a workspace before any query runs: model, profile and values without what policies hide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from store.errors import PlainsayError
from store.principal import Principal
from warehouse import guard
from warehouse.compiler import compile_query
from warehouse.compiler.policies import Rights
from warehouse.engines.base import Engine
from warehouse.model.schema import Dimension, SemanticModel, Table
from warehouse.model.value_build import narrowed
from warehouse.model.values import ValuesIndex
from warehouse.profile import ColumnProfile, DataProfile, TableProfile
from warehouse.query import DimRef, MetricQuery
from warehouse.snapshot import Snapshot

_MOST_VALUES = 10_000


def model_for(model: SemanticModel, principal: Principal) -> SemanticModel:
    """The model without hidden columns, and without the values and questions that name rows out of sight."""
    rights = Rights(model, principal)
    if not rights.digest:
        return model
    tables = {n: _unnamed(t) if rights.guards(n) else t for n, t in rights.model.tables.items()}
    return rights.model.model_copy(update={"tables": tables, "verified": (), "starters": ()})


def profile_for(model: SemanticModel, profile: DataProfile, principal: Principal) -> DataProfile:
    """The profile without the cells of hidden columns and of rows out of sight; types, counts and dates stay."""
    rights = Rights(model, principal)
    if not rights.digest:
        return profile
    tables = {name: _blank(rights, name, table) for name, table in profile.tables.items()}
    return profile.model_copy(update={"tables": tables})


def values_for(
    values: ValuesIndex, model: SemanticModel, principal: Principal, distinct: Callable[[str, str], set[str]]
) -> ValuesIndex:
    """The index with the values that `distinct(table, dimension)` gives where a row policy binds."""
    rights = Rights(model, principal)
    if not rights.digest:
        return values

    def seen(table: str, dimension: str) -> set[str] | None:
        if (table, dimension) in rights.hidden or dimension not in rights.model.tables[table].dimensions:
            return set()
        return distinct(table, dimension) if rights.guards(table) else None

    return narrowed(values, model, seen)


def distinct_values(
    model: SemanticModel, profile: DataProfile, principal: Principal, snapshot: Snapshot, engine: Engine
) -> Callable[[str, str], set[str]]:
    """Reads the values of a dimension through the gate; none where the person's rights cannot be told."""

    def read(table: str, dimension: str) -> set[str]:
        query = MetricQuery(dimensions=(DimRef(field=f"{table}.{dimension}"),), limit=_MOST_VALUES)
        try:
            compiled = compile_query(model, query, profile=profile, as_of=datetime.now(), principal=principal)
            bound = guard.authorize(compiled, principal, model=model, snapshot=snapshot)
        except PlainsayError:
            return set()
        return {str(v) for v in engine.run(bound).table.column(0).to_pylist() if v is not None}

    return read


def hidden_columns(model: SemanticModel, principal: Principal) -> set[tuple[str, str]]:
    """(stored table, column) of what the person must not hear of; masked columns keep their names."""
    found = Rights(model, principal).hidden.items()
    return {(model.tables[t].source, c) for (t, c), action in found if action == "hide"}


def _unnamed(table: Table) -> Table:
    """The table without words for single values, except of yes-or-no dimensions."""
    dimensions: dict[str, Dimension] = {
        n: d.model_copy(update={"values": {}}) if d.type != "boolean" else d for n, d in table.dimensions.items()
    }
    return table.model_copy(update={"dimensions": dimensions})


def _blank(rights: Rights, stored: str, table: TableProfile) -> TableProfile:
    described = [(n, t) for n, t in rights.model.tables.items() if t.source.rsplit(".", 1)[-1] == stored]
    hidden = {c for n, _ in described for (owner, c) in rights.hidden if owner == n}
    guarded = any(rights.guards(n) for n, _ in described)
    dates = {c for _, t in described if t.time for c in t.time.columns}
    columns = {
        name: _without_cells(column, bounds=name in dates and name not in hidden)
        if name in hidden or guarded
        else column
        for name, column in table.columns.items()
    }
    return table.model_copy(update={"columns": columns})


def _without_cells(column: ColumnProfile, *, bounds: bool) -> ColumnProfile:
    gone: dict[str, Any] = {"values": [], "mean": None, "avg_length": None, "max_length": None}
    return column.model_copy(update=gone if bounds else gone | {"min": None, "max": None})
