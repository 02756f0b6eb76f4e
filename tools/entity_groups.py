"""Customers by what they are or where they mostly buy, so that skills about people can speak of kinds of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from store.errors import InvalidRequest, NotEnough
from tools.entities import MOST_ENTITIES, Activity, Entity, compiled_for, entity_query, fetch
from tools.evidence import json_value
from tools.registry import ToolContext
from tools.segments import rfm
from warehouse.compiler import compile_records
from warehouse.query import Condition, DimRef, RecordQuery

Split = DimRef | Literal["rfm"]
MOST_GROUPS = 200
FEW = 30
"""Groups smaller than this are in the table, but no sentence sets one above others."""
UNKNOWN = "Unknown"
"""What a group of people is called about whom the split says nothing."""


@dataclass(frozen=True)
class Grouped:
    """The group of everybody, in the order of their ids; what the split is called, and the SQL that found it.

    `own` says that the split is something people are, and not where most of their purchases were.
    """

    names: list[str]
    label: str
    sql: str = ""
    own: bool = True


def grouped(
    context: ToolContext, entity: Entity, found: Activity, split: Split, filters: tuple[Condition, ...], today: Any
) -> Grouped:
    """Everybody in `found` by a field of the model, or by RFM segment.

    Somebody with several values (channels, stores) belongs where most of their purchases are. Raises what the
    compiler raises, and `NotEnough` (`no_variation`) when all are of one kind or of too many.
    """
    if split == "rfm":
        columns = found.columns
        names, _ = rfm.segments(columns["last"], columns["days"], columns["amount"] if entity.valued else None)
        return Grouped([str(n) for n in names], "segment")
    query = entity_query(entity, filters, today).model_copy(update={"by": split})
    compiled = compiled_for(context, query, entity)
    table = fetch(context, compiled, rows=MOST_ENTITIES).table
    value = dict(zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True))
    names = [said(value.get(who)) for who in found.ids]
    label = compiled.columns[1].label or split.field.split(".", 1)[1].replace("_", " ")
    own = split.field.split(".", 1)[0] == entity.home
    return _checked(Grouped(names, _small(label), compiled.sql, own), entity.records)


def of_rows(context: ToolContext, table: str, key: str, ids: list[Any], split: Split, records: str) -> Grouped:
    """The rows of one table by another column of it, in the order of `ids`. Raises like `grouped`."""
    if split == "rfm":
        raise InvalidRequest(
            f"I know no purchases of these {records}, so they have no RFM segments.", code="no_entity",
            hint="Name a column to split them by.",
        )  # fmt: skip
    query = RecordQuery(table=table, columns=(DimRef(field=f"{table}.{key}"), split), limit=50_000)
    compiled = compile_records(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )
    found = fetch(context, compiled, rows=50_000).table
    value = dict(zip(found.column(0).to_pylist(), found.column(1).to_pylist(), strict=True))
    label = compiled.columns[1].label or split.field.split(".", 1)[1].replace("_", " ")
    return _checked(Grouped([said(value.get(i)) for i in ids], _small(label), compiled.sql), records)


def said(value: Any) -> str:
    """The name of a group."""
    return UNKNOWN if value is None or value == "" else str(json_value(value))


def sizes(names: list[str]) -> list[tuple[str, np.ndarray]]:
    """Each group with the places of its members, the largest first."""
    array = np.array(names)
    groups = [(str(name), np.flatnonzero(array == name)) for name in np.unique(array)]
    return sorted(groups, key=lambda g: (-len(g[1]), g[0]))


def _small(label: str) -> str:
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _checked(found: Grouped, records: str) -> Grouped:
    kinds = len(set(found.names))
    if kinds < 2:
        raise NotEnough(f"All {records} have the same {found.label}, so there is nothing to compare.",
                        code="no_variation")  # fmt: skip
    if kinds > MOST_GROUPS:
        raise NotEnough(
            f"There are {kinds:,} values of {found.label}: too many to compare {records} by.", code="too_many_groups",
            hint="Split by something with fewer values.",
        )  # fmt: skip
    return found
