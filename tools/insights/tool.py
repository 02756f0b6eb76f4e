"""The tool for “what should I know?”: everything that left its usual course, weighed, each story once."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from store.errors import NotEnough
from tools.evidence import Evidence
from tools.registry import ToolContext, tool
from tools.series import SeriesGrain
from warehouse.query import Condition, DimRef, MetricRef

if TYPE_CHECKING:
    from tools.insights.scope import Subject

_MONTHS_FOR_MONTHS, _DAYS_FOR_WEEKS = 13, 100


def _metrics(value: Any) -> Any:
    return [{"metric": v} if isinstance(v, str) else v for v in value] if isinstance(value, list | tuple) else value


def _fields(value: Any) -> Any:
    return [{"field": v} if isinstance(v, str) else v for v in value] if isinstance(value, list | tuple) else value


class InsightsArgs(BaseModel):
    """Which figures (all when none is given), by which splits, and over what kind of period."""

    model_config = ConfigDict(extra="forbid")

    metrics: Annotated[tuple[MetricRef, ...], BeforeValidator(_metrics)] = Field((), max_length=12)
    by: Annotated[tuple[DimRef, ...], BeforeValidator(_fields)] = Field((), max_length=16)
    filters: tuple[Condition, ...] = Field((), max_length=100)
    grain: SeriesGrain | None = Field(None, description="months, or weeks where the history is short")
    running: bool = Field(False, description="the period under way beside as many days of earlier ones")
    end: date | None = Field(None, description="look back from here: the first day that does not count")
    time_column: str | None = Field(None, description="`table.column`; the default is the fact table's own")
    seconds: float = Field(20.0, gt=0, le=120, description="time after which no further split is looked at")
    workers: int = Field(2, ge=1, le=4, description="queries at a time")


@tool(
    "insights",
    example="What should I know?",
    needs="a figure with a date, over nine periods (weeks, months) at least; two years tell seasons from news",
)
def insights(context: ToolContext, args: InsightsArgs) -> Evidence:
    """Find what changed, stands out, came or went across figures and splits. Looking for what stands out.

    Main table: one row a finding, the weightiest first: figure, of, by, kind, growth, points, whole, share, impact.
    Raises `NotEnough` with the code `too_little_history` (fewer than nine periods) or `no_time`.
    """
    from tools.insights.panel import Reader
    from tools.insights.report import evidence
    from tools.insights.scan import Asked, look, settle
    from tools.insights.scope import subjects

    found = subjects(context, args.metrics, args.by, args.time_column)
    reader = Reader(context, args.filters)
    grain = args.grain or _grain(context, found)
    asked = Asked(grain, args.running, args.seconds, context.progress, args.workers, args.end)
    seen = look(reader, found, asked)
    if not seen:
        raise NotEnough("I know no dates for these figures, so I cannot tell what changed.", code="no_time")
    tests = settle(reader, seen)
    return evidence(context, args.model_copy(update={"grain": grain}), reader, seen, tests)


def _grain(context: ToolContext, subjects: list[Subject]) -> SeriesGrain:
    """Months, unless the history of the most relevant figures holds too few of them."""
    from tools.insights.scope import span

    spans: list[tuple[date, date]] = [s for each in subjects if (s := span(context, each)) is not None]
    days = (spans[0][1] - spans[0][0]).days if spans else 0
    if days / 30.44 >= _MONTHS_FOR_MONTHS:
        return "month"
    return "week" if days >= _DAYS_FOR_WEEKS else "day"
