"""What inference was not sure of, and what people decided about it, so that nobody is asked the same twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from store.errors import InvalidRequest
from warehouse.model.schema import Join, Measure, NumberColumn, SemanticModel, Table

Kind = Literal["key", "join", "role", "time", "unit", "stock", "measure", "dropped"]


class ReviewItem(BaseModel):
    """One assumption: what was found and on what evidence, how sure (0-1), and what goes wrong when it is not so.

    `proposal` is the choice itself, in the shape that an edit may replace: columns of a key, {to, on} of a join, the
    name of a date. `suggested` ones are not in the model until a person accepts them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    table: str
    name: str
    finding: str
    effect: str
    confidence: float = Field(ge=0, le=1)
    evidence: str | None = None
    proposal: Any = None
    suggested: bool = False

    @property
    def id(self) -> str:
        """The same for the same assumption after every load."""
        named = "\0".join((self.kind, self.table, self.name, repr(self.proposal)))
        return hashlib.sha256(named.encode()).hexdigest()[:12]


class Decision(BaseModel):
    """What a person said about an assumption; `value` is the edited proposal."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    item: ReviewItem
    verdict: Literal["accepted", "edited", "rejected"]
    value: Any = None
    by: str | None = None
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))


def apply(model: SemanticModel, decisions: Mapping[str, Decision]) -> SemanticModel:
    """`model` with what people decided; decisions about tables and columns that are gone change nothing."""
    for decision in decisions.values():
        table = model.tables.get(decision.item.table)
        if table is not None:
            changed = _decided(table, decision, model)
            model = model.model_copy(update={"tables": {**model.tables, decision.item.table: changed}})
    return model


def open_items(items: list[ReviewItem], decisions: Mapping[str, Decision]) -> list[ReviewItem]:
    """The assumptions nobody has decided about yet, the least sure first."""
    return sorted((i for i in items if i.id not in decisions), key=lambda i: (i.confidence, i.table, i.name))


def _decided(table: Table, decision: Decision, model: SemanticModel) -> Table:
    item, value = decision.item, decision.value if decision.verdict == "edited" else decision.item.proposal
    if item.kind == "key":
        return _with_key(table, () if decision.verdict == "rejected" else tuple(value))
    if item.kind == "join":
        return _with_join(table, item, None if decision.verdict == "rejected" else value, model)
    if item.kind == "role" and decision.verdict == "rejected":
        return table.model_copy(update={"joins": tuple(_without_default(j, item.name) for j in table.joins)})
    if item.kind == "time":
        return _with_date(table, item.name if decision.verdict == "accepted" else value, decision.verdict)
    if item.kind == "stock" and decision.verdict == "rejected":
        return _summed(table, item.name)
    return table


def _with_key(table: Table, key: tuple[str, ...]) -> Table:
    return table.model_copy(update={"key": key})


def _with_join(table: Table, item: ReviewItem, wanted: Mapping[str, Any] | None, model: SemanticModel) -> Table:
    on = (item.proposal or {}).get("on", {item.name: ""})
    kept = [j for j in table.joins if not (j.to == (item.proposal or {}).get("to", j.to) and set(j.on) == set(on))]
    if wanted is None or wanted.get("to") not in model.tables:
        return table.model_copy(update={"joins": tuple(kept)})
    before = next((j for j in table.joins if j not in kept), None)
    join = Join(to=wanted["to"], on=wanted["on"])
    if before is not None and before.to == join.to:
        join = join.model_copy(update={"role": before.role, "default": before.default})
    return table.model_copy(update={"joins": (*kept, join)})


def _without_default(join: Join, column: str) -> Join:
    return join.model_copy(update={"default": False}) if column in join.on else join


def _with_date(table: Table, wanted: Any, verdict: str) -> Table:
    if table.time is None:
        return table
    if verdict == "rejected":
        others = [name for name in table.time.columns if name != table.time.default]
        wanted = others[0] if others else None
    if wanted is None:
        return table.model_copy(update={"time": None})
    if wanted not in table.time.columns:
        return table
    return table.model_copy(update={"time": table.time.model_copy(update={"default": wanted})})


def _summed(table: Table, column: str) -> Table:
    """A level that a person says is a flow after all: it adds up over time."""
    number = table.numbers.get(column)
    if number is None:
        return table
    numbers: dict[str, NumberColumn] = {**table.numbers, column: number.model_copy(update={"additive": "all"})}
    told = number.expr or column
    measures: dict[str, Measure] = {
        n: m.model_copy(update={"agg": "sum", "additive": "all", "semi_additive": None}) if m.expr == told else m
        for n, m in table.measures.items()
    }
    return table.model_copy(update={"numbers": numbers, "measures": measures})


def checked(item: ReviewItem, value: Any, model: SemanticModel) -> Any:
    """An edited proposal that fits the model. Raises `InvalidRequest` saying what it must look like."""
    table = model.tables[item.table]
    columns = {*table.dimensions, *table.numbers, *(table.time.columns if table.time else ()), *table.key}
    if item.kind == "key" and isinstance(value, list) and value and set(value) <= columns:
        return value
    if item.kind == "time" and table.time is not None and value in table.time.columns:
        return value
    if item.kind == "join" and isinstance(value, dict) and value.get("to") in model.tables and value.get("on"):
        return {"to": value["to"], "on": dict(value["on"])}
    shapes = {"key": 'a list of columns, as in ["order_id"]', "time": "the name of a date column of the table",
              "join": 'the table and columns, as in {"to": "customers", "on": {"customer_id": "id"}}'}  # fmt: skip
    raise InvalidRequest(
        "That cannot replace what was found.",
        hint=f"Give {shapes[item.kind]}." if item.kind in shapes else "Accept or reject it.",
        details={"field": "value"},
    )
