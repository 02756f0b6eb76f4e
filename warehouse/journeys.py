"""Typed requests about what the same people or visits do in time, which the compiler turns into one pass of SQL."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from warehouse.query import MOST_CONDITIONS, Condition, DimRef, TimeWindow

JourneyGrain = Literal["day", "week", "month", "quarter"]


class _M(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Activity(_M):
    """What counts as being active: rows of `table` that know who (`entity`) and when.

    `entity` is a `table.column` of the table itself or of one it belongs to. `measure` lends its own condition (only
    completed orders); `time_column` defaults to the table's own.
    """

    table: str
    entity: str
    time_column: str | None = None
    measure: str | None = None
    filters: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)


class CohortQuery(_M):
    """Entities by the period of their first activity and the later periods in which they were active.

    Columns `cohort` (first day of the period), `period` (likewise), `entities`, and the group when there is a `by`
    (its value at the first activity). With `value`, the name of a sum of the same table, also `amount`. With
    `last` the `period` is the one of the last activity. Only cohorts from `start` up to `end` are given.
    """

    activity: Activity
    grain: JourneyGrain = "month"
    by: DimRef | None = None
    value: str | None = None
    last: bool = False
    start: date | None = None
    end: date | None = None


class ReturnQuery(_M):
    """Of each cohort, how many were active again from `from_day` through `to_day` days after their own first day.

    Columns `cohort`, `entities`, `returned`, and the group when there is a `by`.
    """

    activity: Activity
    from_day: int = Field(1, ge=1, le=10_000)
    to_day: int = Field(30, ge=1, le=10_000)
    grain: JourneyGrain = "month"
    by: DimRef | None = None
    start: date | None = None
    end: date | None = None


class GapQuery(_M):
    """Days between one activity and the next of the same entity: columns `gaps`, `median`, `usual`.

    `usual` is the 90th percentile; days of one entity with several activities count once.
    """

    activity: Activity


class StayQuery(_M):
    """How long entities stayed until they first fell silent for `silence` days.

    Columns `days` (from the first activity, rounded down to `step`), `left` (false: not known to have left by the end
    of the data), `entities`, and the group. Those who stay are counted up to the last day `through`.
    """

    activity: Activity
    silence: int = Field(ge=1, le=10_000)
    through: date
    by: DimRef | None = None
    step: int = Field(1, ge=1, le=366)
    start: date | None = None
    end: date | None = None


class Step(_M):
    """One step of a funnel: rows of a table that meet conditions. `table` and columns default to the funnel's own."""

    label: str = Field(min_length=1, max_length=80)
    filters: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)
    table: str | None = None
    time_column: str | None = None
    measure: str | None = None


class FunnelQuery(_M):
    """How many entities go through 2-8 steps, each at or after the one before (or, not `ordered`, in any order).

    An entity counts once, from its first first step inside `time`; each next step is the first one at or after the
    step before. Columns `reached_1` …, within `window_seconds` of the start when given; `late_2` … (reached, but
    outside the window), `early_2` … (done, but only before the step before), `median_2`, `slow_2` … (seconds from the
    step before, the middle and the 90th percentile), and the group (the first step's) when there is a `by`.
    """

    table: str
    entity: str
    steps: tuple[Step, ...] = Field(min_length=2, max_length=8)
    filters: tuple[Condition, ...] = Field((), max_length=MOST_CONDITIONS)
    time_column: str | None = None
    time: TimeWindow | None = None
    window_seconds: int | None = Field(None, ge=1)
    ordered: bool = True
    by: DimRef | None = None
