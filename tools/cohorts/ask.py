"""What cohort skills share: running a request through the gate, and what was asked in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from tools.cohorts.who import Who, find
from tools.registry import ToolContext
from tools.run import fetch
from warehouse.compiled import Compiled
from warehouse.journeys import GapQuery
from warehouse.query import Condition, DimRef, TimeWindow


class FollowArgs(BaseModel):
    """Whom to follow. `entity` is a `table.column` or a word (“patients”), `activity` the count that is being active.

    `joined` says which newcomers, by the period of their first activity; `by` splits them by what they were then.
    """

    model_config = ConfigDict(extra="forbid")

    entity: str | None = None
    activity: str | None = None
    filters: tuple[Condition, ...] = Field((), max_length=100)
    by: DimRef | None = None
    joined: TimeWindow | None = None


@dataclass
class Asker:
    """One skill call: whom it follows, and the SQL and time its requests took."""

    context: ToolContext
    args: FollowArgs
    who: Who
    sql: list[str] = field(default_factory=list)
    ms: float = 0.0
    compiled: Compiled | None = None

    @classmethod
    def of(cls, context: ToolContext, args: FollowArgs) -> Asker:
        """Raises `NotEnough` when there is nobody to follow."""
        return cls(context, args, find(context, args.entity, args.activity, args.filters))

    def rows(self, request: Any) -> list[dict[str, Any]]:
        """The rows of a cohort request."""
        from warehouse.compiler.cohorts import compile_cohorts

        context = self.context
        made = compile_cohorts(
            context.model, request, profile=context.profile, as_of=context.as_of, principal=context.principal
        )
        found = fetch(context, made)
        self.sql.append(made.sql)
        self.ms += found.ms
        self.compiled = made
        rows: list[dict[str, Any]] = found.table.to_pylist()
        return rows

    def usual_gap(self) -> tuple[float | None, int]:
        """Days within which nine in ten come again, and from how many gaps that is known."""
        found = self.rows(GapQuery(activity=self.who.activity))[0]
        return (float(found["usual"]) if found["gaps"] else None), int(found["gaps"] or 0)

    def span(self, time: TimeWindow | None) -> tuple[date | None, date | None, str]:
        """First day, the day after the last, and the label of a window of first activities."""
        from warehouse.compiler import window

        if time is None:
            return None, None, ""
        found = window(time, self.context.as_of, self.context.model.calendar)
        return _day(found.start), _day(found.end), found.label


def _day(text: str | None) -> date | None:
    return datetime.fromisoformat(text).date() if text else None
