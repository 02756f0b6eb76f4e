"""Churn from a table that says who left: its other columns are the features, folds are the test."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from store.errors import InvalidRequest, unknown
from tools.churn.task import Numbers, Task, refuse_few
from tools.entities import fetch
from tools.registry import ToolContext
from warehouse.compiled import Compiled
from warehouse.compiler import compile_records
from warehouse.model.schema import Dimension, SemanticModel, Table
from warehouse.query import Condition, DimRef, RecordQuery

MOST_ROWS = 50_000
_MOST_FEATURES = 60
_MOST_LEVELS = 60
_OUTCOME = re.compile(
    r"^(?:is_?|has_?)?(?:churn(?:ed)?|left|exited|attrition|attrited|cancell?ed|gone)(?:_?flag)?$", re.I
)
_YES = ("true", "yes", "1", "y", "t", "churned", "left", "cancelled", "canceled", "exited", "attrited customer")
_NO = ("false", "no", "0", "n", "f", "stayed", "active", "retained", "existing customer")
_WORTH = re.compile(
    r"month.*(?:charge|revenue|fee|spend|price)|mrr|(?:^|_)(?:revenue|spend|value|charges|premium|balance)", re.I
)


@dataclass(frozen=True)
class Labelled:
    """A table whose column `outcome` says who left; `key` names a row."""

    name: str
    table: Table
    outcome: str
    key: str

    @property
    def records(self) -> str:
        return "customers" if "customer" in f"{self.name} {self.key}" else self.table.records or "records"


def find(model: SemanticModel, asked: str | None) -> Labelled | None:
    """The table and column that say who left: the one asked for, else one whose name says so. Raises `UnknownName`."""
    if asked is not None:
        name, _, column = asked.rpartition(".")
        if name not in model.tables or column not in _columns(model.tables[name]):
            known = [f"{t}.{c}" for t, table in model.tables.items() for c in _columns(table)]
            raise unknown("column", asked, known)
        return _labelled(name, model.tables[name], column)
    for name, table in model.tables.items():
        for column in _columns(table):
            if _OUTCOME.match(column) and len(table.key) == 1:
                return _labelled(name, table, column)
    return None


def _columns(table: Table) -> list[str]:
    return [*table.dimensions, *table.numbers]


def _labelled(name: str, table: Table, column: str) -> Labelled:
    if len(table.key) != 1:
        raise InvalidRequest(
            f"The table {table.label or name} has no column that names a row, so nobody can be told apart.",
            code="no_entity", hint="Name the key of the table in the model.",
        )  # fmt: skip
    return Labelled(name, table, column, table.key[0])


def prepared(
    context: ToolContext, found: Labelled, filters: tuple[Condition, ...], without: tuple[str, ...]
) -> tuple[Task, Compiled, float]:
    """The task with everybody who has not left to be judged, the query and its milliseconds. Raises `NotEnough`."""
    names = features(found, without)
    key, outcome = (DimRef(field=f"{found.name}.{n}") for n in (found.key, found.outcome))
    query = RecordQuery(
        table=found.name, columns=(key, outcome, *(DimRef(field=f"{found.name}.{n}") for n in names)), filters=filters,
        limit=MOST_ROWS,
    )  # fmt: skip
    compiled = compile_records(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )
    result = fetch(context, compiled, rows=MOST_ROWS)
    ids, said, *rest = (c.to_pylist() for c in result.table.columns)
    left = _left(said, found)
    columns = dict(zip(names, rest, strict=True))
    kinds = {n: _kind(found.table, n) for n in names}
    kept = [n for n in names if kinds[n] == "number" or 1 < len({str(v) for v in columns[n]}) <= _MOST_LEVELS]
    columns = {n: [_plain(v, kinds[n]) for v in columns[n]] for n in kept}
    known = [i for i, v in enumerate(left) if v is not None]
    judged = [i for i, v in enumerate(left) if not v]
    refuse_few(np.array([float(bool(left[i])) for i in known]), None, found.records)
    place = {row: at for at, row in enumerate(known)}
    worth = next((n for n in kept if kinds[n] == "number" and _WORTH.search(n)), None)
    return Task(
        ids=[ids[i] for i in judged], kinds={n: kinds[n] for n in kept}, labels=labels(found, kept),
        train={n: [v[i] for i in known] for n, v in columns.items()},
        outcome=[float(bool(left[i])) for i in known], group=known, test=None, test_outcome=[],
        score={n: [v[i] for i in judged] for n, v in columns.items()},
        worth=_worth(columns[worth], judged) if worth else None,
        worth_label=labels(found, [worth])[worth].lower() if worth else "",
        definition=f"{labels(found, [found.outcome])[found.outcome]} is yes", horizon="", trained="", snapshots=0,
        known=[[at, place[row]] for at, row in enumerate(judged) if row in place],
    ), compiled, result.ms  # fmt: skip


def features(found: Labelled, without: tuple[str, ...]) -> list[str]:
    """Columns that may tell something: no ids, names, personal data, free text or dates."""
    table = found.table
    barred = {found.outcome, found.key, table.name_column, *without}
    dimensions = [n for n, d in table.dimensions.items() if n not in barred and n not in table.numbers and _usable(d)]
    return [*dimensions, *(n for n in table.numbers if n not in barred)][:_MOST_FEATURES]


def _usable(dimension: Dimension) -> bool:
    return not dimension.pii and dimension.groupable and dimension.type in ("text", "boolean", "integer")


def labels(found: Labelled, names: list[str]) -> dict[str, str]:
    """What people call the columns."""
    entries = {**found.table.dimensions, **found.table.numbers}
    return {n: entries[n].label or n.replace("_", " ") for n in names}


def _kind(table: Table, name: str) -> str:
    return "number" if name in table.numbers else "category"


def _plain(value: Any, kind: str) -> Any:
    if value is None:
        return None
    return float(value) if kind == "number" else ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _left(values: list[Any], found: Labelled) -> list[bool | None]:
    """Who left; None where it is not known. Raises `InvalidRequest` for a column that is not a yes or no."""
    texts = [None if v is None else str(v).strip().casefold() for v in values]
    odd = sorted({t for t in texts if t is not None} - {*_YES, *_NO})
    if odd:
        raise InvalidRequest(
            f"“{found.outcome}” is not a yes or no: it also says “{odd[0]}”.", code="no_outcome",
            hint="Name a column that says who left.", details={"field": "outcome"},
        )  # fmt: skip
    return [None if t is None else t in _YES for t in texts]


def _worth(values: list[Any], judged: list[int]) -> Numbers:
    return np.array([values[i] or 0.0 for i in judged], dtype=np.float64)
