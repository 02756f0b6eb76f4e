"""Who the customers are: the one way from a model to what each of them did over time, for all skills that ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from store.errors import LimitReached, NotEnough
from tools import entity_ways as ways
from tools.evidence import Caveat, Column, json_value
from tools.registry import ToolContext
from warehouse import guard
from warehouse.compiled import Compiled, OutputColumn
from warehouse.compiler import compile_records
from warehouse.compiler.entities import compile_entities
from warehouse.engines.base import QueryResult
from warehouse.entity_query import EntityQuery, PerEntity
from warehouse.model.schema import Dimension, SemanticModel, Table, Unit
from warehouse.query import Condition, DimRef, Filter, MetricRef, RecordQuery

Numbers = NDArray[np.float64]

MOST_ENTITIES = 400_000
_MOST_BYTES = 128_000_000
_STALE_DAYS = 7
_EPOCH = date(1970, 1, 1)


class EntityArgs(BaseModel):
    """Whom to look at, by what they do over time; what is not given is found in the model."""

    model_config = ConfigDict(extra="forbid")

    entity: str | None = Field(None, description="`customers` (a table) or `orders.customer_id` (its column)")
    amount: str | None = Field(None, description="the metric that says what a purchase is worth")
    filters: tuple[Condition, ...] = Field((), max_length=100)
    time_column: str | None = Field(None, description="`table.column`; the default is the fact table's own")
    show_names: bool = Field(False, description="list people by name although names are personal data")


@dataclass(frozen=True)
class Entity:
    """Customers as the model knows them: which column names one, which table describes them, what they are worth.

    `record` and `records` are the words for one and for many; `valued` says whether there is an amount at all.
    """

    ref: DimRef
    home: str | None
    fact: str
    record: str
    records: str
    amount: MetricRef
    valued: bool
    when: str
    model: SemanticModel

    @property
    def about(self) -> Table | None:
        """The table that describes them, if there is one."""
        return self.model.tables[self.home] if self.home else None

    @property
    def key(self) -> str:
        """The column of the home table, or of the fact, that identifies one."""
        about = self.about
        return about.key[0] if about is not None and about.key else self.ref.field.split(".", 1)[1]

    @property
    def dimension(self) -> Dimension | None:
        """The model's entry of the identifying column."""
        table = self.about or self.model.tables[self.fact]
        return table.dimensions.get(self.key)


@dataclass
class Activity:
    """One row per entity in the order of the id: `columns` by name as numbers (days count from 1970-01-01)."""

    ids: list[Any]
    columns: dict[str, Numbers]
    compiled: Compiled
    sql: list[str] = field(default_factory=list)
    ms: float = 0.0
    caveats: list[Caveat] = field(default_factory=list)


@dataclass(frozen=True)
class Clock:
    """From when to when there is something to see: `today` is the first day that is not looked at."""

    first: date
    today: date
    anchored: bool


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def find(context: ways.Known, args: EntityArgs) -> Entity:
    """The entity that is asked about. Raises `NotEnough` with code `no_entity` or `no_time`, or `UnknownName`."""
    model = context.model
    homes = ways.asked_amount(model, args.amount) if args.amount else ways.amounts(model)
    found = [(way[0], rank, fact, way) for rank, fact in homes for way in ways.ways(context, fact, args.entity)]
    if not found:
        ways.refuse(model, args.entity)
    _, _, fact, (_, ref, home) = min(found, key=lambda w: w[:2])
    own = [name for name, at in ways.named(model, args.amount) if at == fact]
    amount = own[0] if own else ways.best(model, fact)
    when = args.time_column or ways.time_column(model, fact)
    if when is None:
        raise NotEnough(
            "I know no dates for what they do, so I cannot look along time.", code="no_time",
            hint="Load a table of purchases or visits with a date.",
        )  # fmt: skip
    record, records = ways.words(model, ref, home)
    shaped, events = ways.with_events(model, fact, amount)
    ref_amount = MetricRef(metric=amount or events)
    return Entity(ref, home, fact, record, records, ref_amount, amount is not None, when, shaped)


def clock(context: ToolContext, entity: Entity) -> Clock:
    """The days there are data for; when they end long ago, today is the day after. Raises `NotEnough` (`no_time`)."""
    table, column = entity.when.split(".", 1)
    first, last = context.profile.bounds(entity.model.tables[table].source.rsplit(".", 1)[-1], column)
    if first is None or last is None:
        raise NotEnough("I know no dates for what they do, so I cannot look along time.", code="no_time")
    now = context.as_of.date()
    anchored = (now - last).days > _STALE_DAYS + 1
    return Clock(first, last + timedelta(days=1) if anchored else now, anchored)


def activity(
    context: ToolContext, entity: Entity, filters: tuple[Condition, ...], columns: Sequence[PerEntity], today: date
) -> Activity:
    """What each entity did before `today`, one row each. Raises what compiler, gate and engine raise."""
    compiled = compiled_for(
        context, entity_query(entity, filters, today).model_copy(update={"columns": tuple(columns)}), entity
    )
    result = fetch(context, compiled, rows=MOST_ENTITIES)
    table = result.table
    if result.truncated or table.num_rows >= MOST_ENTITIES:
        raise LimitReached(
            f"There are more than {MOST_ENTITIES:,} {entity.records}: too many to look at one by one.",
            code="too_many_entities", hint="Ask about some of them, for example of one country.",
        )  # fmt: skip
    numbers = {c.name: _numbers(table.column(i + 1), c) for i, c in enumerate(compiled.columns[1:])}
    return Activity(table.column(0).to_pylist(), numbers, compiled, [compiled.sql], result.ms)


def gaps(context: ToolContext, entity: Entity, filters: tuple[Condition, ...], today: date) -> tuple[int, float, float]:
    """Number, median and 90th percentile (days) of the gaps between active days of the same entity."""
    compiled = compiled_for(context, entity_query(entity, filters, today), entity)
    found = fetch(context, compiled, rows=10).table.to_pylist()[0]
    return int(found["gaps"] or 0), float(found["median"] or 0.0), float(found["p90"] or 0.0)


def fetch(context: ToolContext, compiled: Compiled, *, rows: int) -> QueryResult:
    """Authorise and run with room for one row per entity: these rows are counted with, never shown as they are."""
    usual = guard.Limits.from_settings()
    limits = replace(usual, rows=max(rows, usual.rows), bytes=max(_MOST_BYTES, usual.bytes))
    bound = guard.authorize(compiled, context.principal, model=context.model, snapshot=context.snapshot, limits=limits)
    return context.engine.run(bound)


def amount_column(context: ToolContext, entity: Entity, name: str, label: str = "") -> Column:
    """A column in the unit of what a purchase is worth, or of how many there were when there is no amount."""
    measure = entity.model.tables[entity.fact].measures[entity.amount.metric]
    unit = measure.unit
    if entity.valued and unit is None and context.model.currency:
        unit = Unit(currency=context.model.currency)
    plain = measure.label or entity.amount.metric.replace("_", " ").capitalize()
    return Column(
        name=name, label=label or (plain if entity.valued else "Events"), unit=unit, role="measure",
        type="decimal" if entity.valued else "integer", good="up", additive=True,
        decimals=measure.decimals if measure.decimals is not None else None,
    )  # fmt: skip


def names_of(context: ToolContext, entity: Entity, ids: Sequence[Any], *, personal: bool) -> dict[Any, str]:
    """Names by id for the few that are listed; nothing when there are none, or they are personal and not asked for."""
    about = entity.about
    column = about.name_column if about is not None else None
    if about is None or column is None or not ids or column == entity.key:
        return {}
    spec = about.dimensions.get(column)
    if spec is None or (spec.pii and not personal):
        return {}
    key = DimRef(field=f"{entity.home}.{entity.key}")
    query = RecordQuery(
        table=str(entity.home), columns=(key, DimRef(field=f"{entity.home}.{column}")),
        filters=(Filter(field=key, op="in", values=tuple(ids)),), limit=max(1, len(ids)),
    )  # fmt: skip
    compiled = compile_records(
        context.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )
    table = fetch(context, compiled, rows=len(ids)).table
    pairs = zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True)
    return {who: str(json_value(name)) for who, name in pairs if name is not None}


def hides_names(entity: Entity) -> bool:
    """Whether there are names that are held back as personal data."""
    about = entity.about
    spec = about.dimensions.get(about.name_column) if about is not None and about.name_column else None
    return spec is not None and spec.pii


def hides_ids(entity: Entity) -> bool:
    """Whether even the id is personal data (an e-mail address)."""
    return entity.dimension is not None and entity.dimension.pii


def said(count: int, entity: Entity) -> str:
    """ "1 customer", "1,234 customers"."""
    return f"{count:,} {entity.record if count == 1 else entity.records}"


def entity_query(entity: Entity, filters: tuple[Condition, ...], today: date) -> EntityQuery:
    """The request for everything they did before `today`."""
    return EntityQuery(
        entity=entity.ref, amount=entity.amount, events=MetricRef(metric=ways.EVENTS), filters=filters,
        time_column=entity.when, end=today,
    )  # fmt: skip


def compiled_for(context: ToolContext, query: EntityQuery, entity: Entity) -> Compiled:
    """Such a request as SQL for the asker. Raises what the compiler raises."""
    return compile_entities(
        entity.model, query, profile=context.profile, as_of=context.as_of, principal=context.principal
    )


def _numbers(column: Any, spec: OutputColumn) -> Numbers:
    """Ten significant digits: what a parallel sum may differ in must not reach a fit."""
    if spec.type == "date":
        column = column.cast("int32")
    values = np.asarray(column.cast("float64").to_numpy(zero_copy_only=False), dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.where((values == 0) | np.isnan(values), 0.0, 9 - np.floor(np.log10(np.abs(values))))
    scale = 10.0 ** np.clip(places, -9, 12)
    rounded: Numbers = np.round(values * scale) / scale
    return rounded
