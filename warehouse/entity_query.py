"""The typed request for what each customer (or any other entity) did over time: one row each, however many."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from warehouse.query import Condition, DimRef, MetricRef

LOG_METRICS = ("amount", "events")


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PerEntity(_M):
    """One figure per entity over its active days from `start` up to but without `end`.

    `days` counts active days, `first` and `last` are days, `amount` and `events` are sums, `first_amount` is the
    amount of its first day. A figure of no day is 0 for counts and sums, else empty.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")
    take: Literal["days", "first", "last", "amount", "events", "first_amount"]
    start: date | None = None
    end: date | None = None


class EntityQuery(_M):
    """What each entity did: `amount` and `events` are metrics, summed per entity and day; days without events are none.

    `columns` are figures per entity. With `by` the result is one row per entity with the value under which most of its
    events are (the first by name of equals). Without either it is one row about the gaps between active days of the
    same entity: `gaps` (their number), `median` and `p90` in days.
    """

    entity: DimRef
    amount: MetricRef
    events: MetricRef
    filters: tuple[Condition, ...] = Field((), max_length=100)
    time_column: str | None = None
    start: date | None = None
    end: date | None = None
    columns: tuple[PerEntity, ...] = ()
    by: DimRef | None = None

    @model_validator(mode="after")
    def _named_once(self) -> EntityQuery:
        names = [c.name for c in self.columns]
        if len(set(names)) < len(names):
            raise ValueError("two figures have the same name")
        if self.by is not None and self.columns:
            raise ValueError("figures and a value of each entity are two requests")
        return self
